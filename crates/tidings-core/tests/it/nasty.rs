//! An event with all that serde can do to its fields: (type, data) decodes into the value
//! that was written, and the decoded value has the id of the first.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use tidings_core::{ContentId, Entity, Event};
use tidings_derive::Event;

use crate::support::{envelope, line, received};

mod bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        Vec::deserialize(deserializer)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
enum Inner {
    NothingAtAll,
    One(Box<Inner>),
    Two(i8, Option<char>),
    #[serde(rename_all = "camelCase")]
    Named {
        first_rate: f32,
        r#type: Option<Box<Inner>>,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value")]
enum Tagged {
    Number(i64),
    Text { text: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase")]
#[event(namespace = "nasty", crate = "tidings_core")]
enum Nasty {
    JustAName,
    #[serde(skip_deserializing)]
    WriteOnly(u8),
    Holder(Inner),
    Units(Unit, (), [u8; 0]),
    Wide {
        signed_wide: i128,
        unsigned_wide: u128,
        largest: u64,
    },
    Floats {
        half_width: f32,
        full_width: f64,
    },
    #[serde(skip)]
    Never,
    Texts {
        one_char: char,
        some_text: String,
        #[serde(with = "bytes")]
        raw_bytes: Vec<u8>,
    },
    Keys {
        by_number: BTreeMap<i64, String>,
        by_char: BTreeMap<char, u8>,
        by_truth: BTreeMap<bool, u8>,
    },
    Flat {
        own: u64,
        #[serde(flatten)]
        rest: HashMap<String, Tagged>,
    },
    Options {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        maybe: Option<String>,
        #[serde(default = "seven", skip_serializing_if = "is_seven")]
        number: u32,
        nested: Option<Vec<Option<Inner>>>,
    },
    Pair(Option<f64>, Vec<Tagged>),
    Many(Vec<Inner>),
}

fn seven() -> u32 {
    7
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde says so")]
fn is_seven(number: &u32) -> bool {
    *number == seven()
}

fn doubles() -> impl Strategy<Value = f64> {
    any::<u64>().prop_map(f64::from_bits).prop_filter("finite", |value| value.is_finite())
}

fn singles() -> impl Strategy<Value = f32> {
    any::<u32>().prop_map(f32::from_bits).prop_filter("finite", |value| value.is_finite())
}

fn inner() -> impl Strategy<Value = Inner> {
    let leaf = prop_oneof![
        Just(Inner::NothingAtAll),
        any::<(i8, Option<char>)>().prop_map(|(number, letter)| Inner::Two(number, letter)),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Inner::One(Box::new(inner))),
            (singles(), prop::option::of(inner.prop_map(Box::new)))
                .prop_map(|(first_rate, r#type)| Inner::Named { first_rate, r#type }),
        ]
    })
}

fn tagged() -> impl Strategy<Value = Tagged> {
    prop_oneof![
        any::<i64>().prop_map(Tagged::Number),
        any::<String>().prop_map(|text| Tagged::Text { text }),
    ]
}

fn scalars() -> impl Strategy<Value = Nasty> {
    prop_oneof![
        Just(Nasty::JustAName),
        Just(Nasty::Units(Unit, (), [])),
        any::<(i128, u128, u64)>().prop_map(|(signed_wide, unsigned_wide, largest)| Nasty::Wide {
            signed_wide,
            unsigned_wide,
            largest,
        }),
        Just(Nasty::Wide { signed_wide: i128::MIN, unsigned_wide: u128::MAX, largest: u64::MAX }),
        (singles(), doubles())
            .prop_map(|(half_width, full_width)| Nasty::Floats { half_width, full_width }),
        any::<(char, String, Vec<u8>)>().prop_map(|(one_char, some_text, raw_bytes)| {
            Nasty::Texts { one_char, some_text, raw_bytes }
        }),
    ]
}

fn containers() -> impl Strategy<Value = Nasty> {
    let maps = any::<(BTreeMap<i64, String>, BTreeMap<char, u8>, BTreeMap<bool, u8>)>();
    let options = (
        any::<Option<String>>(),
        any::<u32>(),
        prop::option::of(prop::collection::vec(prop::option::of(inner()), 0..3)),
    );
    prop_oneof![
        inner().prop_map(Nasty::Holder),
        prop::collection::vec(inner(), 0..3).prop_map(Nasty::Many),
        maps.prop_map(|(by_number, by_char, by_truth)| Nasty::Keys {
            by_number,
            by_char,
            by_truth
        }),
        (any::<u64>(), prop::collection::hash_map("x[a-z\"é]{0,3}", tagged(), 0..4))
            .prop_map(|(own, rest)| Nasty::Flat { own, rest }),
        options.prop_map(|(maybe, number, nested)| Nasty::Options { maybe, number, nested }),
        (prop::option::of(doubles()), prop::collection::vec(tagged(), 0..3))
            .prop_map(|(first, rest)| Nasty::Pair(first, rest)),
    ]
}

fn entity() -> Entity {
    Entity::new("case", "t1")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn type_and_data_are_the_event_again(event in prop_oneof![scalars(), containers()]) {
        let first = envelope(event.clone(), &entity());
        let received = received(&line(&first));
        let decoded = received.envelope.event::<Nasty>();
        let decoded = decoded.expect("its own data fits").expect("its own type");
        prop_assert_eq!(&*decoded, &event);
        let id = ContentId::of(&*decoded, &entity());
        prop_assert_eq!(&id, &first.content_id().map_err(Clone::clone));
        prop_assert_eq!(received.recomputed_content_id(), id);
    }

    #[test]
    fn every_finite_double_reads_back_as_itself(value in doubles()) {
        let event = Nasty::Pair(Some(value), Vec::new());
        let data = envelope(event, &entity()).data().expect("finite").to_owned();
        let index = Nasty::TYPES.iter().position(|name| **name == Nasty::PAIR).expect("a type");
        let Ok(Nasty::Pair(Some(read), _)) = Nasty::decode(index, &data) else {
            return Err(TestCaseError::fail(data));
        };
        // JCS writes both zeros as `0`.
        let expected = if value == 0.0 { 0.0_f64 } else { value };
        prop_assert_eq!(read.to_bits(), expected.to_bits());
    }
}

#[test]
fn a_double_between_two_digits_is_not_its_neighbour_after_reading() {
    for value in [31.245_270_191_439_438_f64, 3.326_447_533_262_229_5e-44, f64::MIN_POSITIVE] {
        let data = tidings_core::json::to_string(&value).expect("finite");
        let index = Nasty::TYPES.iter().position(|name| **name == Nasty::PAIR).expect("a type");
        let read = Nasty::decode(index, &format!("[{data},[]]"));
        assert_eq!(read, Ok(Nasty::Pair(Some(value), Vec::new())), "{data}");
    }
}

#[test]
fn variants_that_serde_skips_say_so_and_their_neighbours_are_read() {
    let index =
        |name: &str| Nasty::TYPES.iter().position(|known| **known == *name).expect("a type");
    let written = envelope(Nasty::WriteOnly(1), &entity());
    assert_eq!(written.data(), Ok("1"));
    assert!(envelope(Nasty::Never, &entity()).data().is_err());
    for (name, data) in [("nasty.write_only", "1"), ("nasty.never", "null")] {
        let fault = Nasty::decode(index(name), data).expect_err(name).to_string();
        assert!(fault.contains("serde skips the variant"), "{fault}");
    }
    assert_eq!(Nasty::decode(index("nasty.just_a_name"), "null"), Ok(Nasty::JustAName));
    assert_eq!(Nasty::decode(index("nasty.many"), "[]"), Ok(Nasty::Many(Vec::new())));
}
