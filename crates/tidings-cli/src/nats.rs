//! NATS servers as the command line names them.
//!
//! Secrets come from the environment or from files, never from an argument, which every user
//! of the machine can read.

use std::path::Path;

use tidings_delivery::Secret;
use tidings_nats::{NatsError, NatsServer, StreamSettings};

use crate::args::NatsArgs;
use crate::failure::Failure;

/// The server that is named, with who one is there. Nobody connects.
///
/// # Errors
///
/// [`Failure::Nats`] when a secret is not where it is said to be.
pub(crate) fn server(args: &NatsArgs) -> Result<NatsServer, Failure> {
    let mut server = NatsServer::at(&args.url);
    let password = secret(
        ("--password-env", args.password_env.as_deref()),
        ("--password-file", args.password_file.as_deref()),
    )?;
    let token = secret(
        ("--token-env", args.token_env.as_deref()),
        ("--token-file", args.token_file.as_deref()),
    )?;
    if let (Some(user), Some(password)) = (&args.user, password) {
        server = server.user_password(user, password);
    }
    if let Some(token) = token {
        server = server.token(token);
    }
    if let Some(path) = &args.credentials_file {
        server = server.credentials_file(path);
    }
    if let Some(path) = &args.ca_file {
        server = server.ca_file(path);
    }
    if let (Some(certificate), Some(key)) = (&args.client_certificate_file, &args.client_key_file) {
        server = server.client_certificate(certificate, key);
    }
    Ok(if args.require_tls { server.require_tls() } else { server })
}

/// The stream that is named.
pub(crate) fn stream(args: &NatsArgs) -> StreamSettings {
    let settings = StreamSettings::default();
    match &args.stream {
        Some(name) => settings.name(name),
        None => settings,
    }
}

/// What is wrong with the server, or with what the command line says of it.
pub(crate) fn failure(fault: &NatsError) -> Failure {
    Failure::Nats(fault.to_string())
}

fn secret(
    (env_option, variable): (&str, Option<&str>),
    (file_option, file): (&str, Option<&Path>),
) -> Result<Option<Secret>, Failure> {
    let text = match (variable, file) {
        (Some(name), _) if !is_variable(name) => {
            let text = format!(
                "`{env_option}` takes the name of a variable, and this is none: it looks like \
                 the secret itself"
            );
            return Err(Failure::Nats(text));
        }
        (Some(name), _) => std::env::var(name).ok().ok_or_else(|| {
            Failure::Nats(format!("variable `{name}` of `{env_option}` is not set"))
        })?,
        (None, Some(path)) => std::fs::read_to_string(path).map_err(|fault| {
            let path = path.display();
            Failure::Nats(format!("file `{path}` of `{file_option}` cannot be read: {fault}"))
        })?,
        (None, None) => return Ok(None),
    };
    let secret = Secret::new(text);
    if secret.is_empty() {
        let option = if variable.is_some() { env_option } else { file_option };
        return Err(Failure::Nats(format!("what `{option}` names is empty")));
    }
    Ok(Some(secret))
}

/// Whether a text is of the form `[A-Za-z_][A-Za-z0-9_]*`.
fn is_variable(text: &str) -> bool {
    let is_named = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !text.is_empty()
        && text.chars().all(is_named)
        && !text.starts_with(|c: char| c.is_ascii_digit())
}
