//! A console that follows a test run: the pictures, the lines, the groups and the last words.

use tidings_registry::Bus;
use tidings_testrun::{
    CaseFinished, CaseStarted, Failure, LiveSummary, Output, RunEmitter, RunPlanned, RunSummary,
    Status, SuiteFinished, SuiteStarted, TestRun,
};

use super::*;
use crate::annotation::AnnotationsChoice;
use crate::fixture::{ended, sample_run};
use crate::render::{Style, render_run_summary};
use crate::tree::Limits;

fn summary_of(events: &[Arc<Envelope>]) -> RunSummary {
    let mut summary = RunSummary::new();
    for envelope in events {
        summary.apply(envelope);
    }
    summary.finish();
    summary
}

fn words_of(summary: &RunSummary) -> String {
    render_run_summary(summary, Limits::default(), usize::MAX, Style::plain())
}

#[test]
fn a_run_ends_with_the_words_of_its_summary() {
    let events = sample_run(&mut Script::new());
    let words = words_of(&summary_of(&events));
    let page = Page::default();
    let lines = console(page.clone(), Mode::Auto);
    send(&lines, &events);
    close(&lines).unwrap();
    let text = page.text();
    assert!(text.ends_with(&format!("suite/login\n\n{words}")), "{text}");
    assert!(!text.contains(" events"), "the tree says nothing of totals:\n{text}");
    assert_eq!(balanced(&lines).delivered, events.len() as u64);

    let page = Page::default();
    let live = plain(Console::to(page.clone())).terminal(Size::new(500, 50)).build();
    send(&live, &events);
    close(&live).unwrap();
    let summary = summary_of(&events);
    let words = render_run_summary(&summary, Limits::default(), 499, Style::plain());
    assert!(page.text().ends_with(&words), "{}", page.text());
}

#[test]
fn lines_of_all_events_end_with_the_words_of_the_summary() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Lines);
    let events = sample_run(&mut Script::new());
    send(&console, &events);
    close(&console).unwrap();
    let text = page.text();
    let (lines, words) = text.split_once("\n\n").expect("a line is free between them");
    assert_eq!(lines.lines().count(), events.len());
    assert_eq!(words, words_of(&summary_of(&events)));
    assert_eq!(balanced(&console).delivered, events.len() as u64);
}

#[test]
fn a_terminal_shows_how_far_a_run_is() {
    let page = Page::default();
    let console = plain(Console::to(page.clone())).terminal(Size::new(61, 24)).build();
    let mut script = Script::new();
    send(&console, &[script.say("run/r", RunPlanned::count(3))]);
    send(&console, &[script.say("suite/a/case/x", CaseStarted::new())]);
    flush(&console);
    assert!(page.text().ends_with("0/3 · 1 running\u{1b}[K\n"), "{:?}", page.text());
    let failure = CaseFinished::failed(Failure::assertion("no"));
    send(&console, &[script.say("suite/a/case/x", failure)]);
    flush(&console);
    assert!(page.text().contains("1/3 · 1 failed\u{1b}[K\n"), "{:?}", page.text());
    close(&console).unwrap();
    assert!(page.text().ends_with("1 total: 1 failed, 2 never ran\n"), "{:?}", page.text());
}

#[test]
fn what_a_run_knows_nothing_of_is_said_beside_it_and_not_counted_twice() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Auto);
    let mut script = Script::new();
    send(
        &console,
        &[
            script.say("run/r/suite/a", SuiteStarted::new()),
            script.begin("run/r/suite/a/case/x"),
            script.say("run/r/suite/a/case/x", CaseStarted::new()),
            script.fail("run/r/suite/a/case/x", "the framework says so, too"),
            script.say("run/r/suite/a/case/x", CaseFinished::failed(Failure::assertion("no"))),
            script.begin("probe/p1"),
            script.after(7).fail("probe/p1", "no signal"),
            script.begin("probe/p2"),
        ],
    );
    close(&console).unwrap();
    let expected = expect![[r#"
        ✗    <1ms  run/r/suite/a/case/x  the framework says so, too
        ✗          run/r/suite/a/case/x  no
        ✗     7ms  probe/p1  no signal

        1 failure outside of the test run

        ✗ probe/p1  7ms
            no signal

        1 never ended outside of the test run

        ● probe/p2

        1 failure

        ✗ suite/a/case/x
            no

        1 total: 1 failed
    "#]];
    expected.assert_eq(&page.text());
}

#[test]
fn the_events_of_a_frameworks_own_enum_are_those_of_a_run() {
    #[derive(Debug, Clone, serde::Serialize, serde::Deserialize, tidings_derive::Event)]
    #[event(namespace = "quick_test", crate = "tidings_core")]
    enum QuickTest {
        Created {
            name: String,
        },
        #[event(transparent)]
        Run(TestRun),
    }
    let page = Page::default();
    let console = console(page.clone(), Mode::Auto);
    let bus = Bus::new();
    bus.subscribe(console).detach();
    let emitter = bus.emitter::<QuickTest>("case", "x");
    emitter.emit(QuickTest::Created { name: "x".to_owned() });
    emitter.emit(QuickTest::Run(CaseStarted::new().into()));
    emitter.emit(QuickTest::Run(ended(Status::TimedOut, 7).into()));
    bus.close(SOON).unwrap();
    let text = page.text();
    assert!(text.starts_with("✗     7ms  case/x  timed out\n"), "{text}");
    assert!(text.ends_with("\n1 total: 1 failed\n"), "{text}");
}

#[test]
fn cases_from_many_threads_are_all_in_the_totals() {
    let page = Page::default();
    let console = plain(Console::to(page.clone())).terminal(Size::new(120, 30)).build();
    let bus = Bus::new();
    let live = LiveSummary::on(&bus);
    bus.subscribe(console).detach();
    let run = RunEmitter::start(&bus, "nightly");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let suite = run.suite(&format!("suite {thread}"));
            scope.spawn(move || {
                for number in 0..500 {
                    let case = suite.case(&format!("case {number}"));
                    case.stdout("written\n");
                    match number % 10 {
                        0 => case.failure(Failure::assertion("no")),
                        _ => case.success(),
                    };
                }
                suite.success();
            });
        }
    });
    run.success();
    bus.close(SOON).unwrap();
    let text = page.text();
    let last = text.lines().last().expect("it said something");
    assert!(last.starts_with("2,000 total: 1,800 passed, 200 failed · "), "{last}");
    let counts = live.snapshot().counts();
    assert_eq!((counts.total(), counts.passed(), counts.failed()), (2_000, 1_800, 200));
}

/// Holds more events back than may wait, while the writer hangs.
#[test]
fn a_writer_that_hangs_keeps_no_events_of_a_run() {
    let page = Page::default();
    let (gate, is_entered, let_go) = Gate::new(&page);
    let console = plain(Console::to(gate)).terminal(Size::new(80, 24)).build();
    let mut script = Script::new();
    send(&console, &[script.say("case/first", CaseStarted::new())]);
    is_entered.recv_timeout(SOON).expect("the painter writes");
    for number in 0..20_000 {
        let path = format!("case/{}", number % 100);
        send(&console, &[script.say(&path, ended(Status::Success, 1))]);
        assert!(console.shared.state.lock().unread.len() <= 256);
    }
    drop(let_go);
    close(&console).unwrap();
    assert!(page.text().contains("20,001 total: 20,000 passed, 1 failed (1 not ended)"));
}

#[test]
fn nobody_waits_while_a_run_is_counted() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Auto);
    let (emitted, is_emitted) = sync_channel(1);
    std::thread::scope(|scope| {
        let counting = console.shared.follower.lock();
        scope.spawn(|| {
            let mut script = Script::new();
            for number in 0..5_000 {
                let path = format!("case/{}", number % 100);
                send(&console, &[script.say(&path, ended(Status::Success, 1))]);
            }
            emitted.send(()).expect("the test waits");
        });
        is_emitted.recv_timeout(SOON).expect("no emitter waits");
        drop(counting);
    });
    close(&console).unwrap();
    assert!(page.text().ends_with("\n5,000 total: 5,000 passed\n"));
}

#[test]
fn a_terminal_is_not_annotated() {
    let page = Page::default();
    let builder = plain(Console::to(page.clone())).terminal(Size::new(80, 24));
    let console = builder.annotations(AnnotationsChoice::Always).build();
    send(&console, &sample_run(&mut Script::new()));
    close(&console).unwrap();
    assert!(page.text().contains("4 failures") && !page.text().contains("::error"));
}

fn annotated(page: &Page) -> Console {
    let builder = plain(Console::to(page.clone())).mode(Mode::Auto);
    builder.annotations(AnnotationsChoice::Always).build()
}

#[test]
fn each_suite_is_a_group_on_github_and_failures_are_annotated() {
    let page = Page::default();
    let console = annotated(&page);
    let mut script = Script::new();
    let at = Failure::assertion("no").at_line("src/a.rs", 3);
    send(
        &console,
        &[
            script.say("run/r/suite/a", SuiteStarted::new()),
            script.say("run/r/suite/b", SuiteStarted::new()),
            script.say("run/r/suite/a/case/x", ended(Status::Success, 1)),
            script.say("run/r/suite/b/case/x", ended(Status::Success, 2)),
            script.say("run/r/case/alone", ended(Status::Success, 3)),
            script.say("run/r/suite/a/group/g/case/y", CaseFinished::failed(at)),
            script.say("run/r/suite/a", SuiteFinished::new(Status::Failure)),
            script.say("run/r/suite/b/case/y", ended(Status::Success, 4)),
            script.say("run/r/suite/c/case/x", ended(Status::Success, 5)),
        ],
    );
    console.print("::error::not ours");
    assert_eq!(balanced(&console).accepted, 9);
    close(&console).unwrap();
    expect![[r#"
        ✓     3ms  run/r/case/alone
        ::group::a
        ✓     1ms  run/r/suite/a/case/x
        ✗          run/r/suite/a/group/g/case/y  no
        ::endgroup::
        ✗          run/r/suite/a
        \u{3a}:error::not ours
        ::group::b (not ended)
        ✓     2ms  run/r/suite/b/case/x
        ✓     4ms  run/r/suite/b/case/y
        ::endgroup::
        ::group::c (not ended)
        ✓     5ms  run/r/suite/c/case/x
        ::endgroup::

        ::error file=src/a.rs,line=3,title=a/g/y::no

        1 failure

        ✗ suite/a/group/g/case/y
            at src/a.rs:3
            no

        slowest

            5ms  suite/c/case/x
            4ms  suite/b/case/y
            3ms  case/alone
            2ms  suite/b/case/x
            1ms  suite/a/case/x

        6 total: 5 passed, 1 failed
    "#]]
    .assert_eq(&page.text());
    assert_eq!(balanced(&console).delivered, 9);
}

#[test]
fn an_end_that_came_without_its_role_is_an_end() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Auto);
    let mut script = Script::new();
    let end = json!({ "status": "timed_out", "failure": { "message": "late" }, "attempt": 2 });
    send(&console, &[script.raw("case/x", "test.case.finished", end)]);
    send(&console, &[script.raw("case/x", "test.case.finished", json!({ "status": 7 }))]);
    close(&console).unwrap();
    let text = page.text();
    assert!(text.starts_with("✗          case/x  attempt 2  timed out: late\n"), "{text}");
    let unread = "1 event of the test run could not be read and counts for nothing\n";
    assert!(text.contains(unread), "{text}");
}

#[test]
fn a_flush_writes_what_is_held_back() {
    let page = Page::default();
    let console = annotated(&page);
    let mut script = Script::new();
    send(&console, &[script.say("suite/a/case/x", ended(Status::Success, 1))]);
    assert_eq!(balanced(&console).pending, 1);
    flush(&console);
    assert_eq!((balanced(&console).pending, balanced(&console).delivered), (0, 1));
    let group = "::group::a (not ended)\n✓     1ms  suite/a/case/x\n::endgroup::\n";
    assert_eq!(page.text(), group);
}

#[test]
fn more_than_may_be_held_back_is_written_early_and_whole() {
    let page = Page::default();
    let console = annotated(&page);
    let mut script = Script::new();
    let long = "x".repeat(4_000);
    for number in 0..200 {
        let failure = CaseFinished::failed(Failure::assertion(&long));
        send(&console, &[script.say(&format!("suite/big/case/{number}"), failure)]);
        if number % 100 == 0 {
            let path = format!("suite/small/case/{number}");
            send(&console, &[script.say(&path, ended(Status::Success, 1))]);
        }
        if number % 20 == 0 {
            flush_lines(&console);
        }
    }
    close(&console).unwrap();
    let text = page.text();
    assert_eq!(text.matches("::group::").count(), text.matches("::endgroup::").count());
    assert!(text.matches("::group::big").count() >= 3, "the limit was reached");
    assert_eq!(text.matches("::group::small").count(), 1, "only the largest goes early");
    assert_eq!(text.lines().filter(|line| line.contains("  suite/big/case/")).count(), 200);
    assert_eq!(balanced(&console).delivered, 202);
}

/// Waits until the lines that may be written are written; held ones stay.
fn flush_lines(console: &Console) {
    let mut state = console.shared.state.lock();
    let deadline = Instant::now() + SOON;
    while state.lines.count() + state.held_lines > 0 {
        let timed_out = console.shared.done.wait_until(&mut state, deadline).timed_out();
        assert!(!timed_out, "the painter writes");
    }
}

#[test]
fn no_event_can_speak_to_the_runner_of_github() {
    let nasty = "::error file=a::b\n  ::set-output name=x::y\n##[command]z\n%0A::notice::\u{1b}[2J";
    for mode in [Mode::Auto, Mode::Tree, Mode::Lines, Mode::Json] {
        for choice in [AnnotationsChoice::Always, AnnotationsChoice::Never] {
            let page = Page::default();
            let builder = plain(Console::to(page.clone())).mode(mode).annotations(choice);
            let console = builder.build();
            let mut script = Script::new().with(nasty, nasty);
            let suite = tidings_core::Entity::new(nasty, nasty);
            let case = suite.child("case", nasty);
            let failure = Failure::assertion(nasty).with_details(nasty).with_class(nasty);
            send(
                &console,
                &[
                    script.say_of(&suite, SuiteStarted::new()),
                    script.say_of(&case, CaseStarted::new()),
                    script.say_of(&case, Output::stdout(nasty)),
                    script.say_of(&case, CaseFinished::failed(failure.at_line(nasty, 1))),
                    script.say_of(&suite, SuiteFinished::new(Status::Failure)),
                    script.fail("::error::/##[error]", nasty),
                    script.raw("a/b", "##[x]", json!({ "::x": "##[y]" })),
                ],
            );
            console.print(nasty);
            close(&console).unwrap();
            let text = page.text();
            let is_command =
                |line: &&str| line.trim_start().starts_with("::") || line.contains("##[");
            let commands: Vec<&str> = text.lines().filter(is_command).collect();
            let expected: &[&str] = match (choice, mode) {
                (AnnotationsChoice::Never, _) | (_, Mode::Json) => &[],
                (_, Mode::Lines) => &["::error "],
                (_, _) => &["::group::", "::endgroup::", "::error "],
            };
            assert_eq!(commands.len(), expected.len(), "{mode:?} {choice:?}: {commands:?}");
            for (command, start) in commands.iter().zip(expected) {
                assert!(command.starts_with(start) && !command.contains("##["), "{command}");
            }
            assert!(!text.replace('\n', "").contains(crate::escape::is_dangerous), "{text:?}");
        }
    }
}
