//! Canonical JSON where a fault would hide: the order of unusual keys, and values that are
//! written through their `Display`.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Display};

use serde::ser::{SerializeSeq, SerializeTuple};
use serde::{Serialize, Serializer};
use tidings_core::json::{Encoder, canonicalize, to_string};

/// Serialised as what it displays, as addresses and ids often are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Shown(&'static str);

impl Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In two pieces, as a formatter gets them.
        let (first, rest) = self.0.split_at(self.0.len() / 2);
        f.write_str(first)?;
        f.write_str(rest)
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn text<T: Serialize + ?Sized>(value: &T) -> String {
    to_string(value).expect("it has a JSON form")
}

/// An object with each key once, the last one first, as canonical text.
fn object_of(keys: &[String]) -> String {
    let members: Vec<String> =
        keys.iter().rev().map(|key| format!("{}:0", text(key.as_str()))).collect();
    let object = format!("{{{}}}", members.join(","));
    canonicalize(&object).expect("JSON").into_string()
}

#[track_caller]
fn assert_sorted(mut keys: Vec<String>) {
    keys.sort_by(|left, right| left.encode_utf16().cmp(right.encode_utf16()));
    keys.dedup();
    let expected: Vec<String> =
        keys.iter().map(|key| format!("{}:0", text(key.as_str()))).collect();
    assert_eq!(object_of(&keys), format!("{{{}}}", expected.join(",")));
}

/// All words of up to `longest` letters.
fn words(letters: &[char], longest: usize) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut from = 0;
    for _ in 0..longest {
        let until = words.len();
        for index in from..until {
            for letter in letters {
                words.push(format!("{}{letter}", words[index]));
            }
        }
        from = until;
    }
    words
}

#[test]
fn short_keys_of_every_length_sort_as_text_does() {
    assert_sorted(words(&['a', 'b'], 9));
    assert_sorted(words(&['A', 'c', 'z'], 5));
    assert_sorted(words(&['\u{1}', '~'], 7));
}

#[test]
fn keys_of_every_plane_sort_by_utf_16_before_and_behind_the_eighth_byte() {
    let unusual = ['\u{7f}', '\u{80}', '\u{7ff}', '\u{d7ff}', '\u{e000}', '\u{ffff}']
        .into_iter()
        .chain((0x1..=0x10).filter_map(|plane| char::from_u32(plane << 16)))
        .chain(['\u{10ffff}', 'a']);
    let keys = unusual.flat_map(|last| {
        ["", "a", "abc", "abcdefg", "abcdefgh", "abcdefghi"].map(|first| format!("{first}{last}"))
    });
    assert_sorted(keys.collect());
}

#[test]
fn keys_that_differ_in_an_escape_behind_the_eighth_byte_sort_by_what_it_stands_for() {
    let last = ['\n', '\u{1}', '\u{8}', '"', '\\', '!', '#', 'Z', '[', ']', 'n', 'u', '\u{e9}'];
    assert_sorted(last.iter().map(|last| format!("abcdefgh{last}")).collect());
    assert_sorted(last.iter().map(|last| format!("ab{last}")).collect());
}

#[test]
fn what_is_written_through_its_display_is_text_wherever_it_stands() {
    #[derive(Serialize)]
    struct Wrapped(Shown);
    #[derive(Serialize)]
    enum Tagged {
        Unit,
        One(Shown),
        Wrapped(Wrapped),
    }
    let content = |value: &Tagged| {
        let mut encoder = Encoder::new();
        encoder.variant(value).expect("it has a JSON form");
        encoder.finish().into_string()
    };
    assert_eq!(text(&Shown("10.0.0.1")), r#""10.0.0.1""#);
    assert_eq!(text(&[Shown("say \"no\"\n")]), r#"["say \"no\"\n"]"#);
    assert_eq!(text(&Wrapped(Shown("a\\b"))), r#""a\\b""#);
    assert_eq!(content(&Tagged::One(Shown("10.0.0.1"))), r#""10.0.0.1""#);
    assert_eq!(content(&Tagged::Wrapped(Wrapped(Shown("\"")))), r#""\"""#);
    assert_eq!(content(&Tagged::Unit), "null");
    let mut encoder = Encoder::new();
    encoder.variant(&Shown("\t!")).expect("it has a JSON form");
    assert_eq!(encoder.finish().as_str(), r#""\t!""#);
    encoder = Encoder::new();
    encoder.variant(&Wrapped(Shown("w"))).expect("it has a JSON form");
    assert_eq!(encoder.finish().as_str(), r#""w""#);
}

#[test]
fn keys_that_are_written_through_their_display_sort_as_any_other() {
    #[derive(PartialEq, Eq, Hash, Serialize)]
    struct Name(&'static str);
    let keys = ["b", "a\"", "a\n", "a", "a!", "\u{1}"];
    let map: HashMap<Shown, u8> = keys.into_iter().map(Shown).zip(0..).collect();
    let plain: BTreeMap<&str, u8> = keys.into_iter().zip(0..).collect();
    assert_eq!(text(&map), text(&plain));
    let map: HashMap<Name, u8> = keys.into_iter().map(Name).zip(0..).collect();
    assert_eq!(text(&map), text(&plain));
}

#[test]
fn a_list_that_swallows_an_error_of_its_element_is_refused() {
    struct Forgiving(fn(usize) -> bool);
    impl Serialize for Forgiving {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if (self.0)(0) {
                let mut list = serializer.serialize_seq(None)?;
                let swallowed = list.serialize_element(&[f64::NAN]);
                assert!(swallowed.is_err());
                return list.end();
            }
            let mut list = serializer.serialize_tuple(1)?;
            let swallowed = list.serialize_element(&[[f64::NAN]]);
            assert!(swallowed.is_err());
            list.end()
        }
    }
    for list in [Forgiving(|_| true), Forgiving(|_| false)] {
        let refused = to_string(&list).expect_err("the text would be broken").to_string();
        assert!(refused.contains("swallowed an error"), "{refused}");
    }
}

#[test]
fn a_fault_in_a_text_is_told_with_its_line_and_column() {
    let fault = canonicalize("{\n  \"a\": 1,\n  \"b\": nope\n}").expect_err("it is no JSON");
    assert_eq!((fault.line(), fault.column()), (3, 8));
}
