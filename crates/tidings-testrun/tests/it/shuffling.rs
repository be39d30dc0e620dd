//! The order of arrival does not show: only the order within each case does.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use tidings_assert::{Recorder, test_bus};
use tidings_core::{Entity, Envelope};
use tidings_testrun::{
    CaseFinished, CaseSkipped, CaseStarted, ErrorItem, Failure, LogFile, NodeJoined, NodeLost,
    Output, RunFinished, RunPlanned, RunStarted, RunSummary, Selector, Status, StepFinished,
    StepStarted, SuiteFinished, SuiteStarted, TestRun,
};

use crate::support::{case, everything, run};

/// What happens to one case.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Start(u32),
    End(u32, Status),
    Skip,
    Print,
    Step,
    Log,
    Break,
    Abort(u32),
}

fn deed() -> impl Strategy<Value = Deed> {
    let status = proptest::sample::select(Status::ALL.to_vec());
    prop_oneof![
        (1..3_u32).prop_map(Deed::Start),
        (1..3_u32, status).prop_map(|(attempt, status)| Deed::End(attempt, status)),
        Just(Deed::Skip),
        Just(Deed::Print),
        Just(Deed::Step),
        Just(Deed::Log),
        Just(Deed::Break),
        (1..3_u32).prop_map(Deed::Abort),
    ]
}

fn events_of(deed: Deed) -> Vec<(Option<&'static str>, TestRun)> {
    let one = |event: TestRun| vec![(None, event)];
    match deed {
        Deed::Start(attempt) => one(CaseStarted::new().with_attempt(attempt).into()),
        Deed::End(attempt, status) => one(CaseFinished::new(status).with_attempt(attempt).into()),
        Deed::Skip => one(CaseSkipped::automatically("because").into()),
        Deed::Print => one(Output::stdout("text\n").into()),
        Deed::Step => vec![
            (Some("st"), StepStarted::new().into()),
            (Some("st"), StepFinished::failed(Failure::assertion("x")).into()),
        ],
        Deed::Log => one(LogFile::new("log.html").into()),
        Deed::Break => one(ErrorItem::new(Failure::from_text("broke")).into()),
        Deed::Abort(attempt) => {
            one(CaseFinished::new(Status::Aborted).with_attempt(attempt).synthetic().into())
        }
    }
}

/// The events of a run, in one order of emission.
fn record(cases: &[Vec<Deed>], ends: bool) -> Vec<(String, Arc<Envelope>)> {
    let (bus, clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let say = |entity: &Entity, event: TestRun| {
        clock.advance(Duration::from_millis(1));
        bus.emitter_for(entity.clone()).emit(event);
    };
    let suite = Entity::new("suite", "s");
    say(&run(), RunStarted::new().into());
    say(&run(), RunPlanned::selectors([Selector::test("s", "1"), Selector::suite("t")]).into());
    say(&suite, SuiteStarted::new().into());
    say(&Entity::new("node", "n"), NodeJoined::new().into());
    for (number, deeds) in cases.iter().enumerate() {
        let place = case(&format!("s/{number}"));
        for (inner, event) in deeds.iter().flat_map(|deed| events_of(*deed)) {
            let entity = inner.map_or(place.clone(), |inner| place.child("step", inner));
            say(&entity, event);
        }
    }
    say(&Entity::new("node", "n"), NodeLost::new("silent").into());
    say(&suite, SuiteFinished::new(Status::Success).into());
    if ends {
        say(&run(), RunFinished::new(Status::Success).into());
    }
    let keyed = recorder.envelopes().into_iter().map(|envelope| {
        let pairs = envelope.entity().pairs().take_while(|(kind, _)| *kind != "step");
        (pairs.map(|(_, id)| id).collect::<Vec<_>>().join("/"), envelope)
    });
    keyed.collect()
}

/// Another order of arrival: which case comes next is up to `choices`.
fn shuffled(events: &[(String, Arc<Envelope>)], choices: &[u8]) -> Vec<Arc<Envelope>> {
    let mut queues: BTreeMap<&str, VecDeque<Arc<Envelope>>> = BTreeMap::new();
    for (key, envelope) in events {
        queues.entry(key).or_default().push_back(Arc::clone(envelope));
    }
    let mut order = Vec::new();
    let mut choices = choices.iter().cycle();
    while !queues.is_empty() {
        let choice = usize::from(*choices.next().expect("never empty")) % queues.len();
        let key = *queues.keys().nth(choice).expect("within bounds");
        let queue = queues.get_mut(key).expect("it was just found");
        order.extend(queue.pop_front());
        if queue.is_empty() {
            queues.remove(key);
        }
    }
    order
}

fn summary_of<'a>(envelopes: impl IntoIterator<Item = &'a Arc<Envelope>>) -> RunSummary {
    let mut summary = RunSummary::new();
    for envelope in envelopes {
        summary.apply(envelope);
    }
    summary
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mixing_the_events_of_several_cases_changes_nothing(
        cases in proptest::collection::vec(proptest::collection::vec(deed(), 0..8), 1..5),
        ends in any::<bool>(),
        choices in proptest::collection::vec(any::<u8>(), 1..60),
    ) {
        let events = record(&cases, ends);
        let straight = summary_of(events.iter().map(|(_, envelope)| envelope));
        let mixed = summary_of(&shuffled(&events, &choices));
        prop_assert_eq!(everything(&straight), everything(&mixed));
    }

    #[test]
    fn the_numbers_of_every_view_agree(
        cases in proptest::collection::vec(proptest::collection::vec(deed(), 0..8), 1..5),
    ) {
        let events = record(&cases, true);
        let summary = summary_of(events.iter().map(|(_, envelope)| envelope));
        let counts = summary.counts();
        let listed = summary.cases();
        prop_assert_eq!(counts.running, 0, "nothing runs after the end of the run");
        prop_assert_eq!(counts.total(), listed.len() as u64 + counts.error_items);
        prop_assert_eq!(counts.failed(), summary.failures().len() as u64);
        prop_assert_eq!(counts.flaky, summary.flaky().len() as u64);
        let of_suites: u64 = summary.suites().iter().map(|suite| suite.own.total()).sum();
        prop_assert_eq!(counts.total(), of_suites);
        let of_nodes: u64 = summary.nodes().iter().map(|node| node.counts.total()).sum();
        prop_assert_eq!(counts.total(), of_nodes);
        let json = summary.to_json();
        prop_assert_eq!(json.total, json.passed + json.failed + json.skipped);
        prop_assert_eq!(json.total, json.by_status.values().sum::<u64>());
        prop_assert!(json.flaky <= json.passed);
    }
}
