//! Keys: which there are, their order, and that each occurs once.

use std::collections::{BTreeMap, HashMap};

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::support::{refusal, text, text_refusal};
use crate::json::canonicalize;

#[test]
fn keys_sort_as_in_the_rfc() {
    let sample = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
        "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
    let expected = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\
        \"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}";
    assert_eq!(canonicalize(sample).unwrap().as_str(), expected);
    let value: Value = serde_json::from_str(sample).unwrap();
    assert_eq!(text(&value), expected);
}

#[test]
fn characters_beyond_the_basic_plane_sort_before_u_e000() {
    for long in ["", "a_prefix_of_more_than_eight_bytes_"] {
        let keys = [
            format!("{long}\u{e000}"),
            format!("{long}\u{ffff}"),
            format!("{long}\u{10000}"),
            format!("{long}\u{d7ff}"),
        ];
        let map: BTreeMap<_, _> = keys.iter().map(|key| (key, 1)).collect();
        let [e000, ffff, astral, d7ff] = &keys;
        assert_eq!(text(&map), format!(r#"{{"{d7ff}":1,"{astral}":1,"{e000}":1,"{ffff}":1}}"#));
    }
}

#[test]
fn map_keys_that_are_no_strings_follow_serde_json() {
    #[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
    enum Unit {
        Key,
    }
    assert_eq!(text(&BTreeMap::from([(10, 1), (9, 2)])), r#"{"10":1,"9":2}"#);
    assert_eq!(text(&BTreeMap::from([(true, 1), (false, 2)])), r#"{"false":2,"true":1}"#);
    assert_eq!(text(&BTreeMap::from([('"', 1)])), r#"{"\"":1}"#);
    assert_eq!(text(&BTreeMap::from([(Unit::Key, 1)])), r#"{"Key":1}"#);
    assert_eq!(text(&BTreeMap::from([(Some("k"), 1)])), r#"{"k":1}"#);
    assert_eq!(text(&BTreeMap::from([(std::net::Ipv4Addr::LOCALHOST, 1)])), r#"{"127.0.0.1":1}"#);
}

#[test]
fn other_map_keys_are_refused() {
    struct Floats([f64; 1]);
    impl Serialize for Floats {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|key| (key, 1)))
        }
    }
    let expected = "a map key must be a string, a character, an integer, a bool or a unit variant";
    assert_eq!(refusal(&BTreeMap::from([(vec![1], 1)])), expected);
    assert_eq!(refusal(&BTreeMap::from([((), 1)])), expected);
    assert_eq!(refusal(&Floats([1.5])), expected);
}

#[test]
fn the_order_of_fields_and_of_hash_maps_does_not_matter() {
    #[derive(Serialize)]
    struct Down {
        beta: u8,
        alpha: u8,
        alphabetical: u8,
    }
    #[derive(Serialize)]
    struct Up {
        alpha: u8,
        alphabetical: u8,
        beta: u8,
    }
    assert_eq!(
        text(&Down { beta: 2, alpha: 1, alphabetical: 3 }),
        text(&Up { alpha: 1, alphabetical: 3, beta: 2 })
    );
    let forth: HashMap<_, _> = (0..100).map(|n| (n.to_string(), n)).collect();
    let back: BTreeMap<_, _> = (0..100).rev().map(|n| (n.to_string(), n)).collect();
    assert_eq!(text(&forth), text(&back));
}

#[test]
fn a_key_that_occurs_twice_is_refused_with_its_path() {
    #[derive(Serialize)]
    struct Outer {
        inner: Vec<Inner>,
    }
    #[derive(Serialize)]
    struct Inner {
        name: u8,
        #[serde(flatten)]
        more: BTreeMap<&'static str, u8>,
    }
    let twice =
        Outer { inner: vec![Inner { name: 1, more: BTreeMap::from([("a", 1), ("name", 2)]) }] };
    assert_eq!(refusal(&twice), "inner[0]: duplicate key `name`");
    let once = Outer { inner: vec![Inner { name: 1, more: BTreeMap::from([("a", 1)]) }] };
    assert_eq!(text(&once), r#"{"inner":[{"a":1,"name":1}]}"#);
}

#[test]
fn keys_of_a_text_are_compared_after_unescaping() {
    assert_eq!(canonicalize(r#"{"\u0062":1,"\u0061":2}"#).unwrap().as_str(), r#"{"a":2,"b":1}"#);
    assert_eq!(
        canonicalize(r#"{"b":1,"\"":2,"\n":3}"#).unwrap().as_str(),
        r#"{"\n":3,"\"":2,"b":1}"#
    );
    let twice = r#"{"a":1,"b":2,"\u0061":3}"#;
    assert_eq!(
        text_refusal(twice),
        "line 1 column 24: duplicate key `a` in the object that ends here"
    );
    assert_eq!(
        text_refusal(r#"{"\n":1,"\u000a":3}"#),
        "line 1 column 19: duplicate key `\n` in the object that ends here"
    );
}
