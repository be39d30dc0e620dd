//! `any_order` is a true matching.

use tidings_assert::{assert_events, check_events};

use crate::events::{QuickTest, recorded, step};

#[test]
fn a_wide_pattern_gives_way_to_a_narrow_one() {
    let recorder = recorded([step(1), step(2), step(3)]);
    assert_events!(recorder, any_order: [
        QuickTest::Step { .. },
        QuickTest::Step { n: 1..=2, .. },
        QuickTest::Step { n: 1, .. },
    ]);
}

#[test]
fn one_event_does_not_serve_two_patterns() {
    let recorder = recorded([step(1), step(2)]);
    assert!(
        check_events!(recorder, any_order: [
            QuickTest::Step { n: 1, .. },
            QuickTest::Step { n: 1, .. },
        ])
        .is_err()
    );
    assert!(check_events!(recorder, any_order: [_, _, _]).is_err());
}

#[test]
fn other_events_may_be_there_unless_they_are_counted() {
    let recorder = recorded([step(1), step(2), step(3)]);
    assert_events!(recorder, any_order: [QuickTest::Step { n: 3, .. }, QuickTest::Step { n: 1, .. }]);
    assert!(
        check_events!(
            recorder,
            any_order: [QuickTest::Step { n: 3, .. }, QuickTest::Step { n: 1, .. }],
            count: { _ => 2 },
        )
        .is_err()
    );
}
