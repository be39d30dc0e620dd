//! Many entities, driven or monitored.

use std::time::Duration;

use super::fixture::{Case, lights};
use crate::state::{Fed, Protocol, ProtocolMode, StateName};

const NOW: Duration = Duration::from_secs(1);

fn monitor() -> Protocol<&'static str, Case> {
    Protocol::new(ProtocolMode::Monitor)
}

#[test]
fn each_entity_has_its_own_machine() {
    let mut protocol = monitor();
    protocol.feed(&"t1", Case::Started, NOW).unwrap();
    protocol.feed(&"t2", Case::Skipped, NOW).unwrap();
    assert_eq!(
        (protocol.state(&"t1"), protocol.state(&"t2")),
        (Some(Case::Started), Some(Case::Skipped))
    );
    assert_eq!((protocol.state(&"t3"), protocol.entities()), (None, 2));
    assert_eq!(protocol.unfinished().collect::<Vec<_>>(), [(&"t1", Case::Started)]);
    assert_eq!(protocol.history(&"t1").len(), 1);
}

#[test]
fn a_first_step_to_the_initial_state_enters() {
    let mut protocol = monitor();
    assert_eq!(protocol.feed(&"t1", Case::Idle, NOW), Ok(Fed::Entered));
    assert!(protocol.feed(&"t1", Case::Idle, NOW).is_err());
    assert!(protocol.feed(&"t1", Case::Started, NOW).is_ok());
}

#[test]
fn a_monitor_reports_one_break_once() {
    let mut protocol = monitor();
    let violation = protocol.feed(&"t1", Case::Finished, NOW).unwrap_err();
    assert_eq!(
        violation.to_string(),
        "t1: `finished` is not allowed in `idle` (allowed: `started`, `skipped`)"
    );
    assert!(violation.resynchronised && !violation.may_be_forgotten);
    assert_eq!((violation.entity, violation.at), ("t1", NOW));
    assert_eq!(protocol.state(&"t1"), Some(Case::Finished));
    let twice = protocol.feed(&"t1", Case::Finished, NOW).unwrap_err();
    assert_eq!(twice.illegal.from(), &Case::Finished);
    assert_eq!(twice.illegal.recent().len(), 1);
    assert_eq!(protocol.violation_count(), 2);
}

#[test]
fn a_monitor_goes_on_from_where_it_was_brought() {
    let mut protocol = monitor();
    protocol.feed(&"t1", Case::Skipped, NOW).unwrap();
    protocol.feed(&"t1", Case::Started, NOW).unwrap_err();
    assert_eq!(protocol.unfinished().count(), 1);
    protocol.feed(&"t1", Case::Finished, NOW).unwrap();
    assert_eq!((protocol.unfinished().count(), protocol.violation_count()), (0, 1));
}

#[test]
fn a_driven_entity_stays_where_it_was() {
    let mut protocol: Protocol<&str, Case> = Protocol::new(ProtocolMode::Drive);
    let violation = protocol.feed(&"t1", Case::Finished, NOW).unwrap_err();
    assert!(!violation.resynchronised);
    assert_eq!(protocol.state(&"t1"), Some(Case::Idle));
    assert!(protocol.feed(&"t1", Case::Started, NOW).is_ok());
}

#[test]
fn a_name_that_is_no_state_moves_nobody() {
    for mode in [ProtocolMode::Drive, ProtocolMode::Monitor] {
        let mut protocol: Protocol<u32, StateName> = Protocol::with_table(&lights(), mode);
        protocol.feed(&7, "green", NOW).unwrap();
        let violation = protocol.feed(&7, "blue", NOW).unwrap_err();
        assert_eq!(
            violation.to_string(),
            "7: `blue` is not allowed in `green` (allowed: `yellow`)"
        );
        assert!(!violation.resynchronised);
        assert_eq!(protocol.state(&7), Some("green".into()));
    }
}

#[test]
fn the_list_of_violations_is_bounded_and_their_count_exact() {
    let mut protocol = monitor().violations_max(2);
    for entity in ["t1", "t2", "t3"] {
        protocol.feed(&entity, Case::Finished, NOW).unwrap_err();
    }
    let kept: Vec<_> = protocol.violations().map(|violation| violation.entity).collect();
    assert_eq!((kept, protocol.violation_count()), (vec!["t2", "t3"], 3));
}

#[test]
fn the_entity_that_finished_first_makes_room() {
    let mut protocol = monitor().entities_max(3);
    protocol.feed(&"running", Case::Started, NOW).unwrap();
    protocol.feed(&"late", Case::Started, NOW).unwrap();
    protocol.feed(&"early", Case::Skipped, NOW).unwrap();
    protocol.feed(&"late", Case::Finished, NOW).unwrap();
    protocol.feed(&"new", Case::Started, NOW).unwrap();
    assert_eq!((protocol.state(&"early"), protocol.state(&"late")), (None, Some(Case::Finished)));
    protocol.feed(&"newer", Case::Started, NOW).unwrap();
    assert_eq!((protocol.state(&"late"), protocol.state(&"running")), (None, Some(Case::Started)));
    assert_eq!(
        (protocol.entities(), protocol.forgotten_finished(), protocol.forgotten_unfinished()),
        (3, 2, 0)
    );
    let again = protocol.feed(&"late", Case::Finished, NOW).unwrap_err();
    // The room for it was made by `running`, which had not finished.
    assert!(again.may_be_forgotten);
}

#[test]
fn a_violation_says_when_its_entity_may_have_been_forgotten() {
    let mut protocol = monitor().entities_max(1);
    protocol.feed(&"t1", Case::Started, NOW).unwrap();
    protocol.feed(&"t2", Case::Started, NOW).unwrap();
    assert_eq!((protocol.entities(), protocol.forgotten_unfinished()), (1, 1));
    let violation = protocol.feed(&"t1", Case::Finished, NOW).unwrap_err();
    assert!(violation.may_be_forgotten);
    assert_eq!(
        violation.to_string(),
        "t1: `finished` is not allowed in `idle` (allowed: `started`, `skipped`); \
         it may have begun before, and been forgotten as one of too many"
    );
    let certain = protocol.feed(&"t1", Case::Started, NOW).unwrap_err();
    assert!(!certain.may_be_forgotten);
}

#[test]
fn room_is_found_again_once_entities_finish() {
    let mut protocol = monitor().entities_max(2);
    protocol.feed(&"t1", Case::Started, NOW).unwrap();
    for entity in ["a", "b", "c"] {
        protocol.feed(&entity, Case::Started, NOW).unwrap();
        protocol.feed(&entity, Case::Finished, NOW).unwrap();
    }
    assert_eq!(protocol.state(&"t1"), Some(Case::Started));
    assert_eq!((protocol.forgotten_finished(), protocol.forgotten_unfinished()), (2, 0));
}
