//! TLS by certificate files: a real handshake, a change without a restart, files that must not be used.
#![expect(clippy::unwrap_used, reason = "tests")]

use axum::Router;
use axum::routing::get;
use rustls::crypto::aws_lc_rs;
use server::serve::tls::{Files, Tls};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

const ONE: (&str, &str) = (include_str!("tls/one.pem"), include_str!("tls/one.key"));
const TWO: (&str, &str) = (include_str!("tls/two.pem"), include_str!("tls/two.key"));

fn write(folder: &Path, (cert, key): (&str, &str), mode: u32) -> Files {
    let files = Files { cert: folder.join("cert.pem"), key: folder.join("key.pem") };
    std::fs::write(&files.cert, cert).unwrap();
    std::fs::write(&files.key, key).unwrap();
    std::fs::set_permissions(&files.key, std::fs::Permissions::from_mode(mode)).unwrap();
    files
}

/// Whether a client that trusts one certificate alone gets an answer.
async fn answers(port: u16, trusted: &'static str) -> bool {
    let ask = move || {
        let cert = Certificate::from_pem(trusted.as_bytes()).unwrap();
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .root_certs(RootCerts::new_with_certs(&[cert]))
            .build();
        let agent = Agent::new_with_config(Agent::config_builder().tls_config(tls).build());
        agent.get(format!("https://localhost:{port}/")).call().is_ok()
    };
    tokio::task::spawn_blocking(ask).await.unwrap()
}

#[tokio::test]
async fn a_changed_certificate_is_taken_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut tls = Tls::open(write(folder.path(), ONE, 0o600)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let service = Router::new().route("/", get(async || "ok")).into_make_service();
    tokio::spawn(axum_server::from_tcp_rustls(listener, tls.config.clone()).unwrap().serve(service));
    assert!(answers(port, ONE.0).await && !answers(port, TWO.0).await);
    assert!(!tls.renew().unwrap());
    // A key that does not belong to the certificate leaves the old pair in use.
    write(folder.path(), (TWO.0, ONE.1), 0o600);
    assert!(tls.renew().is_err());
    assert!(answers(port, ONE.0).await);
    write(folder.path(), TWO, 0o600);
    assert!(tls.renew().unwrap());
    assert!(answers(port, TWO.0).await && !answers(port, ONE.0).await);
}

#[test]
fn files_that_must_not_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let said = |files: Files| Tls::open(files).err().unwrap().to_string();
    assert!(said(write(folder.path(), ONE, 0o644)).contains("key.pem: chmod 600"));
    assert!(said(write(folder.path(), (ONE.0, "nothing"), 0o600)).contains("`tls.key`"));
    assert!(said(write(folder.path(), (ONE.0, TWO.1), 0o600)).contains("`tls.cert` and `tls.key`"));
    assert!(said(Files { cert: folder.path().join("gone"), key: folder.path().join("gone") }).contains("gone"));
    assert!(Files::of(Some(Path::new("a")), None).is_err());
    assert_eq!(Files::of(None, None).unwrap(), None);
}
