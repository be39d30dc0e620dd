//! Who comes back misses nothing, and gets nothing else.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::Value;
use tidings_core::{Entity, Timestamp};
use tidings_registry::Bus;
use tidings_testrun::{
    CaseFinished, CaseSkipped, CaseStarted, ErrorItem, Failure, NodeJoined, NodeLost, Output,
    RunEmitter, RunFinished, RunStarted, Status, StepFinished, StepStarted, SuiteStarted, TestRun,
};

use crate::support::{Copy, Scene, Stream};

fn names(cases: &Value) -> Vec<&str> {
    cases.as_array().into_iter().flatten().filter_map(|case| case["name"].as_str()).collect()
}

#[test]
fn a_reconnect_gets_only_what_changed_meanwhile() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "nightly");
    let (first, second) = (run.case("first"), run.case("second"));
    let mut page = Copy::default();
    page.follow(&mut Stream::open(&scene.live, None), 3);
    second.success();
    run.case("third").success();
    let mut stream = Stream::open(&scene.live, page.last_id.as_deref());
    let mut told = Vec::new();
    while page.last_id.as_deref().map(crate::support::version_of) < Some(6) {
        let changes = stream.next().expect("changes");
        told.extend(names(&changes.data["cases"]).into_iter().map(str::to_owned));
        page.take(changes);
    }
    told.dedup();
    assert_eq!(page.models, 1);
    assert_eq!(told, ["second", "third"]);
    assert_eq!(page.told(), &scene.model());
    first.success();
    run.success();
}

#[test]
fn a_reconnect_that_missed_nothing_waits_for_news() {
    let scene = Scene::with(crate::support::builder().keep_alive(Duration::from_millis(5)));
    let run = RunEmitter::start(&scene.bus, "nightly");
    let mut page = Copy::default();
    page.follow(&mut Stream::open(&scene.live, None), 1);
    let mut stream = Stream::open(&scene.live, page.last_id.as_deref());
    // It would have come before the first silence.
    stream.wait_for_comments(2);
    let _case = run.case("first");
    let changes = stream.next().expect("changes");
    assert_eq!((changes.name.as_str(), changes.version()), ("changes", 2));
}

#[test]
fn an_id_of_nobody_gets_the_whole_model() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "nightly");
    let mut page = Copy::default();
    page.follow(&mut Stream::open(&scene.live, None), 1);
    let own = page.last_id.expect("an id");
    let epoch = own.strip_suffix("-1").expect("a version");
    let mut ids = ["", "garbage", "-", "--1", "1-1", "\u{e9}"].map(str::to_owned).to_vec();
    ids.extend(
        ["-2", "-+1", "-01", "--1", "-18446744073709551616", "", "-1 "]
            .map(|version| format!("{epoch}{version}")),
    );
    ids.push(own.to_uppercase().replace(['A', 'B', 'C', 'D', 'E', 'F'], "G"));
    // Blanks around a value are no part of it.
    ids.retain(|id| id.trim() != own);
    for id in ids {
        let message = Stream::open(&scene.live, Some(&id)).next().expect("a model");
        assert_eq!(message.name, "model", "{id:?}");
    }
    run.success();
}

#[test]
fn a_server_that_was_restarted_sends_the_whole_model() {
    let (old, new) = (Scene::new(), Scene::new());
    for scene in [&old, &new] {
        RunEmitter::start(&scene.bus, "nightly").case("first").success();
    }
    let mut page = Copy::default();
    page.follow(&mut Stream::open(&old.live, None), 3);
    let mut stream = Stream::open(&new.live, page.last_id.as_deref());
    page.take(stream.next().expect("a model"));
    assert_eq!(page.models, 2);
    assert_eq!(page.told(), &new.model());
}

/// One thing that happens, on one of two nodes.
#[derive(Debug, Clone)]
struct Deed {
    node: usize,
    case: u8,
    act: Act,
    /// When, as its producer says.
    at: Option<u8>,
}

#[derive(Debug, Clone, Copy)]
enum Act {
    Start(u32),
    End(u32, Status),
    Skip,
    Print,
    Step,
    Break,
    Foreign,
    SuiteStart,
    RunStart,
    RunEnd,
    NodeJoin,
    NodeLose,
}

fn deed() -> impl Strategy<Value = Deed> {
    let status = proptest::sample::select(Status::ALL.to_vec());
    let act = prop_oneof![
        4 => (1..3_u32).prop_map(Act::Start),
        4 => (1..3_u32, status).prop_map(|(attempt, status)| Act::End(attempt, status)),
        1 => Just(Act::Skip),
        1 => Just(Act::Print),
        1 => Just(Act::Step),
        1 => Just(Act::Break),
        1 => Just(Act::Foreign),
        1 => Just(Act::SuiteStart),
        1 => Just(Act::RunStart),
        1 => Just(Act::RunEnd),
        1 => Just(Act::NodeJoin),
        1 => Just(Act::NodeLose),
    ];
    let at = proptest::option::of(0..20_u8);
    (0..2_usize, 0..5_u8, act, at).prop_map(|(node, case, act, at)| Deed { node, case, act, at })
}

impl Deed {
    /// Does it; how many events that is.
    fn emit(&self, buses: &[Bus; 2]) -> u64 {
        let bus = &buses[self.node];
        let suite = Entity::new("run", "r").child("suite", "s");
        let case = suite.child("case", &self.case.to_string());
        let at = self.at.map(|second| Timestamp::from_nanos(i64::from(second) * 1_000_000_000));
        let say = |entity: &Entity, event: TestRun| {
            bus.emitter_for(entity.clone()).emit(event);
        };
        match self.act {
            Act::Start(attempt) => {
                let mut event = CaseStarted::new().with_attempt(attempt);
                event.at = at;
                say(&case, event.into());
            }
            Act::End(attempt, status) => {
                let mut event = CaseFinished::new(status).with_attempt(attempt);
                event.at = at;
                say(&case, event.into());
            }
            Act::Skip => say(&case, CaseSkipped::automatically("because").into()),
            Act::Print => say(&case, Output::stdout("text\n").into()),
            Act::Step => {
                let step = case.child("step", "st");
                say(&step, StepStarted::new().into());
                say(&step, StepFinished::failed(Failure::assertion("x")).into());
                return 2;
            }
            Act::Break => say(&case, ErrorItem::new(Failure::from_text("broke")).into()),
            Act::Foreign => {
                bus.raw_emitter("door", "front")
                    .emit("door.opened", serde_json::json!({}))
                    .expect("a good type");
            }
            Act::SuiteStart => say(&suite, SuiteStarted::new().into()),
            Act::RunStart => say(&Entity::new("run", "r"), RunStarted::new().into()),
            Act::RunEnd => {
                let mut event = RunFinished::new(Status::Success);
                event.at = at;
                say(&Entity::new("run", "r"), event.into());
            }
            Act::NodeJoin => say(&Entity::new("node", "n2"), NodeJoined::new().into()),
            Act::NodeLose => say(&Entity::new("node", "n2"), NodeLost::new("silent").into()),
        }
        1
    }
}

/// What the client does after a deed.
#[derive(Debug, Clone, Copy)]
enum Move {
    Nothing,
    Read,
    CutOff,
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn who_is_cut_off_anywhere_ends_with_the_model_of_the_end(
        deeds in proptest::collection::vec(
            (deed(), proptest::sample::select(vec![Move::Nothing, Move::Read, Move::CutOff])),
            1..60,
        ),
    ) {
        let scene = Scene::new();
        let other = Bus::builder().run("r").node("n2").build();
        let master = scene.bus.clone();
        let relay = other.observe("**", move |envelope| {
            master.republish(Arc::clone(envelope));
        });
        relay.expect("a prefix").detach();
        let buses = [scene.bus.clone(), other];
        let mut page = Copy::default();
        let mut stream = Stream::open(&scene.live, None);
        let mut version = 0;
        for (deed, then) in &deeds {
            version += deed.emit(&buses);
            match then {
                Move::Nothing => {}
                Move::Read => {
                    page.follow(&mut stream, version);
                    prop_assert_eq!(page.told(), &scene.model());
                }
                Move::CutOff => stream = Stream::open(&scene.live, page.last_id.as_deref()),
            }
        }
        scene.live.finish();
        page.follow(&mut stream, version + 1);
        prop_assert_eq!(page.told(), &scene.model_at_the_end());
        prop_assert!(page.models <= 1 + deeds.len());
    }
}
