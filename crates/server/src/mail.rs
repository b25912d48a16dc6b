//! Mails to people, through the site's mail server: that a report is ready. Without `mail.server` none is sent.

use crate::catalog_import::read_secret;
use crate::config::Settings;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Message, SmtpTransport, Transport};
use std::path::PathBuf;
use std::time::Duration;
use thiserror::Error;

/// How long the mail server may take for anything it is asked.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why a mail was not sent. None of it names the recipient.
#[derive(Debug, Error)]
pub enum MailError {
    /// An address that is none.
    #[error("a mail address cannot be read")]
    Address(#[from] lettre::address::AddressError),
    /// A mail that cannot be written.
    #[error("the mail cannot be written")]
    Message(#[from] lettre::error::Error),
    /// The server.
    #[error("the mail server does not take the mail")]
    Server(#[from] lettre::transport::smtp::Error),
    /// The password's file.
    #[error("the password for the mail server cannot be read: {0}")]
    Password(String),
}

/// The site's mail server.
#[derive(Clone, Debug, Default)]
pub struct MailServer {
    url: String,
    user: String,
    password_file: Option<PathBuf>,
    from: String,
    origin: Option<String>,
}

impl MailServer {
    /// As the settings have it.
    pub fn of(settings: &Settings) -> MailServer {
        MailServer {
            url: settings.mail_server.clone(),
            user: settings.mail_user.clone(),
            password_file: settings.mail_password_file.clone(),
            from: settings.mail_from.clone(),
            origin: settings.public_url.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned()),
        }
    }

    /// With what addresses in mails begin; `None` where no mails are sent. What a request says of it is not believed: mails
    /// go to others than who asks.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref().filter(|_| !self.url.is_empty())
    }

    /// Sends a mail of plain text. The password is read each time, so that it can be changed.
    ///
    /// # Errors
    /// When it cannot be written, or the server does not take it.
    pub fn send(&self, to: &str, subject: &str, text: String) -> Result<(), MailError> {
        let mail = Message::builder().from(self.from.parse()?).to(to.parse()?).subject(subject);
        let mail = mail.header(ContentType::TEXT_PLAIN).body(text)?;
        let mut server = SmtpTransport::from_url(&self.url)?.timeout(Some(TIMEOUT));
        if let Some(file) = &self.password_file {
            let password = read_secret(file).map_err(|error| MailError::Password(error.to_string()))?;
            let password = String::from_utf8(password.0).map_err(|error| MailError::Password(error.to_string()))?;
            server = server.credentials(Credentials::new(self.user.clone(), password));
        }
        server.build().send(&mail)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    /// A mail server that takes one mail and gives it back.
    fn taking() -> (u16, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            stream.write_all(b"220 mail\r\n").unwrap();
            let mut mail = String::new();
            while let Some(Ok(line)) = lines.next() {
                if line == "DATA" {
                    stream.write_all(b"354 go on\r\n").unwrap();
                    for line in lines.by_ref().map_while(Result::ok).take_while(|line| line != ".") {
                        mail.push_str(&line);
                        mail.push('\n');
                    }
                }
                if line == "QUIT" {
                    break;
                }
                stream.write_all(b"250 fine\r\n").unwrap();
            }
            mail
        });
        (port, thread)
    }

    #[test]
    fn a_mail_arrives_as_it_was_written() {
        let (port, taken) = taking();
        let server = MailServer {
            url: format!("smtp://127.0.0.1:{port}"),
            from: "Playhead <playhead@example.edu>".to_owned(),
            ..MailServer::default()
        };
        server.send("olga@example.org", "Your report is ready: Märchen", "It is there.\r\n".to_owned()).unwrap();
        drop(server);
        let mail = taken.join().unwrap();
        assert!(
            mail.contains("To: olga@example.org") && mail.contains("From: Playhead <playhead@example.edu>"),
            "{mail}"
        );
        assert!(mail.contains("It is there.") && mail.contains("Subject: Your report is ready:"), "{mail}");
    }

    #[test]
    fn what_is_no_address_gets_no_mail() {
        let server = MailServer {
            url: "smtp://127.0.0.1:1".to_owned(),
            from: "a@b.example".to_owned(),
            ..MailServer::default()
        };
        for wrong in ["", "olga", "a@b\r\nBcc: c@d.example"] {
            assert!(matches!(server.send(wrong, "s", String::new()), Err(MailError::Address(_))), "{wrong}");
        }
        assert_eq!(MailServer::default().origin(), None);
    }
}
