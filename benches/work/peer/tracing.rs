//! `tracing`: a registry whose layers each want one target and make an owned record.

use std::fmt::Debug;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use crate::row::Spent;

/// Ten targets that a layer each wants.
pub(crate) const TARGETS: [&str; 10] = [
    "bench::t0",
    "bench::t1",
    "bench::t2",
    "bench::t3",
    "bench::t4",
    "bench::t5",
    "bench::t6",
    "bench::t7",
    "bench::t8",
    "bench::t9",
];

/// A registry with ten layers.
pub(crate) struct Layers(Dispatch);

impl Layers {
    /// One layer for each target.
    pub(crate) fn new(targets: [&'static str; 10]) -> Self {
        let registry = Registry::default().with(keeper(targets[0])).with(keeper(targets[1]));
        let registry = registry.with(keeper(targets[2])).with(keeper(targets[3]));
        let registry = registry.with(keeper(targets[4])).with(keeper(targets[5]));
        let registry = registry.with(keeper(targets[6])).with(keeper(targets[7]));
        Self(Dispatch::new(registry.with(keeper(targets[8])).with(keeper(targets[9]))))
    }

    /// `call`, timed with this registry as the default of the thread.
    pub(crate) fn timed(self, call: impl Fn()) -> impl FnMut(u32) -> Spent {
        move |calls| {
            tracing::dispatcher::with_default(&self.0, || {
                let begin = Instant::now();
                for _ in 0..calls {
                    call();
                }
                begin.elapsed().into()
            })
        }
    }
}

fn keeper<S>(target: &'static str) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    Keeper { start: Instant::now() }
        .with_filter(Targets::new().with_target(target, LevelFilter::INFO))
}

/// Makes of each event what an observer that may keep it needs: an owned record with a time.
struct Keeper {
    start: Instant,
}

#[expect(dead_code, reason = "made, shared, and let go, as an envelope is")]
struct Record {
    elapsed: Duration,
    metadata: &'static Metadata<'static>,
    fields: Vec<(&'static str, Value)>,
}

#[expect(dead_code, reason = "made, shared, and let go, as an envelope is")]
enum Value {
    Number(u64),
    Text(Box<str>),
}

impl<S: Subscriber> Layer<S> for Keeper {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut fields = Fields(Vec::with_capacity(1));
        event.record(&mut fields);
        let record =
            Record { elapsed: self.start.elapsed(), metadata: event.metadata(), fields: fields.0 };
        black_box(&Arc::new(record));
    }
}

struct Fields(Vec<(&'static str, Value)>);

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.push((field.name(), Value::Number(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push((field.name(), Value::Text(format!("{value:?}").into())));
    }
}
