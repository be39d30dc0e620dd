//! What `in_order` says it lost is no more than brute force must lose, in recordings of
//! every size; and what else only a failure shows.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tidings_assert::{Expectation, Pattern, Recorder, assert_same_events, event};
use tidings_registry::Observer;

use crate::events::{QuickTest, recorded, started, step};

fn patterns(sets: &[BTreeSet<u32>]) -> Vec<Pattern<'_>> {
    sets.iter().map(|set| event!(QuickTest::Step { n, .. } if set.contains(n))).collect()
}

/// How many expected events `in_order` says are lost; none when it holds.
fn lost(recorder: &Recorder, sets: &[BTreeSet<u32>]) -> usize {
    let Err(mismatch) = recorder.check(&[Expectation::in_order(patterns(sets))]) else {
        return 0;
    };
    let text = mismatch.to_string();
    let said = text.split_once("in_order: ").and_then(|(_, rest)| rest.split_once(" of "));
    said.and_then(|(number, _)| number.parse().ok()).expect(&text)
}

/// The most sets that find a number each, in order.
fn most(sets: &[BTreeSet<u32>], numbers: &[u32]) -> usize {
    let Some((first, rest)) = sets.split_first() else {
        return 0;
    };
    let without = most(rest, numbers);
    let places = (0..numbers.len()).filter(|at| first.contains(&numbers[*at]));
    places
        .map(|at| 1 + most(rest, &numbers[at + 1..]))
        .max()
        .map_or(without, |with| with.max(without))
}

proptest! {
    #[test]
    fn in_order_loses_as_few_as_brute_force(
        sets in prop::collection::vec(prop::collection::btree_set(0_u32..4, 1..3), 1..6),
        numbers in prop::collection::vec(0_u32..4, 1..7),
    ) {
        let recorder = recorded(numbers.iter().copied().map(step));
        prop_assert_eq!(lost(&recorder, &sets), sets.len() - most(&sets, &numbers));
    }
}

#[test]
fn in_order_says_what_it_lost_of_more_pairs_than_it_compares() {
    const EVENTS: u32 = 1_010;
    let recorder = recorded((0..EVENTS).map(step));
    let mut sets: Vec<BTreeSet<u32>> = (0..EVENTS).map(|number| [number].into()).collect();
    assert_eq!(lost(&recorder, &sets), 0);
    sets[700] = [EVENTS].into();
    assert_eq!(lost(&recorder, &sets), 1);
    sets[3] = [EVENTS].into();
    assert_eq!(lost(&recorder, &sets), 2);
}

#[test]
#[should_panic(expected = "x")]
fn recordings_that_are_not_the_same_fail_the_test() {
    assert_same_events!(recorded([started("x")]), recorded([started("y")]));
}

#[test]
fn a_recorder_says_what_it_is_and_whether_it_has_heard_anything() {
    let recorder = recorded([]);
    assert!(recorder.is_empty());
    assert_eq!((Observer::name(&recorder), recorder.kind()), ("recorder".to_owned(), "recorder"));
    assert!(!recorded([step(1)]).is_empty());
}
