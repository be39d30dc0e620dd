//! Names: of event types, of constants, and of fields on the wire.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use crate::words::snake_case;

/// The most bytes an event type may have; the core checks it again.
const EVENT_TYPE_BYTES_MAX: usize = 200;

/// The first segment that belongs to Tidings itself.
const RESERVED_SEGMENT: &str = "tidings";

/// Why an event type below that segment is refused.
pub(super) const RESERVED: &str = "the event types below `tidings` are reserved";

/// The constant for a variant: `HTTPStarted` gives `HTTP_STARTED`.
pub(super) fn constant(ident: &Ident) -> Ident {
    // Some letters have no upper-case form that fits a name; then the name stays as it is.
    let mut constant: Ident =
        syn::parse_str(&snake_case(ident).to_uppercase()).unwrap_or_else(|_| ident.clone());
    constant.set_span(ident.span());
    constant
}

/// What is wrong with one part of an event type, which is called `what` in the answer.
pub(super) fn fault_of_part(part: &str, what: &str) -> Option<String> {
    let fits = |character| matches!(character, 'a'..='z' | '0'..='9' | '_' | '.');
    let fault = if part.is_empty() {
        return Some(format!("the {what} is empty"));
    } else if !part.chars().all(fits) {
        "only lower-case letters, digits, `_` and dots between segments fit"
    } else if part.split('.').any(str::is_empty) {
        "a segment between its dots is empty"
    } else {
        return None;
    };
    Some(format!("`{part}` is no {what}: {fault}"))
}

/// Whether the event type is too long.
pub(super) fn is_too_long(event_type: &str) -> bool {
    event_type.len() > EVENT_TYPE_BYTES_MAX
}

/// Whether the event type is one of Tidings itself.
pub(super) fn is_reserved(event_type: &str) -> bool {
    event_type.split('.').next() == Some(RESERVED_SEGMENT)
}

/// The path below which generated code finds everything it names.
pub(super) fn private(facade: Option<&syn::Path>) -> TokenStream {
    facade.map_or_else(|| quote!(::tidings::__private), |path| quote!(#path::__private))
}

/// One of serde's rules for `rename_all`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RenameRule {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl RenameRule {
    /// The rule of this name; serde itself complains about others.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "lowercase" => Self::Lower,
            "UPPERCASE" => Self::Upper,
            "PascalCase" => Self::Pascal,
            "camelCase" => Self::Camel,
            "snake_case" => Self::Snake,
            "SCREAMING_SNAKE_CASE" => Self::ScreamingSnake,
            "kebab-case" => Self::Kebab,
            "SCREAMING-KEBAB-CASE" => Self::ScreamingKebab,
            _ => return None,
        })
    }

    /// The name that serde gives a field by this rule.
    pub(super) fn apply(self, field: &str) -> String {
        match self {
            Self::Lower | Self::Snake => field.to_owned(),
            Self::Upper | Self::ScreamingSnake => field.to_ascii_uppercase(),
            Self::Pascal => pascal_case(field),
            Self::Camel => {
                let mut characters = pascal_case(field);
                if let Some(first) = characters.get_mut(..1) {
                    first.make_ascii_lowercase();
                }
                characters
            }
            Self::Kebab => field.replace('_', "-"),
            Self::ScreamingKebab => field.to_ascii_uppercase().replace('_', "-"),
        }
    }
}

fn pascal_case(field: &str) -> String {
    let mut pascal = String::new();
    let mut capitalise = true;
    for character in field.chars() {
        if character == '_' {
            capitalise = true;
        } else if capitalise {
            pascal.push(character.to_ascii_uppercase());
            capitalise = false;
        } else {
            pascal.push(character);
        }
    }
    pascal
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    #[test]
    fn a_constant_is_all_capitals() {
        let raw = Ident::new_raw("type", Span::call_site());
        assert_eq!(constant(&raw), "TYPE");
        let acronym = Ident::new("HTTPStarted", Span::call_site());
        assert_eq!(constant(&acronym), "HTTP_STARTED");
    }

    #[test]
    fn every_rule_of_serde_has_its_form() {
        for (rule, expected) in [
            ("lowercase", "seen_at"),
            ("UPPERCASE", "SEEN_AT"),
            ("PascalCase", "SeenAt"),
            ("camelCase", "seenAt"),
            ("snake_case", "seen_at"),
            ("SCREAMING_SNAKE_CASE", "SEEN_AT"),
            ("kebab-case", "seen-at"),
            ("SCREAMING-KEBAB-CASE", "SEEN-AT"),
        ] {
            let rule = RenameRule::parse(rule).expect(rule);
            assert_eq!(rule.apply("seen_at"), expected, "{rule:?}");
        }
        assert_eq!(RenameRule::parse("Title Case"), None);
    }

    #[test]
    fn only_segments_of_the_grammar_fit() {
        for good in ["a", "quick_test", "a.b_2.c", "0"] {
            assert_eq!(fault_of_part(good, "name"), None, "{good}");
        }
        for bad in ["", ".", "a.", ".a", "a..b", "A", "a-b", "ä"] {
            assert!(fault_of_part(bad, "name").is_some(), "{bad}");
        }
        assert!(is_reserved("tidings") && is_reserved("tidings.a"));
        assert!(!is_reserved("tidings_a") && !is_reserved("a.tidings"));
    }
}
