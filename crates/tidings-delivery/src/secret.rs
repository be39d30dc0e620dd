//! Secrets: values that no output shows.

use std::fmt;

use serde::{Serialize, Serializer};

/// What stands where a secret was.
pub const REDACTED: &str = "[redacted]";

/// A token or password that `Debug`, serde and errors cannot print.
///
/// It is read from where it is kept, a variable of the environment or a file, never from a
/// configuration.
///
/// ```
/// use tidings_delivery::Secret;
///
/// let token = Secret::new("hunter2");
/// assert_eq!(format!("{token:?}"), "[redacted]");
/// assert_eq!(token.scrub("refused: hunter2 is unknown"), "refused: [redacted] is unknown");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a value. White space around it, a line break at a file's end, is cut off.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into().trim().to_owned())
    }

    /// The value, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `text` with [`REDACTED`] wherever the secret stands in it: replies of servers may
    /// repeat what they were sent.
    pub fn scrub(&self, text: &str) -> String {
        if self.is_empty() { text.to_owned() } else { text.replace(&self.0, REDACTED) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_output_shows_a_secret() {
        let token = Secret::new("hunter2\n");
        let json = serde_json::to_string(&token).expect("text has a JSON form");
        for text in [format!("{token:?}"), token.to_string(), json] {
            assert!(!text.contains("hunter2"), "{text}");
        }
        assert_eq!(token.expose(), "hunter2");
    }
}
