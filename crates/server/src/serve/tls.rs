//! TLS by certificate files. They are looked at every half a minute and taken anew when they have changed, so that whoever
//! renews them need not restart the server; files that do not fit together leave the old ones in use and are told.

use crate::catalog_import::is_exposed;
use crate::cli::Failure;
use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(30);
/// Largest file: chains and keys have some kilobytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// The files of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// Certificate chain, PEM, the server's own first.
    pub cert: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
}

impl Files {
    /// Those of the settings, if TLS is wanted.
    ///
    /// # Errors
    /// When one is named without the other.
    pub fn of(cert: Option<&Path>, key: Option<&Path>) -> Result<Option<Files>, Failure> {
        match (cert, key) {
            (None, None) => Ok(None),
            (Some(cert), Some(key)) => Ok(Some(Files { cert: cert.to_owned(), key: key.to_owned() })),
            (Some(_), None) => Err("setting `tls.key`: a certificate (`tls.cert`) needs its key".into()),
            (None, Some(_)) => Err("setting `tls.cert`: a key (`tls.key`) needs its certificate".into()),
        }
    }

    /// Reads them.
    ///
    /// # Errors
    /// When one cannot be read, everybody on the machine may read the key, or the two do not belong together.
    pub fn read(&self) -> Result<Pem, Failure> {
        let bytes = |path: &Path, secret: bool| -> Result<Vec<u8>, Failure> {
            let named = |error| format!("cannot read {}: {error}", path.display());
            let file = File::open(path).map_err(named)?;
            if secret && is_exposed(&file).map_err(named)? {
                return Err(format!("everybody on this machine may read {}: chmod 600 it", path.display()).into());
            }
            let mut bytes = Vec::new();
            file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(named)?;
            Ok(bytes)
        };
        Ok(Pem { cert: bytes(&self.cert, false)?, key: bytes(&self.key, true)? })
    }
}

/// What the files hold.
#[derive(PartialEq, Eq)]
pub struct Pem {
    cert: Vec<u8>,
    key: Vec<u8>,
}

impl Pem {
    /// A server's side of TLS 1.2 and 1.3, with HTTP/2 and HTTP/1.1.
    ///
    /// # Errors
    /// When they are not PEM, or do not belong together.
    pub fn config(&self) -> Result<Arc<ServerConfig>, Failure> {
        let chain = CertificateDer::pem_slice_iter(&self.cert).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| format!("setting `tls.cert`: {error}"))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|error| format!("setting `tls.key`: {error}"))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| format!("settings `tls.cert` and `tls.key`: {error}"))?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// TLS in operation.
pub struct Tls {
    files: Files,
    held: Pem,
    /// For the server; changes in place.
    pub config: RustlsConfig,
}

impl Tls {
    /// Reads the files for the first time.
    ///
    /// # Errors
    /// When they cannot be used: better no server than one without TLS.
    pub fn open(files: Files) -> Result<Tls, Failure> {
        let held = files.read()?;
        let config = RustlsConfig::from_config(held.config()?);
        Ok(Tls { files, held, config })
    }

    /// Takes the files anew if they have changed. Says whether they had.
    ///
    /// # Errors
    /// When they cannot be used; the old ones stay.
    pub fn renew(&mut self) -> Result<bool, Failure> {
        let read = self.files.read()?;
        if read == self.held {
            return Ok(false);
        }
        self.config.reload_from_config(read.config()?);
        self.held = read;
        Ok(true)
    }

    /// Renews for ever.
    pub async fn watch(mut self) {
        loop {
            tokio::time::sleep(LOOK).await;
            match self.renew() {
                Ok(false) => {}
                Ok(true) => tracing::info!("the certificate has changed and is in use"),
                Err(error) => tracing::error!(cause = crate::error::chain(&*error), "the old certificate stays in use"),
            }
        }
    }
}
