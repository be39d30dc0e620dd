//! The page and the XML of a run: whatever tests say, it is text there and no markup.

use std::sync::{Arc, Mutex};

use tidings_core::{BusId, Entity, Envelope, ManualClock, Timestamp};
use tidings_junit::{JunitSettings, to_xml};
use tidings_registry::Bus;
use tidings_report::{Lifecycles, Model, Page};
use tidings_testrun::{
    Attachment, CaseFinished, CaseSkipped, CaseStarted, ErrorItem, Failure, LogFile, Output,
    RunFinished, RunPlanned, RunStarted, Selector, Status, SuiteFinished, SuiteStarted, TestRun,
};

use super::markup::{check_page, check_xml};

pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let parts: Vec<&str> = text.split('\u{1f}').collect();
    let (summary, lifecycles) = reduced(|place| parts[place % parts.len()]);
    let page = Page::html(&Model::of(&summary, &lifecycles));
    let (plain, no_lifecycles) = reduced(|_| "plain");
    let frame = Page::html(&Model::of(&plain, &no_lifecycles));
    check_page(&page, &frame, &format!("{text:?}"));
    let xml = to_xml(&summary, &JunitSettings::default());
    check_xml(&xml, &xml);
}

/// Says things with a part at every place that takes text.
pub(crate) fn emit<'a>(bus: &Bus, part: impl Fn(usize) -> &'a str) {
    let say = |entity: &Entity, event: TestRun| {
        bus.emitter_for(entity.clone()).emit(event);
    };
    let run = Entity::new("run", part(0));
    let suite = run.child("suite", part(1));
    let case = suite.child("case", part(2));
    let other = suite.child("case", part(3));
    say(&run, RunStarted::new().into());
    say(&run, RunPlanned::selectors([Selector::test(part(4), part(5))]).into());
    say(&suite, SuiteStarted::new().with_property(part(6), part(7)).into());
    say(&case, CaseStarted::new().with_fingerprint(part(8)).into());
    say(&case, Output::stdout(part(9)).into());
    say(&case, Output::stderr(part(10)).into());
    say(&case, Attachment::path(part(11), part(12)).with_media_type(part(13)).into());
    say(&case, LogFile::new(part(14)).into());
    let failure = Failure::assertion(part(15)).with_class(part(16)).with_details(part(17));
    let failure = failure.with_expected(part(18)).with_actual(part(19)).at_line(part(20), 1);
    say(&suite, ErrorItem::named(part(21), failure.clone()).into());
    say(&case, CaseFinished::failed(failure).into());
    say(&other, CaseSkipped::by_user(part(22)).into());
    say(&suite, SuiteFinished::new(Status::Failure).into());
    say(&run, RunFinished::new(Status::Failure).into());
}

fn reduced<'a>(part: impl Fn(usize) -> &'a str) -> (tidings_testrun::RunSummary, Lifecycles) {
    let clock = ManualClock::new(Timestamp::from_nanos(1_795_230_002_000_000_000));
    let bus = Bus::builder().id(BusId::from_u128(7)).run("r").node("n").clock(clock).build();
    let known = Arc::new(Mutex::new((tidings_testrun::RunSummary::new(), Lifecycles::new())));
    let own = Arc::clone(&known);
    let note = move |envelope: &Arc<Envelope>| {
        let (summary, lifecycles) = &mut *own.lock().expect("nobody panics with it");
        summary.apply(envelope);
        lifecycles.apply(envelope);
    };
    bus.observe("**", note).expect("a prefix").detach();
    emit(&bus, part);
    drop(bus);
    let known = Arc::into_inner(known).expect("the bus is gone");
    known.into_inner().expect("nobody panicked with it")
}
