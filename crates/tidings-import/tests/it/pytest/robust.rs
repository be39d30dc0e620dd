//! Streams that are cut, mixed with others, shuffled, or none at all.

use proptest::prelude::*;
use tidings_import::{End, Format, Found, Line};
use tidings_testrun::{Status, TestRun};

use super::recordings::{RECORDINGS, stream_of};
use crate::support::{Imported, import};

fn read(stream: &str) -> Imported {
    import(Format::PytestReportlog, stream)
}

fn totals(imported: &Imported) -> (u64, u64, u64) {
    let counts = imported.summary.counts();
    (counts.passed(), counts.failed(), counts.skipped())
}

/// Every item has ended, once, and there are no more of them than reports.
fn check_sane(imported: &Imported, stream: &str) {
    let counts = imported.summary.counts();
    assert_eq!(counts.running, 0);
    assert!(counts.total() <= stream.lines().count() as u64 + 1);
    assert_eq!(imported.summary.cases().len() as u64, counts.total() - counts.error_items);
    assert!(imported.summary.cases().iter().all(|case| case.status.is_some()));
}

#[test]
fn a_stream_that_is_cut_anywhere_says_so_and_keeps_what_came_before() {
    for (name, ..) in RECORDINGS {
        let stream = stream_of(name);
        let ends = stream.match_indices('\n').map(|(at, _)| at);
        // Of a long stream every seventh line end is enough.
        let step = if stream.len() > 25_000 { 7 } else { 1 };
        let cuts = ends.step_by(step).flat_map(|at| [at / 2, at, at + 1]);
        for cut in cuts.filter(|cut| stream.is_char_boundary(*cut) && *cut + 1 < stream.len()) {
            let imported = read(&stream[..cut]);
            check_sane(&imported, &stream[..cut]);
            assert!(!imported.faults.is_empty(), "{name} {cut}");
            if imported.understood > 0 {
                assert_eq!(imported.summary.status(), Some(Status::Aborted), "{name} {cut}");
            }
        }
    }
}

#[test]
fn a_cut_names_what_was_running() {
    let stream = stream_of("xdist");
    let setups = |line: &&str| line.contains(r#""when": "setup""#);
    let some: Vec<&str> = stream.lines().filter(setups).take(2).collect();
    let imported = read(&format!("{}\n", some.join("\n")));
    assert_eq!(imported.faults.len(), 1);
    let fault = &imported.faults[0].1;
    let begins = "the stream ends before pytest says that its session is over: 2 cases were still \
                  running (test_";
    assert!(fault.starts_with(begins), "{fault}");
    assert_eq!(imported.summary.counts().with_status(Status::Aborted), 2);
}

#[test]
fn a_line_that_is_cut_is_a_fault_of_its_own() {
    let stream = stream_of("capture");
    let cut = stream.find("test_fail").expect("it is there");
    let imported = read(&stream[..cut]);
    assert_eq!(imported.faults[0].1, "the last line was cut off in the middle of a report");
    assert_eq!(imported.summary.counts().passed(), 1);
}

#[test]
fn an_import_that_is_interrupted_is_no_fault_of_the_stream() {
    let mut importer = Format::PytestReportlog.importer("r");
    let mut found = Found::new();
    for line in stream_of("xdist").lines().take(9) {
        importer.line(Line::whole(line), &mut found);
    }
    importer.line(Line::unfinished(r#"{"nodeid": "t"#), &mut found);
    importer.end(End::Interrupted, &mut found);
    assert_eq!(found.take_faults(), Vec::<String>::new());
    let last = found.take_said().pop().expect("the end of the run").event;
    assert!(
        matches!(&last, TestRun::RunFinished(run) if run.status == Status::Aborted),
        "{last:?}"
    );
}

#[test]
fn a_broken_line_is_a_fault_and_the_rest_is_read() {
    for (line, fault) in [
        (r#"{"nodeid": "t.py::a", "when": "#, "a report that is no JSON"),
        (
            r#"{"nodeid": 7, "when": "call", "outcome": "passed", "$report_type": "TestReport"}"#,
            "a report cannot be understood: `nodeid` is no text",
        ),
        (
            r#"{"nodeid": "a", "when": "call", "$report_type": "TestReport"}"#,
            "a report cannot be understood: `outcome` is missing",
        ),
        (
            r#"{"nodeid": "", "when": "call", "outcome": "passed", "$report_type": "TestReport"}"#,
            "a report cannot be understood: `nodeid` is empty",
        ),
        (r#"{"$report_type": 7}"#, "a report cannot be understood: the report type is no text"),
    ] {
        let stream = stream_of("twice");
        let (first, rest) = stream.split_once('\n').expect("several lines");
        let imported = read(&format!("{first}\n{line}\n{rest}"));
        assert_eq!(imported.faults.len(), 1, "{line}");
        assert_eq!(imported.faults[0].0, 2, "{line}");
        assert!(imported.faults[0].1.starts_with(fault), "{}", imported.faults[0].1);
        assert_eq!(totals(&imported), (2, 0, 0), "{line}");
    }
}

#[test]
fn foreign_lines_and_what_wrappers_add_change_no_total() {
    let stream = stream_of("kinds");
    let wrap = |(number, line): (usize, &str)| match number % 5 {
        0 => format!("{line}\r\n"),
        1 => format!("\u{1b}[32m{line}\u{1b}[0m\n\n"),
        2 => format!("test_kinds.py ..F{line}\n"),
        3 => format!("collected 3 items\n{{\"level\": \"info\"}}\n{line}\n"),
        _ => format!("{line}\n   \n[1, 2]\n"),
    };
    let lines: String = stream.lines().enumerate().map(wrap).collect();
    let mixed = format!("\u{feff}{lines}");
    let imported = read(&mixed);
    assert_eq!(imported.faults, []);
    assert_eq!(totals(&imported), (12, 19, 11));
    assert_eq!(imported.understood, stream.lines().count() as u64);
    let foreign = (0..stream.lines().count()).map(|number| [0, 0, 0, 2, 1][number % 5]);
    assert_eq!(imported.foreign, foreign.sum::<u64>());
}

#[test]
fn a_stream_without_its_beginning_keeps_every_outcome() {
    let stream = stream_of("xdist");
    let calls = |line: &&str| !line.contains(r#""when": "setup""#);
    let rest: Vec<&str> = stream.lines().filter(calls).collect();
    assert_eq!(totals(&read(&format!("{}\n", rest.join("\n")))), (16, 1, 0));
}

#[test]
fn a_stream_of_something_else_says_so() {
    let imported = read("a\nb\n");
    let fault = "none of the 2 lines is a report log of pytest; is `--from` right?";
    assert_eq!(imported.faults, [(2, fault.to_owned())]);
    assert_eq!(read("").faults, [(0, "the stream is empty".to_owned())]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn reports_in_any_order_have_the_same_totals(
        order in Just((1..117_usize).collect::<Vec<_>>()).prop_shuffle()
    ) {
        let stream = stream_of("kinds");
        let lines: Vec<&str> = stream.lines().collect();
        let between: Vec<&str> = order.iter().map(|number| lines[*number]).collect();
        prop_assert_eq!(lines.len(), between.len() + 2);
        let imported = read(&format!("{}\n{}\n{}\n", lines[0], between.join("\n"), lines[117]));
        prop_assert_eq!(totals(&imported), (12, 19, 11));
        prop_assert_eq!(imported.faults, []);
    }

    #[test]
    fn a_stream_that_is_cut_at_any_byte_is_read_to_there(
        which in 0..RECORDINGS.len(),
        part in 0.0..1.0_f64,
    ) {
        let stream = stream_of(RECORDINGS[which].0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "some place in the stream")]
        let cut = stream.floor_char_boundary((stream.len() as f64 * part) as usize);
        check_sane(&read(&stream[..cut]), &stream[..cut]);
    }

    #[test]
    fn any_lines_are_read_without_a_panic(
        lines in prop::collection::vec(arbitrary_line(), 0..40),
        is_whole in any::<bool>(),
    ) {
        let stream = lines.join("\n") + if is_whole { "\n" } else { "" };
        check_sane(&read(&stream), &stream);
    }
}

/// Reports of few tests with odd values in them, and any text.
fn arbitrary_line() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("\"passed\"".to_owned()),
        Just("\"failed\"".to_owned()),
        Just("[\"a\", 1, \"Skipped: x\"]".to_owned()),
        Just("{\"reprcrash\": {\"message\": \"E: assert 1 == 2\", \"path\": 3}}".to_owned()),
        Just("1e400".to_owned()),
        Just("-3.5".to_owned()),
        Just("[[\"Captured stdout call\", \"x\"], 3, [1]]".to_owned()),
    ];
    let fields = prop::sample::select(vec![
        "longrepr",
        "sections",
        "user_properties",
        "location",
        "start",
        "stop",
        "duration",
        "rerun",
        "wasxfail",
        "worker_id",
        "node",
        "_subtest.context",
        "exitstatus",
    ]);
    let kind = prop::sample::select(vec![
        "TestReport",
        "TestReport",
        "SubTestReport",
        "CollectReport",
        "SessionFinish",
        "SessionStart",
        "WarningMessage",
        "New",
    ]);
    let when = prop::sample::select(vec!["setup", "call", "teardown", "???", "later"]);
    let outcome = prop::sample::select(vec!["passed", "failed", "skipped", "rerun", "odd"]);
    let nodeid = prop::sample::select(vec!["a.py::x", "a.py::A::y[::]", "b", "::", "[::]"]);
    let rest = prop::collection::vec((fields, value), 0..4);
    let report =
        (kind, when, outcome, nodeid, rest).prop_map(|(kind, when, outcome, nodeid, rest)| {
            let mut fields = vec![
                format!(r#""nodeid": "{nodeid}", "when": "{when}", "outcome": "{outcome}""#),
                format!(r#""$report_type": "{kind}""#),
            ];
            fields.extend(rest.iter().map(|(name, value)| format!(r#""{name}": {value}"#)));
            format!("{{{}}}", fields.join(", "))
        });
    prop_oneof![8 => report, 1 => "\\PC*", 1 => Just(r#"{"nodeid": "a"#.to_owned())]
}
