//! Replaying: live = recorded = replayed.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use expect_test::expect;
use serde_json::json;
use tidings_core::{Envelope, Interest, Timestamp};
use tidings_journal::{OnBadLine, Reader, ReplayError, replay, replay_with, verify};
use tidings_registry::{Bus, Observer, ObserverError};

use crate::support::{Memory, event, fixed, path, written};

const DEADLINE: Duration = Duration::from_secs(20);

/// What a metrics observer and a recorder end up with.
#[derive(Debug, Default, PartialEq)]
struct State {
    counts: BTreeMap<String, u64>,
    begun: BTreeMap<String, Timestamp>,
    durations: Vec<(String, Duration)>,
    /// Per lane, since threads mix as they like.
    heard: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Default)]
struct Everything(Mutex<State>);

impl Observer for Everything {
    fn interest(&self) -> Interest {
        Interest::everything().with("tidings".parse().expect("a prefix"))
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        let mut state = self.0.lock().expect("no panic");
        let entity = envelope.entity().to_string();
        *state.counts.entry(envelope.event_type().as_str().to_owned()).or_default() += 1;
        if envelope.event_type().as_str().ends_with("started") {
            state.begun.insert(entity.clone(), envelope.time());
        } else if let Some(begun) = state.begun.remove(&entity) {
            state.durations.push((entity.clone(), envelope.time().saturating_since(begun)));
            state.durations.sort();
        }
        let heard = format!(
            "{} {} {entity} {} {:?} {} {:?} {:?} {} {} {:?} {}",
            envelope.id(),
            envelope.event_type(),
            envelope.content_id().expect("JSON"),
            envelope.role(),
            envelope.time(),
            envelope.elapsed(),
            envelope.caused_by(),
            envelope.run(),
            envelope.node(),
            envelope.attributes(),
            envelope.data().expect("JSON"),
        );
        let id = envelope.id();
        let lane = format!("{} {}", id.bus(), id.lane());
        state.heard.entry(lane).or_default().push(heard);
        Ok(())
    }
}

/// Three threads, an observer that emits and one that fails now and then.
fn play(bus: &Bus) {
    let nested = bus.raw_emitter("watcher", "w1");
    let notice = move |_: &Arc<Envelope>| nested.emit("suite_watcher.noticed", json!({})).map(drop);
    bus.observe("suite.started", notice).expect("a prefix").detach();
    let complain = |envelope: &Arc<Envelope>| {
        let is_first = envelope.data().is_ok_and(|data| data.contains("\"n\":0,"));
        if is_first { Err(ObserverError::failed("no")) } else { Ok(()) }
    };
    bus.observe("suite.finished", complain).expect("a prefix").detach();
    thread::scope(|scope| {
        for thread in 0..3 {
            let suite = bus.raw_emitter("suite", &format!("s{thread}"));
            scope.spawn(move || {
                for n in 0..20 {
                    let data = json!({ "n": n, "rate": 1.5e-7, "text": "ü\u{1}\n" });
                    suite.emit("suite.started", data.clone()).expect("a good name");
                    suite.emit("suite.finished", data).expect("a good name");
                }
            });
        }
    });
}

fn without_header(text: &str) -> String {
    text.split_once('\n').expect("a header").1.to_owned()
}

#[test]
fn what_is_replayed_is_what_was_heard_live() {
    let (_folder, path) = path();
    let live = Arc::new(Everything::default());
    let bus = Bus::new();
    bus.subscribe(Arc::clone(&live)).detach();
    bus.subscribe(fixed().create(&path).expect("a new file")).detach();
    play(&bus);
    bus.close(DEADLINE).expect("nothing fails");

    let again = Bus::new();
    let replayed = Arc::new(Everything::default());
    let memory = Memory::default();
    again.subscribe(Arc::clone(&replayed)).detach();
    again.subscribe(fixed().to_writer(memory.clone()).expect("memory")).detach();
    let report = replay(Reader::open(&path).expect("the journal"), &again).expect("no fault");
    again.close(DEADLINE).expect("nothing fails");

    assert_eq!((report.events, report.headers, report.bad_lines), (183, 1, 0));
    let live = live.0.lock().expect("no panic");
    assert_eq!(*live, *replayed.0.lock().expect("no panic"));
    assert_eq!(live.durations.len(), 60);
    assert_eq!(live.counts["suite_watcher.noticed"], 60);
    assert_eq!(live.counts["tidings.observer.failed"], 3);
    let first = std::fs::read_to_string(&path).expect("the journal");
    assert_eq!(without_header(&memory.text()), without_header(&first));
    for text in [first, memory.text()] {
        let report = verify(Reader::new(Cursor::new(text), "run.jsonl")).expect("memory");
        assert!(report.is_sound(), "{report}");
    }
}

#[test]
fn a_replay_stops_at_a_bad_line_unless_told_to_go_on() {
    let good = written(&[event(0, "{}"), event(1, "{}"), event(2, "{}")]);
    let lines: Vec<&str> = good.lines().collect();
    let text = [lines[0], lines[1], "no event", lines[2], lines[3], "{\"spec"].join("\n");
    let reader = || Reader::new(text.as_bytes(), "run.jsonl");
    let bus = Bus::new();
    let fault = replay(reader(), &bus).expect_err("a bad line");
    assert_eq!((fault.report().events, fault.report().headers), (1, 1));
    let cause = std::error::Error::source(&fault).expect("a cause");
    expect!["the replay of `run.jsonl` did not get to its end (events replayed: 1): run.jsonl:3: not a CloudEvent in JSON: an object is expected (restore the line from a copy, or remove it)"].assert_eq(&format!("{fault}: {cause}"));
    let report = replay_with(reader(), &bus, OnBadLine::Skip).expect("skipped");
    assert_eq!((report.events, report.bad_lines), (3, 1));
    assert_eq!(report.torn.map(|torn| torn.line), Some(6));
}

#[test]
fn an_input_without_a_header_is_replayed_and_says_so() {
    let bus = Bus::new();
    let empty = replay(Reader::new(&b""[..], "run.jsonl"), &bus).expect("nothing to replay");
    assert_eq!((empty.events, empty.headers), (0, 0));
    let events = without_header(&written(&[event(0, "{}"), event(1, "{}")]));
    let report = replay(Reader::new(events.as_bytes(), "run.jsonl"), &bus).expect("no fault");
    assert_eq!((report.events, report.headers), (2, 0));
}

#[test]
fn a_closed_bus_is_no_silent_end() {
    let text = written(&[event(0, "{}")]);
    let bus = Bus::new();
    bus.close(DEADLINE).expect("nothing fails");
    let fault = replay(Reader::new(text.as_bytes(), "run.jsonl"), &bus).expect_err("closed");
    assert!(matches!(fault, ReplayError::Closed { .. }));
    expect!["run.jsonl:2: the bus is closed: replay into an open one"]
        .assert_eq(&fault.to_string());
}

#[test]
fn a_replay_inside_an_observer_is_refused() {
    let text = written(&[event(0, "{}"), event(1, "{}")]);
    let bus = Bus::new();
    let inner = bus.clone();
    let (send, receive) = std::sync::mpsc::sync_channel(4);
    bus.observe("outer", move |_: &Arc<Envelope>| {
        let outcome = replay(Reader::new(text.as_bytes(), "run.jsonl"), &inner);
        send.send(outcome).expect("the test waits");
    })
    .expect("a prefix")
    .detach();
    bus.raw_emitter("case", "t1").emit("outer.begun", json!({})).expect("a good name");
    let fault = receive.recv_timeout(DEADLINE).expect("it was called").expect_err("refused");
    expect![
        "run.jsonl:2: a replay inside an observer cannot go on: start it on a thread of its own"
    ]
    .assert_eq(&fault.to_string());
}
