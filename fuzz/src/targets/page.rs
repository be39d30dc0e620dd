//! The page and the XML of a run: whatever tests say, it is text there and no markup.

use std::sync::{Arc, Mutex};

use quick_xml::Reader;
use quick_xml::events::Event as Xml;
use tidings_core::{BusId, Entity, Envelope, ManualClock, Timestamp};
use tidings_junit::{JunitSettings, to_xml};
use tidings_registry::Bus;
use tidings_report::{Lifecycles, Model, Page};
use tidings_testrun::{
    Attachment, CaseFinished, CaseSkipped, CaseStarted, ErrorItem, Failure, LogFile, Output,
    RunFinished, RunPlanned, RunStarted, Selector, Status, SuiteFinished, SuiteStarted, TestRun,
};

pub(crate) fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let parts: Vec<&str> = text.split('\u{1f}').collect();
    let (summary, lifecycles) = reduced(|place| parts[place % parts.len()]);
    let page = Page::html(&Model::of(&summary, &lifecycles));
    let (plain, no_lifecycles) = reduced(|_| "plain");
    let frame = Page::html(&Model::of(&plain, &no_lifecycles));
    for mark in ["<", ">", "\u{2028}", "\u{2029}", "\0", "\u{1b}"] {
        let (found, own) = (page.matches(mark).count(), frame.matches(mark).count());
        assert_eq!(found, own, "`{}` of {text:?}", mark.escape_debug());
    }
    let (_, rest) = page.split_once("id=\"data\">").expect("the page has data");
    let (json, _) = rest.split_once("</script>").expect("they end");
    let read: Result<serde_json::Value, _> = serde_json::from_str(json);
    assert!(read.is_ok(), "{json}");
    check_xml(&to_xml(&summary, &JunitSettings::default()));
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

/// A document that a strict reader takes, of the elements that the format has.
pub(crate) fn check_xml(xml: &str) {
    const ELEMENTS: &[&str] = &[
        "testsuites",
        "testsuite",
        "testcase",
        "properties",
        "property",
        "failure",
        "error",
        "skipped",
        "rerunFailure",
        "rerunError",
        "flakyFailure",
        "flakyError",
        "stackTrace",
        "system-out",
        "system-err",
    ];
    let is_legal = |c: char| matches!(c, '\t' | '\n' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert_eq!(xml.chars().find(|&c| !is_legal(c)), None, "{xml:?}");
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_comments = true;
    loop {
        match reader.read_event().unwrap_or_else(|fault| panic!("{fault}: {xml}")) {
            Xml::Start(tag) | Xml::Empty(tag) => {
                let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                assert!(ELEMENTS.contains(&&*name), "{name} in {xml}");
                for attribute in tag.attributes() {
                    let attribute = attribute.unwrap_or_else(|fault| panic!("{fault}: {xml}"));
                    let value = String::from_utf8_lossy(&attribute.value).into_owned();
                    assert!(!value.contains('<'), "{value}");
                    quick_xml::escape::unescape(&value)
                        .unwrap_or_else(|fault| panic!("{fault}: {xml}"));
                }
            }
            Xml::Comment(_) | Xml::PI(_) | Xml::DocType(_) => panic!("{xml}"),
            Xml::Eof => return,
            _ => {}
        }
    }
}
