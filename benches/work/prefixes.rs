//! Does an `emit` cost more among many prefixes, and what does it cost when they change?
//!
//! Cached is every emit but the first of a type after a change; cold are the first emits of
//! 64 types after one.

use std::hint::black_box;
use std::time::{Duration, Instant};

use patricia_tree::StringPatriciaMap;
use serde::{Deserialize, Serialize};
use tidings::{Bus, Emitter, Event, Interest, Subscription};

use crate::bus::{Glance, Setting, other_prefix};
use crate::row::{Aim, Row, Spent, timed};

const ALONE: &str = "emit, 1 prefix";

/// One row for each number of prefixes, cached and cold.
pub fn rows() -> Vec<Row> {
    let mut rows: Vec<Row> = [100, 10_000].map(cached).into();
    rows.extend([1, 100, 10_000].map(cold));
    rows
}

fn cached(prefixes: usize) -> Row {
    let (alone, many) = (Setting::new(1, 1), Setting::new(1, prefixes));
    let (list, tree) = (list(prefixes), tree(prefixes));
    Row::new(format!("emit, cached among {prefixes} prefixes"))
        .floor(ALONE, timed(move || alone.tick()))
        .peer("linear starts_with", timed(move || linear(&list, black_box("bench.tick"))))
        .peer("patricia_tree", timed(move || in_tree(&tree, black_box("bench.tick"))))
        .ours("emit", timed(move || many.tick()))
        .aim(Aim::CostOf(ALONE, 1.1))
}

fn cold(prefixes: usize) -> Row {
    let (list, tree, setting) = (list(prefixes), tree(prefixes), Many::new(prefixes));
    let again = Many::new(prefixes);
    let names = Many64::TYPES.iter().map(ToString::to_string).collect::<Vec<_>>();
    let names_again = names.clone();
    Row::new(format!("first events of 64 types among {prefixes} changed prefixes"))
        .peer(
            "linear starts_with",
            timed(move || names.iter().map(|name| linear(&list, name)).sum::<usize>()),
        )
        .peer(
            "patricia_tree",
            timed(move || names_again.iter().map(|name| in_tree(&tree, name)).sum::<usize>()),
        )
        .ours("emit, with the change", move |calls| setting.emit_cold(calls, Clock::WithChange))
        .ours("emit", move |calls| again.emit_cold(calls, Clock::EventsAlone))
        .aim(Aim::NanosMax(1e6))
}

fn list(prefixes: usize) -> Vec<String> {
    let others = (1..prefixes).map(other_prefix);
    others.chain(["bench".to_owned()]).collect()
}

fn tree(prefixes: usize) -> StringPatriciaMap<()> {
    list(prefixes).into_iter().map(|prefix| (prefix, ())).collect()
}

fn linear(prefixes: &[String], event_type: &str) -> usize {
    prefixes.iter().filter(|prefix| event_type.starts_with(prefix.as_str())).count()
}

fn in_tree(prefixes: &StringPatriciaMap<()>, event_type: &str) -> usize {
    prefixes.common_prefixes(event_type).count()
}

macro_rules! many {
    ($($variant:ident)*) => {
        /// So many types as a large vocabulary has.
        #[derive(Debug, Clone, Serialize, Deserialize, Event)]
        #[event(namespace = "bench")]
        enum Many64 {
            $($variant,)*
        }

        const ALL: &[Many64] = &[$(Many64::$variant,)*];
    };
}

many! {
    T0 T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15
    T16 T17 T18 T19 T20 T21 T22 T23 T24 T25 T26 T27 T28 T29 T30 T31
    T32 T33 T34 T35 T36 T37 T38 T39 T40 T41 T42 T43 T44 T45 T46 T47
    T48 T49 T50 T51 T52 T53 T54 T55 T56 T57 T58 T59 T60 T61 T62 T63
}

struct Many {
    bus: Bus,
    emitter: Emitter<Many64>,
    _subscriptions: Vec<Subscription>,
}

impl Many {
    fn new(prefixes: usize) -> Self {
        let bus = Bus::new();
        let subscribe = |prefix: String| {
            bus.subscribe(Glance(Interest::parse([prefix]).expect("a good prefix")))
        };
        let subscriptions = list(prefixes).into_iter().map(subscribe).collect();
        Self { emitter: bus.emitter("bench", "b1"), _subscriptions: subscriptions, bus }
    }

    fn emit_cold(&self, calls: u32, clock: Clock) -> Spent {
        let mut spent = Duration::ZERO;
        for _ in 0..calls {
            let begin = Instant::now();
            drop(self.bus.observe("elsewhere", |_| ()).expect("a good prefix"));
            let changed = Instant::now();
            for event in ALL {
                black_box(self.emitter.emit(event.clone()));
            }
            let from = if clock == Clock::WithChange { begin } else { changed };
            spent += from.elapsed();
        }
        spent.into()
    }
}

/// What is timed of a change and the first events after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clock {
    WithChange,
    EventsAlone,
}
