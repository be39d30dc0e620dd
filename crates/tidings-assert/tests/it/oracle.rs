//! The clauses against the plainest code that decides the same.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tidings_assert::{Count, Expectation, Pattern, Recorder, event};

use crate::events::{QuickTest, recorded, step};

type Sets = Vec<BTreeSet<u32>>;

fn sets() -> impl Strategy<Value = Sets> {
    prop::collection::vec(prop::collection::btree_set(0_u32..4, 1..3), 1..6)
}

fn numbers() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0_u32..4, 1..7)
}

fn patterns(sets: &Sets) -> Vec<Pattern<'_>> {
    sets.iter().map(|set| event!(QuickTest::Step { n, .. } if set.contains(n))).collect()
}

fn holds(recorder: &Recorder, expectation: Expectation<'_>) -> bool {
    recorder.check(&[expectation]).is_ok()
}

/// Tries every way to give each set a number, in order or not.
fn assignable(sets: &[BTreeSet<u32>], numbers: &[u32], used: u32, in_order: bool) -> bool {
    let Some((first, rest)) = sets.split_first() else {
        return true;
    };
    (0..numbers.len()).any(|at| {
        let is_free = if in_order { used >> at == 0 } else { used & (1 << at) == 0 };
        is_free
            && first.contains(&numbers[at])
            && assignable(rest, numbers, used | (1 << at), in_order)
    })
}

proptest! {
    #[test]
    fn in_order_is_what_brute_force_finds(sets in sets(), numbers in numbers()) {
        let recorder = recorded(numbers.iter().copied().map(step));
        let found = holds(&recorder, Expectation::in_order(patterns(&sets)));
        prop_assert_eq!(found, assignable(&sets, &numbers, 0, true));
    }

    #[test]
    fn any_order_is_what_brute_force_finds(sets in sets(), numbers in numbers()) {
        let recorder = recorded(numbers.iter().copied().map(step));
        let found = holds(&recorder, Expectation::any_order(patterns(&sets)));
        prop_assert_eq!(found, assignable(&sets, &numbers, 0, false));
    }

    #[test]
    fn exactly_is_equality_place_by_place(sets in sets(), numbers in numbers()) {
        let recorder = recorded(numbers.iter().copied().map(step));
        let found = holds(&recorder, Expectation::exactly(patterns(&sets)));
        let same = sets.len() == numbers.len()
            && sets.iter().zip(&numbers).all(|(set, number)| set.contains(number));
        prop_assert_eq!(found, same);
    }

    #[test]
    fn count_and_never_are_what_a_filter_counts(
        set in prop::collection::btree_set(0_u32..4, 1..3),
        numbers in numbers(),
        least in 0_usize..4,
        more in 0_usize..3,
    ) {
        let recorder = recorded(numbers.iter().copied().map(step));
        let found = numbers.iter().filter(|number| set.contains(number)).count();
        let sets = vec![set];
        let pattern = || patterns(&sets).remove(0);
        let count = Count::from(least..=least + more);
        prop_assert_eq!(
            holds(&recorder, Expectation::count([(pattern(), count)])),
            (least..=least + more).contains(&found)
        );
        prop_assert_eq!(holds(&recorder, Expectation::never([pattern()])), found == 0);
    }

    /// Whatever differs, the text names every event that is too many or different.
    #[test]
    fn a_failure_of_exactly_shows_both_sides(expected in numbers(), numbers in numbers()) {
        let recorder = recorded(numbers.iter().copied().map(step));
        let sets: Sets = expected.iter().map(|number| BTreeSet::from([*number])).collect();
        if let Err(mismatch) = recorder.check(&[Expectation::exactly(patterns(&sets))]) {
            let text = mismatch.to_string();
            let rows = |mark: &str| text.lines().filter(|line| line.starts_with(mark)).count();
            let (missing, extra) = (rows("  −"), rows("  +"));
            // Elided rows are matches, and stand on both sides.
            prop_assert_eq!(expected.len() + extra, numbers.len() + missing, "{}", text);
        } else {
            prop_assert_eq!(expected, numbers);
        }
    }
}
