//! Models: an independent JCS crate, `serde_json`, and the order of UTF-16.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::support::text;
use crate::json::{canonicalize, to_string};

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
}
