//! All the secrets of a client, and how they are kept out of texts.

use std::fmt::Write as _;

use tidings_delivery::Secret;

/// Parts of a credential header or a query that are shorter, `Bearer` for one, are no secret
/// alone.
const PART_BYTES_MIN: usize = 8;

/// Takes secrets out of texts that others wrote.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scrubber {
    secrets: Vec<Secret>,
}

impl Scrubber {
    /// Knows one more secret, in the forms in which JSON and URLs repeat it.
    pub(crate) fn add(&mut self, secret: &str) {
        let json = secret.replace('\\', "\\\\").replace('"', "\\\"");
        let forms = [secret.to_owned(), json.replace('/', "\\/"), json, percent_encoded(secret)];
        for form in forms.into_iter().map(Secret::new) {
            if !form.is_empty() && !self.secrets.contains(&form) {
                self.secrets.push(form);
            }
        }
        // The longest goes first: a shorter one may be a part of it.
        self.secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
    }

    /// Knows the value of a header that carries credentials, whole and in parts.
    pub(crate) fn add_header(&mut self, value: &str) {
        self.add(value);
        let parts = value.split([' ', ';', ',', '"']).flat_map(|part| [part, after_equals(part)]);
        for part in parts.filter(|part| part.len() >= PART_BYTES_MIN) {
            self.add(part);
        }
    }

    /// Knows the values of a URL's query whose names say that they are secret.
    pub(crate) fn add_query(&mut self, query: &str) {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        for (name, value) in pairs.filter(|(_, value)| value.len() >= PART_BYTES_MIN) {
            if is_credential(name) {
                self.add(value);
            }
        }
    }

    /// The text without any of the secrets.
    pub(crate) fn scrub(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.scrub(&text))
    }
}

fn after_equals(part: &str) -> &str {
    part.split_once('=').map_or("", |(_, value)| value)
}

fn percent_encoded(secret: &str) -> String {
    let mut text = String::with_capacity(secret.len());
    for byte in secret.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("a string takes every text");
        }
    }
    text
}

/// Whether a header or a part of a query of this name carries credentials.
pub(crate) fn is_credential(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let anywhere = ["authorization", "cookie", "token", "apikey", "secret", "passw", "credential"];
    anywhere.iter().any(|word| name.contains(word))
        || name.split(['-', '_']).any(|word| matches!(word, "auth" | "key" | "sig" | "signature"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_as_json_and_urls_repeat_it() {
        let mut scrubber = Scrubber::default();
        scrubber.add("ab/c+d\"e");
        for text in ["ab/c+d\"e", "ab/c+d\\\"e", "ab\\/c+d\\\"e", "ab%2Fc%2Bd%22e"] {
            assert_eq!(scrubber.scrub(&format!("<{text}>")), "<[redacted]>");
        }
    }

    #[test]
    fn the_parts_of_a_credential_header_are_secrets_too() {
        let mut scrubber = Scrubber::default();
        scrubber.add_header("Bearer 0123456789");
        scrubber.add_header("session=abcdefghij; lang=en");
        let text = scrubber.scrub("0123456789 abcdefghij en Bearer");
        assert_eq!(text, "[redacted] [redacted] en Bearer");
    }

    #[test]
    fn the_secrets_of_a_query_are_told_by_their_names() {
        let mut scrubber = Scrubber::default();
        scrubber.add_query("source=tests&api_key=0123456789&flag&key=1");
        assert_eq!(scrubber.scrub("tests 0123456789 1"), "tests [redacted] 1");
    }

    #[test]
    fn names_tell_which_headers_carry_credentials() {
        for name in [
            "Authorization",
            "COOKIE",
            "X-Auth",
            "x-api-key",
            "Proxy-Authorization",
            "access_token",
        ] {
            assert!(is_credential(name), "{name}");
        }
        for name in ["X-Tenant", "Accept", "Content-Type", "X-Author", "monkey"] {
            assert!(!is_credential(name), "{name}");
        }
    }
}
