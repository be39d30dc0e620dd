//! Who watches sees all that happened, and what happens.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_core::Entity;
use tidings_testrun::{
    CaseFinished, CaseStarted, Failure, RunEmitter, RunFinished, RunStarted, Status, TestRun,
};

use crate::support::{Copy, Scene, Stream, builder, connect, get};

#[test]
fn a_late_joiner_sees_the_history() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "nightly");
    run.case("starts").success();
    run.case("stops").failure(Failure::assertion("it does not"));
    let mut stream = Stream::open(&scene.live, None);
    let model = stream.next().expect("a model");
    assert_eq!(model.name, "model");
    assert_eq!(stream.retry.as_deref(), Some("1000"));
    let mut page = Copy::default();
    page.take(model);
    assert_eq!(page.told(), &scene.model());
    assert_eq!(page.told()["counts"]["failed"], 1);
    run.success();
}

#[test]
fn what_happens_is_told_with_only_the_cases_that_changed() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "nightly");
    run.case("first").success();
    let mut stream = Stream::open(&scene.live, None);
    let mut page = Copy::default();
    page.take(stream.next().expect("a model"));
    let second = run.case("second");
    let changes = stream.next().expect("changes");
    assert_eq!(changes.name, "changes");
    let names: Vec<&Value> =
        changes.data["cases"].as_array().into_iter().flatten().map(|case| &case["name"]).collect();
    assert_eq!(names, ["second"]);
    page.take(changes);
    assert_eq!(page.told(), &scene.model());
    second.success();
    page.take(stream.next().expect("changes"));
    assert_eq!(page.told(), &scene.model());
    run.success();
}

#[test]
fn two_clients_see_the_same() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "nightly");
    let mut streams = [0, 1].map(|_| Stream::open(&scene.live, None));
    let mut pages = [0, 1].map(|_| Copy::default());
    for number in 0..50 {
        run.case(&format!("case {number}")).success();
    }
    // The beginning of the run, and two events of each case.
    for (page, stream) in pages.iter_mut().zip(&mut streams) {
        page.follow(stream, 101);
        assert_eq!(page.told(), &scene.model());
    }
    run.success();
}

#[test]
fn cases_that_the_end_of_a_run_aborts_are_told() {
    let scene = Scene::new();
    let case = Entity::new("case", "hangs");
    let say = |entity: &Entity, event: TestRun| {
        scene.bus.emitter_for(entity.clone()).emit(event);
    };
    say(&Entity::new("run", "r"), RunStarted::new().into());
    say(&case, CaseStarted::new().into());
    let mut stream = Stream::open(&scene.live, None);
    let mut page = Copy::default();
    page.follow(&mut stream, 2);
    assert_eq!(page.told()["cases"]["0"].get("status"), None);
    say(&Entity::new("run", "r"), RunFinished::new(Status::Success).into());
    page.follow(&mut stream, 3);
    assert_eq!(page.told()["cases"]["0"]["status"], "aborted");
    assert_eq!(page.told()["run"]["is_over"], true);
    assert_eq!(page.told(), &scene.model());
    say(&case, CaseFinished::new(Status::Success).into());
    page.follow(&mut stream, 4);
    assert_eq!(page.told()["cases"]["0"]["status"], "success");
}

#[test]
fn a_stream_that_breaks_off_aborts_what_was_open() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "nightly");
    let case = run.case("hangs");
    let mut stream = Stream::open(&scene.live, None);
    let mut page = Copy::default();
    page.follow(&mut stream, 2);
    scene.live.finish();
    page.follow(&mut stream, 3);
    assert_eq!(page.told()["cases"]["0"]["status"], "aborted");
    assert_eq!(page.told(), &scene.model_at_the_end());
    drop((case, run));
}

#[test]
fn a_silent_stream_says_that_it_lives_after_the_end_of_the_run_too() {
    let scene = Scene::with(builder().keep_alive(Duration::from_millis(5)));
    RunEmitter::start(&scene.bus, "nightly").success();
    let mut stream = Stream::open(&scene.live, None);
    assert_eq!(stream.next().expect("a model").data["run"]["is_over"], true);
    stream.wait_for_comments(3);
}

#[test]
fn the_page_the_file_and_the_numbers_are_served() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "nightly");
    run.case("<b>bold</b>").success();
    let url = scene.live.url();
    let read = |path: &str| {
        let mut answer = ureq::get(format!("{url}{path}")).call().expect("an answer");
        let kind = answer.headers()["content-type"].to_str().expect("a text").to_owned();
        (kind, answer.body_mut().read_to_string().expect("a text"))
    };
    let (kind, page) = read("");
    assert_eq!(kind, "text/html; charset=utf-8");
    assert_eq!(page, tidings_report::Page::live_html());
    let (kind, report) = read("report.html");
    assert_eq!(kind, "text/html; charset=utf-8");
    assert!(report.contains("nightly") && !report.contains("<b>bold"), "{report}");
    let (kind, summary) = read("summary.json?x=1");
    assert_eq!(kind, "application/json");
    let summary: Value = summary.parse().expect("it is JSON");
    assert_eq!((&summary["total"], &summary["passed"]), (&json!(1), &json!(1)));
    run.success();
}

#[test]
fn the_page_listens_to_what_is_sent() {
    let page = tidings_report::Page::live_html();
    for name in ["model", "changes", "end"] {
        assert!(page.contains(&format!("\"{name}\"")), "the page does not listen to `{name}`");
    }
}

#[test]
fn every_answer_says_what_a_browser_must_not_do() {
    let scene = Scene::new();
    let mut stream = connect(&scene.live);
    for path in ["/", "/report.html", "/summary.json", "/nothing"] {
        let (_, answer) = get(&scene.live, path, "");
        for header in [
            "cache-control: no-store",
            "content-security-policy: ",
            "cross-origin-resource-policy: same-origin",
            "referrer-policy: no-referrer",
            "x-content-type-options: nosniff",
        ] {
            assert!(answer.contains(header), "{path} lacks {header}: {answer}");
        }
        assert!(!answer.contains("access-control"), "{answer}");
    }
    std::io::Write::write_all(&mut stream, b"HEAD /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .expect("it is written");
    let mut head = String::new();
    std::io::Read::read_to_string(&mut stream, &mut head).expect("it ends without a body");
    assert!(head.contains("content-type: text/event-stream"), "{head}");
    assert!(head.contains("frame-ancestors 'none'"), "{head}");
}

#[test]
fn ticks_of_a_long_run_carry_only_what_changed() {
    let scene = Scene::with(builder().interval(Duration::from_millis(20)));
    let run = RunEmitter::start(&scene.bus, "nightly");
    for suite in 0..20 {
        let suite = run.suite(&format!("suite {suite}"));
        (0..1_000).for_each(|case| {
            suite.case(&format!("case {case}")).success();
        });
        suite.success();
    }
    let mut stream = Stream::open(&scene.live, None);
    let mut page = Copy::default();
    let model = stream.next().expect("a model");
    let whole = model.bytes;
    page.take(model);
    let mut told = Vec::new();
    let mut version = page.last_id.as_deref().map(crate::support::version_of).expect("an id");
    for burst in [1, 10, 100] {
        for case in 0..burst {
            run.case(&format!("more {burst} {case}")).success();
        }
        version += 2 * burst;
        let mut bytes = 0;
        let mut messages = 0;
        while page.last_id.as_deref().map(crate::support::version_of) < Some(version) {
            let message = stream.next().expect("changes");
            bytes += message.bytes;
            messages += 1;
            page.take(message);
        }
        told.push((burst, messages, bytes));
    }
    println!("20,000 cases: {whole} bytes; then (cases, messages, bytes): {told:?}");
    assert_eq!(page.told(), &scene.model());
    for (burst, messages, bytes) in told {
        // What is not about cases comes with each message: 20 suites, the counts.
        let allowed = messages * 12_000 + usize::try_from(burst).expect("small") * 1_000;
        assert!(bytes < allowed, "{bytes} bytes for {burst} cases in {messages} messages");
        assert!(bytes < whole / 20, "{bytes} of {whole}");
    }
    run.success();
}
