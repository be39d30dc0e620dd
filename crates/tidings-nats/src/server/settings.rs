//! The settings of a connection, each with a default.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tidings_delivery::Secret;

use super::NatsError;

/// How long it may take to connect to one server.
pub const CONNECT_TIMEOUT_DEFAULT: Duration = Duration::from_secs(5);

/// Where NATS servers are, and who one is there.
///
/// Several addresses are servers of one cluster: any of them will do. Nothing is checked
/// before it is used; whoever uses it says what is wrong. No `Debug` text shows a secret.
///
/// ```
/// use tidings_delivery::Secret;
/// use tidings_nats::NatsServer;
///
/// let server = NatsServer::at("nats://lab-1:4222,nats://lab-2:4222")
///     .user_password("tests", Secret::new("hunter2"))
///     .require_tls();
/// assert!(!format!("{server:?}").contains("hunter2"));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use = "settings do nothing until somebody connects"]
pub struct NatsServer {
    pub(super) urls: String,
    pub(super) login: Login,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) client_certificate: Option<(PathBuf, PathBuf)>,
    pub(super) tls: Tls,
    pub(super) connect_timeout: Duration,
    pub(super) name: String,
}

/// How one says who one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Login {
    None,
    Password { user: String, password: Secret },
    Token(Secret),
    File(PathBuf),
}

/// Whether a connection without TLS will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tls {
    AsTheServerWants,
    Required,
}

impl NatsServer {
    /// The server at `nats://host:port`, or several with commas between; `tls://` demands
    /// TLS. The port is 4222 by default. An address must have no credentials in it.
    pub fn at(urls: &str) -> Self {
        Self {
            urls: urls.to_owned(),
            login: Login::None,
            ca_file: None,
            client_certificate: None,
            tls: Tls::AsTheServerWants,
            connect_timeout: CONNECT_TIMEOUT_DEFAULT,
            name: "tidings".to_owned(),
        }
    }

    /// Logs in with these. The last of the three ways to log in that is named counts.
    pub fn user_password(mut self, user: &str, password: Secret) -> Self {
        self.login = Login::Password { user: user.to_owned(), password };
        self
    }

    /// Logs in with a token.
    pub fn token(mut self, token: Secret) -> Self {
        self.login = Login::Token(token);
        self
    }

    /// Logs in with a credentials file, as `nsc` writes it: a JWT and the seed of a key. It
    /// is read each time a connection is made.
    pub fn credentials_file(mut self, path: impl AsRef<Path>) -> Self {
        self.login = Login::File(path.as_ref().to_owned());
        self
    }

    /// Trusts the authorities in this PEM file, and no others.
    pub fn ca_file(mut self, path: impl AsRef<Path>) -> Self {
        self.ca_file = Some(path.as_ref().to_owned());
        self
    }

    /// Shows the server this certificate; both files are PEM.
    pub fn client_certificate(
        mut self,
        certificate: impl AsRef<Path>,
        key: impl AsRef<Path>,
    ) -> Self {
        self.client_certificate = Some((certificate.as_ref().to_owned(), key.as_ref().to_owned()));
        self
    }

    /// Demands TLS, also of a server that does not.
    pub fn require_tls(mut self) -> Self {
        self.tls = Tls::Required;
        self
    }

    /// How long it may take to connect to one server, at least a millisecond; by default
    /// [`CONNECT_TIMEOUT_DEFAULT`].
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout.max(Duration::from_millis(1));
        self
    }

    /// What the server calls the connection in its own reports; by default `tidings`.
    pub fn name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Looks whether it can be used, and reads the files that are named. Nobody connects.
    pub(crate) fn validate(&self) -> Result<(), NatsError> {
        super::options::of(self).map(drop)
    }

    /// The text with what is secret blanked.
    pub(crate) fn scrub(&self, text: &str) -> String {
        match &self.login {
            Login::Password { password: secret, .. } | Login::Token(secret) => secret.scrub(text),
            Login::None | Login::File(_) => text.to_owned(),
        }
    }

    /// The servers, in words for people.
    pub(crate) fn origin(&self) -> String {
        match super::address::parse(&self.urls) {
            Ok(servers) => {
                let names = servers.iter().map(|one| {
                    let host = one.host();
                    let host = if host.contains(':') { format!("[{host}]") } else { host.into() };
                    format!("{}://{host}:{}", one.scheme(), one.port())
                });
                names.collect::<Vec<_>>().join(",")
            }
            Err(_) => "the server".to_owned(),
        }
    }
}

impl fmt::Debug for NatsServer {
    /// An address that was given with a password in it is not shown either.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsServer")
            .field("urls", &self.origin())
            .field("login", &self.login)
            .field("ca_file", &self.ca_file)
            .field("client_certificate", &self.client_certificate)
            .field("tls", &self.tls)
            .field("connect_timeout", &self.connect_timeout)
            .field("name", &self.name)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_debug_text_shows_a_secret() {
        for server in [
            NatsServer::at("nats://me:hunter2@a"),
            NatsServer::at("nats://a").user_password("me", Secret::new("hunter2")),
            NatsServer::at("nats://a").token(Secret::new("hunter2")),
        ] {
            assert!(!format!("{server:?}").contains("hunter2"), "{server:?}");
        }
        let server = NatsServer::at("a").token(Secret::new("hunter2"));
        assert_eq!(server.scrub("no hunter2"), "no [redacted]");
        assert_eq!(server.origin(), "nats://a:4222");
    }
}
