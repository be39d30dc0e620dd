//! What arrives, whatever happens to the server and to the network.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde_json::{Value, json};
use tempfile::TempDir;
use tidings_assert::Recorder;
use tidings_delivery::{Delivery, Load, Outcome, Retry, Sink, SpoolSettings};
use tidings_fault_server::broker::{Broker, BrokerVersion, Proxy};
use tidings_nats::{NatsServer, NatsSink, NatsSinkBuilder, WINDOW_MAX};
use tidings_registry::Bus;

use crate::support::{View, event_with, id, load, send};

const ACK_TIMEOUT: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest that one emit may take, whatever the network does.
const EMIT_MAX: Duration = Duration::from_secs(2);

fn builder(url: &str) -> NatsSinkBuilder {
    NatsSink::builder(NatsServer::at(url)).ack_timeout(ACK_TIMEOUT)
}

#[test]
fn the_longest_times_and_the_widest_window_do_no_harm() {
    let broker = Broker::start(BrokerVersion::Old).expect("a server");
    let widest = |window| builder(&broker.url()).window(window).heartbeat(Duration::MAX);
    let mut sink = widest(WINDOW_MAX).ack_timeout(Duration::MAX).build().expect("in order");
    assert_eq!(sink.check(), Ok(()));
    assert_eq!(send(&mut sink, 0..3), Outcome::delivered());
    let fault = widest(WINDOW_MAX + 1).build().expect_err("there is no room for so many");
    assert!(fault.to_string().contains("at most 65536"), "{fault}");
}

/// A bus whose events go to a server, with a spool.
struct Node {
    bus: Bus,
    recorder: Recorder,
    emitted: AtomicUsize,
    slowest: Mutex<Duration>,
    _spool: TempDir,
}

impl Node {
    fn start(url: &str) -> Self {
        let bus = Bus::builder().run("run 7").node("lab.3").build();
        let spool = tempfile::tempdir().expect("a folder");
        let sink = builder(url).node_of(&bus).build().expect("the settings are in order");
        let delivery = Delivery::builder(sink)
            .batch_events(50)
            .linger(Duration::from_millis(1))
            .retry(Retry::default().first(Duration::from_millis(5)).cap(Duration::from_millis(50)))
            .spool(SpoolSettings::new(spool.path()))
            .start()
            .expect("a thread and a folder");
        let recorder = Recorder::on(&bus);
        bus.subscribe(delivery).detach();
        let (emitted, slowest) = (AtomicUsize::new(0), Mutex::default());
        Self { bus, recorder, emitted, slowest, _spool: spool }
    }

    fn emit(&self) {
        let number = self.emitted.fetch_add(1, Ordering::Relaxed);
        let before = Instant::now();
        let emitter = self.bus.raw_emitter("case", &format!("t{number}"));
        emitter.emit("quick_test.started", json!({ "n": number })).expect("a type");
        let mut slowest = self.slowest.lock();
        *slowest = before.elapsed().max(*slowest);
    }

    /// Emits on a thread of its own while this goes on; then all must be in the stream, each
    /// once and in order, and no emit may have taken long.
    fn emit_during(self, view: &View, trouble: impl FnOnce(&Self)) {
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Acquire) {
                    self.emit();
                    std::thread::park_timeout(Duration::from_micros(200));
                }
            });
            trouble(&self);
            is_over.store(true, Ordering::Release);
        });
        let report = self.bus.close(PATIENCE).expect("all gets through in the end");
        let delivered = report.observer("nats").expect("it is there").counts.delivered;
        let emitted: Vec<String> =
            self.recorder.envelopes().iter().map(|event| event.id().to_string()).collect();
        assert_eq!(view.ids("tidings"), emitted);
        assert_eq!(delivered, emitted.len() as u64);
        let slowest = *self.slowest.lock();
        assert!(slowest < EMIT_MAX, "an emit took {slowest:?}");
    }

    /// Waits until so many more events are emitted.
    fn wait_for_emitted(&self, more: usize) {
        let wanted = self.emitted.load(Ordering::Relaxed) + more;
        wait_for(|| self.emitted.load(Ordering::Relaxed) >= wanted);
    }
}

/// Waits until so many more events are in the stream.
fn wait_for_kept(view: &View, more: u64) {
    let wanted = view.count("tidings") + more;
    wait_for(|| view.count("tidings") >= wanted);
}

fn wait_for(holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "nothing comes of it");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

fn kill_and_restart(version: BrokerVersion) {
    let broker = Broker::start(version).expect("a server");
    let view = View::of(&broker.url());
    Node::start(&broker.url()).emit_during(&view, |node| {
        for _ in 0..3 {
            wait_for_kept(&View::of(&broker.url()), 50);
            broker.kill();
            node.wait_for_emitted(200);
            broker.restart().expect("the port is free");
        }
    });
}

#[test]
fn an_old_broker_that_is_killed_and_started_again_loses_and_doubles_nothing() {
    kill_and_restart(BrokerVersion::Old);
}

#[test]
fn a_new_broker_that_is_killed_and_started_again_loses_and_doubles_nothing() {
    kill_and_restart(BrokerVersion::New);
}

#[test]
fn a_network_that_stalls_and_breaks_loses_and_doubles_nothing_and_holds_up_nobody() {
    let broker = Broker::start(BrokerVersion::New).unwrap();
    let proxy = Proxy::to(broker.address()).unwrap();
    let view = View::of(&broker.url());
    Node::start(&proxy.url()).emit_during(&view, |node| {
        wait_for_kept(&view, 50);
        proxy.drop_connections();
        wait_for_kept(&view, 50);
        proxy.stall();
        // Longer than the server has to acknowledge: another connection is made, in vain.
        let before = proxy.connections();
        wait_for(|| proxy.connections() > before + 1);
        proxy.resume();
        wait_for_kept(&view, 50);
        proxy.cut();
        node.wait_for_emitted(200);
        proxy.mend();
        wait_for_kept(&view, 50);
    });
}

#[test]
fn an_event_is_a_message_with_its_id_its_names_and_its_json() {
    for version in BrokerVersion::ALL {
        let broker = Broker::start(version).unwrap();
        let mut sink = builder(&broker.url()).root("acme.tests").build().unwrap();
        assert_eq!(sink.check(), Ok(()));
        assert_eq!(send(&mut sink, 0..2), Outcome::delivered());
        let messages = View::of(&broker.url()).messages("acme_tests");
        let (subject, message_id, body) = &messages[1];
        assert_eq!(subject, "acme.tests.run-7.lab-3.quick_test.started");
        assert_eq!(*message_id, id(1));
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!((&body["id"], &body["runid"]), (&json!(id(1)), &json!("run-7")));
        assert_eq!(body["position"], json!(format!("{:020}", 1)));
    }
}

#[test]
fn what_is_sent_again_is_kept_once_by_any_sink() {
    let broker = Broker::start(BrokerVersion::Old).unwrap();
    for _ in 0..2 {
        let mut sink = builder(&broker.url()).build().unwrap();
        assert_eq!(send(&mut sink, 0..20), Outcome::delivered());
        assert_eq!(send(&mut sink, 0..20), Outcome::unconfirmed());
        sink.close();
    }
    let ids: Vec<String> = (0..20).map(id).collect();
    assert_eq!(View::of(&broker.url()).ids("tidings"), ids);
}

#[test]
fn batches_overlap_and_are_confirmed_in_their_order() {
    let broker = Broker::start(BrokerVersion::New).unwrap();
    let mut sink = builder(&broker.url()).window(8).build().unwrap();
    assert_eq!(send(&mut sink, 0..5), Outcome::delivered());
    for start in [5, 25, 45] {
        assert_eq!(send(&mut sink, start..start + 20), Outcome::unconfirmed());
    }
    let (mut confirmed, deadline) = (Vec::new(), Instant::now() + PATIENCE);
    while confirmed.len() < 3 && Instant::now() < deadline {
        confirmed.extend(sink.confirm());
        std::thread::park_timeout(Duration::from_millis(1));
    }
    let batches: Vec<u64> = confirmed.iter().map(|one| one.batch).collect();
    assert_eq!(batches, [5, 25, 45]);
    assert!(confirmed.iter().all(|one| one.outcome == Outcome::delivered()), "{confirmed:?}");
    let ids: Vec<String> = (0..65).map(id).collect();
    assert_eq!(View::of(&broker.url()).ids("tidings"), ids);
}

#[test]
fn names_of_any_sort_arrive_and_stay_one_token_each() {
    let broker = Broker::start(BrokerVersion::Old).unwrap();
    let mut sink = builder(&broker.url()).build().unwrap();
    let long = "é".repeat(5000);
    let names = [
        ("", ""),
        ("*", ">"),
        ("a.b", "$SYS.x"),
        ("a b\r\nPUB x 0\r\n\r\n", "\u{1b}[31m\u{0}"),
        (long.as_str(), long.as_str()),
    ];
    let mut load = Load::new();
    for (number, names) in (0..).zip(names) {
        load.push(&mut sink, event_with(number, names, ""), number).unwrap();
    }
    assert_eq!(sink.send(&load.batch(1, 1)), Outcome::delivered());
    let messages = View::of(&broker.url()).messages("tidings");
    assert_eq!(messages.len(), names.len());
    for (subject, _, _) in messages {
        assert_eq!(subject.split('.').count(), 5, "{subject}");
        assert!(subject.len() < 2048 && !subject.contains(['*', '>', ' ']), "{subject}");
    }
}

#[test]
fn a_node_says_that_it_lives_until_it_leaves() {
    let broker = Broker::start(BrokerVersion::New).unwrap();
    let view = View::of(&broker.url());
    let mut heard = view.listen("tidings.*.*");
    let bus = Bus::builder().run("run 7").node("lab.3").build();
    let interval = Duration::from_millis(20);
    let mut sink = builder(&broker.url()).node_of(&bus).heartbeat(interval).build().unwrap();
    assert_eq!(sink.check(), Ok(()));
    let (subject, beat) = view.next(&mut heard);
    assert_eq!(subject, "tidings.run%207.lab%2E3");
    let beat: Value = serde_json::from_str(&beat).unwrap();
    let expected = json!({
        "node": "lab.3", "run": "run 7", "busid": bus.id().to_string(), "interval_ms": 20,
        "published": 0,
    });
    assert_eq!(beat, expected);
    assert_eq!(send(&mut sink, 0..3), Outcome::delivered());
    let mut next = || -> Value { serde_json::from_str(&view.next(&mut heard).1).unwrap() };
    while next()["published"] != json!(3) {}
    sink.close();
    while next().get("leaving") != Some(&json!(true)) {}
}

#[test]
fn heartbeats_go_on_when_the_broker_is_back_though_nothing_is_sent() {
    let broker = Broker::start(BrokerVersion::Old).unwrap();
    let mut sink = builder(&broker.url()).heartbeat(Duration::from_millis(20)).build().unwrap();
    // The first event says whose heartbeats they are.
    drop(load(&mut sink, 0..1));
    broker.kill();
    broker.restart().unwrap();
    let view = View::of(&broker.url());
    let mut heard = view.listen("tidings.*.*");
    assert_eq!(view.next(&mut heard).0, "tidings.run-7.lab-3");
    drop(sink);
}

#[test]
fn a_sink_that_is_dropped_without_a_close_does_not_say_that_it_leaves() {
    let broker = Broker::start(BrokerVersion::New).unwrap();
    let view = View::of(&broker.url());
    let mut heard = view.listen("tidings.*.*");
    let mut sink = builder(&broker.url()).heartbeat(Duration::from_millis(10)).build().unwrap();
    drop(load(&mut sink, 0..1));
    assert!(!view.next(&mut heard).1.contains("leaving"));
    drop(sink);
    // Another one's beats come last, so that all of the first one's were heard.
    let mut last = builder(&broker.url()).node_of(&Bus::builder().run("last").build());
    last = last.heartbeat(Duration::from_mins(1));
    let mut last = last.build().unwrap();
    assert_eq!(last.check(), Ok(()));
    loop {
        let (subject, beat) = view.next(&mut heard);
        if subject.starts_with("tidings.last.") {
            break;
        }
        assert!(!beat.contains("leaving"), "{beat}");
    }
}
