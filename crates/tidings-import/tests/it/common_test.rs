//! Common Test: recordings of real runs, printed with `~p`, `~w` and `~tp`, and the shapes of
//! other versions.
//!
//! What is expected of a recording is counted from its text here, without the importer, and
//! known from how its suites were written.

use proptest::prelude::*;
use tidings_core::{Attributes, Timestamp};
use tidings_import::{End, Format, Found, Line, Stamper};
use tidings_registry::Observer as _;
use tidings_testrun::FailureKind::{Error, Setup, Teardown};
use tidings_testrun::{CaseView, FailureKind, LegalOrder, SkippedBy, Status, TestRun};

use crate::support::{Imported, import};

const SPEC: &str = include_str!("../data/common_test/spec.events");
const PARALLEL_P: &str = include_str!("../data/common_test/parallel.p.events");
const PARALLEL_W: &str = include_str!("../data/common_test/parallel.w.events");
const FAILURES_P: &str = include_str!("../data/common_test/failures.p.events");
const FAILURES_W: &str = include_str!("../data/common_test/failures.w.events");
const ERRORS: &str = include_str!("../data/common_test/errors.tp.events");
const NESTED: &str = include_str!("../data/common_test/nested.tp.events");
const REPEATED: &str = include_str!("../data/common_test/repeated.w.events");

const DIRECTORY: &str = include_str!("../data/common_test/directory.p.events");
const MASTER: &str = include_str!("../data/common_test/master.w.events");

const RECORDINGS: [&str; 10] = [
    SPEC, PARALLEL_P, PARALLEL_W, FAILURES_P, FAILURES_W, ERRORS, NESTED, REPEATED, DIRECTORY,
    MASTER,
];

fn read(stream: &str) -> Imported {
    import(Format::CommonTest, stream)
}

/// Passed, failed, skipped, total.
fn totals(imported: &Imported) -> [u64; 4] {
    let counts = imported.summary.counts();
    [counts.passed(), counts.failed(), counts.skipped(), counts.total()]
}

fn with_status(imported: &Imported, status: Status) -> u64 {
    imported.summary.counts().with_status(status)
}

/// The events of a stream, each on one line.
fn terms(stream: &str) -> Vec<String> {
    let mut terms: Vec<String> = Vec::new();
    for line in stream.lines() {
        match terms.last_mut() {
            Some(last) if line.starts_with(' ') => last.push_str(line.trim_start()),
            _ => terms.push(line.to_owned()),
        }
    }
    terms
}

/// Counts results in the text of a stream: passed, failed, skipped, total.
fn counted(stream: &str) -> [u64; 4] {
    let [mut passed, mut failed, mut skipped] = [0; 3];
    for term in terms(stream) {
        let Some(rest) = term.strip_prefix("{event,") else { continue };
        let around = ["init_per_suite", "end_per_suite", "init_per_group", "end_per_group"];
        let place: String = rest.split(',').skip(2).take(3).collect::<Vec<_>>().join(",");
        let place = place.replace(['{', '}'], "");
        let mut names = place.split(',');
        let (suite, function) = (names.next(), names.next().unwrap_or_default());
        let is_case = suite != Some("ct_framework") && !around.contains(&function);
        if rest.starts_with("tc_auto_skip") || rest.starts_with("tc_user_skip") {
            skipped += u64::from(is_case);
        } else if !rest.starts_with("tc_done") {
        } else if !is_case {
            failed += u64::from(rest.contains(",{failed,"));
        } else if rest.contains(",{failed,") && rest.contains(",end_per_testcase,") {
            passed += 1;
            failed += 1;
        } else if rest.contains(",{auto_skipped,") || rest.contains(",{skipped,") {
            skipped += 1;
        } else if rest.ends_with(",ok}}.") {
            passed += 1;
        } else {
            failed += 1;
        }
    }
    [passed, failed, skipped, passed + failed + skipped]
}

fn case<'a>(imported: &'a Imported, name: &str) -> CaseView<'a> {
    let mut cases = imported.summary.cases();
    cases.retain(|case| case.name == name);
    assert_eq!(cases.len(), 1, "{name}");
    cases.remove(0)
}

fn path(case: &CaseView<'_>) -> String {
    let pairs = case.entity.pairs().skip(1).map(|(kind, id)| format!("{kind}/{id}"));
    pairs.collect::<Vec<_>>().join(" > ")
}

#[test]
fn the_totals_of_every_recording_are_those_of_its_text_and_of_its_suites() {
    for (name, stream, by_hand) in [
        ("spec", SPEC, [9, 12, 15, 36]),
        ("parallel ~p", PARALLEL_P, [27, 7, 0, 34]),
        ("parallel ~w", PARALLEL_W, [27, 7, 0, 34]),
        ("failures ~p", FAILURES_P, [10, 33, 13, 56]),
        ("failures ~w", FAILURES_W, [10, 33, 13, 56]),
        ("errors", ERRORS, [0, 7, 8, 15]),
        ("nested", NESTED, [0, 2, 7, 9]),
        ("repeated", REPEATED, [2, 0, 0, 2]),
        ("directory", DIRECTORY, [6, 6, 4, 16]),
        ("master", MASTER, [2, 4, 14, 20]),
    ] {
        let imported = read(stream);
        assert_eq!(counted(stream), by_hand, "{name}: counted");
        assert_eq!(totals(&imported), by_hand, "{name}: imported");
        assert_eq!(imported.faults, [], "{name}");
        assert_eq!(imported.foreign, 0, "{name}");
        assert_eq!(imported.understood, stream.lines().count() as u64, "{name}");
        assert_eq!(imported.summary.never_ran(), 0, "{name}");
        assert_eq!(imported.summary.counts().running, 0, "{name}");
    }
}

#[test]
fn a_run_printed_in_two_ways_is_the_same_run() {
    for (pretty, plain) in [(PARALLEL_P, PARALLEL_W), (FAILURES_P, FAILURES_W)] {
        let (pretty, plain) = (read(pretty), read(plain));
        assert_eq!(pretty.events.len(), plain.events.len());
        for (pretty, plain) in pretty.events.iter().zip(&plain.events) {
            assert_eq!(pretty, plain);
        }
    }
}

#[test]
fn every_status_of_the_specified_run_is_told() {
    let imported = read(SPEC);
    for (status, count) in [
        (Status::Success, 9),
        (Status::Failure, 1),
        (Status::Error, 7 + 3),
        (Status::TimedOut, 1),
        (Status::Skipped, 15),
        (Status::Aborted, 0),
    ] {
        assert_eq!(with_status(&imported, status), count, "{status}");
    }
    let errors: Vec<(String, String)> = imported
        .summary
        .errors()
        .iter()
        .map(|error| (error.entity.to_string(), error.name.unwrap_or_default().to_owned()))
        .collect();
    let expected = [
        ("case/end_tc_fails", "end_per_testcase"),
        ("group/bad_init", "init_per_group"),
        ("suite/b_SUITE", "init_per_suite"),
    ];
    for ((entity, name), (end, expected)) in errors.iter().zip(expected) {
        assert!(entity.ends_with(end), "{entity}");
        assert_eq!(*name, expected);
    }
    assert_eq!(errors.len(), expected.len());
    let by = |who| {
        let is_his = |case: &&CaseView<'_>| case.last().skipped_by == Some(who);
        imported.summary.cases().iter().filter(is_his).count()
    };
    assert_eq!((by(SkippedBy::User), by(SkippedBy::Automatic)), (5, 10));
    assert_eq!(imported.summary.duration().map(|time| time.as_secs()), Some(7));
}

#[test]
fn cases_are_in_their_suites_and_groups() {
    let imported = read(SPEC);
    for (name, place) in [
        ("pass_1", "suite/a_SUITE > case/pass_1"),
        ("seq_never", "suite/a_SUITE > group/seq > case/seq_never"),
        ("par_2", "suite/a_SUITE > group/par > case/par_2"),
        ("in_outer", "suite/a_SUITE > group/outer > case/in_outer"),
        ("in_inner", "suite/a_SUITE > group/outer > group/inner > case/in_inner"),
        ("rep_1", "suite/a_SUITE > group/rep > case/rep_1"),
        ("spec_skipped_case", "suite/a_SUITE > case/spec_skipped_case"),
        ("b_3", "suite/b_SUITE > group/g > case/b_3"),
        ("c_1", "suite/c_SUITE > case/c_1"),
        ("all", "suite/d_SUITE > case/all"),
    ] {
        assert_eq!(path(&case(&imported, name)), place);
    }
    let imported = read(PARALLEL_W);
    let mut places: Vec<(String, usize)> = Vec::new();
    for case in imported.summary.cases() {
        let place = path(&case);
        match places.iter_mut().find(|(known, _)| *known == place) {
            Some((_, runs)) => *runs += 1,
            None => places.push((place, 1)),
        }
    }
    places.sort();
    let expected = [
        ("suite/p_SUITE > case/one", 5),
        ("suite/p_SUITE > group/deep > case/one", 1),
        ("suite/p_SUITE > group/deep > case/two", 1),
        ("suite/p_SUITE > group/deep > group/deeper > case/one", 1),
        ("suite/p_SUITE > group/deep > group/deeper > group/deepest > case/one", 1),
        ("suite/p_SUITE > group/deep > group/deeper > group/deepest > case/two", 1),
        ("suite/p_SUITE > group/par > case/one", 2),
        ("suite/p_SUITE > group/par > case/slow", 1),
        ("suite/p_SUITE > group/par > case/two", 1),
        ("suite/p_SUITE > group/parnest > case/one", 1),
        ("suite/p_SUITE > group/parnest > case/two", 1),
        ("suite/p_SUITE > group/parnest > group/i1 > case/one", 1),
        ("suite/p_SUITE > group/parnest > group/i1 > case/two", 1),
        ("suite/p_SUITE > group/parnest > group/i2 > case/bad", 1),
        ("suite/p_SUITE > group/parnest > group/i2 > case/one", 1),
        ("suite/p_SUITE > group/rep > case/bad", 3),
        ("suite/p_SUITE > group/rep > case/one", 3),
        ("suite/q2_SUITE > group/g1 > case/one", 1),
        ("suite/q_SUITE > case/missing_function", 1),
        ("suite/q_SUITE > case/one", 1),
        ("suite/q_SUITE > group/g1 > case/one", 1),
        ("suite/q_SUITE > group/g1 > group/g2 > case/one", 1),
        ("suite/q_SUITE > group/g1 > group/g2 > case/two", 1),
        ("suite/q_SUITE > group/g2 > case/one", 1),
        ("suite/q_SUITE > group/g2 > case/two", 1),
    ];
    let expected = expected.map(|(place, runs): (&str, usize)| (place.to_owned(), runs));
    assert_eq!(places, expected);
}

#[test]
fn failures_say_what_and_where() {
    let imported = read(FAILURES_P);
    for (name, status, class, message, place) in [
        (
            "a_equal",
            Status::Failure,
            "assertEqual",
            "assertEqual failed: id ( [ 1 , 2 ] )",
            "f_SUITE.erl:25",
        ),
        ("f_exit", Status::Error, "shutdown", "{shutdown,why}", "-"),
        ("f_throw", Status::Error, "thrown", "oops", "f_SUITE.erl:30"),
        ("f_exit_stack", Status::Error, "EXIT", "kid", "-"),
        ("f_undef", Status::Error, "undef", "undef in nomod:nofun/2", "-"),
        ("f_case", Status::Error, "case_clause", "{case_clause,1}", "f_SUITE.erl:34"),
        (
            "f_clause",
            Status::Error,
            "function_clause",
            "function_clause in f_SUITE:fc/1",
            "f_SUITE.erl:36",
        ),
        ("f_badarg", Status::Error, "badarg", "badarg in erlang:atom_to_list/1", "f_SUITE.erl:37"),
        ("tt_case", Status::TimedOut, "timetrap_timeout", "timed out after 400 ms", "-"),
        ("killed", Status::Error, "-", "testcase_aborted_or_killed", "-"),
        ("end_fail", Status::Error, "-", "end says fail", "-"),
        ("user_tt", Status::Error, "undef", "undef in nomod:nofun/0", "-"),
        ("hook_post_fails", Status::Error, "-", "post_no", "-"),
    ] {
        let case = case(&imported, name);
        let failure = case.failure().expect(name);
        let found = case.last().status;
        assert_eq!(found, Some(status), "{name}");
        assert_eq!(failure.class.as_deref().unwrap_or("-"), class, "{name}");
        assert_eq!(failure.message, message, "{name}");
        let location = failure.location.as_ref().map(ToString::to_string);
        assert_eq!(location.as_deref().unwrap_or("-"), place, "{name}");
    }
    let equal = case(&imported, "a_equal");
    let failure = equal.failure().expect("failed");
    assert_eq!(
        (failure.expected.as_deref(), failure.actual.as_deref()),
        (Some("[1,2,3]"), Some("[1,2]"))
    );
    let big = case(&imported, "big");
    let message = &big.failure().expect("failed").message;
    assert!(
        message.contains("surely it will be\">>,\"a long string that will be broken"),
        "{message}"
    );
    assert!(
        message.ends_with("[a|b],<<3:5>>,#{x => #{y => []}},'Quoted atom','it\\'s']}"),
        "{message}"
    );
    let unicode = case(&imported, "uni");
    assert_eq!(
        unicode.failure().expect("failed").message,
        "{'ünïcode ☺',\"☺ smile\",<<\"☺\"/utf8>>}"
    );
    assert_eq!(case(&imported, "skip_fmt").last().reason, Some("tëxt ☺"));
    assert_eq!(
        case(&imported, "init_crash").last().reason,
        Some("f_SUITE:init_per_testcase failed: {badmatch,2}")
    );
}

#[test]
fn functions_around_cases_that_fail_are_error_items() {
    let kinds = |stream| -> Vec<(String, String, FailureKind, String)> {
        let imported = read(stream);
        let errors = imported.summary.errors();
        let told = errors.iter().map(|error| {
            let about = error.entity.pairs().skip(1).map(|(_, id)| id).collect::<Vec<_>>();
            let failure = error.failure;
            (
                about.join("/"),
                error.name.unwrap_or_default().to_owned(),
                failure.kind,
                failure.message.clone(),
            )
        });
        told.collect()
    };
    let items = |items: &[(&str, &str, FailureKind, &str)]| -> Vec<_> {
        let owned = items.iter().map(|(about, name, kind, message)| {
            ((*about).to_owned(), (*name).to_owned(), *kind, (*message).to_owned())
        });
        owned.collect()
    };
    assert_eq!(
        kinds(FAILURES_W),
        items(&[
            ("f_SUITE/tt_end", "end_per_testcase", Teardown, "timed out after 400 ms"),
            ("f_SUITE/tt_g", "init_per_group", Setup, "timed out after 400 ms"),
            (
                "f_SUITE/fail_end_g",
                "end_per_group",
                Teardown,
                "end_group_broke in f_SUITE:end_per_group/2"
            ),
            ("f_SUITE/tt_end_g", "end_per_group", Teardown, "timed out after 400 ms"),
            ("f_SUITE/hg", "init_per_group", Setup, "hook_group_no"),
            ("f_SUITE", "end_per_suite", Teardown, "end_suite_broke"),
        ])
    );
    assert_eq!(
        kinds(ERRORS),
        items(&[
            (
                "e1_SUITE",
                "error_in_suite",
                Error,
                "Invalid reference to group nogroup in e1_SUITE:all/0"
            ),
            ("e2_SUITE", "error_in_suite", Error, "e2_SUITE:all/0 failed"),
            ("e3_SUITE", "init_per_suite", Setup, &kinds(ERRORS)[2].3.clone(),),
            ("e6_SUITE", "error_in_suite", Error, "e6_SUITE cannot be compiled or loaded"),
            ("hk2_SUITE", "init_per_suite", Setup, "hk2_no"),
            ("e7_SUITE", "init_per_suite", Setup, "timed out after 300 ms"),
            ("nosuch_SUITE", "error_in_suite", Error, "nosuch_SUITE cannot be compiled or loaded"),
        ])
    );
    assert!(kinds(ERRORS)[2].3.starts_with("{suite0_failed,{exited,{suite0,"));
}

/// A run of one suite, with these events in it.
fn run_of(events: &[&str]) -> String {
    let begin =
        ["start_logging,ct@a,\"/logs\"", "test_start,ct@a,{{{2026,1,1},{0,0,0}},\"/logs\"}"];
    let end = ["test_done,ct@a,{{2026,1,1},{0,0,9}}"];
    let events = begin.iter().chain(events).chain(&end).map(|event| format!("{{event,{event}}}."));
    let lines: Vec<String> = events.chain(["{handler_terminate,stop}.\n".to_owned()]).collect();
    lines.join("\n")
}

/// Imports a run of one suite, and expects nothing to be wrong with it.
fn read_run(events: &[&str]) -> Imported {
    let imported = read(&run_of(events));
    assert_eq!(imported.faults, []);
    assert_eq!(imported.foreign, 0);
    imported
}

fn places(imported: &Imported) -> Vec<String> {
    imported.summary.cases().iter().map(path).collect()
}

#[test]
fn every_recording_is_told_in_a_legal_order() {
    for stream in RECORDINGS {
        let mut importer = Format::CommonTest.importer("r");
        let mut stamper = Stamper::new("r", "n", Attributes::new());
        let (mut found, order) = (Found::new(), LegalOrder::new());
        for line in stream.lines() {
            importer.line(Line::whole(line), &mut found);
        }
        importer.end(End::OfInput, &mut found);
        for said in found.take_said() {
            let envelope = stamper.stamp(said, Timestamp::from_nanos(0));
            assert_eq!(order.on_event(&envelope).map_err(|fault| fault.to_string()), Ok(()));
        }
        assert_eq!(order.illegal(), []);
    }
}

#[test]
fn equal_names_on_two_nodes_are_two_cases() {
    let other = PARALLEL_W.replace("ct@vm", "'ct@other.lab'");
    let lines = PARALLEL_W.lines().zip(other.lines()).flat_map(|(first, second)| [first, second]);
    let imported = read(&lines.flat_map(|line| [line, "\n"]).collect::<String>());
    assert_eq!(imported.faults, []);
    assert_eq!(totals(&imported), [54, 14, 0, 68]);
    let nodes = imported.summary.nodes();
    let nodes: Vec<(&str, u64)> =
        nodes.iter().map(|node| (node.name, node.counts.total())).collect();
    assert_eq!(nodes, [("ct@other.lab", 34), ("ct@vm", 34)]);
    let imported = read(MASTER);
    let nodes = imported.summary.nodes();
    let nodes: Vec<(&str, u64)> =
        nodes.iter().map(|node| (node.name, node.counts.total())).collect();
    assert_eq!(nodes, [("a@vm", 10), ("b@vm", 10)]);
    assert_eq!(imported.summary.duration(), None, "the clocks of two nodes may differ");
}

#[test]
fn every_run_of_a_group_that_is_repeated_until_it_passes_is_kept() {
    let imported = read(DIRECTORY);
    let cases = imported.summary.cases();
    let runs: Vec<(u32, Option<Status>)> = cases
        .iter()
        .filter(|case| case.name == "flaky")
        .map(|case| (case.repeat, case.status))
        .collect();
    assert_eq!(
        runs,
        [(1, Some(Status::Failure)), (2, Some(Status::Failure)), (3, Some(Status::Success)),]
    );
    let errors = imported.summary.errors();
    let told: Vec<(&str, &str)> =
        errors.iter().map(|error| (error.entity.kind(), &*error.failure.message)).collect();
    assert_eq!(
        told,
        [
            // A test of a folder does not say which suite it could not run.
            ("run", "Invalid reference to group nogroup in e1_SUITE:all/0"),
            ("run", "e6_SUITE cannot be compiled or loaded"),
        ]
    );
}

#[test]
fn a_node_without_a_name_is_the_one_that_reads() {
    let imported = read(&SPEC.replace("ct@vm", "nonode@nohost"));
    assert_eq!(totals(&imported), [9, 12, 15, 36]);
    assert_eq!(imported.summary.nodes()[0].name, "n");
}

#[test]
fn cases_of_one_name_that_run_side_by_side_are_runs_of_their_own() {
    let imported = read_run(&[
        "tc_start,ct@a,{a_SUITE,{init_per_group,g,[parallel]}}",
        "tc_done,ct@a,{a_SUITE,{init_per_group,g,[parallel]},ok}",
        "tc_logfile,ct@a,{{a_SUITE,{t,g}},\"/logs/1\"}",
        "tc_logfile,ct@a,{{a_SUITE,{t,g}},\"/logs/2\"}",
        "tc_start,ct@a,{a_SUITE,t}",
        "tc_start,ct@a,{a_SUITE,t}",
        "tc_done,ct@a,{a_SUITE,t,{failed,{error,no}}}",
        "tc_done,ct@a,{a_SUITE,t,ok}",
        "tc_start,ct@a,{a_SUITE,{end_per_group,g,[parallel]}}",
        "tc_done,ct@a,{a_SUITE,{end_per_group,g,[parallel]},ok}",
    ]);
    assert_eq!(totals(&imported), [1, 1, 0, 2]);
    let cases = imported.summary.cases();
    let logs: Vec<&str> =
        cases.iter().flat_map(|case| &case.notes.log_files).map(String::as_str).collect();
    assert_eq!(logs, ["/logs/1", "/logs/2"]);
    assert_eq!(imported.summary.counts().flaky, 0);
}

#[test]
fn cases_that_ran_side_by_side_at_a_cut_are_all_aborted() {
    let stream = run_of(&[
        "tc_start,ct@a,{a_SUITE,t}",
        "tc_start,ct@a,{a_SUITE,t}",
        "tc_start,ct@a,{a_SUITE,t}",
        "tc_done,ct@a,{a_SUITE,t,ok}",
    ]);
    let cut = stream.find("{event,test_done").expect("is there");
    let imported = read(&stream[..cut]);
    assert_eq!(totals(&imported), [1, 2, 0, 3]);
    assert_eq!(with_status(&imported, Status::Aborted), 2);
    assert_eq!(
        imported.faults,
        [(6, "the stream ends before its `test_done`: 1 case was still running (t)".to_owned())]
    );
    assert_eq!(imported.summary.status(), Some(Status::Aborted));
    let imported = read(&stream);
    assert_eq!(totals(&imported), [1, 2, 0, 3]);
    assert_eq!(imported.faults.len(), 1, "{:?}", imported.faults);
}

#[test]
fn a_run_that_crashes_is_cut_whatever_its_handler_says_last() {
    let stream = run_of(&["tc_start,ct@a,{a_SUITE,t}"]);
    let stream: String =
        stream.lines().filter(|line| !line.contains("test_done")).flat_map(|l| [l, "\n"]).collect();
    let imported = read(&stream);
    assert_eq!(totals(&imported), [0, 1, 0, 1]);
    assert_eq!(
        imported.faults[0].1,
        "the stream ends before its `test_done`: 1 case was still running (t)"
    );
}

#[test]
fn a_stream_without_a_test_start_is_whole_if_all_its_cases_end() {
    let whole = "{event,tc_start,ct@a,{a_SUITE,t}}.\n{event,tc_done,ct@a,{a_SUITE,t,ok}}.\n";
    let imported = read(whole);
    assert_eq!((totals(&imported), imported.faults), ([1, 0, 0, 1], vec![]));
    let only_done = "{event,tc_done,ct@a,{a_SUITE,t,{failed,{timetrap_timeout,9}}}}.\n";
    let imported = read(only_done);
    assert_eq!((totals(&imported), imported.faults), ([0, 1, 0, 1], vec![]));
}

#[test]
fn shapes_of_old_versions_are_read() {
    let imported = read_run(&[
        "tc_start,ct@a,{cfg_SUITE,init_per_suite}",
        "tc_done,ct@a,{cfg_SUITE,init_per_suite,ok}",
        // Groups were not told with cases.
        "tc_start,ct@a,{cfg_SUITE,{init_per_group,g1,[]}}",
        "tc_done,ct@a,{cfg_SUITE,{init_per_group,g1,[]},ok}",
        "tc_start,ct@a,{cfg_SUITE,tc1}",
        "tc_done,ct@a,{cfg_SUITE,tc1,ok}",
        "tc_start,ct@a,{cfg_SUITE,{end_per_group,g1,[]}}",
        "tc_done,ct@a,{cfg_SUITE,{end_per_group,unknown,[]},{failed,{timetrap_timeout,2000}}}",
        "tc_start,ct@a,{cfg_SUITE,{init_per_group,g2,[]}}",
        "tc_done,ct@a,{cfg_SUITE,{init_per_group,unknown,[]},{failed,{timetrap_timeout,2000}}}",
        "tc_auto_skip,ct@a,{cfg_SUITE,tc2,{failed,{cfg_SUITE,init_per_group,{timetrap_timeout,2000}}}}",
        "tc_auto_skip,ct@a,{cfg_SUITE,end_per_group,{failed,{cfg_SUITE,init_per_group,{timetrap_timeout,2000}}}}",
        "tc_start,ct@a,{cfg_SUITE,tc3}",
        "tc_done,ct@a,{lib_lines,do_hang,{failed,{timetrap_timeout,3000}}}",
        "tc_start,ct@a,{cfg_SUITE,tc4}",
        "tc_done,ct@a,{cfg_SUITE,tc4,{failed,{error,{{badmatch,[1,2]},[{cfg_SUITE,tc4,1},{test_server,ts_tc,3}]}}}}",
        "tc_start,ct@a,{cfg_SUITE,tc5}",
        "tc_done,ct@a,{cfg_SUITE,tc5,{skipped,{failed,{cfg_SUITE,init_per_testcase,bad_return}}}}",
        "tc_start,ct@a,{cfg_SUITE,end_per_suite}",
        "tc_done,ct@a,{cfg_SUITE,end_per_suite,{comment,\"fine\"}}",
    ]);
    assert_eq!(totals(&imported), [1, 4, 2, 7]);
    assert_eq!(
        places(&imported),
        [
            "suite/cfg_SUITE > group/g1 > case/tc1",
            "suite/cfg_SUITE > group/g2 > case/tc2",
            "suite/cfg_SUITE > case/tc3",
            "suite/cfg_SUITE > case/tc4",
            "suite/cfg_SUITE > case/tc5",
        ]
    );
    assert_eq!(case(&imported, "tc3").last().status, Some(Status::TimedOut));
    assert_eq!(case(&imported, "tc5").last().skipped_by, Some(SkippedBy::Automatic));
}

#[test]
fn framework_errors_are_error_items_and_end_a_case_that_runs() {
    let imported = read_run(&[
        "tc_start,ct@a,{a_SUITE,t}",
        "tc_done,ct@a,{a_SUITE,t,ok}",
        "tc_done,ct@a,{ct_hooks,end_tc,{framework_error,{badmatch,1}}}",
        "tc_done,ct@a,{a_SUITE,t,{framework_error,late}}",
        "tc_start,ct@a,{a_SUITE,u}",
        "tc_done,ct@a,{a_SUITE,u,{framework_error,{timetrap,500}}}",
        "severe_error,ct@a,{test_server,crashed}",
    ]);
    assert_eq!(totals(&imported), [1, 4, 0, 5]);
    let errors = imported.summary.errors();
    let told: Vec<(Option<&str>, &str)> =
        errors.iter().map(|error| (error.name, &*error.failure.message)).collect();
    assert_eq!(
        told,
        [
            (Some("end_tc"), "{badmatch,1}"),
            (Some("t"), "late"),
            (Some("severe_error"), "{test_server,crashed}"),
        ]
    );
    let case = case(&imported, "u");
    assert_eq!(case.failure().and_then(|it| it.class.as_deref()), Some("framework_error"));
}

#[test]
fn events_of_users_are_kept_with_the_case_that_runs() {
    let imported = read(SPEC);
    let talks = case(&imported, "custom_event");
    let text = talks.notes.text_of(tidings_testrun::OutputStream::Log);
    assert_eq!(text, "my_async {a,1}\nmy_sync {b,2}\n");
    assert_eq!(talks.node, "ct@vm");
}

#[test]
fn a_log_is_where_its_function_keeps_it() {
    let imported = read(SPEC);
    let logs = &case(&imported, "in_inner").notes.log_files;
    assert!(logs[0].ends_with("/a_suite.in_inner.html"), "{logs:?}");
    let run: Vec<_> =
        imported.summary.run_notes().flat_map(|(_, notes)| notes.log_files.clone()).collect();
    assert_eq!(run, ["/home/ci/ct/logs/ct_run.ct@vm.2026-11-21_02.57.56"]);
}

#[test]
fn an_error_of_a_function_around_cases_comes_with_its_log() {
    let imported = read(ERRORS);
    let suites = imported.summary.suites();
    let logs: Vec<&String> = suites
        .iter()
        .filter(|suite| suite.name() == "e6_SUITE")
        .flat_map(|suite| suite.notes.iter().flat_map(|notes| &notes.log_files))
        .collect();
    assert_eq!(logs.len(), 1);
    assert!(logs[0].ends_with("/ct_framework.error_in_suite.html"), "{logs:?}");
}

#[test]
fn an_import_that_is_interrupted_is_no_fault_of_the_stream() {
    let mut importer = Format::CommonTest.importer("r");
    let mut found = Found::new();
    for line in PARALLEL_W.lines().take(150) {
        importer.line(Line::whole(line), &mut found);
    }
    importer.line(Line::unfinished("{event,tc_logfile,ct@vm,"), &mut found);
    importer.end(End::Interrupted, &mut found);
    assert_eq!(found.take_faults(), Vec::<String>::new());
    let last = found.take_said().pop().expect("something was said");
    assert!(
        matches!(&last.event, TestRun::RunFinished(end) if end.status == Status::Aborted),
        "{last:?}"
    );
}

#[test]
fn a_plan_is_what_was_announced_without_counting_a_repeat_twice() {
    let planned = |imported: &Imported| {
        let counts = imported.events.iter().filter_map(|(_, event)| match event {
            TestRun::RunPlanned(plan) => plan.count,
            _ => None,
        });
        counts.collect::<Vec<_>>()
    };
    // The suite that is skipped as a whole is not part of the 32.
    assert_eq!(planned(&read(SPEC)), [32, 33]);
    assert!(planned(&read(PARALLEL_W)).is_empty(), "it is unknown");
    assert_eq!(planned(&read(REPEATED)), [1, 2, 1]);
    let start = SPEC.find("{event,tc_start,ct@vm,{b_SUITE").expect("is there");
    let cut = read(&SPEC[..start]);
    assert_eq!(cut.summary.never_ran(), 32 - 27);
    let twice = read_run(&[
        "start_info,ct@a,{1,1,3}",
        "tc_start,ct@a,{a_SUITE,t}",
        "tc_done,ct@a,{a_SUITE,t,ok}",
        "tc_start,ct@a,{a_SUITE,t}",
        "tc_done,ct@a,{a_SUITE,t,ok}",
    ]);
    assert_eq!((twice.summary.never_ran(), planned(&twice)), (1, vec![3, 2]));
}

#[test]
fn what_is_no_event_is_output_and_what_is_broken_says_so() {
    let imported = read(
        "Common Test v1.25 starting (cwd is /home/ci)\n\n\
         {event,tc_start,ct@a,{a_SUITE,t}}.\n\
         {event,foo}.\n\
         {event,tc_done,ct@a,{a_SUITE,t}}.\n\
         {event,tc_done,ct@a,{a_SUITE,\"t\n\
         {event,tc_done,ct@a,{a_SUITE,t,ok}}.\n\
         {event,tc_don",
    );
    assert_eq!((imported.foreign, imported.understood), (2, 3));
    let faults: Vec<(usize, &str)> =
        imported.faults.iter().map(|(line, fault)| (*line, &**fault)).collect();
    assert_eq!(
        faults,
        [
            (
                5,
                "`tc_done` should carry {Suite,Function,Result}, not `{a_SUITE,t}`; it is not used"
            ),
            (
                6,
                "an event cannot be read, and is not used: it breaks off where a closing `\"` \
                 should be: `{event,tc_done,ct@a,{a_SUITE,\\\"t`"
            ),
            (8, "an event breaks off at the end of the stream, and is not used: `{event,tc_don`"),
        ]
    );
    assert_eq!(totals(&imported), [1, 0, 0, 1]);
}

#[test]
fn a_stream_of_something_else_is_a_fault() {
    let faults =
        |stream| read(stream).faults.into_iter().map(|(_, fault)| fault).collect::<Vec<_>>();
    assert_eq!(
        faults("{\"type\":\"suite\"}\nok\n"),
        ["none of the 2 lines is an event of Common Test; is `--from` right?"]
    );
    assert_eq!(faults(""), ["the stream is empty"]);
}

#[test]
fn a_reason_that_is_nested_without_end_costs_no_result() {
    let deep = format!("{}x{}", "[{".repeat(100_000), "}]".repeat(100_000));
    let event = format!("tc_done,ct@a,{{a_SUITE,t,{{failed,{{error,{deep}}}}}}}");
    let imported = read_run(&["tc_start,ct@a,{a_SUITE,t}", &event]);
    assert_eq!(totals(&imported), [0, 1, 0, 1]);
}

#[test]
fn foreign_lines_anywhere_change_no_total() {
    let noise = [
        "make: Entering directory '/home/ci'",
        "   at Object.<anonymous> (a.js:1:2)",
        "\u{1b}[31mred\u{1b}[0m",
        "{\"json\":[1,{\"a\":2}]}",
        "=PROGRESS REPORT==== 21-Nov-2026::02:57:56 ===",
        "",
    ];
    for stream in RECORDINGS {
        let lines = stream.lines().zip(noise.iter().cycle());
        let with_noise = lines.flat_map(|(line, other)| [line, "\n", other, "\r\n"]);
        let imported = read(&with_noise.collect::<String>());
        assert_eq!(imported.faults, []);
        assert_eq!(totals(&imported), totals(&read(stream)));
    }
}

#[test]
fn a_recording_that_is_cut_after_a_line_is_counted_so_far() {
    for stream in [SPEC, PARALLEL_P, FAILURES_W, ERRORS] {
        let whole = totals(&read(stream))[3];
        let ends = stream.match_indices('\n').map(|(end, _)| end + 1);
        for end in ends.step_by(9) {
            let imported = read(&stream[..end]);
            let total = totals(&imported)[3];
            assert!(total <= whole, "{total} of {whole} at {end}");
            assert_eq!(imported.summary.counts().running, 0);
            let is_over = stream[..end].contains("{event,test_done");
            let lasts = stream[..end].contains("{event,start_logging") && !is_over;
            assert!(!lasts || imported.faults.iter().any(|(_, fault)| fault.contains("test_done")));
        }
    }
}

/// Pieces that streams are made of, whole and not.
fn fragment() -> impl Strategy<Value = String> {
    let lines = prop::sample::select(RECORDINGS.to_vec()).prop_flat_map(|stream| {
        // One node, so that an entity is one thing.
        let one = |line: &str| line.replace("a@vm", "ct@vm").replace("b@vm", "ct@vm");
        let lines: Vec<String> = stream.lines().map(one).collect();
        prop::sample::select(lines)
    });
    prop_oneof![
        6 => lines.clone(),
        1 => (lines, any::<prop::sample::Index>()).prop_map(|(line, at)| {
            let ends: Vec<usize> = line.char_indices().map(|(at, _)| at).collect();
            if ends.is_empty() { line } else { line[..ends[at.index(ends.len())]].to_owned() }
        }),
        1 => r#"[ ]{0,3}\{event,[a-z_]{1,8},[a-z@']{0,5},[\[\]{}<>#|,"'$. a-c0-9\\=]{0,30}"#,
        1 => "\\PC{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_recording_that_is_cut_anywhere_is_no_trouble(
        which in 0..RECORDINGS.len(),
        at in any::<prop::sample::Index>(),
    ) {
        let stream = RECORDINGS[which];
        let mut end = at.index(stream.len());
        while !stream.is_char_boundary(end) {
            end -= 1;
        }
        let imported = read(&stream[..end]);
        prop_assert!(totals(&imported)[3] <= totals(&read(stream))[3]);
        prop_assert_eq!(imported.summary.counts().running, 0);
    }

    #[test]
    fn lines_in_any_order_end_what_they_begin(lines in prop::collection::vec(fragment(), 0..80)) {
        let imported = read(&lines.join("\n"));
        let mut open = Vec::new();
        for (path, event) in &imported.events {
            match event {
                TestRun::CaseStarted(_) => {
                    prop_assert!(!open.contains(path), "{} twice", path);
                    open.push(path.clone());
                }
                TestRun::CaseFinished(_) | TestRun::CaseSkipped(_) => {
                    open.retain(|known| known != path);
                }
                _ => {}
            }
        }
        prop_assert_eq!(open, Vec::<String>::new());
        prop_assert_eq!(imported.summary.counts().running, 0);
    }
}
