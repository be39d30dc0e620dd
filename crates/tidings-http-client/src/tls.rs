//! Whom a client trusts.

use std::fs;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::InvalidClient;
use crate::error::words_of;

/// What TLS verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verify {
    /// That the certificate is valid, for this name, and signed by somebody trusted.
    Everything,
    /// Nothing at all.
    Nothing,
}

/// The settings of TLS: the authorities of a file, or those that browsers trust.
pub(crate) fn settings(ca_file: Option<&Path>, verify: Verify) -> Result<TlsConfig, InvalidClient> {
    let mut builder = TlsConfig::builder().disable_verification(verify == Verify::Nothing);
    if let Some(path) = ca_file {
        builder = builder.root_certs(RootCerts::new_with_certs(&authorities(path)?));
    }
    Ok(builder.build())
}

fn authorities(path: &Path) -> Result<Vec<Certificate<'static>>, InvalidClient> {
    let problem =
        |text: &str| InvalidClient::CaFile { problem: format!("`{}` {text}", path.display()) };
    let text = fs::read(path)
        .map_err(|fault| problem(&format!("cannot be read: {}", words_of(&fault))))?;
    let mut found = Vec::new();
    for item in parse_pem(&text) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(_) => return Err(problem("is not in PEM form")),
        }
    }
    if found.is_empty() {
        return Err(problem("holds no certificate in PEM form"));
    }
    // The library that connects passes over what it cannot use.
    let mut store = RootCertStore::empty();
    for (index, certificate) in found.iter().enumerate() {
        store.add(CertificateDer::from(certificate.der())).map_err(|_| {
            problem(&format!("holds a certificate that cannot be used: number {}", index + 1))
        })?;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_certificate_that_can_be_used_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let read = || authorities(&path).unwrap_err().to_string();
        assert!(read().ends_with("cannot be read: entity not found"), "{}", read());
        fs::write(&path, "no certificate").unwrap();
        assert!(read().ends_with("holds no certificate in PEM form"), "{}", read());
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        fs::write(&path, broken).unwrap();
        assert!(read().ends_with("that cannot be used: number 1"), "{}", read());
    }
}
