//! Identities: a certificate authority of its own, and a certificate it signed.

use std::fmt;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use thiserror::Error;

/// Whom a server says it is by TLS, and who vouches for it.
///
/// A client that trusts [`ca_pem`](Self::ca_pem) and nobody else trusts it.
///
/// ```
/// use tidings_fault_server::{CloudEvents, FaultServer, Identity};
///
/// let identity = Identity::generate()?;
/// let server = FaultServer::builder(CloudEvents::new()).tls(&identity).start()?;
/// assert!(server.url().starts_with("https://localhost:"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Identity {
    ca_pem: String,
    certificate_pem: String,
    key_pem: String,
    config: Arc<ServerConfig>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("ca_pem", &self.ca_pem).finish_non_exhaustive()
    }
}

/// No identity could be made.
#[derive(Debug, Error)]
#[error("failed to make a certificate")]
pub struct IdentityError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl Identity {
    /// A certificate for `localhost` and 127.0.0.1 by an authority of its own.
    ///
    /// # Errors
    ///
    /// [`IdentityError`] when there is no randomness for keys.
    pub fn generate() -> Result<Self, IdentityError> {
        Self::signed(&params_for(&["localhost", "127.0.0.1"])?)
    }

    /// One whose certificate has expired.
    ///
    /// # Errors
    ///
    /// [`IdentityError`] when there is no randomness for keys.
    pub fn expired() -> Result<Self, IdentityError> {
        let mut params = params_for(&["localhost", "127.0.0.1"])?;
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2001, 1, 1);
        Self::signed(&params)
    }

    /// One whose certificate is for this name and no other.
    ///
    /// # Errors
    ///
    /// [`IdentityError`] when that is no name.
    pub fn for_name(name: &str) -> Result<Self, IdentityError> {
        Self::signed(&params_for(&[name])?)
    }

    /// One whose certificate nobody vouches for but itself. [`ca_pem`](Self::ca_pem) is an
    /// authority that has nothing to do with it.
    ///
    /// # Errors
    ///
    /// [`IdentityError`] when there is no randomness for keys.
    pub fn self_signed() -> Result<Self, IdentityError> {
        let key = KeyPair::generate().map_err(failed)?;
        let certificate =
            params_for(&["localhost", "127.0.0.1"])?.self_signed(&key).map_err(failed)?;
        Self::new(authority()?.pem(), &certificate, &key)
    }

    /// The authority's certificate, for those who are to trust it.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The certificate, for a server of its own process.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// The private key of the certificate, good for tests and nothing else.
    pub fn key_pem(&self) -> &str {
        &self.key_pem
    }

    pub(crate) fn server_config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    fn signed(params: &CertificateParams) -> Result<Self, IdentityError> {
        let (authority, key) = (authority()?, KeyPair::generate().map_err(failed)?);
        let certificate = params.signed_by(&key, &authority).map_err(failed)?;
        Self::new(authority.pem(), &certificate, &key)
    }

    fn new(
        ca_pem: String,
        certificate: &Certificate,
        key: &KeyPair,
    ) -> Result<Self, IdentityError> {
        let (certificate_pem, key_pem) = (certificate.pem(), key.serialize_pem());
        let certificate = certificate.der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder.with_no_client_auth().with_single_cert(vec![certificate], key)
            })
            .map_err(failed)?;
        Ok(Self { ca_pem, certificate_pem, key_pem, config: Arc::new(config) })
    }
}

fn params_for(names: &[&str]) -> Result<CertificateParams, IdentityError> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let mut params = CertificateParams::new(names).map_err(failed)?;
    params.distinguished_name.push(DnType::CommonName, "fault server");
    Ok(params)
}

fn authority() -> Result<CertifiedIssuer<'static, KeyPair>, IdentityError> {
    let mut params = params_for(&[])?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.distinguished_name.push(DnType::CommonName, "fault server authority");
    CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(failed)?).map_err(failed)
}

fn failed(cause: impl std::error::Error + Send + Sync + 'static) -> IdentityError {
    IdentityError(Box::new(cause))
}
