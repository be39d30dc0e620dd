//! What can go wrong, in words without secrets.

use std::io;

use thiserror::Error;

use crate::scrubber::Scrubber;

/// How the HTTP library tells that a proxy wants other credentials.
const PROXY_CREDENTIALS: &str = "responded 407";

/// Why a client could not be made of its settings.
///
/// No text has a secret in it, not even a URL that was given with one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidClient {
    /// The URL cannot be used.
    #[error("url {problem}")]
    #[non_exhaustive]
    Url {
        /// What is wrong with it.
        problem: String,
    },
    /// There is no token where it should be.
    #[error("{problem}")]
    #[non_exhaustive]
    TokenEnv {
        /// Which variable, and what is wrong with it.
        problem: String,
    },
    /// There is no token in its file.
    #[error("{problem}")]
    #[non_exhaustive]
    TokenFile {
        /// Which file, and what is wrong with it.
        problem: String,
    },
    /// A header cannot be sent.
    #[error("header `{name}` {problem}")]
    #[non_exhaustive]
    Header {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The trusted authorities cannot be read.
    #[error("ca file {problem}")]
    #[non_exhaustive]
    CaFile {
        /// Which file, and what is wrong with it.
        problem: String,
    },
    /// The proxy cannot be used.
    #[error("{problem}")]
    #[non_exhaustive]
    Proxy {
        /// Where it was named, and what is wrong with it.
        problem: String,
    },
    /// There is no time for a request.
    #[error("a timeout of zero leaves no time for a request")]
    Timeout,
    /// There is no such level of compression.
    #[error("gzip level {level} is not one of 0 to 9")]
    #[non_exhaustive]
    Compression {
        /// The level that was asked for.
        level: u32,
    },
}

impl InvalidClient {
    /// The key of a configuration file that is to be changed.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Url { .. } => "url",
            Self::TokenEnv { .. } => "token_env",
            Self::TokenFile { .. } => "token_file",
            Self::Header { .. } => "headers",
            Self::CaFile { .. } => "ca_file",
            Self::Proxy { .. } => "proxy",
            Self::Timeout => "timeout_ms",
            Self::Compression { .. } => "compression",
        }
    }

    pub(crate) fn url(problem: impl Into<String>) -> Self {
        Self::Url { problem: problem.into() }
    }
}

/// Why there was no answer to a request.
///
/// Whether the server took the request is unknown. Ask what sort of failure it was; the
/// text is for people.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text}")]
pub struct Unreached {
    kind: Kind,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Timeout,
    Certificate,
    Tls,
    Name,
    Connection,
    Proxy,
    ProxyCredentials,
    Protocol,
    Request,
}

impl Unreached {
    /// Whether the time for a request was over.
    pub fn is_timeout(&self) -> bool {
        self.kind == Kind::Timeout
    }

    /// Whether the certificate of the server is not trusted, which lasts until a person
    /// changes something.
    pub fn is_certificate(&self) -> bool {
        self.kind == Kind::Certificate
    }

    /// Whether it was TLS that failed, certificates included.
    pub fn is_tls(&self) -> bool {
        matches!(self.kind, Kind::Certificate | Kind::Tls)
    }

    /// Whether the name of the host was not found.
    pub fn is_name(&self) -> bool {
        self.kind == Kind::Name
    }

    /// Whether there was no connection, or it broke.
    pub fn is_connection(&self) -> bool {
        self.kind == Kind::Connection
    }

    /// Whether the proxy refused to make a connection.
    pub fn is_proxy(&self) -> bool {
        matches!(self.kind, Kind::Proxy | Kind::ProxyCredentials)
    }

    /// Whether the proxy asks for other credentials, which lasts until a person changes
    /// something.
    pub fn is_proxy_credentials(&self) -> bool {
        self.kind == Kind::ProxyCredentials
    }

    /// Whether the answer was not HTTP.
    pub fn is_protocol(&self) -> bool {
        self.kind == Kind::Protocol
    }

    pub(crate) fn bad_request(problem: &str) -> Self {
        Self { kind: Kind::Request, text: format!("the request cannot be sent: {problem}") }
    }

    /// A success that cannot be one: the server did not read all of the request.
    pub(crate) fn cut_off(origin: &str) -> Self {
        let text = format!("{origin} closed the connection before it had all of the request");
        Self { kind: Kind::Connection, text }
    }

    /// The same without secrets, should there be one in what others said.
    pub(crate) fn scrubbed(mut self, scrubber: &Scrubber) -> Self {
        self.text = scrubber.scrub(&self.text);
        self
    }

    /// Puts into words what the HTTP library says of a request to `origin`.
    pub(crate) fn of(fault: &ureq::Error, origin: &str) -> Self {
        use ureq::Error as Fault;
        let (kind, text) = match fault {
            Fault::Timeout(_) => timeout(origin),
            Fault::Io(fault) => of_io(fault, origin),
            Fault::Rustls(fault) => of_tls(fault, origin),
            Fault::Tls(problem) => (Kind::Tls, format!("no TLS with {origin}: {problem}")),
            Fault::HostNotFound => {
                (Kind::Name, format!("the name of the host of {origin} was not found"))
            }
            Fault::ConnectionFailed => (Kind::Connection, format!("no connection to {origin}")),
            Fault::ConnectProxyFailed(problem) if problem.contains(PROXY_CREDENTIALS) => (
                Kind::ProxyCredentials,
                format!("the proxy to {origin} asks for credentials (407): put them into `proxy`"),
            ),
            Fault::ConnectProxyFailed(problem) => {
                (Kind::Proxy, format!("the proxy made no connection to {origin}: {problem}"))
            }
            Fault::Protocol(_) | Fault::LargeResponseHeader(..) | Fault::BodyStalled => {
                (Kind::Protocol, format!("the answer of {origin} is not HTTP: {fault}"))
            }
            other => (Kind::Request, format!("the request to {origin} failed: {other}")),
        };
        Self { kind, text }
    }
}

fn timeout(origin: &str) -> (Kind, String) {
    (Kind::Timeout, format!("{origin} gave no answer in time"))
}

fn of_io(fault: &io::Error, origin: &str) -> (Kind, String) {
    use io::ErrorKind as On;
    if let Some(tls) = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return of_tls(tls, origin);
    }
    match fault.kind() {
        On::TimedOut | On::WouldBlock => timeout(origin),
        On::UnexpectedEof => {
            (Kind::Connection, format!("{origin} closed the connection without an answer"))
        }
        kind @ (On::ConnectionRefused
        | On::HostUnreachable
        | On::NetworkUnreachable
        | On::NetworkDown
        | On::AddrNotAvailable) => (Kind::Connection, format!("no connection to {origin}: {kind}")),
        _ => {
            let what = words_of(fault);
            (Kind::Connection, format!("the connection to {origin} broke: {what}"))
        }
    }
}

/// What sort of fault it is; in the words of the system where the library has none for it, as
/// for a process that has no descriptors left.
pub(crate) fn words_of(fault: &io::Error) -> String {
    match (fault.kind().to_string(), fault.raw_os_error()) {
        (kind, Some(code)) if kind == "uncategorized error" => {
            io::Error::from_raw_os_error(code).to_string()
        }
        (kind, _) => kind,
    }
}

fn of_tls(fault: &rustls::Error, origin: &str) -> (Kind, String) {
    use rustls::CertificateError as On;
    let rustls::Error::InvalidCertificate(problem) = fault else {
        return (Kind::Tls, format!("no TLS with {origin}: {fault}"));
    };
    let advice = match problem {
        On::UnknownIssuer => {
            "nobody trusted has signed it: set `ca_file` to the certificate of its authority"
        }
        On::Expired | On::ExpiredContext { .. } => "it has expired: renew it at the server",
        On::NotValidYet | On::NotValidYetContext { .. } => {
            "it is not valid yet: compare the clocks of both machines"
        }
        On::NotValidForName | On::NotValidForNameContext { .. } => {
            "it was made for another name: set `url` to a name that is in it"
        }
        other => {
            return (
                Kind::Certificate,
                format!(
                    "the certificate of {origin} is not trusted: {other}: set `ca_file` to the \
                     certificate of its authority"
                ),
            );
        }
    };
    (Kind::Certificate, format!("the certificate of {origin} is not trusted: {advice}"))
}
