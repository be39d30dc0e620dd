//! Errors: a path or a place in each, and no text that is broken.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::support::{refusal, text_refusal};
use crate::json::{Canonical, EncodeError, canonicalize};

#[test]
fn a_custom_error_keeps_its_message_and_gets_a_path() {
    struct Stubborn;
    impl Serialize for Stubborn {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("not today"))
        }
    }
    #[derive(Serialize)]
    enum Tagged {
        Tuple(u8, Stubborn),
    }
    assert_eq!(refusal(&json_map([("a", Stubborn)])), "a: not today");
    assert_eq!(refusal(&[Tagged::Tuple(1, Stubborn)]), "[0].Tuple[1]: not today");
}

fn json_map<T: Serialize, const N: usize>(
    members: [(&'static str, T); N],
) -> BTreeMap<&'static str, T> {
    BTreeMap::from(members)
}

#[test]
fn a_swallowed_error_never_makes_broken_text() {
    struct Forgiving;
    impl Serialize for Forgiving {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            map.serialize_entry("b", &json_map([("y", 1.0), ("x", f64::NAN)]))
                .or_else(|_| map.serialize_entry("a", &1))?;
            map.end()
        }
    }
    let expected = "a value's own `Serialize` swallowed an error and left a container open";
    assert_eq!(refusal(&Forgiving), expected);
    assert_eq!(refusal(&[Forgiving]), format!("[0]: {expected}"));
}

#[test]
fn errors_can_cross_threads_and_be_kept() {
    fn kept<T: Clone + Send + Sync + std::error::Error + 'static>() {}
    kept::<EncodeError>();
    kept::<crate::json::CanonicalizeError>();
    assert!(size_of::<EncodeError>() == size_of::<usize>());
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    for (json, expected) in [
        ("", "line 1 column 1: expected a value"),
        ("  ", "line 1 column 3: expected a value"),
        ("nul", "line 1 column 1: expected a value"),
        ("NaN", "line 1 column 1: expected a value"),
        ("1 2", "line 1 column 3: characters follow the end of the value"),
        ("{}\n}", "line 2 column 1: characters follow the end of the value"),
        ("[1,]", "line 1 column 4: expected a value"),
        ("[1 2]", "line 1 column 4: expected `,` or `]`"),
        ("{\"a\" 1}", "line 1 column 6: expected `:`"),
        ("{\"a\":1,}", "line 1 column 8: expected a key in quotes"),
        ("{\"a\":1 \"b\"", "line 1 column 8: expected `,` or `}`"),
        ("{a:1}", "line 1 column 2: expected a key in quotes"),
        ("01", "line 1 column 2: expected no digit after a leading zero"),
        ("-", "line 1 column 2: expected a digit"),
        ("1.", "line 1 column 3: expected a digit"),
        ("1e+", "line 1 column 4: expected a digit"),
        ("+1", "line 1 column 1: expected a value"),
        ("\"a", "line 1 column 3: the text ends inside a string"),
        ("\"\t\"", "line 1 column 2: a control character in a string must be escaped"),
        (r#""\x""#, "line 1 column 3: a backslash must be followed by one of \"\\/bfnrtu"),
        (r#""\u12g4""#, "line 1 column 3: expected four hexadecimal digits after `\\u`"),
        (r#""\u12"#, "line 1 column 3: expected four hexadecimal digits after `\\u`"),
    ] {
        assert_eq!(text_refusal(json), expected, "{json}");
    }
    assert_eq!(canonicalize("[1,\n  x]").unwrap_err().offset(), 6);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(json in "[\\[\\]{}\",:0-9eE+.ntfrualsd\\\\ -]{0,40}") {
        let ours = canonicalize(&json).map(Canonical::into_string);
        let accepted = serde_json::from_str::<serde::de::IgnoredAny>(&json).is_ok();
        if ours.is_ok() {
            prop_assert!(accepted, "{json:?} is no JSON");
        }
    }
}
