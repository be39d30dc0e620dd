//! What the plain types answer when they are asked.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use tidings_core::event::Volatile;
use tidings_core::{
    Attributes, Clock, Entity, EventType, Interest, ManualClock, Outcome, Payload, Prefix, RawJson,
    RawPayload, Role, SystemClock, Timestamp, text,
};

use crate::support::{Work, context, done, envelope, head, started};

fn event_type(name: &str) -> EventType {
    EventType::foreign(name).expect("a good name")
}

fn prefix(text: &str) -> Prefix {
    Prefix::parse(text).expect("a good prefix")
}

#[test]
fn an_interest_says_what_it_is_made_of() {
    let everything = Interest::everything();
    assert!(everything.is_everything() && everything.wants_everything());
    assert!(everything.matches(&event_type("a.b")));
    let most = Interest::everything().without(prefix("a"));
    assert!(!most.is_everything() && most.wants_everything());
    assert!(!most.matches(&event_type("a.b")) && most.matches(&event_type("b")));
    assert_eq!(most.excluded(), [prefix("a")]);
    let nothing = Interest::nothing();
    assert!(!nothing.is_everything() && !nothing.wants_everything());
    assert!(!nothing.matches(&event_type("a.b")));
    let some = Interest::from(prefix("a")).with(prefix("b"));
    assert!(!some.is_everything() && !some.wants_everything());
    assert_eq!(some.prefixes(), [prefix("a"), prefix("b")]);
    assert!(some.matches(&event_type("b.c")) && !some.matches(&event_type("c")));
    let types = [event_type("a.b"), event_type("c")];
    assert_eq!(Interest::types(&types).exact_types(), types);
    let parsed = Interest::parse(["a", "=c", "!a.x"]).expect("good prefixes");
    assert_eq!(parsed.to_string(), "a =c !a.x");
    assert!(parsed.excludes(&event_type("a.x")) && !parsed.excludes(&event_type("a.b")));
}

#[test]
fn an_event_type_is_found_by_its_text_and_sorts_by_it() {
    let known: HashMap<EventType, u8> = [(event_type("a.b"), 1), (event_type("a.c"), 2)].into();
    assert_eq!((known.get("a.b"), known.get("a.c"), known.get("a")), (Some(&1), Some(&2), None));
    let name = event_type("a.b");
    assert!(name == "a.b" && name != "a.c");
    assert!(name == *"a.b" && name != *"a.c");
    assert_eq!(AsRef::<str>::as_ref(&name), "a.b");
    assert_eq!(name.segments().collect::<Vec<_>>(), ["a", "b"]);
    assert!(name < event_type("a.c"));
}

#[test]
fn the_reserved_segment_alone_is_reserved_and_what_begins_like_it_is_not() {
    for reserved in ["tidings", "tidings.x"] {
        let refused = EventType::parse(reserved).expect_err("it is reserved");
        assert_eq!(refused.name(), reserved);
        assert!(event_type(reserved).is_reserved(), "{reserved}");
    }
    for free in ["tiding", "tidingsx", "tidings_x", "x.tidings"] {
        assert!(!EventType::parse(free).expect("it is not reserved").is_reserved(), "{free}");
    }
}

#[test]
fn an_entity_knows_its_place() {
    let step = Entity::new("suite", "a").child("case", "b").child("step", "c");
    let case = step.parent().expect("it has two more levels");
    assert_eq!((step.kind(), step.id()), ("step", "c"));
    assert_eq!(case, Entity::new("suite", "a").child("case", "b"));
    assert_eq!(case.parent(), Some(Entity::new("suite", "a")));
    assert_eq!(case.parent().and_then(|suite| suite.parent()), None);
    assert!(step.starts_with(&case) && step.starts_with(&step));
    assert!(!case.starts_with(&step) && !step.starts_with(&Entity::new("case", "b")));
    assert_eq!(step.to_string(), "suite/a/case/b/step/c");
    assert!(case < step);
}

#[test]
fn a_role_and_an_outcome_say_what_they_are() {
    assert!(Role::Begin.is_begin());
    assert!(!Role::Point.is_begin() && !Role::End(Outcome::Success).is_begin());
    assert_eq!(Role::End(Outcome::Skipped).outcome(), Some(Outcome::Skipped));
    assert_eq!((Role::Point.outcome(), Role::Begin.outcome()), (None, None));
    let shown = [Outcome::Success, Outcome::Failure, Outcome::Skipped, Outcome::Unknown]
        .map(|outcome| format!("{outcome:<8}|"));
    assert_eq!(shown, ["success |", "failure |", "skipped |", "unknown |"]);
}

#[test]
fn a_list_of_volatile_names_has_those_and_no_other() {
    let owned: [Box<str>; 1] = ["at".into()];
    for names in [Volatile::Static(&["at"]), Volatile::Owned(&owned)] {
        assert!(names.contains("at") && !names.contains("seconds") && !names.is_empty());
    }
    assert!(Volatile::Static(&[]).is_empty() && !Volatile::Static(&[]).contains("at"));
}

fn fields(payload: &dyn Payload) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    payload.fields(&mut |name: &str, value: &dyn fmt::Debug| {
        fields.push((name.to_owned(), format!("{value:?}")));
    });
    fields
}

#[test]
fn a_payload_shows_its_fields_typed_or_raw() {
    let shown = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect::<Vec<_>>()
    };
    let expected = shown(&[("name", "\"boot\""), ("seconds", "0.5")]);
    assert_eq!(fields(&done("boot", 0.5)), expected);
    let raw = |text: &str| RawPayload::new(RawJson::parse(text).expect("JSON"));
    assert_eq!(fields(&raw(r#"{"name":"boot","seconds":0.5}"#)), expected);
    assert_eq!(fields(&raw("[1]")), []);
}

#[test]
fn a_typed_payload_gives_itself_to_whoever_names_its_type() {
    let event: &dyn Payload = &started("boot");
    let given = event.project(std::any::TypeId::of::<Work>());
    assert_eq!(given.and_then(|given| given.downcast_ref()), Some(&started("boot")));
    assert!(event.project(std::any::TypeId::of::<String>()).is_none());
}

#[test]
fn an_envelope_says_when_and_why() {
    let entity = Entity::new("case", "t1");
    let made = envelope(started("boot"), &entity);
    assert!(made.elapsed() > Duration::ZERO, "{made:?}");
    let cause = made.id();
    let caused =
        head(event_type("a"), context(&entity, &Attributes::new())).with_cause(Some(cause));
    let payload = RawPayload::new(RawJson::parse("1").expect("JSON"));
    let caused = tidings_core::Envelope::new(caused, payload);
    assert_eq!((caused.caused_by(), made.caused_by()), (Some(cause), None));
}

#[test]
fn attributes_are_equal_when_their_names_and_values_are() {
    let one = Attributes::new().with("a", 1);
    assert_eq!(one, Attributes::new().with("a", 1));
    for other in [
        Attributes::new(),
        Attributes::new().with("a", 2),
        Attributes::new().with("b", 1),
        Attributes::new().with("a", 1).with("b", 1),
    ] {
        assert_ne!(one, other);
    }
}

#[test]
fn an_object_nested_too_deep_is_kept_as_its_text() {
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!({ "in": inner }));
    let most = tidings_core::ATTRIBUTE_DEPTH_MAX;
    let kept = Attributes::new().with("a", nested(most));
    assert_eq!(kept.get("a"), Some(&nested(most)));
    let cut = Attributes::new().with("a", nested(most + 1));
    assert_eq!(cut.text("a"), Some(&*nested(most + 1).to_string()));
}

#[test]
fn clocks_move_on_also_when_they_are_shared() {
    let manual = Arc::new(ManualClock::new(Timestamp::from_nanos(7)));
    let shared: Arc<dyn Clock> = manual.clone();
    manual.advance(Duration::from_secs(3));
    manual.advance(Duration::from_secs(4));
    assert_eq!((shared.start(), shared.elapsed()), (manual.start(), Duration::from_secs(7)));
    assert_eq!(Clock::elapsed(&shared), Duration::from_secs(7));
    manual.advance(Duration::MAX);
    assert_eq!(shared.elapsed(), Duration::from_nanos(u64::MAX));
    let (system, begin) = (SystemClock::new(), Instant::now());
    while begin.elapsed() < Duration::from_micros(50) {
        std::hint::spin_loop();
    }
    assert!(system.elapsed() >= Duration::from_micros(50), "{:?}", system.elapsed());
}

#[test]
fn a_text_is_written_as_a_json_string() {
    let mut out = String::from("x=");
    text::push_string(&mut out, "say \"no\"\n");
    assert_eq!(out, r#"x="say \"no\"\n""#);
}
