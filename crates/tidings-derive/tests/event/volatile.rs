//! The names on the wire of fields that are no part of the content id.

use serde::{Deserialize, Serialize};
use tidings_core::{ContentId, Entity, Event};
use tidings_derive::Event;

use crate::data;

/// Declares a struct and a struct variant under one rule of serde.
macro_rules! rule {
    ($module:ident, $rule:literal, $name:literal) => {
        #[test]
        fn $module() {
            #[derive(Debug, Serialize, Deserialize, Event)]
            #[serde(rename_all = $rule)]
            #[event(crate = "tidings_core")]
            struct Struct {
                #[event(volatile)]
                seen_at_ms: u32,
            }

            #[derive(Debug, Serialize, Deserialize, Event)]
            #[serde(rename_all_fields = $rule)]
            #[event(crate = "tidings_core")]
            enum Enum {
                #[serde(rename_all(deserialize = "lowercase"))]
                Outer {
                    #[event(volatile)]
                    seen_at_ms: u32,
                },
                #[serde(rename_all(serialize = $rule))]
                Variant {
                    #[event(volatile)]
                    seen_at_ms: u32,
                },
            }

            // What serde writes is the measure, not what this test believes of the rule.
            let expected = format!("{{\"{}\":1}}", $name);
            assert_eq!(data(&Struct { seen_at_ms: 1 }), expected);
            assert_eq!(data(&Enum::Outer { seen_at_ms: 1 }), expected);
            assert_eq!(data(&Enum::Variant { seen_at_ms: 1 }), expected);
            assert_eq!(Struct::DESCRIPTORS[0].volatile, [$name]);
            assert_eq!(Enum::DESCRIPTORS[0].volatile, [$name]);
            assert_eq!(Enum::DESCRIPTORS[1].volatile, [$name]);
        }
    };
}

rule!(lowercase_keeps_a_field, "lowercase", "seen_at_ms");
rule!(uppercase_raises_a_field, "UPPERCASE", "SEEN_AT_MS");
rule!(pascal_case_joins_the_words, "PascalCase", "SeenAtMs");
rule!(camel_case_joins_the_words, "camelCase", "seenAtMs");
rule!(snake_case_keeps_a_field, "snake_case", "seen_at_ms");
rule!(screaming_snake_case_raises_a_field, "SCREAMING_SNAKE_CASE", "SEEN_AT_MS");
rule!(kebab_case_puts_dashes, "kebab-case", "seen-at-ms");
rule!(screaming_kebab_case_raises_and_puts_dashes, "SCREAMING-KEBAB-CASE", "SEEN-AT-MS");

#[derive(Debug, Serialize, Deserialize, Event)]
#[serde(rename_all = "UPPERCASE", rename_all_fields = "camelCase")]
#[event(namespace = "mixed", crate = "tidings_core")]
enum Mixed {
    None {
        kept_name: u8,
    },
    Several {
        #[event(volatile)]
        #[serde(rename = "At")]
        seen_at: u8,
        kept_name: u8,
        #[serde(rename(deserialize = "read", serialize = "written"))]
        #[event(volatile)]
        both: u8,
        #[serde(rename(deserialize = "read_only"))]
        #[event(volatile)]
        one_way: u8,
        #[event(volatile)]
        r#type: u8,
    },
    #[serde(rename_all = "snake_case")]
    Nearer {
        #[event(volatile)]
        seen_at: u8,
    },
}

#[test]
fn the_nearest_name_counts_and_only_the_written_one() {
    assert!(Mixed::DESCRIPTORS[0].volatile.is_empty());
    assert_eq!(Mixed::DESCRIPTORS[1].volatile, ["At", "written", "oneWay", "type"]);
    assert_eq!(Mixed::DESCRIPTORS[2].volatile, ["seen_at"]);
    assert_eq!(data(&Mixed::None { kept_name: 1 }), r#"{"keptName":1}"#);
    assert_eq!(data(&Mixed::Nearer { seen_at: 1 }), r#"{"seen_at":1}"#);
}

#[test]
fn what_is_volatile_is_no_part_of_the_content_id() {
    let entity = Entity::new("case", "t1");
    let several = |seen_at, kept_name, rest| {
        let event = Mixed::Several { seen_at, kept_name, both: rest, one_way: rest, r#type: rest };
        ContentId::of(&event, &entity).expect("encodes")
    };
    assert_eq!(several(1, 7, 1), several(2, 7, 3));
    assert_ne!(several(1, 7, 1), several(1, 8, 1));
}
