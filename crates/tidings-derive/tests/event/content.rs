//! The content on the wire: no tag, serde's attributes honoured, back into the same value.

use std::any::TypeId;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tidings_core::Event;
use tidings_derive::Event;

use crate::{data, fields, read, round_trip};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Config {
    retries: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "shape", crate = "tidings_core")]
enum Shape {
    Unit,
    Newtype(Config),
    Tuple(u32, String),
    Struct { config: Config, r#type: String },
    EmptyTuple(),
    EmptyStruct {},
    Maybe(Option<u32>),
}

#[test]
fn every_kind_of_variant_goes_there_and_back() {
    let config = Config { retries: 3 };
    round_trip(&Shape::Unit, "shape.unit", "null");
    round_trip(&Shape::Newtype(config.clone()), "shape.newtype", r#"{"retries":3}"#);
    round_trip(&Shape::Tuple(7, "x".to_owned()), "shape.tuple", r#"[7,"x"]"#);
    round_trip(
        &Shape::Struct { config, r#type: "t".to_owned() },
        "shape.struct",
        r#"{"config":{"retries":3},"type":"t"}"#,
    );
    round_trip(&Shape::EmptyTuple(), "shape.empty_tuple", "[]");
    round_trip(&Shape::EmptyStruct {}, "shape.empty_struct", "{}");
    round_trip(&Shape::Maybe(None), "shape.maybe", "null");
    round_trip(&Shape::Maybe(Some(1)), "shape.maybe", "1");
}

#[test]
fn fields_are_named_as_in_rust() {
    assert_eq!(fields(&Shape::Unit), []);
    assert_eq!(
        fields(&Shape::Tuple(7, "x".to_owned())),
        [("0", "7".to_owned()), ("1", "\"x\"".to_owned())]
    );
    assert_eq!(
        fields(&Shape::Struct { config: Config { retries: 3 }, r#type: "t".to_owned() }),
        [("config", "Config { retries: 3 }".to_owned()), ("type", "\"t\"".to_owned())]
    );
    assert_eq!(fields(&Settings::default())[0], ("first_rate", "0.0".to_owned()));
}

#[test]
fn a_value_is_found_as_its_own_type_only() {
    let unit = Shape::Unit;
    let found = unit.project(TypeId::of::<Shape>()).expect("its own type");
    assert_eq!(found.downcast_ref::<Shape>(), Some(&unit));
    assert!(unit.project(TypeId::of::<Config>()).is_none());
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize, Event)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[event(namespace = "lab", crate = "tidings_core")]
struct Settings {
    first_rate: f64,
    #[serde(rename = "Note")]
    note: String,
    #[serde(skip)]
    cache: Vec<u8>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
struct Pair(u8, u8);

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
struct Celsius(f64);

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
struct Tick;

#[test]
fn every_kind_of_struct_goes_there_and_back() {
    let settings = Settings { first_rate: 1.5, note: "n".to_owned(), cache: Vec::new() };
    round_trip(&settings, "lab.settings", r#"{"Note":"n","firstRate":1.5}"#);
    assert_eq!(read("lab.settings", "{}"), Ok(Settings::default()));
    round_trip(&Pair(1, 2), "pair", "[1,2]");
    round_trip(&Celsius(21.5), "celsius", "21.5");
    round_trip(&Tick, "tick", "null");
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Place {
    lab: u32,
}

fn half() -> f64 {
    0.5
}

mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde says so")]
    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[serde(rename_all = "kebab-case", rename_all_fields = "SCREAMING_SNAKE_CASE")]
#[event(namespace = "dressed", crate = "tidings_core")]
enum Dressed {
    #[serde(rename = "something else", alias = "other")]
    Renamed {
        test_name: String,
    },
    #[serde(skip)]
    Never(u32),
    #[serde(rename_all = "camelCase")]
    Camel {
        test_name: String,
    },
    Flat {
        #[serde(flatten)]
        place: Place,
        #[serde(flatten)]
        rest: BTreeMap<String, u32>,
    },
    #[serde(skip_deserializing)]
    WriteOnly {
        value: u8,
    },
    #[serde(skip_serializing)]
    ReadOnly {
        value: u8,
    },
    Lenient {
        #[serde(default = "half")]
        share: f64,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        note: Option<String>,
        #[serde(skip)]
        cache: u8,
    },
    #[serde(with = "as_text")]
    Text(u32),
    Last(#[serde(with = "as_text")] u32, u8),
}

#[test]
fn serde_attributes_are_honoured_on_the_wire() {
    let test_name = || "t".to_owned();
    round_trip(
        &Dressed::Renamed { test_name: test_name() },
        "dressed.renamed",
        r#"{"TEST_NAME":"t"}"#,
    );
    round_trip(&Dressed::Camel { test_name: test_name() }, "dressed.camel", r#"{"testName":"t"}"#);
    round_trip(
        &Dressed::Flat { place: Place { lab: 3 }, rest: BTreeMap::from([("more".to_owned(), 1)]) },
        "dressed.flat",
        r#"{"lab":3,"more":1}"#,
    );
    round_trip(
        &Dressed::Lenient { share: 0.5, note: None, cache: 0 },
        "dressed.lenient",
        r#"{"SHARE":0.5}"#,
    );
    round_trip(&Dressed::Text(12), "dressed.text", r#""12""#);
    round_trip(&Dressed::Last(12, 1), "dressed.last", r#"["12",1]"#);
    let lenient = Dressed::Lenient { share: 0.5, note: None, cache: 0 };
    assert_eq!(read("dressed.lenient", "{}"), Ok(lenient));
}

#[test]
fn a_variant_that_serde_skips_is_an_error_that_names_it_and_shifts_nothing() {
    let never = read::<Dressed>("dressed.never", "1").expect_err("skipped");
    assert!(never.to_string().contains("serde skips the variant `Never`"), "{never}");
    let write_only = read::<Dressed>("dressed.write_only", r#"{"VALUE":1}"#).expect_err("skipped");
    assert!(write_only.to_string().contains("`WriteOnly`"), "{write_only}");
    assert_eq!(data(&Dressed::WriteOnly { value: 1 }), r#"{"VALUE":1}"#);
    assert_eq!(read("dressed.read_only", r#"{"VALUE":1}"#), Ok(Dressed::ReadOnly { value: 1 }));
    for unwritten in [Dressed::ReadOnly { value: 1 }, Dressed::Never(1)] {
        let mut encoder = tidings_core::json::Encoder::new();
        assert!(unwritten.encode(&mut encoder).is_err(), "{unwritten:?}");
    }
}

#[test]
fn a_float_reads_back_as_itself_and_not_as_its_neighbour() {
    for value in [
        31.245_270_191_439_438,
        0.1 + 0.2,
        5e-324,
        f64::MIN_POSITIVE,
        f64::MAX,
        8.988_465_674_311_579e307,
    ] {
        let read = read::<Celsius>("celsius", &data(&Celsius(value)));
        assert_eq!(read, Ok(Celsius(value)), "{value:?}");
    }
    // Many more, spread over the whole range.
    let mut bits: u64 = 1;
    for _ in 0..20_000 {
        bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let value = f64::from_bits(bits);
        if value.is_finite() {
            let read = read::<Celsius>("celsius", &data(&Celsius(value)));
            assert_eq!(read, Ok(Celsius(value)), "{bits:#x}");
        }
    }
}

#[test]
fn data_of_another_shape_is_an_error() {
    assert!(read::<Shape>("shape.unit", "1").is_err());
    assert!(read::<Shape>("shape.tuple", "[7]").is_err());
    assert!(read::<Shape>("shape.tuple", r#"[7,"x"] trailing"#).is_err());
    assert!(read::<Shape>("shape.struct", "{}").is_err());
    assert!(read::<Settings>("lab.settings", r#"{"other":1}"#).is_err());
    assert!(Shape::decode(Shape::TYPES.len(), "null").is_err());
    assert!(Tick::decode(1, "null").is_err());
}
