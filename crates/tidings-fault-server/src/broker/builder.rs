//! The settings of a broker, and the file that it reads them from.

use std::fs;
use std::path::Path;

use super::find::{BrokerError, BrokerVersion};
use super::process::Broker;
use crate::Identity;

/// The settings of a [`Broker`], each with a default.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until it is started"]
pub struct BrokerBuilder {
    pub(super) version: BrokerVersion,
    pub(super) has_jetstream: bool,
    config: String,
    tls: Option<Identity>,
    is_client_verified: bool,
}

impl BrokerBuilder {
    pub(super) fn new(version: BrokerVersion) -> Self {
        Self {
            version,
            has_jetstream: true,
            config: String::new(),
            tls: None,
            is_client_verified: false,
        }
    }

    /// Lets in this user only.
    pub fn user_password(self, user: &str, password: &str) -> Self {
        self.config(&format!("authorization {{ user: {user:?}, password: {password:?} }}"))
    }

    /// Lets in who has this token.
    pub fn token(self, token: &str) -> Self {
        self.config(&format!("authorization {{ token: {token:?} }}"))
    }

    /// Speaks TLS, as this identity; names `localhost` and `127.0.0.1` are in it.
    pub fn tls(mut self, identity: &Identity) -> Self {
        self.tls = Some(identity.clone());
        self
    }

    /// Demands a certificate of clients, by the authority of its own identity.
    pub fn verify_clients(mut self) -> Self {
        self.is_client_verified = true;
        self
    }

    /// Has no `JetStream`.
    pub fn without_jetstream(mut self) -> Self {
        self.has_jetstream = false;
        self
    }

    /// The most bytes of a message.
    pub fn max_payload(self, bytes: usize) -> Self {
        self.config(&format!("max_payload: {bytes}"))
    }

    /// Adds these lines to its configuration file.
    pub fn config(mut self, lines: &str) -> Self {
        self.config.push_str(lines);
        self.config.push('\n');
        self
    }

    /// Starts it on a port and in a folder of its own.
    ///
    /// # Errors
    ///
    /// [`BrokerError::Missing`] says how to obtain a server where there is none.
    pub fn start(self) -> Result<Broker, BrokerError> {
        Broker::from_settings(&self)
    }

    /// Writes the configuration file and what it names.
    pub(super) fn write(&self, folder: &Path) -> Result<(), BrokerError> {
        let mut text = self.config.clone();
        if self.has_jetstream {
            let store = quoted(&folder.join("store"));
            let line = format!(
                "jetstream {{ store_dir: {store}, max_memory_store: 1GB, max_file_store: 16GB }}\n"
            );
            text.push_str(&line);
        }
        if let Some(identity) = &self.tls {
            let place = |name: &str, pem: &str| {
                let path = folder.join(name);
                fs::write(&path, pem).map(|()| quoted(&path))
            };
            let certificate = place("cert.pem", identity.certificate_pem())?;
            let key = place("key.pem", identity.key_pem())?;
            let ca = place("ca.pem", identity.ca_pem())?;
            let verify = self.is_client_verified;
            let line = format!(
                "tls {{ cert_file: {certificate}, key_file: {key}, ca_file: {ca}, \
                 verify: {verify} }}\n"
            );
            text.push_str(&line);
        }
        Ok(fs::write(folder.join("server.conf"), text)?)
    }
}

/// A path as the configuration file has it.
fn quoted(path: &Path) -> String {
    format!("{:?}", path.to_string_lossy())
}
