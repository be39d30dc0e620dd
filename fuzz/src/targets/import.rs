//! Importers: whatever a stream says, each item that begins has an end.

use std::collections::HashSet;
use std::sync::Arc;

use tidings_core::wire::{read_event, write_event};
use tidings_core::{Attributes, Entity, Envelope, Role, Timestamp};
use tidings_import::{End, Format, Found, Line, Stamper};
use tidings_junit::{JunitSettings, to_xml};
use tidings_testrun::RunSummary;

use super::markup::check_xml;

pub(crate) const WORDS: &[&str] = &[
    "{",
    "}",
    "\"type\":",
    "\"suite\"",
    "\"test\"",
    "\"event\":",
    "\"started\"",
    "\"ok\"",
    "\"failed\"",
    "\"ignored\"",
    "\"timeout\"",
    "\"name\":",
    "\"exec_time\":",
    "\"stdout\":",
    "\"test_count\":",
    "\"reason\":",
    "\"Action\":",
    "\"run\"",
    "\"pass\"",
    "\"fail\"",
    "\"skip\"",
    "\"output\"",
    "\"pause\"",
    "\"cont\"",
    "\"bench\"",
    "\"start\"",
    "\"build-output\"",
    "\"build-fail\"",
    "\"Package\":",
    "\"Test\":",
    "\"Output\":",
    "\"Elapsed\":",
    "\"Time\":",
    "\"FailedBuild\":",
    "\"ImportPath\":",
    "\"$report_type\":",
    "\"SessionStart\"",
    "\"SessionFinish\"",
    "\"TestReport\"",
    "\"CollectReport\"",
    "\"nodeid\":",
    "\"when\":",
    "\"setup\"",
    "\"call\"",
    "\"teardown\"",
    "\"outcome\":",
    "\"rerun\"",
    "\"longrepr\":",
    "\"worker_id\":",
    "\"gw0\"",
    "\"exitstatus\":",
    "\"keywords\":",
    "\"wasxfail\"",
    "null",
    "-1",
    "1e308",
    "18446744073709551615",
    "NaN",
    "Infinity",
    "[]",
    "{}",
    "\"\"",
    "\n",
    "\r\n",
    "/",
    "::",
    "#",
    "a/b/c",
    "=== RUN   TestA",
    "--- FAIL: TestA (0.00s)",
    "panic: boom",
    "thread 'a' panicked at src/a.rs:1:2:\\n",
];

pub(crate) const TERMS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "<<",
    ">>",
    "#{",
    "=>",
    "\"",
    "'",
    ".",
    ",",
    "|",
    "$a",
    "$\\n",
    "16#ff",
    "1.0e10",
    "1.0e999",
    "#Ref<0.1.2.3>",
    "<0.1.0>",
    "#Port<0.1>",
    "#Fun<a.1.2>",
    "start_logging",
    "tc_start",
    "tc_done",
    "tc_user_skip",
    "tc_auto_skip",
    "test_stats",
    "start_make",
    "start_info",
    "init_per_suite",
    "end_per_suite",
    "init_per_group",
    "end_per_group",
    "ok",
    "failed",
    "skipped",
    "{error,",
    "{failed,",
    "{timetrap_timeout,1}",
    "parallel",
    "a_SUITE",
    "\n",
    "-1",
    "99999999999999999999999999",
    "\\x{110000}",
    "\\x{d800}",
    "\\^a",
    "%",
    "fun",
    "'a b'",
    "~p",
    "[[[[[[[[",
    "{{{{{{{{",
    "{event,",
    "{{2026,1,1},{0,0,0}}",
];

pub(crate) fn libtest(data: &[u8]) {
    import(Format::LibtestJson, data);
}

pub(crate) fn go_test(data: &[u8]) {
    import(Format::GoTestJson, data);
}

pub(crate) fn pytest(data: &[u8]) {
    import(Format::PytestReportlog, data);
}

pub(crate) fn common_test(data: &[u8]) {
    import(Format::CommonTest, data);
}

/// What becomes of a stream.
struct Taken {
    stamper: Stamper,
    summary: RunSummary,
    /// What has begun and not ended, by its node.
    open: HashSet<(String, Entity)>,
    events: usize,
}

fn import(format: Format, data: &[u8]) {
    let stream = &*String::from_utf8_lossy(data);
    let mut importer = format.importer("r");
    let mut found = Found::new();
    let mut taken = Taken {
        stamper: Stamper::new("r", "n", Attributes::new()),
        summary: RunSummary::new(),
        open: HashSet::new(),
        events: 0,
    };
    for text in stream.split_inclusive('\n') {
        let line = match text.strip_suffix('\n') {
            Some(text) => Line::whole(text),
            None => Line::unfinished(text),
        };
        importer.line(line, &mut found);
        taken.take(&mut found);
    }
    importer.end(End::OfInput, &mut found);
    taken.take(&mut found);
    assert!(taken.open.is_empty(), "begun and never ended: {:?}", taken.open);
    assert_eq!(taken.summary.running().len(), 0, "something is left open");
    assert!(taken.events == 0 || taken.summary.is_over(), "the run has no end");
    assert_eq!(taken.summary.unreadable(), 0);
    let cases = u64::try_from(taken.summary.cases().len() + taken.summary.errors().len());
    assert_eq!(taken.summary.counts().total(), cases.expect("it fits"));
    let xml = to_xml(&taken.summary, &JunitSettings::default());
    check_xml(&xml, &xml);
    // From a line there come few events, so that a stream cannot fill the memory.
    let bytes = stream.len() + 64;
    assert!(taken.events <= 8 * bytes, "{} events of {bytes} bytes", taken.events);
}

impl Taken {
    fn take(&mut self, found: &mut Found) {
        for said in found.take_said() {
            let envelope =
                self.stamper.stamp(said, Timestamp::from_nanos(1_795_230_002_000_000_000));
            self.summary.apply(&envelope);
            self.follow(&envelope);
            self.events += 1;
            round_trip(&envelope);
        }
        for fault in found.take_faults() {
            assert!(!fault.is_empty());
        }
    }

    fn follow(&mut self, envelope: &Envelope) {
        let item = (envelope.node().to_owned(), envelope.entity().clone());
        match envelope.role() {
            Role::Begin => {
                self.open.insert(item);
            }
            Role::End(_) => {
                self.open.remove(&item);
            }
            _ => {}
        }
    }
}

/// A journal holds it as it is.
fn round_trip(envelope: &Arc<Envelope>) {
    let mut text = String::new();
    write_event(&**envelope, Some(0), &mut text).expect("events of a run have a JSON form");
    let again = read_event(&text).unwrap_or_else(|fault| panic!("{fault}: {text}"));
    assert_eq!(again.recomputed_content_id().ok(), envelope.content_id().ok(), "{text}");
    assert_eq!(again.envelope.entity(), envelope.entity());
}
