//! What a sink is handed, what it may leave to its defaults, and that a box is the sink in it.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::json;
use tidings_core::Envelope;
use tidings_delivery::{Batch, Confirmation, Delivery, Outcome, Secret, Sink, Unencodable};
use tidings_registry::{Bus, Observer};

use crate::fixture::{Diagnostics, LONG, emit, quick};

/// Writes down what it is asked, and answers each question as no default does.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<&'static str>>>);

impl Asked {
    fn note(&self, what: &'static str) {
        self.0.lock().push(what);
    }

    fn has(&self, what: &str) -> bool {
        self.0.lock().contains(&what)
    }
}

impl Sink for Asked {
    fn name(&self) -> String {
        "asked".to_owned()
    }

    fn kind(&self) -> &'static str {
        "tape"
    }

    fn check(&mut self) -> Result<(), String> {
        Err("the tape is old".to_owned())
    }

    fn encode(&mut self, _: &Envelope, n: u64, out: &mut Vec<u8>) -> Result<(), Unencodable> {
        if n == 0 {
            return Err(Unencodable::new("no zero"));
        }
        out.extend_from_slice(format!("<{n}>").as_bytes());
        Ok(())
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        self.note("send");
        Outcome::retry(batch.idempotency_key())
    }

    fn unconfirmed_max(&self) -> usize {
        7
    }

    fn confirm_interval(&self) -> Duration {
        Duration::from_millis(3)
    }

    fn confirm(&mut self) -> Vec<Confirmation> {
        vec![Confirmation::new(4, Outcome::delivered())]
    }

    fn close(&mut self) {
        self.note("close");
    }
}

/// An envelope of some event.
fn envelope() -> Arc<Envelope> {
    let (bus, kept) = (Bus::new(), Arc::new(Mutex::new(None)));
    let place = Arc::clone(&kept);
    let keeps = move |envelope: &Arc<Envelope>| *place.lock() = Some(Arc::clone(envelope));
    let _keeps = bus.observe("case", keeps).expect("the prefix is one");
    bus.raw_emitter("case", "t1").emit("case.noted", json!({})).expect("the type is valid");
    let envelope = kept.lock().take();
    envelope.expect("it was heard")
}

#[test]
fn a_box_answers_as_the_sink_in_it() {
    let asked = Asked::default();
    let mut boxed: Box<dyn Sink> = Box::new(asked.clone());
    // Through the trait of the box itself, as a delivery of a box calls it.
    let sink: &mut dyn Sink = &mut boxed;
    assert_eq!((sink.name(), sink.kind()), ("asked".to_owned(), "tape"));
    assert_eq!(sink.check(), Err("the tape is old".to_owned()));
    let (envelope, mut out) = (envelope(), Vec::new());
    assert_eq!(sink.encode(&envelope, 0, &mut out), Err(Unencodable::new("no zero")));
    sink.encode(&envelope, 5, &mut out).expect("it is not zero");
    assert_eq!(out, b"<5>");
    assert_eq!((sink.unconfirmed_max(), sink.confirm_interval().as_millis()), (7, 3));
    assert_eq!(sink.confirm().iter().map(|it| it.batch).collect::<Vec<_>>(), [4]);
    sink.close();
    assert!(asked.has("close"));
}

/// Leaves all that it may to the contract.
struct Plain;

impl Sink for Plain {
    fn send(&mut self, _: &Batch<'_>) -> Outcome {
        Outcome::delivered()
    }
}

#[test]
fn a_sink_that_says_nothing_of_itself_is_named_after_its_type() {
    let mut plain = Plain;
    assert_eq!((plain.name(), plain.kind()), ("Plain".to_owned(), "custom"));
    assert_eq!(plain.check(), Ok(()));
    assert_eq!(plain.unconfirmed_max(), 1, "one batch at a time");
    assert_eq!(plain.confirm_interval(), Duration::from_secs(1));
    assert!(plain.confirm().is_empty());
    let delivery = Delivery::new(plain).expect("it starts");
    assert_eq!((Observer::name(&delivery), delivery.kind()), ("Plain".to_owned(), "custom"));
}

#[test]
fn advice_of_a_sink_is_told_whether_it_was_given_before_or_after_the_bus_was_there() {
    for round in 0..50 {
        let bus = Bus::new();
        let (diagnostics, _subscription) = Diagnostics::of(&bus);
        let delivery = Delivery::new(Asked::default()).expect("it starts");
        assert_eq!(delivery.kind(), "tape");
        // The check is made on another thread, some time from now or some time ago.
        for _turn in 0..round {
            std::thread::yield_now();
        }
        bus.register(delivery).name("shelf").start().expect("the bus is open").detach();
        let deadline = std::time::Instant::now() + LONG;
        let told = || diagnostics.messages().iter().any(|it| it == "`shelf`: the tape is old");
        while !told() {
            assert!(std::time::Instant::now() < deadline, "{:?}", diagnostics.messages());
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_batch_shows_its_events_and_their_bytes_at_every_attempt() {
    #[derive(Clone, Default)]
    struct Shows(Arc<Mutex<Vec<String>>>);
    impl Sink for Shows {
        fn encode(&mut self, _: &Envelope, n: u64, out: &mut Vec<u8>) -> Result<(), Unencodable> {
            out.extend_from_slice(format!("<{n}>").as_bytes());
            Ok(())
        }
        fn send(&mut self, batch: &Batch<'_>) -> Outcome {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            let last = batch.event(batch.len() - 1).expect("it is one of them");
            assert!(batch.event(batch.len()).is_none() && !batch.is_empty());
            let parts: Vec<String> = batch.iter().map(|event| text(event.bytes())).collect();
            assert_eq!(parts.concat(), text(batch.bytes()));
            let first = batch.event(0).expect("it is not empty");
            let key = format!("{}+{}+{}", first.envelope().id(), parts.len(), last.envelope().id());
            assert_eq!(batch.idempotency_key(), key);
            let mut shown = self.0.lock();
            shown.push(format!("{}: {}", batch.attempt(), parts.join(" ")));
            match shown.len() {
                1 => Outcome::retry("once more").after_taking(1),
                2 => Outcome::retry("and again"),
                _ => Outcome::delivered(),
            }
        }
    }
    let (bus, shows) = (Bus::new(), Shows::default());
    let delivery = Delivery::builder(shows.clone()).batch_events(3).retry(quick()).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    emit(&bus, 3);
    assert!(bus.close(LONG).expect("the bus is not strict").complete);
    assert_eq!(*shows.0.lock(), ["1: <0> <1> <2>", "1: <1> <2>", "2: <1> <2>"]);
}

#[test]
fn a_secret_is_shown_by_no_means_and_scrubbed_from_a_text() {
    let secret = Secret::new(" hunter2\n");
    assert!(!secret.is_empty() && Secret::new(" \n").is_empty());
    for shown in [format!("{secret}"), format!("{secret:?}"), json!(secret).to_string()] {
        assert!(shown.contains("redacted") && !shown.contains("hunter2"), "{shown}");
    }
    let scrubbed = secret.scrub("token=hunter2; again hunter2");
    assert_eq!(scrubbed, format!("token={secret}; again {secret}"));
    assert_eq!(Secret::new("").scrub("as it is"), "as it is");
}

#[test]
fn an_outcome_keeps_the_pause_that_it_asks_for() {
    let slow = Outcome::delivered().slow_down(Duration::from_millis(40));
    assert_eq!(slow.pause(), Some(Duration::from_millis(40)));
    assert_eq!(Outcome::delivered().pause(), None);
}
