//! Facts about the canonical form: the vectors of RFC 8785, an independent JCS crate
//! as a model, and the places where the two are meant to differ.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::json::{Canonical, DEPTH_MAX, EncodeError, Encoder, canonicalize, to_string};

fn text<T: Serialize + ?Sized>(value: &T) -> String {
    to_string(value).unwrap()
}

fn content<T: Serialize>(value: &T) -> String {
    let mut encoder = Encoder::new();
    encoder.variant(value).unwrap();
    encoder.finish().into_string()
}

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

fn refusal<T: Serialize>(value: &T) -> String {
    to_string(value).unwrap_err().to_string()
}

fn text_refusal(json: &str) -> String {
    canonicalize(json).unwrap_err().to_string()
}

// Numbers

#[test]
fn floats_print_as_in_appendix_b_of_the_rfc() {
    let table: [(u64, &str); 24] = [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ];
    for (bits, expected) in table {
        assert_eq!(text(&f64::from_bits(bits)), expected, "{bits:016x}");
    }
}

#[test]
fn floats_change_notation_where_ecmascript_does() {
    for (value, expected) in [
        (1e20, "100000000000000000000"),
        (1.5e20, "150000000000000000000"),
        (1.234_567_890_123_456_8e17, "123456789012345680"),
        (1e21, "1e+21"),
        (1e-6, "0.000001"),
        (1.5e-6, "0.0000015"),
        (1e-7, "1e-7"),
        (1.0, "1"),
        (-0.0, "0"),
        (-1.5e300, "-1.5e+300"),
    ] {
        assert_eq!(text(&value), expected);
    }
}

#[test]
fn an_f32_prints_its_own_shortest_digits() {
    for (value, expected) in [
        (0.1_f32, "0.1"),
        (f32::MAX, "3.4028235e+38"),
        (f32::MIN_POSITIVE, "1.1754944e-38"),
        (1e20, "100000000000000000000"),
        (1e-6, "0.000001"),
        (16_777_216.0, "16777216"),
        (-0.0, "0"),
    ] {
        assert_eq!(text(&value), expected);
    }
}

#[test]
fn integers_keep_all_their_digits() {
    assert_eq!(text(&9_007_199_254_740_993_u64), "9007199254740993");
    assert_eq!(text(&u64::MAX), "18446744073709551615");
    assert_eq!(text(&i64::MIN), "-9223372036854775808");
    assert_eq!(text(&i128::MIN), "-170141183460469231731687303715884105728");
    assert_eq!(text(&u128::MAX), "340282366920938463463374607431768211455");
    assert_eq!(text(&json!(u64::MAX)), "18446744073709551615");
}

#[test]
fn a_float_that_is_no_number_is_refused_with_its_path() {
    #[derive(Serialize)]
    struct Outer {
        config: Rates,
    }
    #[derive(Serialize)]
    struct Rates {
        rates: Vec<f64>,
    }
    let value = Outer { config: Rates { rates: vec![1.0, 2.0, 3.0, f64::NAN] } };
    assert_eq!(refusal(&value), "config.rates[3]: NaN is not a JSON number");
    assert_eq!(to_string(&value).unwrap_err().path(), "config.rates[3]");
    assert_eq!(refusal(&f32::INFINITY), "infinity is not a JSON number");
    assert_eq!(
        refusal(&HashMap::from([("a key", f64::NEG_INFINITY)])),
        "[\"a key\"]: -infinity is not a JSON number"
    );
}

#[test]
fn arbitrary_precision_numbers_keep_integers_and_normalise_floats() {
    struct Digits(&'static str);
    impl Serialize for Digits {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut number = serializer.serialize_struct("$serde_json::private::Number", 1)?;
            number.serialize_field("$serde_json::private::Number", self.0)?;
            number.end()
        }
    }
    assert_eq!(text(&Digits("123456789012345678901234567890")), "123456789012345678901234567890");
    assert_eq!(text(&Digits("1.0")), "1");
    assert_eq!(text(&Digits("1E2")), "100");
    assert_eq!(text(&Digits("-0")), "0");
    assert_eq!(refusal(&Digits("one")), "raw JSON is not valid");
    assert_eq!(refusal(&Digits("1e999")), "infinity is not a JSON number");
}

// Strings and order

#[test]
fn the_sample_of_the_rfc_comes_out_as_printed_there() {
    let sample = r#"{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }"#;
    let value: Value = serde_json::from_str(sample).unwrap();
    let expected = r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
    assert_eq!(text(&value), expected);
}

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

// serde's data model

#[derive(Serialize)]
enum Shape {
    Unit,
    Newtype(u8),
    Tuple(u8, &'static str),
    Struct {
        b: u8,
        a: Option<Box<Shape>>,
    },
    Flat {
        z: u8,
        #[serde(flatten)]
        rest: BTreeMap<&'static str, u8>,
    },
}

fn nested() -> Shape {
    Shape::Struct { b: 1, a: Some(Box::new(Shape::Tuple(2, "x"))) }
}

#[test]
fn a_variant_at_the_top_is_written_without_its_tag() {
    assert_eq!(content(&Shape::Unit), "null");
    assert_eq!(content(&Shape::Newtype(7)), "7");
    assert_eq!(content(&Shape::Tuple(7, "x")), r#"[7,"x"]"#);
    assert_eq!(content(&nested()), r#"{"a":{"Tuple":[2,"x"]},"b":1}"#);
    assert_eq!(
        content(&Shape::Flat { z: 1, rest: BTreeMap::from([("a", 2)]) }),
        r#"{"a":2,"z":1}"#
    );
    assert_eq!(content(&Box::new(&Shape::Newtype(7))), "7");
}

#[test]
fn a_value_at_the_top_that_is_no_variant_is_written_as_it_is() {
    assert_eq!(content(&Some(Shape::Newtype(7))), r#"{"Newtype":7}"#);
    assert_eq!(content(&json!({"b": [1], "a": null})), r#"{"a":null,"b":[1]}"#);
    assert_eq!(content(&raw("[1 ]")), "[1]");
    assert_eq!(content(&"text"), "\"text\"");
}

#[test]
fn values_are_tagged_as_serde_json_tags_them() {
    for shape in [Shape::Unit, Shape::Newtype(7), Shape::Tuple(7, "x"), nested()] {
        let ours: Value = serde_json::from_str(&text(&shape)).unwrap();
        assert_eq!(ours, serde_json::to_value(&shape).unwrap());
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
fn bytes_are_an_array_of_numbers_and_unit_is_null() {
    struct Bytes;
    impl Serialize for Bytes {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(b"\x00\xff")
        }
    }
    assert_eq!(text(&Bytes), "[0,255]");
    assert_eq!(text(&((), None::<u8>, Some(1), 'c')), r#"[null,null,1,"c"]"#);
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
fn an_encoder_holds_the_latest_value_and_nothing_after_an_error() {
    let mut encoder = Encoder::new();
    encoder.value(&1).unwrap();
    encoder.value(&json!({"b": 1, "a": 2})).unwrap();
    encoder.value(&f64::NAN).unwrap_err();
    assert_eq!(encoder.finish().as_str(), "null");
}

#[test]
fn errors_can_cross_threads_and_be_kept() {
    fn kept<T: Clone + Send + Sync + std::error::Error + 'static>() {}
    kept::<EncodeError>();
    kept::<crate::json::CanonicalizeError>();
    assert!(size_of::<EncodeError>() == size_of::<usize>());
}

#[test]
fn a_raw_value_is_canonicalised_where_it_stands() {
    #[derive(Serialize, Deserialize)]
    struct Carrier {
        raw: Box<RawValue>,
        a: u8,
    }
    let carrier: Carrier =
        serde_json::from_str(r#"{"a": 1, "raw": { "y": 1.0, "x": [ 1e2 ] }}"#).unwrap();
    assert_eq!(text(&carrier), r#"{"a":1,"raw":{"x":[1e2],"y":1.0}}"#);

    let twice = Carrier { raw: raw(r#"{"x":1,"x":2}"#), a: 1 };
    let error = to_string(&twice).unwrap_err();
    assert_eq!(error.to_string(), "raw: raw JSON is not valid");
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(
        source.to_string(),
        "line 1 column 13: duplicate key `x` in the object that ends here"
    );
}

// Raw text

#[test]
fn number_tokens_of_a_text_are_kept_as_written() {
    let tokens = [
        "1.0",
        "1",
        "-0",
        "-0.0",
        "1E400",
        "1e+2",
        "0.10",
        "123456789012345678901234567890",
        "1.5E-7",
    ];
    for token in tokens {
        assert_eq!(canonicalize(token).unwrap().as_str(), token);
    }
    assert_ne!(canonicalize("1.0"), canonicalize("1"));
    assert_ne!(canonicalize("1"), canonicalize("\"1\""));
}

#[test]
fn strings_of_a_text_get_their_one_spelling() {
    let spelled = r#" "\u0041\/\u00e9\ud83d\ude00\u001F\u0022\u005c\b\f\n\r\t" "#;
    assert_eq!(canonicalize(spelled).unwrap().as_str(), r#""A/é😀\u001f\"\\\b\f\n\r\t""#);
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

// Depth

#[derive(Serialize)]
struct Chain(Vec<Chain>);

fn chain(depth: usize) -> Chain {
    (1..depth).fold(Chain(Vec::new()), |inner, _| Chain(vec![inner]))
}

impl Drop for Chain {
    fn drop(&mut self) {
        // Taken apart level by level: the default would overflow the stack before we could.
        let mut levels = std::mem::take(&mut self.0);
        while let Some(mut level) = levels.pop() {
            levels.append(&mut level.0);
        }
    }
}

#[test]
fn what_is_accepted_at_the_limit_is_read_back_inside_one_more_object() {
    let typed = text(&chain(DEPTH_MAX));
    let nested = format!("{}{}", "[".repeat(DEPTH_MAX), "]".repeat(DEPTH_MAX));
    assert_eq!(typed, nested);
    assert_eq!(canonicalize(&nested).unwrap().as_str(), nested);
    serde_json::from_str::<Value>(&format!(r#"{{"data":{nested}}}"#)).unwrap();
    serde_json::from_str::<Value>(&format!(r#"{{"data":[{nested}]}}"#)).unwrap_err();
}

/// A value that nests without a text of its own.
#[derive(Serialize)]
struct Wrapped(Option<Box<Wrapped>>);

#[test]
fn what_nests_without_a_text_ends_before_the_stack_does() {
    let wrapped =
        |levels: usize| (0..levels).fold(Wrapped(None), |it, _| Wrapped(Some(Box::new(it))));
    // A newtype and a `Some` each, and the newtype of the innermost.
    assert_eq!(text(&wrapped(499)), "null");
    let fault = to_string(&wrapped(10_000)).unwrap_err().to_string();
    assert!(fault.contains("more than 1000 newtypes and options around one value"), "{fault}");
    assert_eq!(text(&vec![wrapped(499), wrapped(499)]), "[null,null]");
}

#[test]
fn one_level_more_is_refused() {
    let expected = "nested deeper than 126 levels";
    assert!(refusal(&chain(DEPTH_MAX + 1)).ends_with(expected));
    assert_eq!(text_refusal(&"[".repeat(DEPTH_MAX + 1)), format!("line 1 column 127: {expected}"));
    let objects = "{\"a\":".repeat(DEPTH_MAX + 1);
    assert_eq!(text_refusal(&objects), format!("line 1 column 631: {expected}"));
    let inner = "[".repeat(DEPTH_MAX) + &"]".repeat(DEPTH_MAX);
    assert_eq!(refusal(&[raw(&inner)]), "[0]: raw JSON is not valid");
}

#[test]
fn ten_thousand_levels_are_an_error_and_no_overflow() {
    refusal(&chain(10_000));
    text_refusal(&"[".repeat(10_000));
    text_refusal(&"{\"a\":".repeat(10_000));
}

// The index of members

#[test]
fn members_are_left_out_wherever_they_lie() {
    let kept = |names: &[&str]| {
        canonicalize(r#"{"c":[{"a":1}],"b":2,"a":1,"\"":4}"#).unwrap().without(names)
    };
    assert_eq!(kept(&[]), r#"{"\"":4,"a":1,"b":2,"c":[{"a":1}]}"#);
    assert_eq!(kept(&["none"]), r#"{"\"":4,"a":1,"b":2,"c":[{"a":1}]}"#);
    assert_eq!(kept(&["\""]), r#"{"a":1,"b":2,"c":[{"a":1}]}"#);
    assert_eq!(kept(&["b"]), r#"{"\"":4,"a":1,"c":[{"a":1}]}"#);
    assert_eq!(kept(&["c"]), r#"{"\"":4,"a":1,"b":2}"#);
    assert_eq!(kept(&["a", "c"]), r#"{"\"":4,"b":2}"#);
    assert_eq!(kept(&["a", "b"]), r#"{"\"":4,"c":[{"a":1}]}"#);
    assert_eq!(kept(&["a", "b", "c", "\""]), "{}");
}

#[test]
fn what_is_no_object_has_no_members_to_leave_out() {
    for json in [r#"[{"a":1}]"#, "\"a\"", "null", "{}"] {
        assert_eq!(canonicalize(json).unwrap().without(&["a"]), json);
    }
}

// Models

fn characters() -> impl Strategy<Value = char> {
    prop_oneof![
        4 => proptest::char::range('a', 'c'),
        2 => proptest::char::range('\0', '\u{ff}'),
        1 => proptest::char::range('\u{d7f0}', '\u{e00f}'),
        1 => proptest::char::range('\u{fff0}', '\u{1000f}'),
        1 => any::<char>(),
    ]
}

fn strings() -> impl Strategy<Value = String> {
    proptest::collection::vec(characters(), 0..20).prop_map(String::from_iter)
}

fn floats() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        (-1e22..1e22),
        (-1e-4..1e-4),
        (-1000..1000).prop_map(|n| f64::from(n) / 8.0)
    ]
    .prop_filter("finite", |float| float.is_finite())
}

const EXACT_MAX: i64 = 1 << 53;

fn values(integers: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        integers,
        floats().prop_map(Value::from),
        strings().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 10, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            proptest::collection::vec((strings(), inner), 0..10)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Hands its members out in the order given, as a hash map would.
struct Shuffled(Vec<(String, u32)>);

impl Serialize for Shuffled {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

proptest! {
    #[test]
    fn below_two_to_the_53rd_a_jcs_crate_agrees(value in values((-EXACT_MAX..=EXACT_MAX).prop_map(Value::from))) {
        let model = serde_json_canonicalizer::to_string(&value).unwrap();
        prop_assert_eq!(text(&value), model);
    }

    #[test]
    fn canonical_text_is_its_own_canonical_copy(value in values(any::<i64>().prop_map(Value::from))) {
        let canonical = text(&value);
        prop_assert_eq!(canonicalize(&canonical).unwrap().into_string(), canonical);
    }

    #[test]
    fn pretty_text_with_other_escapes_has_the_same_copy(value in values(any::<u64>().prop_map(Value::from))) {
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        let reread = canonicalize(&pretty).unwrap();
        let compact = canonicalize(&serde_json::to_string(&value).unwrap()).unwrap();
        prop_assert_eq!(reread, compact);
    }

    #[test]
    fn canonical_text_reads_back_as_the_value(value in values(any::<i64>().prop_map(Value::from))) {
        let back: Value = serde_json::from_str(&text(&value)).unwrap();
        // A float without a fraction comes back as an integer, so texts are compared.
        prop_assert_eq!(text(&back), text(&value));
    }

    #[test]
    fn integers_of_every_width_are_exact(wide in any::<i128>(), unsigned in any::<u64>()) {
        prop_assert_eq!(text(&wide), wide.to_string());
        prop_assert_eq!(text(&unsigned), unsigned.to_string());
    }

    #[test]
    fn an_f32_reads_back_as_itself(value in any::<f32>().prop_filter("finite", |value| value.is_finite())) {
        prop_assert_eq!(text(&value).parse::<f32>().unwrap().to_bits(), (value + 0.0).to_bits());
        prop_assert!(text(&value).len() <= text(&f64::from(value)).len());
    }

    #[test]
    fn members_come_out_in_utf16_order_or_are_refused_as_duplicates(
        members in proptest::collection::vec((strings(), any::<u32>()), 0..12),
    ) {
        let mut model = members.clone();
        model.sort_by_key(|(key, _)| key.encode_utf16().collect::<Vec<_>>());
        let is_unique = model.windows(2).all(|pair| pair[0].0 != pair[1].0);
        let written = to_string(&Shuffled(members));
        prop_assert_eq!(written.is_ok(), is_unique);
        if let Ok(written) = written {
            let members: Vec<_> = model.iter().map(|(key, value)| format!("{}:{value}", text(key))).collect();
            prop_assert_eq!(written, format!("{{{}}}", members.join(",")));
        }
    }

    #[test]
    fn one_long_member_may_stand_anywhere_among_short_ones(
        members in proptest::collection::btree_map(strings(), strings(), 0..8),
        long_key in strings(),
        order in any::<prop::sample::Index>(),
    ) {
        let mut model: BTreeMap<_, _> = members.clone();
        model.insert(long_key.clone(), "long \"value\" ".repeat(200));
        let mut arrival: Vec<_> = model.clone().into_iter().collect();
        let turn = order.index(arrival.len());
        arrival.rotate_left(turn);
        arrival.reverse();
        let written = format!("{{{}}}", arrival.iter().map(|(key, value)| format!("{}:{}", text(key), text(value))).collect::<Vec<_>>().join(","));
        let canonical = canonicalize(&written).unwrap();
        prop_assert_eq!(canonical.as_str(), text(&serde_json::to_value(&model).unwrap()));
        model.remove(&long_key);
        prop_assert_eq!(canonical.without(&[&long_key]), text(&model));
        let short: Vec<_> = members.keys().filter(|key| **key != long_key).collect();
        let long_alone = format!("{{{}:{}}}", text(&long_key), text(&"long \"value\" ".repeat(200)));
        prop_assert_eq!(canonical.without(&short), long_alone);
    }

    #[test]
    fn leaving_members_out_equals_never_having_had_them(
        members in proptest::collection::btree_map("[a-e]|\"|\u{1}", any::<u32>(), 0..6),
        names in proptest::collection::vec("[a-e]|\"|\u{1}", 0..4),
    ) {
        let mut encoder = Encoder::new();
        encoder.value(&members).unwrap();
        let pieces = encoder.finish().without(&names);
        let kept: BTreeMap<_, _> = members.iter().filter(|(key, _)| !names.contains(key)).collect();
        prop_assert_eq!(pieces, text(&kept));
    }

    #[test]
    fn no_text_makes_the_reader_panic(json in "[\\[\\]{}\",:0-9eE+.ntfrualsd\\\\ -]{0,40}") {
        let ours = canonicalize(&json).map(Canonical::into_string);
        let accepted = serde_json::from_str::<serde::de::IgnoredAny>(&json).is_ok();
        if ours.is_ok() {
            prop_assert!(accepted, "{json:?} is no JSON");
        }
    }
}
