//! The keys that kinds have in common which send by HTTP.

use tidings_http::{Compression, InvalidClient, TokenSource};

use super::{OpenContext, OpenError};

/// `compression = "none" / "gzip"`.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CompressionKey {
    None,
    Gzip,
}

impl CompressionKey {
    pub(super) fn choice(self) -> Compression {
        match self {
            Self::None => Compression::None,
            Self::Gzip => Compression::GZIP,
        }
    }
}

/// Declares the keys of a kind: those of every client, then its own. They have to stand in
/// one struct, as the names of its fields are the keys that are known.
macro_rules! client_keys {
    ($(#[$meta:meta])* struct $name:ident { $($own:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, serde::Deserialize)]
        struct $name {
            url: String,
            token_env: Option<String>,
            token_file: Option<std::path::PathBuf>,
            headers: Option<std::collections::BTreeMap<String, String>>,
            timeout_ms: Option<crate::keys::Millis<1>>,
            compression: Option<super::client::CompressionKey>,
            ca_file: Option<std::path::PathBuf>,
            danger_accept_invalid_certificates: Option<bool>,
            proxy: Option<String>,
            $($own: $type,)*
        }
    };
}

/// Tells a builder what the keys of every client say.
macro_rules! apply_client_keys {
    ($keys:expr, $builder:expr, $context:expr) => {{
        let (keys, context) = ($keys, $context);
        let token =
            super::client::token(keys.token_env.as_deref(), keys.token_file.as_deref(), context)?;
        let mut builder = $builder
            .environment(context.environment())
            .token(token)
            .proxy(keys.proxy.as_deref())
            .danger_accept_invalid_certificates(
                keys.danger_accept_invalid_certificates.unwrap_or(false),
            );
        for (name, value) in keys.headers.iter().flatten() {
            builder = builder.header(name, value);
        }
        if let Some(timeout) = keys.timeout_ms {
            builder = builder.timeout(timeout.0);
        }
        if let Some(compression) = keys.compression {
            builder = builder.compression(compression.choice());
        }
        if let Some(path) = &keys.ca_file {
            builder = builder.ca_file(context.resolve(path));
        }
        builder
    }};
}

pub(super) use {apply_client_keys, client_keys};

/// Where the token is.
pub(super) fn token(
    variable: Option<&str>,
    file: Option<&std::path::Path>,
    context: &OpenContext<'_>,
) -> Result<TokenSource, OpenError> {
    match (variable, file) {
        (Some(_), Some(_)) => {
            let message = "the token is in two places: leave out `token_env` or `token_file`";
            Err(OpenError::at_key("token_file", message))
        }
        (Some(name), None) if name.trim().is_empty() => {
            Err(OpenError::at_key("token_env", "`token_env` is blank: name a variable"))
        }
        (Some(name), None) => Ok(TokenSource::Env(name.to_owned())),
        (None, Some(path)) => Ok(TokenSource::File(context.resolve(path))),
        (None, None) => Ok(TokenSource::None),
    }
}

/// At which key a setting is wrong.
pub(super) fn fault(fault: &InvalidClient) -> OpenError {
    match fault {
        InvalidClient::TokenEnv { .. }
        | InvalidClient::TokenFile { .. }
        | InvalidClient::CaFile { .. } => OpenError::missing(fault.key(), fault.to_string()),
        _ => OpenError::at_key(fault.key(), fault.to_string()),
    }
}
