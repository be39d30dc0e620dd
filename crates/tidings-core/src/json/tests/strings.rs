//! Strings: each has one spelling.

use super::support::{text, text_refusal};
use crate::json::canonicalize;

#[test]
fn every_control_character_has_one_escape() {
    let controls: String = (0..0x20).map(char::from).collect();
    let expected = "\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f\
        \\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f";
    assert_eq!(text(&controls), format!("\"{expected}\""));
    assert_eq!(text("\u{7f}\u{2028}/"), "\"\u{7f}\u{2028}/\"");
}

#[test]
fn a_string_of_five_megabytes_is_whole() {
    let long = "a \"quoted\" line\n".repeat(5 * 1024 * 1024 / 16);
    let canonical = text(&long);
    assert_eq!(serde_json::from_str::<String>(&canonical).unwrap(), long);
    assert_eq!(canonicalize(&canonical).unwrap().as_str(), canonical);
}

#[test]
fn strings_of_a_text_get_their_one_spelling() {
    let spelled = r#" "\u0041\/\u00e9\ud83d\ude00\u001F\u0022\u005c\b\f\n\r\t" "#;
    assert_eq!(canonicalize(spelled).unwrap().as_str(), r#""A/é😀\u001f\"\\\b\f\n\r\t""#);
}

#[test]
fn a_lone_surrogate_is_refused_where_it_starts() {
    for half in [
        r#""\ud800""#,
        r#""\udc00""#,
        r#""\ud800\u0041""#,
        r#""\ud800\ud800""#,
        r#""\ud800x""#,
        r#""\udc00\ud800""#,
    ] {
        assert_eq!(
            text_refusal(half),
            "line 1 column 2: a lone surrogate is no character",
            "{half}"
        );
    }
    assert_eq!(
        text_refusal("[1,\n \"\\ud800\"]"),
        "line 2 column 3: a lone surrogate is no character"
    );
}
