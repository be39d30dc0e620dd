//! Event types, constants and roles.

use serde::{Deserialize, Serialize};
use tidings_core::{Event, EventType, Outcome, Role};
use tidings_derive::Event;

use crate::types;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "quick_test", crate = "tidings_core")]
enum QuickTest {
    Created,
    #[event(begin)]
    Started {
        test_name: String,
    },
    #[event(name = "done", end(success))]
    Completed(f64),
    #[event(end(failure))]
    Failed(String, u32),
    #[event(end(skipped))]
    Skipped,
    #[event(end)]
    Gone,
}

#[test]
fn every_variant_is_an_event_type_in_its_order() {
    assert_eq!(
        types::<QuickTest>(),
        [
            "quick_test.created",
            "quick_test.started",
            "quick_test.done",
            "quick_test.failed",
            "quick_test.skipped",
            "quick_test.gone",
        ]
    );
    assert_eq!(QuickTest::TYPES.len(), QuickTest::DESCRIPTORS.len());
}

#[test]
fn every_variant_has_a_constant_named_after_it() {
    let constants = [
        QuickTest::CREATED,
        QuickTest::STARTED,
        QuickTest::COMPLETED,
        QuickTest::FAILED,
        QuickTest::SKIPPED,
        QuickTest::GONE,
    ];
    assert_eq!(constants.each_ref().to_vec(), QuickTest::TYPES);
    assert_eq!(QuickTest::COMPLETED, "quick_test.done");
}

#[test]
fn a_value_knows_its_type_and_its_role() {
    let started = QuickTest::Started { test_name: "a".to_owned() };
    for (event, event_type, role) in [
        (QuickTest::Created, QuickTest::CREATED, Role::Point),
        (started, QuickTest::STARTED, Role::Begin),
        (QuickTest::Completed(1.0), QuickTest::COMPLETED, Role::End(Outcome::Success)),
        (QuickTest::Failed(String::new(), 0), QuickTest::FAILED, Role::End(Outcome::Failure)),
        (QuickTest::Skipped, QuickTest::SKIPPED, Role::End(Outcome::Skipped)),
        (QuickTest::Gone, QuickTest::GONE, Role::End(Outcome::Unknown)),
    ] {
        assert_eq!(event.event_type(), &event_type);
        assert_eq!(event.role(), role, "{event:?}");
        assert_eq!(QuickTest::DESCRIPTORS[event.descriptor_index()].event_type, event_type);
    }
}

#[expect(non_camel_case_types, reason = "a raw name is part of what is tested")]
#[derive(Debug, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum HTTPTest2Run {
    HTTPStarted,
    V2Ready,
    r#async,
    Snake_Case,
}

#[test]
fn names_are_the_snake_case_of_the_rust_names_unless_given() {
    assert_eq!(
        types::<HTTPTest2Run>(),
        [
            "http_test2_run.http_started",
            "http_test2_run.v2_ready",
            "http_test2_run.async",
            "http_test2_run.snake_case",
        ]
    );
    assert_eq!(HTTPTest2Run::HTTP_STARTED, "http_test2_run.http_started");
    assert_eq!(HTTPTest2Run::V2_READY, "http_test2_run.v2_ready");
    assert_eq!(HTTPTest2Run::ASYNC, "http_test2_run.async");
    assert_eq!(HTTPTest2Run::SNAKE_CASE, "http_test2_run.snake_case");
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "acme.lab_3", crate = "tidings_core")]
enum Nested {
    #[event(name = "robot.arm_moved")]
    Moved,
}

#[test]
fn namespace_and_name_may_have_several_segments() {
    assert_eq!(types::<Nested>(), ["acme.lab_3.robot.arm_moved"]);
    assert_eq!(Nested::MOVED, "acme.lab_3.robot.arm_moved");
}

mod structs {
    use super::{Deserialize, Event, Serialize};

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(crate = "tidings_core")]
    pub(super) struct PowerLost;

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(namespace = "lab", begin, crate = "tidings_core")]
    pub(super) struct PowerBack;

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(namespace = "lab", name = "door", end(failure), crate = "tidings_core")]
    pub(super) struct DoorOpened;

    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(name = "alarm", crate = "tidings_core")]
    pub(super) struct Bell;
}

#[test]
fn a_struct_is_one_event_type() {
    assert_eq!(structs::PowerLost::TYPE, "power_lost");
    assert_eq!(structs::PowerBack::TYPE, "lab.power_back");
    assert_eq!(structs::DoorOpened::TYPE, "lab.door");
    assert_eq!(structs::Bell::TYPE, "alarm");
    assert_eq!(types::<structs::DoorOpened>(), ["lab.door"]);
    assert_eq!(structs::PowerLost.event_type(), "power_lost");
    assert_eq!(structs::PowerLost.role(), Role::Point);
    assert_eq!(structs::PowerBack.role(), Role::Begin);
    assert_eq!(structs::DoorOpened.role(), Role::End(Outcome::Failure));
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "tidings.observer", reserved, crate = "tidings_core")]
enum Diagnostic {
    Failed,
}

#[test]
fn the_diagnostics_of_tidings_may_use_the_reserved_segment() {
    assert_eq!(Diagnostic::FAILED, "tidings.observer.failed");
    assert!(Diagnostic::FAILED.is_reserved());
    assert!(Diagnostic::Failed.event_type().is_reserved());
}

#[test]
fn the_longest_event_type_still_fits() {
    #[derive(Debug, Serialize, Deserialize, Event)]
    #[event(
        namespace = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        name = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        crate = "tidings_core"
    )]
    struct Long;

    const LONG: EventType = Long::TYPE;
    assert_eq!(LONG.as_str().len(), tidings_core::EVENT_TYPE_BYTES_MAX);
}
