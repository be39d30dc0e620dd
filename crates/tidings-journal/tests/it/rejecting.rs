//! Rejected events: gaps that the journal itself explains, and those that it does not.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::time::Duration;

use expect_test::expect;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use tidings_core::EventId;
use tidings_derive::Event;
use tidings_journal::{FAULTS_LISTED_MAX, FaultKind, Journal, Reader, VerifyReport, verify};
use tidings_registry::{Bus, Overflow};

use crate::support::{event, failure, path, written};

const DEADLINE: Duration = Duration::from_secs(20);

fn report(text: &str) -> VerifyReport {
    verify(Reader::new(Cursor::new(text), "run.jsonl")).expect("memory")
}

/// The sequences of the rejected events, in the order of the lines that say so.
fn rejected(report: &VerifyReport) -> Vec<u64> {
    report.rejections().iter().map(|rejection| rejection.event.sequence()).collect()
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "measured", crate = "tidings_core")]
struct Measured {
    value: f64,
}

#[test]
fn a_journal_that_rejected_an_event_is_sound_and_notes_it() {
    let (_folder, path) = path();
    let bus = Bus::new();
    bus.subscribe(Journal::create(&path).expect("a new file")).detach();
    let emitter = bus.emitter::<Measured>("case", "t1");
    for value in [1.5, f64::NAN, 2.5] {
        emitter.emit(Measured { value });
    }
    bus.close(DEADLINE).expect("not strict");
    let report = verify(Reader::open(&path).expect("the journal")).expect("a disk");
    assert!(report.is_sound(), "{report}");
    // Two that were measured, and what the bus says of the third.
    assert_eq!((report.events, report.rejected, report.rejections().len()), (3, 1, 1));
    let rejection = &report.rejections()[0];
    assert_eq!((rejection.line, rejection.event.sequence()), (3, 1));
    expect!["the event has no JSON form: value: NaN is not a JSON number"]
        .assert_eq(&rejection.reason);
}

#[test]
fn a_queued_journal_that_rejected_events_is_sound_too() {
    let (_folder, path) = path();
    let bus = Bus::new();
    let journal = Journal::create(&path).expect("a new file");
    let registration = bus.register(journal).queued(1_024, Overflow::Block);
    registration.start().expect("a thread").detach();
    let emitter = bus.emitter::<Measured>("case", "t1");
    for n in 0..201 {
        emitter.emit(Measured { value: if n % 3 == 1 { f64::NAN } else { 1.5 } });
    }
    bus.barrier(DEADLINE).expect("everything is written");
    bus.close(DEADLINE).expect("not strict");
    let report = verify(Reader::open(&path).expect("the journal")).expect("a disk");
    assert!(report.is_sound(), "{report}");
    assert_eq!((report.rejected, report.events), (67, 201));
}

#[test]
fn it_does_not_matter_whether_the_rejection_comes_before_or_behind_the_gap() {
    let before = written(&[event(0, "1"), failure(0, 1, true), event(2, "1")]);
    let behind = written(&[event(0, "1"), event(2, "1"), event(3, "1"), failure(0, 1, true)]);
    expect![[r#"
        run.jsonl: sound: 3 events of 2 lanes, 1 session
        note: run.jsonl:3: 00000000-0000-0000-0000-000000000001.0.1 is not there: rejected: the event has no JSON form"#]]
    .assert_eq(&report(&before).to_string());
    expect![[r#"
        run.jsonl: sound: 4 events of 2 lanes, 1 session
        note: run.jsonl:5: 00000000-0000-0000-0000-000000000001.0.1 is not there: rejected: the event has no JSON form"#]]
    .assert_eq(&report(&behind).to_string());
}

#[test]
fn of_a_gap_the_rest_is_a_fault() {
    let text = written(&[
        event(0, "1"),
        failure(0, 2, true),
        event(6, "1"),
        failure(1, 4, true),
        failure(2, 9, true),
        event(8, "1"),
    ]);
    expect![[r#"
        run.jsonl: 2 faults in 6 events of 2 lanes, 1 session
        run.jsonl:4: 00000000-0000-0000-0000-000000000001.0.6 follows sequence 0 of its lane: 3 events are missing
        run.jsonl:7: 00000000-0000-0000-0000-000000000001.0.8 follows sequence 6 of its lane: 1 event is missing
        note: run.jsonl:3: 00000000-0000-0000-0000-000000000001.0.2 is not there: rejected: the event has no JSON form
        note: run.jsonl:5: 00000000-0000-0000-0000-000000000001.0.4 is not there: rejected: the event has no JSON form"#]]
    .assert_eq(&report(&text).to_string());
}

#[test]
fn a_rejection_explains_one_event_once() {
    let twice = [event(0, "1"), event(3, "1"), failure(0, 1, true), failure(1, 1, true)];
    let report = report(&written(&twice));
    assert_eq!((report.rejected, report.fault_count()), (1, 1));
    assert_eq!(missing_on_lane_0(&report.faults()[0].what), 1);
}

#[test]
fn a_failure_that_is_no_rejection_explains_nothing() {
    let report = report(&written(&[event(0, "1"), event(2, "1"), failure(0, 1, false)]));
    assert_eq!((report.rejected, report.fault_count()), (0, 1));
}

#[test]
fn a_rejection_by_another_observer_of_an_event_that_is_there_is_no_note() {
    for order in [[0, 1, 2, 3], [0, 3, 1, 2], [3, 0, 1, 2]] {
        let lines = [event(0, "1"), event(1, "1"), event(2, "1"), failure(0, 1, true)];
        let report = report(&written(&order.map(|line| lines[line].clone())));
        assert!(report.is_sound(), "{report}");
        assert_eq!(report.rejected, 0);
    }
}

#[test]
fn a_line_that_was_taken_out_is_missed_though_somebody_rejected_its_event() {
    let text = written(&[event(0, "1"), event(1, "1"), failure(0, 1, true), event(2, "1")]);
    let lines: Vec<&str> = text.lines().collect();
    let report = report(&([lines[0], lines[1], lines[3], lines[4]].join("\n") + "\n"));
    assert_eq!(report.counts().collect::<Vec<_>>(), [("position gap", 1)]);
}

#[test]
fn of_many_rejections_some_are_listed_and_all_are_counted() {
    let failures = (0..250).map(|n| failure(n, n + 1, true));
    let events: Vec<_> = [event(0, "1"), event(251, "1")].into_iter().chain(failures).collect();
    let report = report(&written(&events));
    assert!(report.is_sound());
    assert_eq!((report.rejected, report.rejections().len() as u64), (250, FAULTS_LISTED_MAX));
    let shown = report.to_string();
    assert!(shown.ends_with("note: 150 more of: rejected"), "{shown}");
}

#[test]
fn a_long_reason_is_cut() {
    let text = written(&[event(0, "1"), event(2, "1"), failure(0, 1, true)]);
    let long = text.replace("the event has no JSON form", &"ü".repeat(5_000));
    let report = report(&long);
    assert_eq!(report.rejections()[0].reason, "ü".repeat(512));
}

proptest! {
    #[test]
    fn what_is_neither_there_nor_rejected_is_missing(
        there in prop::collection::btree_set(0_u64..24, 1..24),
        failures in prop::collection::vec((0_u64..24, 0_usize..25), 0..24),
    ) {
        let mut lines = Vec::new();
        for (place, sequence) in there.iter().enumerate() {
            let here = failures.iter().filter(|(_, at)| *at == place);
            lines.extend(here.map(|(about, _)| *about).map(Err));
            lines.push(Ok(*sequence));
        }
        let later = failures.iter().filter(|(_, at)| *at >= there.len());
        lines.extend(later.map(|(about, _)| *about).map(Err));
        let events: Vec<_> = (0..)
            .zip(lines)
            .map(|(n, line)| match line {
                Ok(sequence) => event(sequence, "1"),
                Err(about) => failure(n, about, true),
            })
            .collect();
        let report = report(&written(&events));

        let bounds = (*there.first().expect("one"), *there.last().expect("one"));
        let gone: BTreeSet<u64> = (bounds.0..bounds.1).filter(|n| !there.contains(n)).collect();
        let about: BTreeSet<u64> = failures.iter().map(|(about, _)| *about).collect();
        let explained: BTreeSet<u64> = gone.intersection(&about).copied().collect();
        let noted: BTreeSet<u64> = rejected(&report).into_iter().collect();
        prop_assert_eq!(&noted, &explained);
        prop_assert_eq!(report.rejected, explained.len() as u64);
        let missing: u64 = report.faults().iter().map(|fault| missing_on_lane_0(&fault.what)).sum();
        prop_assert_eq!(missing, (gone.len() - explained.len()) as u64);
    }
}

fn missing_on_lane_0(fault: &FaultKind) -> u64 {
    match fault {
        FaultKind::SequenceGap { id, missing, .. } if is_lane_0(*id) => *missing,
        _ => 0,
    }
}

fn is_lane_0(id: EventId) -> bool {
    id.lane() == tidings_core::Lane::new(0)
}
