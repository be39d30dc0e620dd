//! Old readers and new data, new readers and old data.

use serde::{Deserialize, Serialize};
use tidings_core::wire::read_event;
use tidings_core::{Entity, Event as _, Role};
use tidings_derive::Event;

use crate::support::{Work, envelope, line, received, started};

fn old_line() -> String {
    line(&envelope(started("boot"), &Entity::new("case", "t1")))
}

#[test]
fn attributes_that_a_newer_writer_adds_are_ignored() {
    let text = old_line();
    let newer = text.replacen(
        '{',
        r#"{"traceparent":"00-1","big":123456789012345678901234567890,"deep":{"a":[null,{"b":1}]},"#,
        1,
    );
    let (old, new) = (received(&text), received(&newer));
    assert_eq!(line(&*new.envelope), line(&*old.envelope));
}

#[test]
fn members_may_come_in_any_order() {
    let text = old_line();
    let mut members: Vec<String> = serde_json::from_str::<serde_json::Map<_, _>>(&text)
        .expect("an object")
        .into_iter()
        .map(|(name, value)| format!("{name:?}: {value}"))
        .collect();
    members.reverse();
    let reversed = received(&format!("{{ {} }}", members.join(" , ")));
    assert_eq!(line(&*reversed.envelope), text);
}

#[test]
fn absent_data_is_null() {
    let text = old_line();
    let (without, _) = text.split_once(",\"data\":").expect("data comes last");
    let without = format!("{without}}}").replace("contentid", "formerid");
    let received = received(&without);
    assert_eq!(received.envelope.data(), Ok("null"));
    let null = format!("{},\"data\":null}}", without.trim_end_matches('}'));
    let said = self::received(&null);
    assert_eq!(received.recomputed_content_id(), said.recomputed_content_id());
    let idle = without.replace("work.started", "work.idle");
    let idle = self::received(&idle).envelope;
    assert_eq!(idle.event::<Work>().expect("fits").as_deref(), Some(&Work::Idle));
}

#[test]
fn what_an_older_writer_did_not_say_has_a_default() {
    let mut text = old_line();
    for name in ["lane", "sequence", "busid", "elapsedns", "role", "contentid"] {
        assert!(text.contains(&format!("\"{name}\":")), "{name} in {text}");
        text = text.replacen(&format!("\"{name}\":"), &format!("\"x{name}\":"), 1);
    }
    let received = received(&text);
    assert_eq!(received.envelope.role(), Role::Point);
    assert_eq!((received.position, received.recorded_content_id()), (None, None));
    assert_eq!(received.envelope.elapsed(), std::time::Duration::ZERO);
    assert!(received.envelope.content_id().is_ok());
}

#[test]
fn a_role_that_a_newer_writer_invented_loses_no_event() {
    let text = old_line().replace("\"role\":\"begin\"", "\"role\":\"pause\"");
    assert_eq!(received(&text).envelope.role(), Role::Point);
}

#[test]
fn what_identifies_an_event_is_not_optional() {
    let text = old_line();
    for name in ["specversion", "id", "type", "time", "runid", "node", "entity"] {
        let without = text.replacen(&format!("\"{name}\":"), &format!("\"x{name}\":"), 1);
        let fault = read_event(&without).expect_err(name).to_string();
        assert!(fault.contains(&format!("missing field `{name}`")), "{fault}");
    }
    let twice = text.replacen('{', "{\"node\":\"other\",", 1);
    let fault = read_event(&twice).expect_err("twice").to_string();
    assert!(fault.contains("duplicate field `node`"), "{fault}");
}

/// `Work` as a later release of its author knows it.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "work", crate = "tidings_core")]
enum NewWork {
    Paused,
    Started {
        name: String,
        #[serde(default)]
        attempt: u32,
    },
}

#[test]
fn a_field_more_is_read_by_the_old_and_missed_by_the_new_with_its_default() {
    let entity = Entity::new("case", "t1");
    let new = NewWork::Started { name: "boot".to_owned(), attempt: 2 };
    let new_line = received(&line(&envelope(new, &entity)));
    let read = new_line.envelope.event::<Work>().expect("fits");
    assert_eq!(read.as_deref(), Some(&started("boot")));
    let old_line = received(&old_line());
    let read = old_line.envelope.event::<NewWork>().expect("fits");
    let expected = NewWork::Started { name: "boot".to_owned(), attempt: 0 };
    assert_eq!(read.as_deref(), Some(&expected));
}

#[test]
fn a_type_that_the_reader_does_not_know_is_nobodys_and_passes_on() {
    let new = received(&line(&envelope(NewWork::Paused, &Entity::new("case", "t1"))));
    assert!(new.envelope.event::<Work>().expect("no fault").is_none());
    assert_eq!(received(&line(&*new.envelope)).envelope.content_id(), new.envelope.content_id());
}

/// Events that had no fields in the first release.
#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "grown", crate = "tidings_core")]
enum Before {
    Paused,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "grown", crate = "tidings_core")]
enum After {
    Paused { reason: Option<String> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "tick", crate = "tidings_core")]
struct TickBefore;

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "tick", crate = "tidings_core")]
struct TickAfter {
    #[serde(default)]
    number: u32,
}

#[test]
fn an_event_may_gain_its_first_field_and_lose_its_last() {
    let entity = Entity::new("case", "t1");
    let reason = Some("lunch".to_owned());
    let new = received(&line(&envelope(After::Paused { reason }, &entity)));
    let read = new.envelope.event::<Before>().expect("fits");
    assert_eq!(read.as_deref(), Some(&Before::Paused));
    let old = received(&line(&envelope(Before::Paused, &entity)));
    let read = old.envelope.event::<After>().expect("fits");
    assert_eq!(read.as_deref(), Some(&After::Paused { reason: None }));

    let new = received(&line(&envelope(TickAfter { number: 3 }, &entity)));
    let read = new.envelope.event::<TickBefore>().expect("fits");
    assert_eq!(read.as_deref(), Some(&TickBefore));
    let old = received(&line(&envelope(TickBefore, &entity)));
    let read = old.envelope.event::<TickAfter>().expect("fits");
    assert_eq!(read.as_deref(), Some(&TickAfter { number: 0 }));
}

#[test]
fn a_field_without_a_default_is_still_missed() {
    let fault = Work::decode(0, "null").expect_err("no name").to_string();
    assert!(fault.contains("missing field `name`"), "{fault}");
    for other in ["1", "[]", "\"\"", "{", "{} {}", "null null"] {
        assert!(Before::decode(0, other).is_err(), "{other}");
        assert!(TickBefore::decode(0, other).is_err(), "{other}");
    }
}
