//! What the client library says went wrong, put into words.

use std::error::Error;
use std::io;

use async_nats::rustls;
use async_nats::{ConnectError, ConnectErrorKind};

use super::NatsServer;
use super::error::{Kind, NatsError, shown};

/// Why there is no connection.
pub(super) fn of_connect(fault: &ConnectError, server: &NatsServer) -> NatsError {
    let said = server.scrub(&shown(&innermost(fault)));
    let origin = server.origin();
    let (kind, text) = match fault.kind() {
        ConnectErrorKind::ServerParse => {
            (Kind::Unreachable, format!("{origin} named a server that is no address: {said}"))
        }
        ConnectErrorKind::Dns => {
            (Kind::Unreachable, format!("the name of the host of {origin} was not found: {said}"))
        }
        ConnectErrorKind::Authentication => (
            Kind::Credentials,
            format!("nothing could be signed for {origin}: check the credentials file"),
        ),
        ConnectErrorKind::AuthorizationViolation => (Kind::Credentials, refused(&origin, &said)),
        ConnectErrorKind::TimedOut => {
            (Kind::Timeout, format!("{origin} did not answer within the connect timeout"))
        }
        ConnectErrorKind::Tls | ConnectErrorKind::Io | ConnectErrorKind::MaxReconnects => {
            of_other(fault, &said, &origin)
        }
    };
    NatsError::new(kind, text)
}

/// The library tells these by their causes alone.
fn of_other(fault: &ConnectError, said: &str, origin: &str) -> (Kind, String) {
    let problem = tls_problem(fault);
    if problem.is_some() || fault.kind() == ConnectErrorKind::Tls {
        let advice = problem.map_or("", advice);
        return (Kind::Tls, format!("no TLS with {origin}: {said}{advice}"));
    }
    let lower = said.to_lowercase();
    if ["authorization", "authentication"].iter().any(|word| lower.contains(word)) {
        return (Kind::Credentials, refused(origin, said));
    }
    (Kind::Unreachable, format!("no connection to {origin}: {said}"))
}

/// What TLS says, if it was TLS that failed.
fn tls_problem<'a>(fault: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut cause = Some(fault);
    while let Some(fault) = cause {
        if let Some(problem) = fault.downcast_ref() {
            return Some(problem);
        }
        // An error of the system passes over what is in it when it is asked for its source.
        let inner = fault.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(problem) = inner.and_then(|inner| inner.downcast_ref()) {
            return Some(problem);
        }
        cause = fault.source();
    }
    None
}

fn advice(problem: &rustls::Error) -> &'static str {
    use rustls::CertificateError as On;
    match problem {
        rustls::Error::InvalidCertificate(problem) => match problem {
            On::UnknownIssuer => ": name the certificate of its authority as `ca_file`",
            On::NotValidForName | On::NotValidForNameContext { .. } => {
                ": name the server as its certificate does"
            }
            On::Expired | On::ExpiredContext { .. } => ": renew its certificate",
            On::NotValidYet | On::NotValidYetContext { .. } => ": compare the clocks",
            _ => "",
        },
        rustls::Error::InvalidMessage(_) => ": the server may have no TLS",
        _ => "",
    }
}

fn refused(origin: &str, said: &str) -> String {
    format!("{origin} does not let us in: {said}: check user and password, token or credentials")
}

/// The first cause, which says most.
pub(crate) fn innermost(fault: &(dyn Error + 'static)) -> String {
    let mut cause = fault;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
