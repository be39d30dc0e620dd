//! What the reducer promises: states, counts, attempts, bounds.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use tidings_core::{Entity, Envelope, Outcome, Role};

use super::*;
use crate::fixture::{Script, entity, sample};

fn tree_of(envelopes: &[Arc<Envelope>], limits: Limits) -> Tree {
    let mut tree = Tree::new(limits);
    for envelope in envelopes {
        tree.apply(envelope);
    }
    tree
}

fn finished(outcome: Outcome, millis: Option<u64>) -> State {
    let duration = millis.map(Duration::from_millis);
    State::Finished { outcome, duration }
}

fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
    Tally { passed, failed, skipped, ended: 0 }
}

#[test]
fn an_entity_lasts_from_its_begin_to_its_end() {
    let mut script = Script::new();
    let case = entity("case/t1");
    let mut tree = Tree::new(Limits::default());
    tree.apply(&script.raw("case/t1", "case.created", json!({})));
    assert_eq!(tree.state(&case), Some(State::Mentioned));
    tree.apply(&script.after(5).begin("case/t1"));
    assert_eq!(tree.state(&case), Some(State::Running { since: script.now() }));
    assert_eq!(tree.totals().running, 1);
    tree.apply(&script.after(7).end("case/t1", Outcome::Success));
    assert_eq!(tree.state(&case), Some(finished(Outcome::Success, Some(7))));
    assert_eq!((tree.totals().running, tree.events(&case)), (0, Some(3)));
}

#[test]
fn an_end_without_a_begin_counts_and_has_no_duration() {
    let mut script = Script::new();
    let tree = tree_of(&[script.end("case/t1", Outcome::Skipped)], Limits::default());
    assert_eq!(tree.state(&entity("case/t1")), Some(finished(Outcome::Skipped, None)));
    assert_eq!(tree.totals().tally, tally(0, 0, 1));
    assert!(tree.slowest().is_empty());
}

#[test]
fn a_begin_that_was_overtaken_by_its_end_gives_it_its_duration() {
    let mut script = Script::new();
    let begin = script.begin("case/t1");
    let end = script.after(9).end("case/t1", Outcome::Success);
    let tree = tree_of(&[end, begin], Limits::default());
    assert_eq!(tree.state(&entity("case/t1")), Some(finished(Outcome::Success, Some(9))));
    assert_eq!(tree.totals().running, 0);
    assert_eq!(tree.slowest()[0].duration, Duration::from_millis(9));
}

#[test]
fn a_second_begin_is_a_new_attempt_and_forgives_what_passes() {
    let mut script = Script::new();
    let events = [
        script.begin("case/t1"),
        script.after(1).fail("case/t1", "flaky"),
        script.after(1).begin("case/t1"),
        script.after(1).end("case/t1", Outcome::Success),
    ];
    let tree = tree_of(&events, Limits::default());
    assert_eq!(tree.attempts(&entity("case/t1")), Some(2));
    assert_eq!(tree.totals().tally, tally(1, 1, 0));
    assert_eq!(tree.failures()[0].passed_on_attempt, Some(2));
}

#[test]
fn only_innermost_entities_are_counted() {
    let mut script = Script::new();
    let mut events = sample(&mut script);
    let totals = tree_of(&events, Limits::default()).totals();
    assert_eq!((totals.running, totals.events), (1, 12));
    assert_eq!(totals.tally, tally(2, 1, 1));
    events.push(script.end("suite/a_SUITE/group/g1/case/divides", Outcome::Success));
    events.push(script.end("suite/a_SUITE/group/g1", Outcome::Failure));
    events.push(script.end("suite/a_SUITE", Outcome::Failure));
    let tree = tree_of(&events, Limits::default());
    assert_eq!((tree.totals().running, tree.totals().tally), (0, tally(3, 1, 1)));
}

#[test]
fn a_suite_that_fails_by_itself_is_a_failure() {
    let mut script = Script::new();
    let events = [
        script.begin("suite/a"),
        script.begin("suite/a/case/t1"),
        script.end("suite/a/case/t1", Outcome::Success),
        script.fail("suite/a", "teardown broke"),
    ];
    let tree = tree_of(&events, Limits::default());
    assert_eq!(tree.totals().tally, tally(1, 1, 0));
    assert_eq!(tree.failures()[0].text, "teardown broke");
}

#[test]
fn ten_thousand_entities_keep_few_nodes_and_exact_totals() {
    let mut script = Script::new();
    let limits = Limits::default().with_nodes(50).with_failures(3).with_slowest(2);
    let mut tree = Tree::new(limits);
    tree.apply(&script.begin("suite/a"));
    for number in 0..10_000_u64 {
        let path = format!("suite/a/case/{number}");
        tree.apply(&script.begin(&path));
        script.after(number % 100);
        match number % 10 {
            0 => tree.apply(&script.fail(&path, "no")),
            _ => tree.apply(&script.end(&path, Outcome::Success)),
        }
        assert!(tree.kept() <= 50);
    }
    let totals = tree.totals();
    assert_eq!((totals.running, totals.events), (0, 20_001));
    assert_eq!(totals.tally, tally(9_000, 1_000, 0));
    assert_eq!(tree.folded() + u64::try_from(tree.kept()).unwrap(), 10_001);
    assert_eq!(tree.failures().len(), 3);
    let slowest: Vec<&str> = tree.slowest().iter().map(|slow| slow.entity.id()).collect();
    assert_eq!(slowest, ["99", "199"]);
    let suite = tree.node(tree.roots()[0]);
    assert_eq!(suite.inside, tally(9_000, 1_000, 0));
}

#[test]
fn more_running_than_may_be_kept_are_still_counted() {
    let mut script = Script::new();
    let mut tree = Tree::new(Limits::default().with_nodes(3));
    let names: Vec<String> = (0..10).map(|number| format!("case/{number}")).collect();
    for name in &names {
        tree.apply(&script.begin(name));
    }
    assert_eq!((tree.kept(), tree.totals().running), (3, 10));
    for name in &names {
        tree.apply(&script.end(name, Outcome::Success));
    }
    assert_eq!((tree.totals().running, tree.totals().tally), (0, tally(10, 0, 0)));
    tree.apply(&script.begin("case/new"));
    assert!(tree.state(&entity("case/new")).is_some(), "there is room again");
}

#[test]
fn an_entity_that_changes_all_the_time_costs_no_memory() {
    let mut script = Script::new();
    let mut tree = Tree::new(Limits::default().with_nodes(4));
    for number in 0..5_000 {
        tree.apply(&script.raw("case/chatty", "case.log", json!({ "n": number })));
    }
    tree.apply(&script.begin("case/a"));
    assert_eq!(tree.kept(), 2);
    assert!(tree.candidates() <= 20, "{}", tree.candidates());
}

#[test]
fn durations_across_two_buses_come_from_wall_time() {
    let mut first = Script::new();
    let mut second = Script::on_bus(2, Duration::from_secs(3));
    let events = [
        first.after(60_000).begin("case/t1"),
        second.after(57_500).end("case/t1", Outcome::Success),
    ];
    let tree = tree_of(&events, Limits::default());
    assert_eq!(tree.state(&entity("case/t1")), Some(finished(Outcome::Success, Some(500))));
}

fn any_role() -> impl Strategy<Value = Role> {
    prop_oneof![
        Just(Role::Point),
        Just(Role::Begin),
        Just(Role::End(Outcome::Success)),
        Just(Role::End(Outcome::Failure)),
        Just(Role::End(Outcome::Skipped)),
    ]
}

proptest! {
    /// With innermost entities only, totals are those of a plain count whatever is kept.
    #[test]
    fn totals_do_not_depend_on_what_is_kept(
        steps in prop::collection::vec((0_u8..20, any_role()), 0..200),
        nodes in 21_usize..40,
    ) {
        let mut script = Script::new();
        let mut small = Tree::new(Limits::default().with_nodes(nodes));
        let mut counted = Tally::default();
        for (case, role) in steps {
            let about = Entity::new("suite", "s").child("case", &case.to_string());
            small.apply(&script.about(&about, "case.event", role, json!({})));
            if let Some(outcome) = role.outcome() {
                counted.add(outcome);
            }
        }
        prop_assert_eq!(small.totals().tally, counted);
        let running = small.walk().iter().filter(|(id, _)| small.node(*id).is_running()).count();
        prop_assert_eq!(small.totals().running, u64::try_from(running).unwrap());
    }

    /// Any shape of tree, any order of events, any limit: nothing underflows, the bound
    /// holds, and what ended is never less than what is listed.
    #[test]
    fn any_order_of_events_keeps_the_bounds(
        steps in prop::collection::vec((prop::collection::vec(0_u8..3, 1..5), any_role()), 0..200),
        nodes in 0_usize..8,
    ) {
        let mut script = Script::new();
        let mut tree = Tree::new(Limits::default().with_nodes(nodes));
        for (path, role) in steps {
            let about = Entity::from_path(path.iter().map(|id| ("n", id.to_string()))).unwrap();
            tree.apply(&script.after(1).about(&about, "a.b", role, json!({})));
            prop_assert!(tree.kept() <= nodes);
        }
        let failures = u64::try_from(tree.failures().len()).unwrap();
        prop_assert!(failures <= tree.totals().tally.failed);
    }
}
