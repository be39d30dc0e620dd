//! Verifying: each sort of fault, and what is none.

use std::io::Cursor;
use std::sync::Arc;

use expect_test::{Expect, expect};
use tidings_core::Envelope;
use tidings_journal::{FAULTS_LISTED_MAX, Reader, VerifyReport, verify};

use crate::support::{event, event_on, written};

fn report(text: &str) -> VerifyReport {
    verify(Reader::new(Cursor::new(text), "run.jsonl")).expect("memory")
}

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&report(text).to_string());
}

fn events(number: u64) -> Vec<Arc<Envelope>> {
    (0..number).map(|n| event(n, &format!("{{\"n\":{n}}}"))).collect()
}

/// The journal of `number` events, its lines in this order.
fn reordered(number: u64, order: &[usize]) -> String {
    let text = written(&events(number));
    let lines: Vec<&str> = text.lines().collect();
    let ordered: Vec<&str> = order.iter().map(|line| lines[*line]).collect();
    ordered.join(
        "
",
    ) + "
"
}

#[test]
fn what_was_written_is_sound() {
    check(&written(&events(3)), &expect!["run.jsonl: sound: 3 events of 1 lane, 1 session"]);
    assert!(report(&written(&events(3))).is_sound());
}

#[test]
fn an_empty_file_is_not_sound() {
    check(
        "",
        &expect![[r#"
        run.jsonl: 1 fault in 0 events of 0 lanes, 0 sessions
        run.jsonl:1: no header: a journal begins with `tidings.journal.opened`, so the begin of this one is gone or it is no journal"#]],
    );
}

#[test]
fn a_torn_end_is_a_warning_only() {
    let text = written(&events(3));
    let text = &text[..text.len() - 10];
    check(
        text,
        &expect![[r#"
        run.jsonl: sound: 2 events of 1 lane, 1 session
        warning: run.jsonl:4: the last line was never finished: 475 bytes (its writer was stopped, or is still writing)"#]],
    );
    assert!(report(text).is_sound());
}

#[test]
fn changed_data_give_another_content_id() {
    check(
        &written(&events(3)).replace("{\"n\":1}", "{\"n\":7}"),
        &expect![[r#"
            run.jsonl: 1 fault in 3 events of 1 lane, 1 session
            run.jsonl:3: the content id is 58c3eea0-1865-8131-8645-8fb2e4510391, but type, entity and data give 10919de3-21eb-8939-bb4e-437456e0a9ff: the line was changed after it was written"#]],
    );
    check(
        &written(&events(1)).replace("{\"n\":0}", "{\"n\":0,\"n\":0}"),
        &expect![[r#"
            run.jsonl: 1 fault in 1 event of 1 lane, 1 session
            run.jsonl:2: the content id is 75183d33-88f9-828e-a6d2-b461adbccdb3, but the data cannot have one: raw JSON is not valid: line 1 column 13: duplicate key `n` in the object that ends here"#]],
    );
}

#[test]
fn a_line_that_is_gone_is_missed_by_position_and_sequence() {
    check(
        &reordered(5, &[0, 1, 3, 5]),
        &expect![[r#"
        run.jsonl: 4 faults in 3 events of 1 lane, 1 session
        run.jsonl:3: position 1 is expected and 2 found: 1 event is missing
        run.jsonl:3: 00000000-0000-0000-0000-000000000001.0.2 follows sequence 0 of its lane: 1 event is missing
        run.jsonl:4: position 3 is expected and 4 found: 1 event is missing
        run.jsonl:4: 00000000-0000-0000-0000-000000000001.0.4 follows sequence 2 of its lane: 1 event is missing"#]],
    );
}

#[test]
fn a_line_that_is_there_twice_is_found_wherever_it_is() {
    check(
        &reordered(3, &[0, 1, 2, 2, 3]),
        &expect![[r#"
        run.jsonl: 2 faults in 4 events of 1 lane, 1 session
        run.jsonl:4: position 1 is repeated
        run.jsonl:4: 00000000-0000-0000-0000-000000000001.0.1 is there twice, first on line 3"#]],
    );
    check(
        &reordered(3, &[0, 1, 2, 3, 1]),
        &expect![[r#"
        run.jsonl: 2 faults in 4 events of 1 lane, 1 session
        run.jsonl:5: position 3 is expected and 0 found: positions run backwards
        run.jsonl:5: 00000000-0000-0000-0000-000000000001.0.0 is there twice, first on line 2"#]],
    );
}

#[test]
fn exchanged_lines_are_out_of_order_and_none_is_a_duplicate() {
    check(
        &reordered(3, &[0, 2, 1, 3]),
        &expect![[r#"
        run.jsonl: 3 faults in 3 events of 1 lane, 1 session
        run.jsonl:2: position 0 is expected and 1 found: 1 event is missing
        run.jsonl:3: position 2 is expected and 0 found: positions run backwards
        run.jsonl:3: 00000000-0000-0000-0000-000000000001.0.0 comes after later events of its lane"#]],
    );
}

#[test]
fn one_id_with_two_contents_is_corruption() {
    check(
        &written(&[event(0, "1"), event(1, "2"), event(0, "3")]),
        &expect![[r#"
            run.jsonl: 1 fault in 3 events of 1 lane, 1 session
            run.jsonl:4: 00000000-0000-0000-0000-000000000001.0.0 has other content than on line 2: one of the lines is corrupt"#]],
    );
}

#[test]
fn a_file_without_a_header_is_told_once() {
    check(
        &reordered(3, &[1, 2, 3]),
        &expect![[r#"
        run.jsonl: 1 fault in 3 events of 1 lane, 0 sessions
        run.jsonl:1: no header: a journal begins with `tidings.journal.opened`, so the begin of this one is gone or it is no journal"#]],
    );
}

#[test]
fn a_bad_line_and_what_it_hides_are_told() {
    let text = written(&events(3))
        .replace("\"lane\":0,\"sequence\":\"00000000000000000001\"", "\"lane\":1");
    check(
        &text,
        &expect![[r#"
        run.jsonl: 3 faults in 2 events of 1 lane, 1 session
        run.jsonl:3: the attribute `lane` cannot be read: it disagrees with the id 00000000-0000-0000-0000-000000000001.0.1 (restore the line from a copy, or remove it)
        run.jsonl:4: position 1 is expected and 2 found: 1 event is missing
        run.jsonl:4: 00000000-0000-0000-0000-000000000001.0.2 follows sequence 0 of its lane: 1 event is missing"#]],
    );
}

#[test]
fn a_session_that_begins_elsewhere_is_a_fault() {
    let text = written(&events(2));
    check(
        &(text.clone() + &text),
        &expect![[r#"
        run.jsonl: 3 faults in 4 events of 1 lane, 2 sessions
        run.jsonl:4: position 2 is expected and 0 found: positions run backwards
        run.jsonl:5: 00000000-0000-0000-0000-000000000001.0.0 is there twice, first on line 2
        run.jsonl:6: 00000000-0000-0000-0000-000000000001.0.1 is there twice, first on line 3"#]],
    );
    let later = text.replace("\"continues_at\":0", "\"continues_at\":4");
    assert!(!report(&later).is_sound());
}

#[test]
fn gaps_in_sequences_are_losses_only_where_everything_is_heard() {
    let gap = written(&[event(4, "1"), event(9, "2")]);
    check(
        &gap,
        &expect![[r#"
        run.jsonl: 1 fault in 2 events of 1 lane, 1 session
        run.jsonl:3: 00000000-0000-0000-0000-000000000001.0.9 follows sequence 4 of its lane: 4 events are missing"#]],
    );
    let filtered = gap.replace("\"everything\":true", "\"everything\":false");
    // The header was changed, which its own content id tells; the gap is none any more.
    let report = report(&filtered);
    assert_eq!(report.counts().collect::<Vec<_>>(), [("content id differs", 1)]);
}

#[test]
fn a_lane_may_begin_anywhere_and_lanes_may_mix() {
    let mixed = [
        event_on(1, 0, 7, "1"),
        event_on(2, 0, 3, "1"),
        event_on(1, 1, 0, "1"),
        event_on(2, 0, 4, "1"),
        event_on(1, 0, 8, "1"),
    ];
    assert!(report(&written(&mixed)).is_sound());
}

#[test]
fn of_many_faults_some_are_listed_and_all_are_counted() {
    let text = written(&events(1)) + &"no event\n".repeat(250);
    let report = report(&text);
    assert_eq!(report.fault_count(), 250);
    assert_eq!(report.faults().len() as u64, FAULTS_LISTED_MAX);
    let shown = report.to_string();
    assert!(shown.ends_with("150 more of: bad line"), "{shown}");
}

#[test]
fn an_event_that_nobody_can_check_is_noted() {
    let text = written(&[event(0, "{\"a\":1,\"a\":2}")]);
    check(
        &text,
        &expect![[r#"
        run.jsonl: sound: 1 event of 1 lane, 1 session
        note: 1 event without a content id could not be checked"#]],
    );
    assert!(report(&text).is_sound());
}
