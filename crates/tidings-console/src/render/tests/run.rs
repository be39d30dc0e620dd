//! Pictures and last words of test runs.

use tidings_testrun::{
    CaseFinished, CaseSkipped, CaseStarted, Cause, ErrorItem, Failure, NodeLost, RunFinished,
    RunPlanned, RunStarted, RunSummary, Selector, SourceLocation, Status, SuiteStarted,
};

use std::sync::Arc;
use std::time::Duration;

use tidings_core::Envelope;

use super::*;
use crate::annotation::render_annotations;
use crate::fixture::{ended, sample_run};
use crate::run::{BoardKeeper, Followed, Told};

fn summary_of<'a>(events: impl IntoIterator<Item = &'a Envelope>) -> RunSummary {
    let mut summary = RunSummary::new();
    for envelope in events {
        summary.apply(envelope);
    }
    summary
}

/// The picture after these events, with everything counted.
fn run_frame(events: &[Arc<Envelope>], now: Timestamp, size: Size, style: Style) -> String {
    let mut tree = Tree::new(Limits::default());
    for envelope in events {
        tree.apply(envelope);
    }
    let summary = summary_of(events.iter().map(|envelope| &**envelope));
    let mut keeper = BoardKeeper::default();
    let is_planned = events.iter().any(|it| it.event_type() == "test.run.planned");
    keeper.recount(Followed { summary: &summary, revision: 1, is_planned });
    let frame = render_run_frame(&tree, keeper.board(), now, size, style);
    assert!(frame.lines().count() <= size.height.max(2), "{frame}");
    assert!(frame.lines().all(|line| visible_width(line) <= size.width), "{frame}");
    frame
}

fn sample_frame(size: Size, style: Style) -> String {
    let mut script = Script::new();
    let events = sample_run(&mut script);
    run_frame(&events, script.after(2_000).now(), size, style)
}

fn sample_summary() -> RunSummary {
    let mut script = Script::new();
    let mut events = sample_run(&mut script);
    let end = RunFinished::new(Status::Failure).with_duration(Duration::from_millis(5_160));
    events.push(script.say("run/nightly", end));
    summary_of(events.iter().map(|envelope| &**envelope))
}

#[test]
fn a_run_of_eighty_columns() {
    let picture = sample_frame(Size::new(80, 24), Style::plain());
    check(
        &picture,
        &expect![[r#"
            ● run/nightly                                                                 7s
            ├─ ✗ suite/login  1 passed (1 flaky), 3 failed (1 error item, 1 not ended), 3 s…
            │  ├─ ✓ case/accepts  attempt 2                                            120ms
            │  ├─ ✗ case/refuses  AssertionError: the page differs                      34ms
            │  ├─ ○ case/locks  skipped by user: ticket 17
            │  ├─ ○ case/unlocks  skipped automatically: its setup failed
            │  ├─ ○ case/later  ignored
            │  └─ ✗ case/explodes  aborted: the process is gone
            └─ · suite/billing
               └─ ● case/sums up                                                          2s

            6/8 · 1 running, 1 passed (1 flaky), 3 failed (1 error item, 1 not ended),
              3 skipped
        "#]],
    );
}

#[test]
fn a_run_of_forty_columns() {
    let picture = sample_frame(Size::new(40, 24), Style::plain());
    check(
        &picture,
        &expect![[r#"
            ● run/nightly                         7s
            ├─ ✗ suite/login  1 passed (1 flaky), 3…
            │  ├─ ✓ case/accepts  attempt 2    120ms
            │  ├─ ✗ case/refuses  AssertionEr…  34ms
            │  ├─ ○ case/locks  skipped by user: ti…
            │  ├─ ○ case/unlocks  skipped automatic…
            │  ├─ ○ case/later  ignored
            │  └─ ✗ case/explodes  aborted: the pro…
            └─ · suite/billing
               └─ ● case/sums up                  2s

            6/8 · 1 running, 1 passed (1 flaky),
              3 failed (1 error item, 1 not ended),
              3 skipped
        "#]],
    );
}

#[test]
fn a_run_in_colour_and_seven_rows() {
    let picture = sample_frame(Size::new(60, 7), Style::plain().coloured());
    check(
        &picture,
        &expect![[r#"
            ^[36m●^[0m^[2m run/^[0m^[1mnightly^[0m                                             ^[36m7s^[0m
            ^[2m├─ ^[0m^[31m✗^[0m^[2m suite/^[0m^[1mlogin^[0m^[2m  ^[0m^[2m1 passed (1 flaky), 3 failed (1 error ite^[0m^[2m…^[0m
            ^[2m└─ ^[0m^[2m·^[0m^[2m suite/^[0mbilling
            ^[2m   └─ ^[0m^[36m●^[0m^[2m case/^[0m^[1msums up^[0m                                      ^[36m2s^[0m
            ^[2m… 6 more^[0m

            ^[1m6/8^[0m^[2m · ^[0m^[36m1 running^[0m^[2m, ^[0m^[32m1 passed^[0m^[2m (1 flaky)^[0m^[2m,^[0m  ^[31m3 failed^[0m^[2m (1 error ite^[0m^[2m…^[0m
        "#]],
    );
}

/// Three nodes, one of which is lost.
fn several_nodes(script: &mut Script) -> Vec<Arc<Envelope>> {
    let case = |name: &str| format!("suite/a/case/{name}");
    vec![
        script.on("lab-1").say("suite/a", SuiteStarted::new()),
        script.say(&case("same"), CaseStarted::new()),
        script.after(1_000).on("lab-2").say(&case("same"), CaseStarted::new()),
        script.say(&case("fast"), CaseStarted::new()),
        script.say(&case("fast"), ended(Status::Success, 10)),
        script.on("lab-3").say(&case("gone"), CaseStarted::new()),
        script.on("lab-1").say("node/lab-3", NodeLost::new("no heartbeat for 30 s")),
    ]
}

#[test]
fn what_runs_stands_below_its_node_when_there_are_several() {
    let mut script = Script::new();
    let events = several_nodes(&mut script);
    let now = script.after(2_000).now();
    check(
        &run_frame(&events, now, Size::new(60, 16), Style::plain()),
        &expect![[r#"
            ● suite/a  1 passed, 1 failed (1 not ended)               3s
            ├─ ● case/same                                            2s
            ├─ ✓ case/fast                                          10ms
            └─ ● case/gone                                            2s
            · node/lab-3  1 event

            ✗ node/lab-3  1 failed (1 not ended)  lost: no heartbeat fo…
            ● node/lab-1  1 running
               ● suite/a/case/same                                    3s
            ● node/lab-2  1 running, 1 passed
               ● suite/a/case/same                                    2s

            2 done · 2 running, 1 passed, 1 failed (1 not ended)
        "#]],
    );
    check(
        &run_frame(&events, now, Size::new(40, 8), Style::plain()),
        &expect![[r#"
            ● suite/a  1 passed, 1 failed (1 no…  3s
            … 4 more

            ✗ node/lab-3  1 failed (1 not ended)  l…
            … 2 more nodes

            2 done · 2 running, 1 passed,
              1 failed (1 not ended)
        "#]],
    );
}

#[test]
fn without_a_plan_only_what_is_done_is_counted() {
    let mut script = Script::new();
    let events = [
        script.say("suite/a/case/x", CaseStarted::new()),
        script.say("suite/a/case/x", ended(Status::Success, 10)),
        script.say("suite/a/case/y", CaseStarted::new()),
    ];
    let picture = run_frame(&events, script.now(), Size::new(40, 9), Style::plain());
    assert!(picture.ends_with("\n1 done · 1 running, 1 passed\n"), "{picture}");
    let plan = script.say("run/r", RunPlanned::count(12));
    let events = [&events[..], &[plan]].concat();
    let picture = run_frame(&events, script.now(), Size::new(40, 9), Style::plain());
    assert!(picture.ends_with("\n1/12 · 1 running, 1 passed\n"), "{picture}");
}

#[test]
fn attempts_and_steps_are_no_cases_in_the_numbers_of_a_suite() {
    let mut script = Script::new();
    let events = sample_run(&mut script);
    let picture = run_frame(&events, script.now(), Size::new(90, 30), Style::plain());
    let row = picture.lines().find(|line| line.contains("suite/login")).expect("it is shown");
    assert!(row.contains("1 passed (1 flaky), 3 failed (1 error item, 1 not ended)"), "{row}");
}

#[test]
fn the_last_words_of_a_run_in_eighty_columns() {
    let text = render_run_summary(&sample_summary(), Limits::default(), 80, Style::plain());
    check(
        &text,
        &expect![[r#"
            4 failures

            ✗ suite/login  teardown error (end_per_suite)
                at conftest.py:3
                port 80 is busy

            ✗ suite/login/case/explodes  aborted, nobody ended it
                the process is gone

            ✗ suite/login/case/refuses                                                  34ms
                at tests/login.rs:17:5
                AssertionError: the page differs
                in its status
                expected: 403 Forbidden
                actual:   200 OK
                          with a body
                    frame 1
                    frame 2
                    frame 3
                    frame 4
                    frame 5
                    frame 6
                    frame 7
                    frame 8
                    frame 9
                    frame 10
                    frame 11
                    frame 12
                    frame 13
                    frame 14
                    frame 15
                    frame 16
                    frame 17
                    frame 18
                    frame 19
                    frame 20
                … 3 more lines

            ✗ suite/billing/case/sums up  aborted, nobody ended it
                the run ended before it did

            slowest

              120ms  suite/login/case/accepts
               34ms  suite/login/case/refuses

            1 flaky

            ✓ suite/login/case/accepts  passed on attempt 2
                no answer in 5 s

            1 never ran

            · login/asks twice

            the run ended: failure
            8 total: 1 passed (1 flaky), 4 failed (1 error item, 2 not ended), 3 skipped,
              1 never ran · 5.160s
        "#]],
    );
}

#[test]
fn the_last_words_of_a_run_in_forty_columns_and_ascii() {
    let limits = Limits::default().with_failures(1).with_slowest(1);
    let text = render_run_summary(&sample_summary(), limits, 40, Style::plain().ascii());
    assert!(text.lines().all(|line| visible_width(line) <= 40), "{text}");
    check(
        &text,
        &expect![[r#"
            4 failures

            x suite/login  teardown error (end_pe...
                at conftest.py:3
                port 80 is busy

            ... 3 more

            slowest

              120ms  suite/login/case/accepts

            1 flaky

            + .../case/accepts  passed on attempt 2
                no answer in 5 s

            1 never ran

            . login/asks twice

            the run ended: failure
            8 total: 1 passed (1 flaky),
              4 failed (1 error item, 2 not ended),
              3 skipped, 1 never ran | 5.160s
        "#]],
    );
}

#[test]
fn the_last_words_of_a_run_in_colour() {
    let mut script = Script::new();
    let events = [
        script.say("case/x", CaseStarted::new()),
        script.say("case/x", CaseFinished::failed(Failure::assertion("no").with_actual(""))),
        script.say("case/y", ended(Status::Success, 9)),
    ];
    let summary = summary_of(events.iter().map(|envelope| &**envelope));
    let style = Style::plain().coloured();
    check(
        &render_run_summary(&summary, Limits::default(), 80, style),
        &expect![[r#"
        ^[1m1 failure^[0m

        ^[31m✗^[0m ^[2mcase/^[0m^[1mx^[0m
            no
            ^[2mactual:   (empty)^[0m

        ^[1m2 total^[0m^[2m: ^[0m^[32m1 passed^[0m^[2m, ^[0m^[31m1 failed^[0m
    "#]],
    );
}

#[test]
fn lost_nodes_and_what_ran_there_are_in_the_last_words() {
    let mut script = Script::new();
    let mut summary = summary_of(several_nodes(&mut script).iter().map(|envelope| &**envelope));
    summary.finish();
    check(
        &render_run_summary(&summary, Limits::default(), 80, Style::plain()),
        &expect![[r#"
            3 failures

            ✗ suite/a/case/same  on lab-1  aborted, nobody ended it
                the stream ended before it did

            ✗ suite/a/case/gone  on lab-3  aborted, nobody ended it
                its node was lost before it ended

            ✗ suite/a/case/same  on lab-2  aborted, nobody ended it
                the stream ended before it did

            1 node lost

            ✗ node/lab-3  no heartbeat for 30 s

            4 total: 1 passed, 3 failed (3 not ended)
        "#]],
    );
}

#[test]
fn a_plan_of_numbers_has_no_names() {
    let mut script = Script::new();
    let events = [script.say("run/r", RunPlanned::count(1_200))];
    let summary = summary_of(events.iter().map(|envelope| &**envelope));
    check(
        &render_run_summary(&summary, Limits::default(), 80, Style::plain()),
        &expect![[r#"
        1,200 never ran

        the plan has their number, not their names

        0 total: 1,200 never ran
    "#]],
    );
}

#[test]
fn several_runs_keep_their_names_apart() {
    let mut script = Script::new();
    let fail = |message| CaseFinished::failed(Failure::assertion(message));
    let events = [
        script.say("run/one", RunStarted::new()),
        script.say("run/two", RunStarted::new()),
        script.say("run/one/case/x", fail("first")),
        script.say("run/two/case/x", fail("second")),
    ];
    let summary = summary_of(events.iter().map(|envelope| &**envelope));
    let text = render_run_summary(&summary, Limits::default(), 80, Style::plain());
    assert!(text.contains("✗ run/one/case/x\n") && text.contains("✗ run/two/case/x\n"), "{text}");
}

#[test]
fn an_end_of_a_run_has_one_line() {
    let mut script = Script::new();
    let mut tree = Tree::new(Limits::default());
    let mut lines = String::new();
    for envelope in sample_run(&mut script) {
        let change = Change::of(&envelope);
        if let Some(Told::Error(error)) = change.told() {
            let line = render_run_error(change.entity(), error, usize::MAX, Style::plain());
            lines.push_str(&line);
        }
        if let Some(finished) = tree.apply_change(change) {
            lines.push_str(&render_finished(&finished, usize::MAX, Style::plain()));
        }
    }
    check(
        &lines,
        &expect![[r#"
        ✗  5.000s  run/nightly/suite/login/case/accepts  attempt 1, tried again  timed out: no answer in 5 s
        ✓   120ms  run/nightly/suite/login/case/accepts  attempt 2
        ✗    34ms  run/nightly/suite/login/case/refuses  AssertionError: the page differs
        ○          run/nightly/suite/login/case/locks  skipped by user: ticket 17
        ○          run/nightly/suite/login/case/unlocks  skipped automatically: its setup failed
        ○          run/nightly/suite/login/case/later  ignored
        ✗          run/nightly/suite/login/case/explodes  aborted, nobody ended it: the process is gone
        ✗          run/nightly/suite/login  teardown error (end_per_suite): port 80 is busy
        ✗          run/nightly/suite/login
    "#]],
    );
}

#[test]
fn failures_and_flaky_cases_are_annotated() {
    check(
        &render_annotations(&sample_summary()),
        &expect![[r#"
            ::error file=conftest.py,line=3,title=login%3A teardown error (end_per_suite)::port 80 is busy
            ::error title=login/explodes%3A aborted::the process is gone
            ::error file=tests/login.rs,line=17,col=5,title=login/refuses::AssertionError: the page differs%0Ain its status%0Aexpected: 403 Forbidden%0Aactual:   200 OK%0A          with a body%0A    frame 1%0A    frame 2%0A    frame 3%0A    frame 4%0A    frame 5%0A    frame 6%0A    frame 7%0A    frame 8%0A    frame 9%0A    frame 10%0A    frame 11%0A    frame 12%0A    frame 13%0A    frame 14%0A    frame 15%0A    frame 16%0A    frame 17%0A    frame 18%0A    frame 19%0A    frame 20%0A… 3 more lines
            ::error title=billing/sums up%3A aborted::the run ended before it did
            ::warning title=login/accepts::flaky: passed on attempt 2, before that: no answer in 5 s

        "#]],
    );
}

#[test]
fn what_github_would_not_show_is_counted_in_a_line() {
    let mut script = Script::new();
    let failure = || Failure::assertion("no");
    let events: Vec<_> = (0..25)
        .flat_map(|number| {
            let path = format!("case/{number}");
            let first = CaseFinished::failed(failure()).superseded();
            let last = ended(if number < 12 { Status::Success } else { Status::Failure }, 1);
            [script.say(&path, first), script.say(&path, last.with_attempt(2))]
        })
        .collect();
    let summary = summary_of(events.iter().map(|envelope| &**envelope));
    let text = render_annotations(&summary);
    assert_eq!(text.matches("::error ").count(), 10, "{text}");
    assert_eq!(text.matches("::warning ").count(), 10, "{text}");
    let words = "more failures have no annotation; the summary below has them";
    assert!(text.contains(&format!("\n3 {words}\n")), "{text}");
    assert!(text.contains("\n2 more flaky cases have no annotation;"), "{text}");
}

/// Lines that the runner of GitHub Actions would take for commands.
fn commands(text: &str) -> Vec<&str> {
    let is_command = |line: &&str| line.trim_start().starts_with("::") || line.contains("##[");
    text.lines().filter(is_command).collect()
}

fn commanding_text() -> impl Strategy<Value = String> {
    let nasty = prop::sample::select(vec![
        "::",
        "error",
        "##[",
        "]",
        "\n",
        "\r",
        "\t",
        " ",
        "%",
        "%0A",
        ",",
        ":",
        "x",
        "\u{1b}[31m",
        "\u{200b}",
        "\u{202e}",
    ]);
    let mixed = prop::collection::vec(nasty, 0..10).prop_map(|parts| parts.concat());
    prop_oneof![any_text(), mixed]
}

/// A case that ends with a failure made of these texts.
fn nasty_failure(texts: &[String; 5]) -> Failure {
    let [message, details, value, class, file] = texts;
    Failure::assertion(message)
        .with_class(class)
        .with_details(details)
        .with_expected(value)
        .with_actual(details)
        .with_cause(Cause::new(message).with_class(class))
        .at(SourceLocation::new(file).with_line(1))
}

proptest! {
    #[test]
    fn no_text_of_a_run_is_raw_or_a_command(
        texts in prop::array::uniform5(commanding_text()),
        width in 0_usize..100,
        height in 0_usize..30,
    ) {
        let [name, suite, reason, node, id] = &texts;
        let mut script = Script::new();
        let outer = Entity::new("suite", suite);
        let case = outer.child("case", name);
        let events = [
            script.say_of(&outer, RunPlanned::selectors([Selector::suite(reason)])),
            script.say_of(&outer, SuiteStarted::new()),
            script.say_of(&case, CaseStarted::new()),
            script.say_of(&case, CaseFinished::failed(nasty_failure(&texts)).superseded()),
            script.say_of(&case, ended(Status::Success, 5).with_attempt(2)),
            script.say_of(&outer.child("case", id), CaseSkipped::by_user(reason)),
            script.say_of(&outer.child("case", reason), CaseFinished::failed(nasty_failure(&texts))),
            script.say_of(&outer, ErrorItem::named(name, nasty_failure(&texts))),
            script.say_of(&Entity::new("node", node), NodeLost::new(reason)),
            script.on("lab-2").say_of(&outer.child("case", node), CaseStarted::new()),
        ];
        let size = Size::new(width, height);
        let style = Style::plain().coloured();
        let summary = summary_of(events.iter().map(|envelope| &**envelope));
        let words = render_run_summary(&summary, Limits::default(), width, style);
        let mut out = run_frame(&events, script.now(), size, style);
        for line in words.lines() {
            prop_assert!(visible_width(line) <= width, "{line:?}");
        }
        out.push_str(&words);
        let mut tree = Tree::new(Limits::default());
        for envelope in &events {
            let change = Change::of(envelope);
            if let Some(Told::Error(error)) = change.told() {
                out.push_str(&render_run_error(change.entity(), error, width, style));
            }
            if let Some(finished) = tree.apply_change(change) {
                out.push_str(&render_finished(&finished, width, style));
            }
            out.push_str(&event_line(envelope, style));
        }
        let raw = without_colours(&out);
        prop_assert!(!raw.replace('\n', "").contains(is_dangerous), "{raw:?}");
        prop_assert!(commands(&raw).is_empty(), "{:?}", commands(&raw));
        // With the annotations, the only commands are ours, one for each failure.
        let annotations = render_annotations(&summary);
        prop_assert!(!annotations.replace('\n', "").contains(is_dangerous));
        let count = summary.failures().len() + summary.flaky().len();
        prop_assert_eq!(annotations.lines().count(), count + 1);
        for line in annotations.lines().take(count) {
            prop_assert!(line.starts_with("::error ") || line.starts_with("::warning "));
            prop_assert!(!line.contains("##["), "{line}");
        }
    }

    /// Whatever happened, the last line has the numbers of the summary.
    #[test]
    fn the_totals_are_those_of_the_summary(
        steps in prop::collection::vec((0_u8..12, 0_usize..12, 1_u32..4), 0..60),
        planned in 0_u64..20,
    ) {
        let mut script = Script::new();
        let mut events = vec![script.say("run/r", RunPlanned::count(planned))];
        for (number, step, attempt) in steps {
            let path = format!("suite/s{}/case/{number}", number % 3);
            events.push(match step {
                0..9 => script.say(&path, ended(Status::ALL[step], 5).with_attempt(attempt)),
                9 => script.say(&path, ErrorItem::new(Failure::assertion("no"))),
                _ => script.say(&path, CaseStarted::new().with_attempt(attempt)),
            });
        }
        let mut summary = summary_of(events.iter().map(|envelope| &**envelope));
        let frame = run_frame(&events, script.now(), Size::new(200, 24), Style::plain());
        let done = format!(
            "{}/{}",
            summary.counts().total() - summary.counts().error_items,
            summary.expected()
        );
        prop_assert!(frame.lines().last().unwrap_or_default().starts_with(&done), "{frame}");
        summary.finish();
        let counts = summary.counts();
        let text = render_run_summary(&summary, Limits::default(), usize::MAX, Style::plain());
        let last = text.lines().last().unwrap_or_default();
        let number = |word: &str| -> u64 {
            let before = last.split(word).next().filter(|before| before.len() < last.len());
            let digits = before.and_then(|before| before.rsplit([' ', '(']).next());
            digits.map_or(0, |digits| digits.parse().expect("a number"))
        };
        let shown = [" total", " passed", " failed", " skipped", " flaky", " error item"].map(number);
        let counted = [
            counts.total(), counts.passed(), counts.failed(), counts.skipped(), counts.flaky,
            counts.error_items,
        ];
        prop_assert_eq!(shown, counted, "{}", last);
        prop_assert_eq!(number(" never ran"), summary.never_ran(), "{}", last);
        prop_assert_eq!(number(" not ended"), counts.synthetic, "{}", last);
    }
}
