//! Nodes that send, and a master that keeps what it hears.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde_json::json;
use tidings_core::{Envelope, EventId, Interest};
use tidings_delivery::{Delivery, Overflow, Retry};
use tidings_nats::{NatsServer, NatsSink, NatsSource, Relay, RelayReport, RelaySettings};
use tidings_registry::{Bus, Observer, ObserverError, Subscription};

/// How long a test waits for what must come.
pub(crate) const WITHIN: Duration = Duration::from_secs(40);

/// Waits until it is so; whether it was in time.
pub(crate) fn is_soon(mut is_so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + WITHIN;
    while !is_so() {
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(3));
    }
    true
}

/// A node: a bus whose events go to a broker, and their ids in the order of each lane.
pub(crate) struct Node {
    pub(crate) bus: Bus,
    delivery: Subscription,
    pub(crate) sent: Heard,
}

impl Node {
    pub(crate) fn start(url: &str, run: &str, name: &str) -> Self {
        Self::with_heartbeat(url, run, name, Duration::from_secs(1))
    }

    pub(crate) fn with_heartbeat(url: &str, run: &str, name: &str, interval: Duration) -> Self {
        let bus = Bus::builder().run(run).node(name).build();
        let sent = Heard::on(&bus);
        let server = NatsServer::at(url).connect_timeout(Duration::from_secs(2));
        let sink = NatsSink::builder(server)
            .heartbeat(interval)
            .ack_timeout(Duration::from_secs(2))
            .node_of(&bus)
            .build()
            .expect("good settings");
        let retry =
            Retry::default().first(Duration::from_millis(20)).cap(Duration::from_millis(200));
        let delivery = Delivery::builder(sink)
            .queue_events(100_000)
            .overflow(Overflow::Block)
            .linger(Duration::from_millis(5))
            .retry(retry)
            .start()
            .expect("a thread");
        let delivery = bus.subscribe(delivery);
        Self { bus, delivery, sent }
    }

    /// Emits this many events, from two threads.
    pub(crate) fn emit(&self, events: u64) {
        std::thread::scope(|scope| {
            for half in 0..2_u64 {
                scope.spawn(move || {
                    let emitter = self.bus.raw_emitter("case", &format!("t{half}"));
                    for number in 0..events / 2 {
                        let data = json!({"number": number, "half": half});
                        emitter.emit("quick_test.started", data).expect("an event");
                    }
                });
            }
        });
    }

    /// Waits until all is with the broker.
    pub(crate) fn close(self) {
        let report = self.bus.close(WITHIN).expect("not strict");
        assert!(report.complete, "{report:?}");
        drop(self.delivery);
    }
}

/// Keeps what it hears.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<Arc<Envelope>>>>);

impl Heard {
    pub(crate) fn on(bus: &Bus) -> Self {
        let heard = Self::default();
        bus.subscribe(heard.clone()).detach();
        heard
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().len()
    }

    pub(crate) fn all(&self) -> Vec<Arc<Envelope>> {
        self.0.lock().clone()
    }

    pub(crate) fn ids(&self) -> Vec<EventId> {
        self.0.lock().iter().map(|envelope| envelope.id()).collect()
    }
}

impl Observer for Heard {
    fn interest(&self) -> Interest {
        Interest::everything()
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        self.0.lock().push(Arc::clone(envelope));
        Ok(())
    }

    fn needs_close(&self) -> bool {
        false
    }
}

/// Each of the events exactly once, and each lane in its order.
pub(crate) fn assert_exactly_once(heard: &[EventId], sent: &[EventId]) {
    let unique: HashSet<EventId> = heard.iter().copied().collect();
    assert_eq!(unique.len(), heard.len(), "something was heard twice");
    let expected: HashSet<EventId> = sent.iter().copied().collect();
    let missing = expected.difference(&unique).count();
    let foreign = unique.difference(&expected).count();
    assert_eq!((missing, foreign), (0, 0), "missing and foreign, of {}", sent.len());
    let mut lanes = BTreeMap::new();
    for id in heard {
        let last = lanes.insert((id.bus(), id.lane()), id.sequence());
        assert!(last.is_none_or(|last| last < id.sequence()), "{id} after {last:?}");
    }
}

/// Each node was relayed without a gap, up to its last position.
pub(crate) fn assert_gapless(report: &RelayReport, events: u64) {
    for node in report.nodes() {
        let ends = (node.first_position, node.last_position);
        assert_eq!(ends, (Some(0), Some(events - 1)), "{node:?}");
        assert_eq!((node.relayed, node.missing), (events, 0), "{node:?}");
    }
}

pub(crate) fn server(url: &str) -> NatsServer {
    NatsServer::at(url).connect_timeout(Duration::from_secs(2))
}

/// A source that the broker remembers.
pub(crate) fn source(url: &str) -> NatsSource {
    NatsSource::builder(server(url)).durable("master").open().expect("a source")
}

pub(crate) fn settings() -> RelaySettings {
    RelaySettings::default().checkpoint(500, Duration::from_millis(50))
}

pub(crate) fn relay(url: &str, bus: &Bus) -> Relay {
    Relay::start(source(url), bus, settings()).expect("a thread")
}

/// Publishes something, and waits until a stream has it.
pub(crate) fn publish(url: &str, subject: &str, body: &[u8]) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (subject, body) = (subject.to_owned(), body.to_vec());
    runtime.block_on(async {
        let client = async_nats::connect(url).await.expect("a connection");
        let jetstream = async_nats::jetstream::new(client);
        let publishing = jetstream.publish(subject, body.into()).await.expect("a connection");
        publishing.await.expect("a stream");
    });
}
