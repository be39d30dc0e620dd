//! A bus whose observers look at an event and let it go, and a record of the same size.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tidings::{Bus, Emitter, Envelope, Event, Interest, Observer, ObserverError, Subscription};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "bench")]
pub(crate) enum Bench {
    Tick { number: u64 },
    Tock { number: u64 },
}

/// Looks at the event and lets it go.
pub(crate) struct Glance(pub(crate) Interest);

impl Observer for Glance {
    fn interest(&self) -> Interest {
        self.0.clone()
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        black_box(envelope.id());
        Ok(())
    }
}

/// A bus on which `interested` of `all` observers hear `bench`.
pub(crate) struct Setting {
    pub(crate) emitter: Emitter<Bench>,
    _subscriptions: Vec<Subscription>,
    _bus: Bus,
}

impl Setting {
    pub(crate) fn new(interested: usize, all: usize) -> Self {
        let bus = Bus::new();
        let subscriptions = (0..all)
            .map(|number| {
                let other = other_prefix(number);
                let prefix = if number < interested { "bench" } else { other.as_str() };
                bus.subscribe(Glance(Interest::parse([prefix]).expect("a good prefix")))
            })
            .collect();
        Self { emitter: bus.emitter("bench", "b1"), _subscriptions: subscriptions, _bus: bus }
    }

    #[inline]
    pub(crate) fn tick(&self) {
        black_box(self.emitter.emit(Bench::Tick { number: black_box(7) }));
    }
}

/// A prefix that none of the measured events is below.
pub(crate) fn other_prefix(number: usize) -> String {
    format!("other{number}.topic")
}

/// As large as the envelope of a small event.
const ENVELOPE_BYTES: usize = 216;

/// What an event is at least, once somebody hears it: owned, with a time, and shared.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) elapsed: Duration,
    _rest: [u8; ENVELOPE_BYTES],
}

#[inline]
pub(crate) fn record(start: Instant) -> Arc<Record> {
    Arc::new(Record { elapsed: black_box(start.elapsed()), _rest: black_box([0; ENVELOPE_BYTES]) })
}

/// Somebody who is called with a record.
pub(crate) type Heard = Box<dyn Fn(&Arc<Record>) + Send + Sync>;

pub(crate) fn listeners(count: usize) -> Vec<Heard> {
    let glance = |_| Box::new(|record: &Arc<Record>| _ = black_box(record.elapsed)) as Heard;
    (0..count).map(glance).collect()
}
