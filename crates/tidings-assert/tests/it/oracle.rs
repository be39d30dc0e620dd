//! The clauses against the plainest code that decides the same.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tidings_assert::{Count, Expectation, Pattern, Recorder, event};
use tidings_core::Envelope;

use crate::events::{QuickTest, completed, failed, fixture, recorded, started, step};

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

/// An event of one of three entities: what is said is a number below 4.
fn said() -> impl Strategy<Value = Vec<(usize, u32)>> {
    prop::collection::vec((0_usize..3, 0_u32..4), 0..12)
}

/// Each event on the emitter of its entity.
fn recorded_of(said: &[(usize, u32)], event: impl Fn(u32) -> QuickTest) -> Recorder {
    let fixture = fixture();
    let emitters = ["a", "b", "c"].map(|id| fixture.bus.emitter::<QuickTest>("case", id));
    for (entity, number) in said {
        emitters[*entity].emit(event(*number));
    }
    fixture.recorder
}

/// The numbers of each entity that said any.
fn groups(said: &[(usize, u32)]) -> Vec<Vec<u32>> {
    let of = |entity| said.iter().filter(move |one| one.0 == entity).map(|one| one.1).collect();
    (0..3).map(of).filter(|numbers: &Vec<u32>| !numbers.is_empty()).collect()
}

/// Begins, ends either way, or neither.
fn of_a_life(number: u32) -> QuickTest {
    match number {
        0 => started("x"),
        1 => completed(1),
        2 => failed(1),
        _ => QuickTest::Idle,
    }
}

/// Whether brackets match: 0 opens, 1 and 2 close, 3 is neither.
fn is_balanced(numbers: &[u32]) -> bool {
    let mut open = 0;
    for number in numbers {
        open += [1, -1, -1, 0][*number as usize];
        if open < 0 {
            return false;
        }
    }
    open == 0
}

#[test]
fn beginnings_alone_are_told_as_such() {
    let recorder = recorded_of(&[(0, 0), (1, 0)], of_a_life);
    let told = recorder.check(&[Expectation::starts_before_finish()]).map_err(|it| it.to_string());
    let told = told.expect_err("nothing ends them");
    assert!(told.contains("starts_before_finish: 2 beginnings without an end"), "{told}");
}

proptest! {
    #[test]
    fn per_is_the_clause_for_each_group_by_itself(sets in sets(), said in said()) {
        let recorder = recorded_of(&said, step);
        let groups = groups(&said);
        let all = |holds: &dyn Fn(&[u32]) -> bool| groups.iter().all(|group| holds(group));
        let per = |clause| {
            Expectation::per(|event: &Envelope| event.entity().to_string(), [clause])
        };
        // Without an event there is no group, and `per` holds for all of them; yet an
        // expectation that nothing could have broken is refused.
        let is_said = !said.is_empty();
        let in_order = is_said && all(&|numbers| assignable(&sets, numbers, 0, true));
        prop_assert_eq!(holds(&recorder, per(Expectation::in_order(patterns(&sets)))), in_order);
        let any_order = is_said && all(&|numbers| assignable(&sets, numbers, 0, false));
        prop_assert_eq!(holds(&recorder, per(Expectation::any_order(patterns(&sets)))), any_order);
        let first = &sets[0];
        let never = all(&|numbers| !numbers.iter().any(|number| first.contains(number)));
        let pattern = patterns(&sets).remove(0);
        prop_assert_eq!(holds(&recorder, per(Expectation::never([pattern]))), never);
    }

    #[test]
    fn starts_before_finish_is_what_a_count_of_brackets_says(said in said()) {
        let recorder = recorded_of(&said, of_a_life);
        let is_any = said.iter().any(|one| one.1 < 3);
        let balanced = groups(&said).iter().all(|numbers| is_balanced(numbers));
        let found = holds(&recorder, Expectation::starts_before_finish());
        prop_assert_eq!(found, is_any && balanced);
    }

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
