//! The page while the run goes on: it follows, and takes nothing out of anybody's hands.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use tidings_registry::Bus;
use tidings_report::{Live, Page};
use tidings_testrun::{Failure, RunEmitter, RunPlanned};

use super::driver::Browser;
use super::page::texts;
use super::runs;

#[test]
fn an_open_page_follows_the_run_to_its_end() {
    let live = Live::builder().listen("127.0.0.1:0").interval(Duration::from_millis(20));
    let live = live.start().expect("a free port");
    let bus = Bus::new();
    bus.subscribe(live.clone()).detach();
    let browser = Browser::start();
    browser.go(&live.url());
    browser.until("document.getElementById('connection').innerText === 'Live'");
    assert_eq!(browser.text("document.getElementById('outcome').innerText"), "● Running");

    let run = RunEmitter::start(&bus, "nightly");
    run.plan(RunPlanned::count(3));
    let suite = run.suite("login");
    let opens = suite.case("opens");
    browser.until("document.querySelector('[role=treeitem] .s-running')");
    browser.until("document.getElementById('progress').innerText.startsWith('0 of 3 done')");
    opens.success();
    browser.until("document.getElementById('progress').innerText.startsWith('1 of 3 done')");
    assert_eq!(browser.text("document.title"), "● Running · nightly");

    suite.case("shuts").failure(Failure::assertion("it is open"));
    browser.until("document.getElementById('outcome').innerText === '✗ Running, failing'");
    suite.case("rings").success();
    suite.success();
    run.success();
    browser.until("document.getElementById('outcome').innerText === '✗ Failed'");
    bus.close(Duration::from_secs(10)).expect("closes");
    browser.until("document.getElementById('connection').innerText === 'Ended'");
    assert_eq!(browser.console(), [""; 0]);
}

#[test]
fn an_update_keeps_focus_filter_choice_and_scroll() {
    let live = Live::builder().listen("127.0.0.1:0").interval(Duration::from_millis(20));
    let live = live.start().expect("a free port");
    let bus = Bus::new();
    bus.subscribe(live.clone()).detach();
    let run = RunEmitter::start(&bus, "nightly");
    let suite = run.suite("middle");
    for number in 0..60 {
        suite.case(&format!("case {number:02}")).failure(Failure::assertion("no"));
    }
    let browser = Browser::start();
    browser.go(&live.url());
    browser.until("document.querySelectorAll('[role=treeitem]').length > 20");
    browser.click("[data-status=failure]");
    browser.keys(&["/", "Down", "End", "Up", "Enter"]);
    let state = "[document.activeElement.querySelector('.name').innerText,
        document.getElementById('detail-title').innerText, location.hash,
        document.getElementById('tree').scrollTop > 100]";
    let before = browser.value(state).to_string();
    assert!(
        before.starts_with(r##"["case 58","case 58","#status=failure&case=c58",true"##),
        "{before}"
    );
    for name in ["an earlier suite", "zzz, a later one"] {
        run.suite(name).case("new").failure(Failure::assertion("too"));
    }
    browser.until("document.querySelector('[data-status=failure] .number').innerText === '62'");
    browser.settle();
    assert_eq!(browser.value(state).to_string(), before);
}

/// Answers one request: with the page, or with one server-sent event, and hangs up.
fn answer(mut stream: &TcpStream, event: impl FnOnce() -> String) -> Option<String> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let request: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    let wants_events = request.first()?.starts_with("GET /events ");
    let (kind, body) = if wants_events {
        ("text/event-stream", event())
    } else {
        ("text/html; charset=utf-8", Page::live_html())
    };
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n");
    stream.write_all((head + &body).as_bytes()).ok()?;
    let id = request
        .iter()
        .find_map(|line| line.to_lowercase().strip_prefix("last-event-id: ").map(str::to_owned));
    wants_events.then(|| id.unwrap_or_default())
}

#[test]
fn a_page_that_lost_its_server_comes_back_and_says_what_it_has() {
    let (before, after) = (runs::growing(1), runs::growing(2));
    let server = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/", server.local_addr().expect("bound"));
    let serving = thread::spawn(move || {
        let mut ids: Vec<String> = Vec::new();
        while ids.len() < 2 {
            let (stream, _) = server.accept().expect("a client");
            let is_first = ids.is_empty();
            let event = || {
                if is_first {
                    format!("retry: 10\nevent: model\nid: one-1\ndata: {}\n\n", before.model_json())
                } else {
                    let changes = after.changes_json("case 1");
                    format!(
                        "event: changes\nid: one-2\ndata: {changes}\n\nevent: end\ndata: {{}}\n\n"
                    )
                }
            };
            ids.extend(answer(&stream, event));
        }
        ids
    });
    let browser = Browser::start();
    browser.go(&url);
    browser.until("document.getElementById('connection').innerText === 'Ended'");
    browser.until("document.querySelectorAll('[role=treeitem]').length === 3");
    assert_eq!(serving.join().expect("the server ended well"), ["", "one-1"]);
    let names = browser.value(&texts("[role=treeitem] .name")).to_string();
    assert_eq!(names, r#"["growing","case 0","case 1"]"#);
    assert_eq!(browser.console(), [""; 0]);
}
