//! Variants that embed another event.

use std::any::{Any, TypeId};

use serde::{Deserialize, Serialize};
use tidings_core::{Event, Outcome, Role};
use tidings_derive::Event;

use crate::{fields, read, round_trip, types};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "step", crate = "tidings_core")]
enum Step {
    #[event(begin)]
    Started {
        #[event(volatile)]
        at: u32,
    },
    #[event(end(success))]
    Done(u8),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
struct Note {
    text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "case", crate = "tidings_core")]
enum Case {
    Planned,
    #[event(transparent)]
    Step(Step),
    #[event(end(failure))]
    Failed {
        reason: String,
    },
    #[event(transparent)]
    Note {
        inner: Note,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum Run {
    #[event(transparent)]
    #[serde(skip)]
    Case(Case),
    Finished,
    Lost(u8),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
enum OnlyEmbedded {
    #[event(transparent)]
    Step(Step),
    #[event(transparent)]
    Note(Note),
}

#[test]
fn the_types_inside_stand_in_the_place_of_the_variant() {
    assert_eq!(
        types::<Run>(),
        [
            "case.planned",
            "step.started",
            "step.done",
            "case.failed",
            "note",
            "run.finished",
            "run.lost",
        ]
    );
    assert_eq!(types::<OnlyEmbedded>(), ["step.started", "step.done", "note"]);
    assert_eq!(Run::FINISHED, "run.finished");
}

#[test]
fn embedded_events_go_there_and_back_two_deep() {
    let started = Run::Case(Case::Step(Step::Started { at: 1 }));
    round_trip(&started, "step.started", r#"{"at":1}"#);
    round_trip(&Run::Case(Case::Step(Step::Done(7))), "step.done", "7");
    round_trip(&Run::Case(Case::Planned), "case.planned", "null");
    let failed = Case::Failed { reason: "r".to_owned() };
    round_trip(&Run::Case(failed), "case.failed", r#"{"reason":"r"}"#);
    let note = Case::Note { inner: Note { text: "t".to_owned() } };
    round_trip(&Run::Case(note), "note", r#"{"text":"t"}"#);
    round_trip(&Run::Finished, "run.finished", "null");
    round_trip(&Run::Lost(3), "run.lost", "3");
    round_trip(&OnlyEmbedded::Step(Step::Done(1)), "step.done", "1");
    assert!(Run::decode(Run::TYPES.len(), "null").is_err());
    assert!(read::<Run>("step.done", "{}").is_err());
}

#[test]
fn role_volatile_and_fields_are_those_of_the_event_inside() {
    let started = Run::Case(Case::Step(Step::Started { at: 1 }));
    assert_eq!(started.role(), Role::Begin);
    assert_eq!(started.descriptor().volatile, ["at"]);
    assert_eq!(fields(&started), [("at", "1".to_owned())]);
    let done = Run::Case(Case::Step(Step::Done(1)));
    assert_eq!(done.role(), Role::End(Outcome::Success));
    assert_eq!(Run::Finished.role(), Role::Point);
}

#[test]
fn every_level_is_found_by_its_type() {
    let started = Run::Case(Case::Step(Step::Started { at: 1 }));
    let level = |target| started.project(target);
    let step = level(TypeId::of::<Step>()).expect("embedded");
    assert_eq!(step.downcast_ref::<Step>(), Some(&Step::Started { at: 1 }));
    assert!(level(TypeId::of::<Case>()).is_some_and(<dyn Any>::is::<Case>));
    assert!(level(TypeId::of::<Run>()).is_some_and(<dyn Any>::is::<Run>));
    assert!(level(TypeId::of::<Note>()).is_none());
    assert!(Run::Finished.project(TypeId::of::<Case>()).is_none());
}

/// An event written by hand, whose role depends on its value.
#[derive(Debug)]
struct ByHand(bool);

impl Event for ByHand {
    const DESCRIPTORS: &'static [&'static tidings_core::Descriptor] =
        &[&tidings_core::Descriptor::new(
            tidings_core::EventType::from_static("by_hand"),
            Role::Point,
            &[],
        )];

    fn descriptor_index(&self) -> usize {
        0
    }

    fn encode(
        &self,
        encoder: &mut tidings_core::json::Encoder,
    ) -> Result<(), tidings_core::json::EncodeError> {
        encoder.value(&self.0)
    }

    fn decode(_: usize, data: &str) -> Result<Self, tidings_core::DecodeError> {
        let read = serde_json::from_str(data).map(Self);
        read.map_err(|fault| tidings_core::DecodeError::new(fault.to_string()))
    }

    fn fields(&self, visit: &mut dyn FnMut(&'static str, &dyn std::fmt::Debug)) {
        visit("hand", &self.0);
    }

    fn project(&self, _: TypeId) -> Option<&dyn Any> {
        Some(&self.0)
    }

    fn role(&self) -> Role {
        if self.0 { Role::Begin } else { Role::Point }
    }
}

/// Serde is not asked about an event in which every variant embeds one.
#[derive(Debug, Event)]
#[event(crate = "tidings_core")]
enum Wrapper {
    #[event(transparent)]
    Hand(ByHand),
}

#[test]
fn an_event_written_by_hand_is_asked_for_everything() {
    let wrapper = Wrapper::Hand(ByHand(true));
    assert_eq!(wrapper.event_type(), "by_hand");
    assert_eq!(wrapper.role(), Role::Begin);
    assert_eq!(fields(&wrapper), [("hand", "true".to_owned())]);
    assert_eq!(crate::data(&wrapper), "true");
    assert!(wrapper.project(TypeId::of::<bool>()).is_some_and(<dyn Any>::is::<bool>));
    let Wrapper::Hand(hand) = read::<Wrapper>("by_hand", "true").expect("reads");
    assert!(hand.0);
}
