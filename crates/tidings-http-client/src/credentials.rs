//! Where a token comes from, and the header it is sent in.

use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use tidings_delivery::Secret;
use ureq::http::HeaderValue;

use crate::InvalidClient;
use crate::error::words_of;

/// Where the token is kept.
///
/// `Env` and `File` are read when the client is built and again by
/// [`HttpClient::reload_token`](crate::HttpClient::reload_token).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TokenSource {
    /// There is none, and no `Authorization` is sent.
    #[default]
    None,
    /// In this variable of the environment.
    Env(String),
    /// In this file, which holds nothing else.
    File(PathBuf),
    /// Here.
    Fixed(Secret),
}

/// Looks up variables of the environment.
#[derive(Clone)]
pub(crate) struct Environment(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Environment {
    pub(crate) fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// The value of a variable that is set and not blank.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }
}

impl Default for Environment {
    fn default() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

/// A token, its source, and its header.
#[derive(Debug)]
pub(crate) struct Credentials {
    source: TokenSource,
    scheme: String,
    environment: Environment,
    token: Option<Secret>,
    header: Option<HeaderValue>,
}

impl Credentials {
    /// Reads the token.
    pub(crate) fn read(
        source: TokenSource,
        scheme: String,
        environment: Environment,
    ) -> Result<Self, InvalidClient> {
        let token = read_token(&source, &environment)?;
        let header = token.as_ref().map(|token| authorization(&source, &scheme, token));
        Ok(Self { header: header.transpose()?, source, scheme, environment, token })
    }

    /// What `Authorization` says.
    pub(crate) fn header(&self) -> Option<&HeaderValue> {
        self.header.as_ref()
    }

    /// The token.
    pub(crate) fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }

    /// Reads the token again, and says whether there is another one now. The old one stays
    /// when there is none.
    pub(crate) fn reload(&mut self) -> bool {
        let Ok(Some(token)) = read_token(&self.source, &self.environment) else { return false };
        if self.token.as_ref() == Some(&token) {
            return false;
        }
        let Ok(header) = authorization(&self.source, &self.scheme, &token) else { return false };
        (self.header, self.token) = (Some(header), Some(token));
        true
    }
}

fn read_token(
    source: &TokenSource,
    environment: &Environment,
) -> Result<Option<Secret>, InvalidClient> {
    let token = match source {
        TokenSource::None => return Ok(None),
        TokenSource::Env(name) => {
            let value = environment.get(name).ok_or_else(|| {
                problem(
                    source,
                    &format!("variable `{name}` of the environment is not set or blank"),
                )
            })?;
            Secret::new(value)
        }
        TokenSource::File(path) => {
            let text = fs::read_to_string(path).map_err(|fault| {
                let path = path.display();
                problem(
                    source,
                    &format!("token file `{path}` cannot be read: {}", words_of(&fault)),
                )
            })?;
            Secret::new(text)
        }
        TokenSource::Fixed(token) => token.clone(),
    };
    if token.is_empty() {
        return Err(problem(source, &format!("{} is empty", place(source))));
    }
    Ok(Some(token))
}

fn authorization(
    source: &TokenSource,
    scheme: &str,
    token: &Secret,
) -> Result<HeaderValue, InvalidClient> {
    let mut value =
        HeaderValue::from_str(&format!("{scheme} {}", token.expose())).map_err(|_| {
            problem(source, &format!("{} holds characters that no header can carry", place(source)))
        })?;
    value.set_sensitive(true);
    Ok(value)
}

fn problem(source: &TokenSource, text: &str) -> InvalidClient {
    match source {
        TokenSource::File(_) => InvalidClient::TokenFile { problem: text.to_owned() },
        _ => InvalidClient::TokenEnv { problem: text.to_owned() },
    }
}

fn place(source: &TokenSource) -> String {
    match source {
        TokenSource::Env(name) => format!("variable `{name}` of the environment"),
        TokenSource::File(path) => format!("token file `{}`", path.display()),
        TokenSource::None | TokenSource::Fixed(_) => "the token".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: TokenSource) -> Result<Credentials, InvalidClient> {
        let environment = Environment::new(|name| match name {
            "TOKEN" => Some(" hunter2\n".to_owned()),
            "BLANK" => Some("  ".to_owned()),
            "BROKEN" => Some("hunter2\nhunter3".to_owned()),
            _ => None,
        });
        Credentials::read(source, "Bearer".to_owned(), environment)
    }

    #[test]
    fn a_token_is_sent_behind_its_scheme() {
        let credentials = read(TokenSource::Env("TOKEN".to_owned())).unwrap();
        assert_eq!(credentials.header().expect("there is one"), "Bearer hunter2");
        assert!(!format!("{credentials:?}").contains("hunter2"), "{credentials:?}");
    }

    #[test]
    fn a_token_that_is_not_there_is_named_by_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty");
        fs::write(&empty, "\n").unwrap();
        let cases = [
            (
                TokenSource::Env("MISSING".to_owned()),
                "token_env",
                "`MISSING` of the environment is",
            ),
            (TokenSource::Env("BLANK".to_owned()), "token_env", "is not set or blank"),
            (TokenSource::Env("BROKEN".to_owned()), "token_env", "no header can carry"),
            (
                TokenSource::File(folder.path().join("no")),
                "token_file",
                "cannot be read: entity not",
            ),
            (TokenSource::File(empty), "token_file", "is empty"),
        ];
        for (source, key, text) in cases {
            let fault = read(source).unwrap_err();
            assert!(fault.to_string().contains(text), "{fault}");
            assert!(!format!("{fault:?}").contains("hunter"), "{fault:?}");
            assert_eq!(fault.key(), key);
        }
    }

    #[test]
    fn a_token_file_is_read_again_and_kept_while_it_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "one\n").unwrap();
        let mut credentials = read(TokenSource::File(path.clone())).unwrap();
        assert!(!credentials.reload());
        fs::write(&path, "").unwrap();
        assert!(!credentials.reload());
        fs::write(&path, "two\n").unwrap();
        assert!(credentials.reload());
        assert_eq!(credentials.header().expect("there is one"), "Bearer two");
    }
}
