//! What Python writes as JSON and is none: `NaN`, `Infinity`, and halves of characters.

/// The line with `null` in the place of numbers that JSON does not have, and replacement
/// characters in the place of lone surrogates; none if it has neither.
pub(super) fn repaired(line: &str) -> Option<String> {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    let mut is_text = false;
    let mut is_changed = false;
    while let Some(next) = rest.chars().next() {
        let mut taken = next.len_utf8();
        let mut instead = None;
        match next {
            '"' => is_text = !is_text,
            '\\' if is_text => (taken, instead) = escape(rest),
            'N' | 'I' | '-' if !is_text => {
                let word =
                    ["NaN", "Infinity", "-Infinity"].iter().find(|it| rest.starts_with(**it));
                if let Some(word) = word {
                    (taken, instead) = (word.len(), Some("null"));
                }
            }
            _ => {}
        }
        is_changed |= instead.is_some();
        out.push_str(instead.unwrap_or(&rest[..taken]));
        rest = &rest[taken..];
    }
    is_changed.then_some(out)
}

/// How long an escape is, and what stands for half a character.
fn escape(text: &str) -> (usize, Option<&'static str>) {
    match surrogate(text) {
        Some(0xD800..0xDC00) => match surrogate(&text[6..]) {
            Some(0xDC00..0xE000) => (12, None),
            _ => (6, Some("\\ufffd")),
        },
        Some(_) => (6, Some("\\ufffd")),
        None => (1 + text[1..].chars().next().map_or(0, char::len_utf8), None),
    }
}

fn surrogate(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let code = u16::from_str_radix(digits, 16).ok()?;
    (0xD800..0xE000).contains(&code).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_no_json_is_changed() {
        for (line, wanted) in [
            (r#"{"a": NaN, "b": -Infinity}"#, Some(r#"{"a": null, "b": null}"#)),
            (r#"{"a": "NaN", "b\"": Infinity}"#, Some(r#"{"a": "NaN", "b\"": null}"#)),
            (
                r#"["\udc80", "x\ud800", "\ud800\u0041"]"#,
                Some(r#"["\ufffd", "x\ufffd", "\ufffd\u0041"]"#),
            ),
            (r#"["\ud83d\ude00", "\\ud800", "\u00e9", -1, "\"#, None),
            (r#"{"a": 1}"#, None),
        ] {
            assert_eq!(repaired(line).as_deref(), wanted, "{line}");
        }
    }
}
