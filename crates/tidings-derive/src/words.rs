//! Words: the snake-case form of a Rust name, and which known name a typing error meant.

use syn::Ident;
use syn::ext::IdentExt;

/// Turns `HttpDone2` into `http_done2`, `HTTPDone` into `http_done` and `r#type` into `type`.
pub(crate) fn snake_case(ident: &Ident) -> String {
    let letters: Vec<char> = ident.unraw().to_string().chars().collect();
    let mut snake = String::with_capacity(letters.len() + 4);
    for (place, &letter) in letters.iter().enumerate() {
        if letter.is_uppercase() && place > 0 {
            let before = letters[place - 1];
            let starts_word = letters.get(place + 1).is_some_and(|next| next.is_lowercase());
            if before != '_' && (!before.is_uppercase() || starts_word) {
                snake.push('_');
            }
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// Returns the known name that `wrong` is most likely meant to be.
pub(crate) fn nearest<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let far = (wrong.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (distance(&wrong, &name.to_lowercase()), name))
        .filter(|&(steps, _)| steps <= far)
        .min_by_key(|&(steps, _)| steps)
        .map(|(_, name)| name)
}

/// Counts the edits between two words; two swapped neighbours are one edit.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, r) in right.iter().enumerate() {
            let replaced = last[j] + usize::from(l != r);
            let mut best = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *l == right[j - 1] && left[i - 1] == *r {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    #[test]
    fn words_and_acronyms_are_told_apart() {
        for (name, expected) in [
            ("Started", "started"),
            ("TestCaseDone", "test_case_done"),
            ("HTTPStarted", "http_started"),
            ("StartedHTTP", "started_http"),
            ("V2Ready", "v2_ready"),
            ("Http2", "http2"),
            ("Http2Done", "http2_done"),
            ("Snake_Case", "snake_case"),
            ("_Hidden", "_hidden"),
            ("A", "a"),
            ("already_snake", "already_snake"),
            ("ÄußererTest", "äußerer_test"),
        ] {
            let ident = Ident::new(name, Span::call_site());
            assert_eq!(snake_case(&ident), expected, "{name}");
        }
    }

    #[test]
    fn a_raw_name_loses_its_prefix() {
        assert_eq!(snake_case(&Ident::new_raw("type", Span::call_site())), "type");
    }

    #[test]
    fn a_typing_error_finds_its_word() {
        let known = ["Idle", "Running", "Done"];
        for (wrong, meant) in [
            ("Runing", Some("Running")),
            ("Runinng", Some("Running")),
            ("done", Some("Done")),
            ("Doen", Some("Done")),
            ("Sleeping", None),
            ("", None),
        ] {
            assert_eq!(nearest(wrong, known), meant, "{wrong}");
        }
    }
}
