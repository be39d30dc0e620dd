//! Content ids: equal content, equal id, by whichever way it is said.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use tidings_core::{ContentId, Entity, Envelope, Event, EventType, RawJson, RawPayload};
use tidings_derive::Event;

use crate::support::{Lab, Work, context, done, envelope, head, line, received, started};

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "id", crate = "tidings_core")]
enum Said {
    Text(String),
    Number(i64),
    Wide(i128),
    WideUnsigned(u128),
    Rates { config: Config },
    Map(HashMap<String, HashMap<String, u32>>),
    Sorted(BTreeMap<String, BTreeMap<String, u32>>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Config {
    rates: Vec<f64>,
}

fn entity() -> Entity {
    Entity::new("suite", "a").child("case", "t1")
}

fn id<E: Event>(event: &E) -> ContentId {
    ContentId::of(event, &entity()).expect("it has a JSON form")
}

#[test]
fn the_order_of_a_hash_map_does_not_matter_at_any_depth() {
    let names: Vec<String> = (0..40).map(|number| format!("key {number}")).collect();
    let inner = |reversed: bool| -> HashMap<String, u32> {
        let mut pairs: Vec<_> = names.iter().cloned().zip(0..).collect();
        if reversed {
            pairs.reverse();
        }
        pairs.into_iter().collect()
    };
    let map = |reversed| {
        let mut pairs: Vec<_> = names.iter().map(|name| (name.clone(), inner(reversed))).collect();
        if reversed {
            pairs.reverse();
        }
        Said::Map(pairs.into_iter().collect())
    };
    // Every map of the standard library has an order of its own.
    assert_eq!(id(&map(false)), id(&map(true)));
    let sorted = envelope(map(false), &entity());
    let data = sorted.data().expect("it has a JSON form").to_owned();
    let index = Said::TYPES.iter().position(|name| **name == Said::SORTED).expect("a type");
    let sorted = Said::decode(index, &data).expect("the same shape");
    assert_eq!(envelope(sorted, &entity()).data().as_deref(), Ok(&*data));
}

#[test]
fn a_number_and_its_text_are_two_contents() {
    let entity = entity();
    let as_type = |data: &str| {
        let payload = RawPayload::new(RawJson::parse(data).expect("JSON"));
        let head = head(Said::TEXT, context(&entity, &tidings_core::Attributes::new()));
        Envelope::new(head, payload).content_id().expect("canonical")
    };
    assert_ne!(as_type("1"), as_type("\"1\""));
    assert_eq!(as_type("\"1\""), id(&Said::Text("1".to_owned())));
    assert_ne!(as_type("1"), id(&Said::Number(1)), "the type counts");
}

#[test]
fn integers_beyond_two_to_the_53rd_have_ids_of_their_own() {
    for number in [i128::MIN, i128::MAX, 1 << 53, -(1 << 64)] {
        assert_ne!(id(&Said::Wide(number)), id(&Said::Wide(number ^ 1)), "{number}");
    }
    let largest = envelope(Said::WideUnsigned(u128::MAX), &entity());
    assert_eq!(largest.data(), Ok("340282366920938463463374607431768211455"));
    assert_ne!(id(&Said::WideUnsigned(u128::MAX)), id(&Said::WideUnsigned(u128::MAX - 1)));
}

#[test]
fn what_has_no_json_form_has_no_id_and_the_path_says_why() {
    let rates = vec![1.0, f64::NAN];
    let event = Said::Rates { config: Config { rates } };
    let fault = ContentId::of(&event, &entity()).expect_err("NaN");
    assert_eq!(fault.to_string(), "config.rates[1]: NaN is not a JSON number");
    let envelope = envelope(event, &entity());
    assert_eq!(envelope.content_id(), Err(&fault));
    assert_eq!(envelope.data(), Err(&fault));
    let mut out = "before".to_owned();
    let refused = tidings_core::wire::write_event(&envelope, None, &mut out);
    assert_eq!((refused, &*out), (Err(fault), "before"));
}

#[test]
fn an_envelope_has_the_id_that_was_foretold() {
    let event = done("boot", 0.25);
    let foretold = id(&event);
    let envelope = envelope(event, &entity());
    assert_eq!(envelope.content_id(), Ok(foretold));
    assert_eq!(received(&line(&envelope)).recorded_content_id(), Some(foretold));
}

#[test]
fn volatile_fields_count_neither_live_nor_when_recomputed() {
    assert_eq!(id(&done("boot", 0.25)), id(&done("boot", 9.75)));
    assert_ne!(id(&done("boot", 0.25)), id(&done("root", 0.25)));
    let text = line(&envelope(done("boot", 0.25), &entity()));
    assert!(text.contains(r#""volatile":"seconds""#), "{text}");
    let slower = received(&text.replace("0.25", "9.75"));
    assert_eq!(slower.recomputed_content_id(), Ok(id(&done("boot", 0.25))));
}

#[test]
fn an_embedded_event_has_the_id_it_has_by_itself() {
    for event in [started("boot"), done("boot", 0.25), Work::Idle] {
        let alone = line(&envelope(event.clone(), &entity()));
        let embedded = line(&envelope(Lab::Work(event.clone()), &entity()));
        assert_eq!(alone, embedded);
        assert_eq!(id(&event), id(&Lab::Work(event.clone())));
    }
}

#[test]
fn a_raw_event_of_the_same_content_has_the_same_id() {
    for event in [started("boot"), done("boot", 0.25), Work::Idle] {
        let typed = envelope(event, &entity());
        let pretty = typed.data().expect("a JSON form").replace(':', " : ");
        let raw = RawPayload::new(RawJson::parse(&pretty).expect("JSON"))
            .with_volatile(typed.payload().descriptor().volatile);
        let context = context(&entity(), &tidings_core::Attributes::new());
        let raw = Envelope::new(head(typed.event_type().clone(), context), raw);
        assert_eq!(raw.content_id(), typed.content_id());
    }
}

#[test]
fn a_volatile_name_that_the_wire_cannot_list_leaves_its_field_in_the_id() {
    let data = r#"{"":0,"a":1,"a,b":2,"b":3}"#;
    let payload =
        RawPayload::new(RawJson::parse(data).expect("JSON")).with_volatile(["a,b", "", "a"]);
    let context = context(&entity(), &tidings_core::Attributes::new());
    let envelope = Envelope::new(head(EventType::from_static("raw.x"), context), payload);
    let again = received(&line(&envelope));
    assert_eq!(again.recomputed_content_id().as_ref(), Ok(&envelope.content_id().expect("an id")));
    let text = line(&envelope);
    assert!(text.contains(r#""volatile":"a","#), "{text}");
}
