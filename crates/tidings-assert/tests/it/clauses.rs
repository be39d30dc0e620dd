//! What each clause accepts and refuses.

use tidings_assert::{assert_events, check_events};

use crate::events::{QuickTest, completed, failed, fixture, recorded, started, step};

#[test]
fn exactly_allows_no_other_event_and_no_other_order() {
    let recorder = recorded([started("x"), step(1)]);
    assert_events!(recorder, exactly: [QuickTest::Started { .. }, QuickTest::Step { n: 1, .. }]);
    assert!(check_events!(recorder, exactly: [QuickTest::Started { .. }]).is_err());
    assert!(
        check_events!(recorder, exactly: [QuickTest::Step { .. }, QuickTest::Started { .. }])
            .is_err()
    );
    assert!(check_events!(recorder, exactly: [_, _, _]).is_err());
    assert!(check_events!(recorder, exactly: []).is_err());
}

#[test]
fn in_order_is_a_true_subsequence() {
    let aba = recorded([step(1), step(2), step(1)]);
    assert_events!(aba, in_order: [
        QuickTest::Step { n: 1, .. },
        QuickTest::Step { n: 2, .. },
        QuickTest::Step { n: 1, .. },
    ]);
    let ab = recorded([step(1), step(2)]);
    assert!(
        check_events!(ab, in_order: [QuickTest::Step { n: 1, .. }, QuickTest::Step { n: 1, .. }])
            .is_err()
    );
    assert_events!(aba, in_order: [QuickTest::Step { n: 2, .. }]);
    assert!(
        check_events!(ab, in_order: [QuickTest::Step { n: 2, .. }, QuickTest::Step { n: 1, .. }])
            .is_err()
    );
}

#[test]
fn never_holds_for_a_list_and_for_one_pattern() {
    let recorder = recorded([started("x"), step(1)]);
    assert_events!(recorder, never: QuickTest::Failed { .. });
    assert_events!(recorder, never: [QuickTest::Failed { .. }, QuickTest::Step { n: 2.., .. }]);
    assert!(check_events!(recorder, never: QuickTest::Step { .. }).is_err());
    assert!(check_events!(recorder, never: [QuickTest::Idle, QuickTest::Step { .. }]).is_err());
}

#[test]
fn count_takes_numbers_ranges_and_expressions() {
    let recorder = recorded([step(1), step(2), step(3)]);
    let three = 3_usize;
    assert_events!(recorder, count: {
        QuickTest::Step { .. } => 3,
        QuickTest::Step { n: 1..=2, .. } => 1..=2,
        QuickTest::Step { n, .. } if *n > 1 => 2..,
        QuickTest::Idle => ..=1,
        QuickTest::Idle => 0,
        QuickTest::Step { .. } => 1..4,
        _ => three,
    });
    assert!(check_events!(recorder, count: { QuickTest::Step { .. } => 2 }).is_err());
    assert!(check_events!(recorder, count: { QuickTest::Step { .. } => 4.. }).is_err());
    assert!(check_events!(recorder, count: { QuickTest::Step { .. } => ..=2 }).is_err());
    assert!(check_events!(recorder, count: { QuickTest::Step { .. } => 1..3 }).is_err());
}

#[test]
fn per_checks_every_group_with_every_clause_after_it() {
    let fixture = fixture();
    let other = fixture.bus.emitter("case", "t2");
    for emitter in [&fixture.emitter, &other] {
        emitter.emit(started("x"));
    }
    fixture.emitter.emit(completed(1));
    other.emit(completed(1));
    assert_events!(
        fixture.recorder,
        count: { QuickTest::Started { .. } => 2 },
        per(|envelope| envelope.entity()),
        exactly: [QuickTest::Started { .. }, QuickTest::Completed { .. }],
        count: { QuickTest::Started { .. } => 1 },
        per(|envelope| envelope.event_type().clone()), count: { _ => 2 },
    );
    other.emit(step(1));
    let per_case = check_events!(
        fixture.recorder,
        per(|envelope| envelope.entity()), exactly: [QuickTest::Started { .. }, QuickTest::Completed { .. }]
    );
    assert!(per_case.expect_err("t2 has a step").to_string().starts_with("per `case/t2`"));
}

#[test]
fn starts_before_finish_pairs_by_entity() {
    let fixture = fixture();
    let other = fixture.bus.emitter("case", "t2");
    fixture.emitter.emit(started("x"));
    other.emit(started("y"));
    other.emit(failed(1));
    assert!(check_events!(fixture.recorder, starts_before_finish).is_err());
    fixture.emitter.emit(completed(0));
    assert_events!(fixture.recorder, starts_before_finish);
    fixture.emitter.emit(completed(0));
    assert!(check_events!(fixture.recorder, starts_before_finish).is_err());
}

#[test]
fn starts_before_finish_of_events_without_hints_says_nothing() {
    let recorder = recorded([step(1)]);
    assert!(check_events!(recorder, starts_before_finish).is_err());
}

#[test]
fn nothing_recorded_is_no_pass_unless_nothing_was_expected() {
    let recorder = fixture().recorder;
    assert_events!(
        recorder,
        never: QuickTest::Idle,
        exactly: [],
        count: { QuickTest::Idle => 0, QuickTest::Idle => ..=3 },
        per(|envelope| envelope.entity()), never: QuickTest::Idle,
    );
    for positive in [
        check_events!(recorder, exactly: [_]),
        check_events!(recorder, in_order: [_]),
        check_events!(recorder, any_order: [_]),
        check_events!(recorder, count: { QuickTest::Idle => 0, _ => 1.. }),
        check_events!(recorder, starts_before_finish),
        check_events!(recorder, per(|envelope| envelope.entity()), exactly: [_]),
    ] {
        let text = positive.expect_err("nothing was recorded").to_string();
        assert!(text.contains("nothing was recorded"), "{text}");
        assert!(text.contains("registered before"), "{text}");
    }
}

#[test]
fn the_first_clause_that_does_not_hold_is_reported() {
    let recorder = recorded([step(1)]);
    let mismatch = check_events!(recorder, exactly: [_], never: _, count: { _ => 2 });
    assert!(mismatch.expect_err("one event").to_string().starts_with("never:"));
}

#[test]
fn a_failed_assertion_panics_with_the_text() {
    let recorder = recorded([step(1)]);
    let caught = std::panic::catch_unwind(|| {
        assert_events!(recorder, never: _);
    });
    let text = *caught.expect_err("it panics").downcast::<String>().expect("a text");
    assert!(text.starts_with("never: 1 of 1 recorded event should not be there"), "{text}");
}
