//! Real TLS, with a certificate that is in order or is not.

use std::io::{self, BufReader};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tidings_fault_server::{CloudEvents, Fault, FaultServer, Identity};

use crate::client::{Client, PATIENCE, Reply, events};

fn start(identity: &Identity) -> FaultServer {
    FaultServer::builder(CloudEvents::new()).tls(identity).start().expect("a port is free")
}

/// Connects as one who trusts this authority only.
fn connect(
    server: &FaultServer,
    ca_pem: &str,
    name: &'static str,
) -> Client<StreamOwned<ClientConnection, TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).expect("a certificate as PEM"))
        .expect("the certificate is an authority's");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has the usual versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name).expect("a name");
    let client = ClientConnection::new(Arc::new(config), name).expect("a client");
    let stream = TcpStream::connect(server.address()).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
    Client(BufReader::new(StreamOwned::new(client, stream)))
}

/// Why the server is not trusted.
fn distrust(identity: &Identity, ca_pem: &str) -> String {
    let server = start(identity);
    let mut client = connect(&server, ca_pem, "localhost");
    let stream = client.0.get_mut();
    let error = stream.conn.complete_io(&mut stream.sock).expect_err("no handshake");
    assert!(server.wait_for(PATIENCE, |seen| seen.handshakes_failed == 1));
    assert_eq!(server.requests(), []);
    error.to_string()
}

fn post(
    client: &mut Client<StreamOwned<ClientConnection, TcpStream>>,
    id: &str,
) -> io::Result<Reply> {
    client.post("/", "", &events(&[id]))
}

#[test]
fn who_trusts_the_authority_trusts_the_server() {
    let identity = Identity::generate().expect("a certificate");
    let server = start(&identity);
    assert_eq!(server.url(), format!("https://localhost:{}", server.address().port()));
    for name in ["localhost", "127.0.0.1"] {
        let mut client = connect(&server, identity.ca_pem(), name);
        assert_eq!(post(&mut client, name).expect("a reply").status, 200);
        assert_eq!(post(&mut client, "again").expect("a reply").status, 200);
    }
    assert_eq!(server.accepted_ids(), ["localhost", "again", "127.0.0.1", "again"]);
}

#[test]
fn another_authority_is_not_trusted() {
    let (identity, other) = (
        Identity::generate().expect("a certificate"),
        Identity::generate().expect("a certificate"),
    );
    let error = distrust(&identity, other.ca_pem());
    assert!(error.contains("UnknownIssuer") || error.contains("BadSignature"), "{error}");
}

#[test]
fn an_expired_certificate_is_expired() {
    let identity = Identity::expired().expect("a certificate");
    let error = distrust(&identity, identity.ca_pem());
    assert!(error.contains("expired"), "{error}");
}

#[test]
fn a_certificate_for_another_name_is_not_for_this_one() {
    let identity = Identity::for_name("other.example").expect("a certificate");
    let error = distrust(&identity, identity.ca_pem());
    assert!(error.contains("not valid for name"), "{error}");
    assert_eq!(
        post(&mut connect(&start(&identity), identity.ca_pem(), "other.example"), "a")
            .expect("a reply")
            .status,
        200
    );
}

#[test]
fn a_self_signed_certificate_has_no_authority() {
    let identity = Identity::self_signed().expect("a certificate");
    let error = distrust(&identity, identity.ca_pem());
    assert!(error.contains("UnknownIssuer"), "{error}");
}

#[test]
fn a_connection_by_tls_is_reset_too() {
    let identity = Identity::generate().expect("a certificate");
    let server = start(&identity);
    server.inject(Fault::ResetBefore);
    server.inject(Fault::ResetAfter);
    for _ in 0..2 {
        let error =
            post(&mut connect(&server, identity.ca_pem(), "localhost"), "a").expect_err("a reset");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
    assert_eq!(server.accepted_ids(), ["a"]);
}

#[test]
fn a_connection_by_tls_ends_cleanly() {
    let identity = Identity::generate().expect("a certificate");
    let server = start(&identity);
    server.inject(Fault::CloseIdle);
    let mut client = connect(&server, identity.ca_pem(), "localhost");
    assert_eq!(post(&mut client, "a").expect("a reply").status, 200);
    assert_eq!(client.end().expect("an end that was announced"), 0);
}
