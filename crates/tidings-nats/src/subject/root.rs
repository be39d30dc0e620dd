//! The first tokens of every subject, which a person chooses.

use thiserror::Error;

/// The first token of all subjects when nobody names another one.
pub const ROOT_DEFAULT: &str = "tidings";

/// The most bytes of a root.
const ROOT_BYTES_MAX: usize = 100;

/// One or more tokens of ASCII letters, digits, `-` and `_`, with dots between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Root(String);

impl Root {
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidRoot> {
        let is_clean = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_token = |token: &str| !token.is_empty() && token.bytes().all(is_clean);
        if text.len() <= ROOT_BYTES_MAX && text.split('.').all(is_token) {
            return Ok(Self(text.to_owned()));
        }
        let text: String = text.chars().take(ROOT_BYTES_MAX).flat_map(char::escape_debug).collect();
        Err(InvalidRoot { text })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the stream that is meant when nobody names one.
    pub(crate) fn stream(&self) -> String {
        self.0.replace('.', "_")
    }
}

/// Why a text is no root.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{text}` is not a root of subjects: letters, digits, `-` and `_` with single dots between \
     are expected, {ROOT_BYTES_MAX} bytes at most"
)]
pub(crate) struct InvalidRoot {
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_that_would_break_a_subject_is_refused() {
        for bad in ["", ".", "a.", ".a", "a..b", "a b", "a.*", ">", "ü", "$SYS", "a\n", "a\u{1b}"]
        {
            let fault = Root::parse(bad).expect_err(bad).to_string();
            assert!(!fault.contains(char::is_control), "{fault:?}");
        }
        assert!(Root::parse(&"a".repeat(101)).is_err());
        for good in ["tidings", "acme.test-lab_3.tidings", &"a".repeat(100)] {
            assert_eq!(Root::parse(good).expect(good).as_str(), good);
        }
    }

    #[test]
    fn a_stream_is_called_like_its_root() {
        assert_eq!(Root::parse("acme.tidings").expect("a root").stream(), "acme_tidings");
    }
}
