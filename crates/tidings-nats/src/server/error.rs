//! What can go wrong with a server, in words without secrets and without control characters.

use thiserror::Error;
use tidings_core::text::push_visible;

/// The most characters of what a server said that are shown.
const SAID_CHARS_MAX: usize = 300;

/// Why something could not be done with a NATS server.
///
/// Ask what sort of failure it is; the text is for people, and has no secret in it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{text}")]
pub struct NatsError {
    kind: Kind,
    text: String,
}

/// Sorts of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A setting that cannot be used; this is its key.
    Setting(&'static str),
    /// No connection, or one that broke.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// The server does not let one in, or not do it.
    Credentials,
    /// The certificate of the server, or one's own.
    Tls,
    /// There is no `JetStream`.
    NoJetStream,
    /// The stream is missing, or not as it has to be.
    Stream,
    /// The stream has no room.
    Full,
    /// The message is too large for the stream.
    TooLarge,
    /// The server said no, for the moment.
    Refused,
}

impl NatsError {
    pub(crate) fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    pub(crate) fn setting(key: &'static str, text: impl Into<String>) -> Self {
        Self::new(Kind::Setting(key), text)
    }

    /// The same without the secrets of this server, should it have repeated one.
    pub(crate) fn scrubbed(mut self, server: &super::NatsServer) -> Self {
        self.text = server.scrub(&self.text);
        self
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The key of a configuration file that is to be changed, if it is one.
    pub fn key(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Setting(key) => Some(key),
            _ => None,
        }
    }

    /// Whether it lasts until a person changes something: a setting, credentials, a
    /// certificate, the stream, or a server without `JetStream`.
    pub fn needs_a_person(&self) -> bool {
        matches!(
            self.kind,
            Kind::Setting(_) | Kind::Credentials | Kind::Tls | Kind::NoJetStream | Kind::Stream
        )
    }

    /// Whether there was no connection, or it broke.
    pub fn is_unreachable(&self) -> bool {
        self.kind == Kind::Unreachable
    }

    /// Whether the time was over.
    pub fn is_timeout(&self) -> bool {
        self.kind == Kind::Timeout
    }

    /// Whether the server does not let one in, or not do it.
    pub fn is_credentials(&self) -> bool {
        self.kind == Kind::Credentials
    }

    /// Whether the stream is missing, or not as it has to be.
    pub fn is_stream(&self) -> bool {
        self.kind == Kind::Stream
    }
}

/// What somebody else said, as one line that a terminal may show.
pub(crate) fn shown(text: &str) -> String {
    let text = text.trim();
    let end = text.char_indices().nth(SAID_CHARS_MAX).map(|(end, _)| end);
    let mut shown = String::new();
    push_visible(&mut shown, &text[..end.unwrap_or(text.len())], &[]);
    if end.is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_one_short_line() {
        assert_eq!(shown(" a\u{1b}[31m\r\nb "), "a\\u{1b}[31m\\r\\nb");
        assert_eq!(shown("a\u{202e}\u{2028}b"), "a\\u{202e}\\u{2028}b");
        assert_eq!(shown(&"x".repeat(400)).chars().count(), SAID_CHARS_MAX + 1);
    }

    #[test]
    fn a_setting_is_named_by_its_key() {
        let fault = NatsError::setting("url", "url `x` has no host");
        assert_eq!(fault.key(), Some("url"));
        assert!(fault.needs_a_person());
        assert_eq!(NatsError::new(Kind::Full, "full").key(), None);
        assert!(!NatsError::new(Kind::Full, "full").needs_a_person());
    }
}
