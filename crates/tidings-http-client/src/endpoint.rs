//! The URL that everything is sent to: checked once, and never shown with a secret.

use ureq::http::Uri;

use crate::InvalidClient;
use crate::port::port_of;

const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

/// A checked URL.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    uri: Uri,
    origin: String,
}

impl Endpoint {
    /// Checks a URL as a person wrote it.
    pub(crate) fn parse(url: &str) -> Result<Self, InvalidClient> {
        let url = url.trim();
        if url.is_empty() {
            return Err(InvalidClient::url("is blank"));
        }
        // It would be left out of what is asked for, without a word.
        if url.contains('#') {
            return Err(InvalidClient::url(
                "has a `#`, and what follows one is never sent: leave it out, or write `%23`",
            ));
        }
        let uri: Uri = url.parse().map_err(|_| {
            InvalidClient::url("is not a URL: write one such as `https://host:8088/path`")
        })?;
        let authority = uri
            .authority()
            .filter(|authority| !authority.host().is_empty())
            .ok_or_else(|| InvalidClient::url("names no host: write `https://host:8088/path`"))?;
        if authority.as_str().contains('@') {
            return Err(InvalidClient::url(
                "has a user or a password in it: name a token by `token_env` or `token_file`",
            ));
        }
        let scheme = match uri.scheme_str() {
            Some(scheme @ ("http" | "https")) => scheme,
            Some(other) => {
                return Err(InvalidClient::url(format!(
                    "begins with `{other}:`, not with `http://` or `https://`"
                )));
            }
            None => return Err(InvalidClient::url("does not begin with `http://` or `https://`")),
        };
        let standard = if scheme == "https" { HTTPS_PORT } else { HTTP_PORT };
        let named = port_of(authority.as_str()).map_err(InvalidClient::url)?;
        let port = named.unwrap_or(standard);
        let origin = format!("{scheme}://{}:{port}", authority.host().to_ascii_lowercase());
        Ok(Self { uri, origin })
    }

    /// Scheme, host and port, the standard one included.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// What stands behind its `?`.
    pub(crate) fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    /// Whether it is reached by TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// The URL with `suffix`, which may have a query, behind its path.
    pub(crate) fn target(&self, suffix: &str) -> Option<Uri> {
        if suffix.is_empty() {
            return Some(self.uri.clone());
        }
        let (more, more_query) = match suffix.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (suffix, None),
        };
        let mut path =
            format!("{}/{}", self.uri.path().trim_end_matches('/'), more.trim_start_matches('/'));
        let queries = [self.uri.query(), more_query];
        for (query, before) in queries.into_iter().flatten().zip(['?', '&']) {
            path.push(before);
            path.push_str(query);
        }
        let mut parts = self.uri.clone().into_parts();
        parts.path_and_query = Some(path.parse().ok()?);
        Uri::from_parts(parts).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_cannot_be_used_is_refused_with_a_reason() {
        let cases = [
            ("", "url is blank"),
            ("a b", "url is not a URL: write one such as `https://host:8088/path`"),
            ("/path", "url names no host: write `https://host:8088/path`"),
            ("ftp://host/", "url begins with `ftp:`, not with `http://` or `https://`"),
            ("host:80", "url does not begin with `http://` or `https://`"),
        ];
        for (url, text) in cases {
            assert_eq!(Endpoint::parse(url).unwrap_err().to_string(), text, "{url}");
        }
    }

    #[test]
    fn a_port_that_is_none_never_becomes_the_standard_one() {
        let digits =
            |port| format!("url names the port `{port}`, which is none: write one of 1 to 65535");
        let cases = [
            ("https://h:99999", digits("99999")),
            ("https://h:70000/path", digits("70000")),
            ("http://h:0", digits("0")),
            ("http://[::1]:65536/", digits("65536")),
            (
                "https://h:",
                "url has a `:` without a port behind it: write one of 1 to 65535".into(),
            ),
            (
                "https://h:abc",
                "url has a port that is not a number: write one of 1 to 65535".into(),
            ),
        ];
        for (url, text) in cases {
            assert_eq!(Endpoint::parse(url).unwrap_err().to_string(), text, "{url}");
        }
        assert_eq!(Endpoint::parse("https://h:65535").unwrap().origin(), "https://h:65535");
    }

    #[test]
    fn a_fragment_is_refused_and_a_query_is_kept() {
        for url in ["https://h/a#b", "https://h#", "https://h/a?b=#c", "https://h#:1"] {
            let fault = Endpoint::parse(url).unwrap_err().to_string();
            assert!(fault.starts_with("url has a `#`"), "{url}: {fault}");
        }
        assert_eq!(Endpoint::parse("https://h/a?b=%23c").unwrap().query(), Some("b=%23c"));
    }

    #[test]
    fn a_password_in_a_url_is_refused_and_not_repeated() {
        let fault = Endpoint::parse("https://user:hunter2@host/").unwrap_err();
        assert_eq!(fault.key(), "url");
        assert!(!format!("{fault} {fault:?}").contains("hunter2"), "{fault:?}");
    }

    #[test]
    fn an_origin_always_has_its_port() {
        for (url, origin) in [
            ("https://Host/a?b", "https://host:443"),
            ("http://host", "http://host:80"),
            ("http://[::1]:8088/x", "http://[::1]:8088"),
        ] {
            assert_eq!(Endpoint::parse(url).unwrap().origin(), origin);
        }
    }

    #[test]
    fn a_suffix_goes_between_path_and_query() {
        for (url, suffix, target) in [
            ("http://h/a/", "/b", "http://h/a/b"),
            ("http://h", "b?c=1", "http://h/b?c=1"),
            ("http://h/a?x=1", "b?c=1", "http://h/a/b?x=1&c=1"),
            ("http://h/a?x=1", "", "http://h/a?x=1"),
        ] {
            let made = Endpoint::parse(url).unwrap().target(suffix).expect("a URL");
            assert_eq!(made.to_string(), target);
        }
    }
}
