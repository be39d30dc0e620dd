//! Live, replayed and late: the same summary.

use std::time::Duration;

use tidings_assert::test_bus_builder;
use tidings_journal::{Journal, Reader, replay};
use tidings_registry::Bus;
use tidings_testrun::{
    Attachment, CaseSkipped, ErrorItem, Failure, LiveSummary, RunEmitter, RunPlanned,
};

use crate::support::everything;

fn play(bus: &Bus) {
    let run = RunEmitter::start(bus, "r");
    run.plan(RunPlanned::count(9));
    let suite = run.suite("s");
    let group = suite.group("g");
    let case = group.case("flaky");
    case.stdout("first\n");
    case.retry(Failure::assertion("a \u{1b}[31mred\u{1b}[0m é").with_expected("1")).success();
    group.case("skipped").skipped(CaseSkipped::by_user("why"));
    group.error(ErrorItem::named("teardown", Failure::from_text("broke\nhere")));
    group.success();
    let case = suite.case("attached");
    case.attach(Attachment::inline("note", b"bytes").expect("small"));
    case.attach(Attachment::digest("core", "sha256:00"));
    case.log_file("case.html");
    let step = case.step("Given");
    step.failure(Failure::assertion("step"));
    case.failure(Failure::assertion("case").at_line("a.rs", 3));
    let _forgotten = suite.case("forgotten");
    run.success();
}

#[test]
fn a_journal_replays_to_the_summary_that_was_live() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let (builder, _clock) = test_bus_builder();
    let bus = builder.build();
    let live = LiveSummary::on(&bus);
    bus.subscribe(Journal::create(&path).expect("a journal")).detach();
    play(&bus);
    bus.close(Duration::from_secs(10)).expect("lenient");

    let again = Bus::new();
    let replayed = LiveSummary::on(&again);
    replay(Reader::open(&path).expect("readable"), &again).expect("replays");
    assert_eq!(everything(&live.snapshot()), everything(&replayed.snapshot()));
    assert_eq!(live.with(|summary| summary.counts().total()), 5);
}

#[test]
fn who_joins_late_and_asks_for_the_past_has_the_same_summary() {
    let (builder, _clock) = test_bus_builder();
    let bus = builder.history(1_000).build();
    let live = LiveSummary::on(&bus);
    play(&bus);
    let late = LiveSummary::new();
    let subscription = bus.register(late.clone()).past(1_000).start().expect("a history");
    assert_eq!(everything(&live.snapshot()), everything(&late.snapshot()));
    drop(subscription);
}
