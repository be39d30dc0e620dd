//! Whom a client trusts, and what it says of the others.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;
use tidings_delivery::Then;
use tidings_fault_server::{FaultServer, Identity, JsonArray};
use tidings_http_client::{ClientBuilder, Unreached, outcome_of_failure};

use crate::support::{client, post};

/// A server with this identity, and a file with its authority.
struct Place {
    server: FaultServer,
    ca_file: PathBuf,
    _folder: TempDir,
}

impl Place {
    fn new(identity: &Identity) -> Self {
        let server = FaultServer::builder(JsonArray::new()).tls(identity).start();
        let folder = tempfile::tempdir().expect("a folder");
        let ca_file = folder.path().join("ca.pem");
        fs::write(&ca_file, identity.ca_pem()).expect("the folder takes it");
        Self { server: server.expect("there is a port"), ca_file, _folder: folder }
    }

    fn client(&self) -> ClientBuilder {
        client(&self.server.url())
    }

    /// What is said of it by a client that trusts its authority.
    fn refused(&self) -> Unreached {
        let mut client = self.client().ca_file(&self.ca_file).build().expect("valid settings");
        let failure = post(&mut client).expect_err("it is not to be trusted");
        assert!(failure.is_certificate() && failure.is_tls(), "{failure:?}");
        let outcome = outcome_of_failure(&failure);
        assert!(matches!(outcome.then(), Then::Hold { .. }), "{outcome:?}");
        assert_eq!(self.server.requests().len(), 0);
        failure
    }

    fn assert_danger_accepts(&self) {
        let builder = self.client().danger_accept_invalid_certificates(true);
        let mut client = builder.build().expect("valid settings");
        assert!(post(&mut client).expect("an answer").is_success());
    }
}

#[test]
fn an_authority_of_our_own_is_trusted_by_its_file() {
    let place = Place::new(&Identity::generate().expect("an identity"));
    let mut client = place.client().ca_file(&place.ca_file).build().expect("valid settings");
    for _ in 0..3 {
        assert!(post(&mut client).expect("an answer").is_success());
    }
    assert_eq!(place.server.connections(), 1, "a TLS connection is used again");
}

#[test]
fn a_certificate_of_a_stranger_is_refused_and_says_what_to_set() {
    let place = Place::new(&Identity::generate().expect("an identity"));
    let mut client = place.client().build().expect("valid settings");
    let failure = post(&mut client).unwrap_err();
    assert!(failure.is_certificate(), "{failure:?}");
    assert!(failure.to_string().contains("set `ca_file`"), "{failure}");
}

#[test]
fn an_authority_that_is_named_is_trusted_instead_of_any_other() {
    let place = Place::new(&Identity::generate().expect("an identity"));
    let other = Place::new(&Identity::generate().expect("an identity"));
    let mut client = place.client().ca_file(&other.ca_file).build().expect("valid settings");
    assert!(post(&mut client).unwrap_err().is_certificate());
}

#[test]
fn a_self_signed_certificate_needs_the_key_that_says_danger() {
    let place = Place::new(&Identity::self_signed().expect("an identity"));
    place.refused();
    place.assert_danger_accepts();
}

#[test]
fn a_certificate_for_another_name_needs_the_key_that_says_danger() {
    let place = Place::new(&Identity::for_name("other.example").expect("an identity"));
    let failure = place.refused();
    assert!(failure.to_string().contains("another name: set `url`"), "{failure}");
    place.assert_danger_accepts();
}

#[test]
fn an_expired_certificate_needs_the_key_that_says_danger() {
    let place = Place::new(&Identity::expired().expect("an identity"));
    let failure = place.refused();
    assert!(failure.to_string().contains("it has expired"), "{failure}");
    place.assert_danger_accepts();
}

#[test]
fn a_server_without_tls_is_no_matter_of_certificates() {
    let server = crate::support::server();
    let url = server.url().replace("http://", "https://");
    let mut client = client(&url).build().expect("valid settings");
    let failure = post(&mut client).unwrap_err();
    assert!(!failure.is_certificate(), "{failure:?}");
    assert!(matches!(outcome_of_failure(&failure).then(), Then::Retry { .. }));
}
