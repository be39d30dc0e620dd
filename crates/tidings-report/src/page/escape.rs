//! Text for the inside of HTML.

/// Escapes what could end an element or begin one, or mean something in an attribute.
pub(super) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\0' => escaped.push('\u{fffd}'),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Escapes JSON so that it means the same, and nothing to HTML or to a line of JavaScript.
///
/// The letters in question stand inside of strings only.
pub(super) fn json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 64);
    let mut rest = text;
    while let Some(place) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
        let (plain, from) = rest.split_at(place);
        escaped.push_str(plain);
        let letter = from.chars().next().unwrap_or_default();
        escaped.push_str(match letter {
            '<' => "\\u003c",
            '>' => "\\u003e",
            '&' => "\\u0026",
            '\u{2028}' => "\\u2028",
            _ => "\\u2029",
        });
        rest = &from[letter.len_utf8()..];
    }
    escaped + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn escaped_json_says_the_same_without_a_letter_of_markup(text in "(?s)[<>&\u{2028}\u{2029}\\\\\"a\0é]{0,40}") {
            let plain = serde_json::to_string(&text).expect("a text");
            let escaped = json(&plain);
            let has_markup = escaped.contains(['<', '>', '&', '\u{2028}', '\u{2029}']);
            prop_assert!(!has_markup);
            prop_assert_eq!(serde_json::from_str::<String>(&escaped).expect("still JSON"), text);
        }
    }

    #[test]
    fn a_title_is_no_markup() {
        assert_eq!(html("<b a='1'>\"&\0"), "&lt;b a=&#39;1&#39;&gt;&quot;&amp;\u{fffd}");
    }
}
