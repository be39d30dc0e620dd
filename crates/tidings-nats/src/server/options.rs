//! The settings of the client library, made of ours.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use async_nats::{ConnectOptions, ServerAddr};

use super::address;
use super::error::{NatsError, shown};
use super::settings::{Login, NatsServer, Tls};

/// How often a silent server is asked whether it is there; after two questions without an
/// answer the connection counts as broken.
const PING_INTERVAL: Duration = Duration::from_secs(5);

/// The servers, and how to connect to one.
pub(super) fn of(server: &NatsServer) -> Result<(Vec<ServerAddr>, ConnectOptions), NatsError> {
    let servers = address::parse(&server.urls)?;
    let mut options = ConnectOptions::new()
        .name(&server.name)
        .connection_timeout(server.connect_timeout)
        .require_tls(server.tls == Tls::Required)
        .ping_interval(PING_INTERVAL)
        // Subjects are encoded by us, and have no space in them.
        .skip_subject_validation(true);
    if let Some(path) = &server.ca_file {
        readable("ca_file", path, "CERTIFICATE")?;
        options = options.add_root_certificates(path.clone());
    }
    if let Some((certificate, key)) = &server.client_certificate {
        readable("client_certificate", certificate, "CERTIFICATE")?;
        readable("client_key", key, "PRIVATE KEY")?;
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok((servers, log_in(options, &server.login)?))
}

fn log_in(options: ConnectOptions, login: &Login) -> Result<ConnectOptions, NatsError> {
    match login {
        Login::None => Ok(options),
        Login::Password { user, password } => {
            Ok(options.user_and_password(user.clone(), password.expose().to_owned()))
        }
        Login::Token(token) => Ok(options.token(token.expose().to_owned())),
        Login::File(path) => {
            let text = read("credentials_file", path)?;
            options.credentials(&text).map_err(|_| {
                let text = "is no credentials file: a JWT and the seed of a key are expected";
                fault("credentials_file", path, text)
            })
        }
    }
}

/// The library reads the file later, and passes over one without anything in it.
fn readable(key: &'static str, path: &Path, label: &str) -> Result<(), NatsError> {
    let text = read(key, path)?;
    let is_label = |line: &str| line.starts_with("-----BEGIN ") && line.contains(label);
    if text.lines().any(is_label) {
        return Ok(());
    }
    Err(fault(key, path, &format!("holds no {} in PEM form", label.to_lowercase())))
}

fn read(key: &'static str, path: &Path) -> Result<String, NatsError> {
    let failed =
        |problem: io::Error| fault(key, path, &format!("cannot be read: {}", problem.kind()));
    fs::read_to_string(path).map_err(failed)
}

fn fault(key: &'static str, path: &Path, problem: &str) -> NatsError {
    NatsError::setting(key, format!("{key} `{}` {problem}", shown(&path.to_string_lossy())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let at = || NatsServer::at("nats://a");
        let cases = [
            (at().ca_file(&path), "ca_file", "holds no certificate"),
            (at().client_certificate(&path, &path), "client_certificate", "holds no certificate"),
            (at().credentials_file(&path), "credentials_file", "is no credentials file"),
        ];
        for (server, key, problem) in cases {
            drop(fs::remove_file(&path));
            let missing = of(&server).map(|_| ()).unwrap_err();
            assert!(missing.to_string().contains("cannot be read"), "{missing}");
            fs::write(&path, "hunter2").unwrap();
            let fault = of(&server).map(|_| ()).unwrap_err();
            assert_eq!(fault.key(), Some(key));
            assert!(fault.to_string().contains(problem), "{fault}");
            assert!(!fault.to_string().contains("hunter2"), "{fault}");
        }
    }
}
