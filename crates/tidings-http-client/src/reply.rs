//! An answer, and what may be shown of it.

use std::fmt::{self, Write as _};
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use tidings_core::Timestamp;
use tidings_core::text::is_dangerous;
use ureq::http::HeaderMap;

use crate::retry_after::{http_date, retry_after};
use crate::scrubber::Scrubber;

/// How much of the body of an answer is read; after more than that the connection is not
/// used again.
pub const REPLY_BYTES_MAX: usize = 64 * 1024;

/// How many characters of an answer a person is shown.
const EXCERPT_CHARS_MAX: usize = 200;

/// The answer of a server.
pub struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    is_complete: bool,
    scrubber: Arc<Scrubber>,
}

impl Reply {
    /// Reads an answer whose head has come.
    pub(crate) fn read(
        response: ureq::http::Response<ureq::Body>,
        scrubber: Arc<Scrubber>,
    ) -> Self {
        let (head, body) = response.into_parts();
        let mut text = Vec::new();
        let limit = u64::try_from(REPLY_BYTES_MAX).unwrap_or(u64::MAX);
        // The status is an answer already, whatever becomes of the body.
        let read = body.into_reader().take(limit).read_to_end(&mut text);
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            is_complete: read.is_ok_and(|len| len < REPLY_BYTES_MAX),
            body: text,
            scrubber,
        }
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the status is 3xx: the server names another place.
    pub fn is_redirect(&self) -> bool {
        (300..400).contains(&self.status)
    }

    /// The body, at most [`REPLY_BYTES_MAX`] of it. It may hold a secret that the server
    /// repeats: whatever of it is shown goes through [`scrub`](Self::scrub).
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Whether all of the body was read: it did not break off, and was not too long.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The first header of this name, if it is text. It may repeat a secret, as the
    /// [body](Self::body) may.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How long the server asks to wait (RFC 9110 §10.2.3); a date is compared with the
    /// server's own clock, if it tells its time.
    pub fn retry_after(&self) -> Option<Duration> {
        let now = self.header("date").and_then(http_date).unwrap_or_else(Timestamp::now);
        retry_after(self.header("retry-after")?, now)
    }

    /// The beginning of the body for a person: one line, at most 200 characters, without
    /// secrets and control characters.
    pub fn excerpt(&self) -> String {
        let text = self.scrub(&String::from_utf8_lossy(&self.body));
        one_line(&text)
    }

    /// Where a redirect points to, without user, password, query and fragment.
    pub fn location_excerpt(&self) -> Option<String> {
        let location = self.scrub(self.header("location")?);
        let location = location.split(['?', '#']).next().unwrap_or_default();
        let shown = match location.split_once("//") {
            Some((scheme, rest)) => {
                let end = rest.find('/').unwrap_or(rest.len());
                let host = rest[..end].rsplit('@').next().unwrap_or_default();
                format!("{scheme}//{host}{}", &rest[end..])
            }
            None => location.to_owned(),
        };
        Some(one_line(&shown))
    }

    /// The text without the token and the other secrets that the request carried.
    pub fn scrub(&self, text: &str) -> String {
        self.scrubber.scrub(text)
    }
}

/// Shows no body and no headers: both may repeat what was sent.
impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("excerpt", &self.excerpt())
            .finish_non_exhaustive()
    }
}

fn one_line(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.trim().chars();
    for c in chars.by_ref().take(EXCERPT_CHARS_MAX) {
        if is_dangerous(c) {
            write!(out, "{}", c.escape_default()).expect("a string takes every text");
        } else {
            out.push(c);
        }
    }
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(headers: &[(&'static str, &'static str)], body: &str) -> Reply {
        let mut scrubber = Scrubber::default();
        scrubber.add("hunter2");
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        Reply {
            status: 400,
            headers,
            body: body.as_bytes().to_vec(),
            is_complete: true,
            scrubber: Arc::new(scrubber),
        }
    }

    #[test]
    fn an_excerpt_is_one_line_without_control_characters() {
        let excerpt = reply(&[], "\n bad\r\nevent \u{1b}[31m!\0 ").excerpt();
        assert_eq!(excerpt, r"bad\r\nevent \u{1b}[31m!\u{0}");
        assert_eq!(reply(&[], "a\u{202e}b").excerpt(), r"a\u{202e}b");
    }

    #[test]
    fn an_excerpt_ends_after_200_characters() {
        let excerpt = reply(&[], &"ä".repeat(201)).excerpt();
        assert_eq!(excerpt, "ä".repeat(200) + "…");
        assert_eq!(reply(&[], &"ä".repeat(200)).excerpt(), "ä".repeat(200));
    }

    #[test]
    fn a_token_across_the_end_of_an_excerpt_does_not_show_its_beginning() {
        let excerpt = reply(&[], &format!("{}hunter2", "x".repeat(196))).excerpt();
        assert!(!excerpt.contains("hun"), "{excerpt}");
    }

    #[test]
    fn a_location_is_shown_without_user_query_and_token() {
        for (location, shown) in [
            ("https://user:pw@other/a/hunter2?token=x#y", "https://other/a/[redacted]"),
            ("/login?next=x", "/login"),
            ("https://other", "https://other"),
        ] {
            let reply = reply(&[("location", location)], "");
            assert_eq!(reply.location_excerpt().as_deref(), Some(shown));
        }
    }

    #[test]
    fn a_date_to_retry_after_is_compared_with_the_clock_of_the_server() {
        let reply = reply(
            &[
                ("date", "Sun, 06 Nov 1994 08:49:30 GMT"),
                ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ],
            "",
        );
        assert_eq!(reply.retry_after(), Some(Duration::from_secs(7)));
    }

    #[test]
    fn debug_shows_no_secret_that_the_server_repeats() {
        let reply = reply(&[("www-authenticate", "hunter2")], "hunter2 is wrong");
        let text = format!("{reply:?}");
        assert!(!text.contains("hunter2") && text.contains("is wrong"), "{text}");
    }
}
