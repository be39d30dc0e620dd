//! Encoding: serde's data model, with the variant at the top and raw values inside.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::support::{content, raw, text};
use crate::json::{Encoder, to_string};

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
fn an_encoder_holds_the_latest_value_and_nothing_after_an_error() {
    let mut encoder = Encoder::new();
    encoder.value(&1).unwrap();
    encoder.value(&json!({"b": 1, "a": 2})).unwrap();
    encoder.value(&f64::NAN).unwrap_err();
    assert_eq!(encoder.finish().as_str(), "null");
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
