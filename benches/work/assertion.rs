//! What do a recorder and an assertion cost, beside a plain list that is compared?
//!
//! Both hear the events and compare all of them, in order, with what was expected. The floor
//! is a list of what an event is at least, an `Arc` with a time, that is looked through.

use std::hint::black_box;
use std::sync::Mutex;
use std::time::Instant;

use tidings::Emitter;
use tidings::assert::{Expectation, Recorder, assert_events, event, test_bus};

use crate::bus::{Bench, record};
use crate::row::{Aim, Row, timed};

const LIST: &str = "Vec, compared";
const RECORDS: &str = "Vec of Arc + clock";
const FEW: &str = "1,000 events";

/// A thousand events, and ten times as many a tenth as often.
pub fn rows() -> Vec<Row> {
    vec![
        Row::new("record 1,000 events, compare them exactly")
            .floor(RECORDS, timed(|| records(1_000)))
            .peer(LIST, timed(|| plain(1_000)))
            .ours("Recorder + exactly", timed(|| exactly(1_000)))
            .aim(Aim::CostOf(LIST, 5.0)),
        Row::new("record 1,000 events, assert_events! with order, counts and absence")
            .floor(RECORDS, timed(|| records(1_000)))
            .peer(LIST, timed(|| plain(1_000)))
            .ours("Recorder + assert_events!", timed(|| clauses(1_000)))
            .aim(Aim::CostOf(LIST, 5.0)),
        Row::new("record 10,000 events, compare them exactly; time for 1,000")
            .floor(FEW, timed(|| exactly(1_000)))
            .ours("10,000 events", |calls| {
                let spent = timed(|| exactly(10_000))(calls.div_ceil(10));
                // So many thousands as were asked for.
                (spent.wall.mul_f64(f64::from(calls) / f64::from(10 * calls.div_ceil(10)))).into()
            })
            .aim(Aim::CostOf(FEW, 1.2)),
    ]
}

fn plain(events: u64) {
    let list = Mutex::new(Vec::new());
    for number in 0..events {
        list.lock().expect("nobody panics with it").push(Bench::Tick { number });
    }
    let expected: Vec<Bench> = (0..events).map(|number| Bench::Tick { number }).collect();
    let list = list.into_inner().expect("nobody panics with it");
    assert!(black_box(list) == black_box(expected));
}

fn records(events: u64) {
    let (list, start) = (Mutex::new(Vec::new()), Instant::now());
    for _ in 0..events {
        list.lock().expect("nobody panics with it").push(record(start));
    }
    let list = list.into_inner().expect("nobody panics with it");
    let latest = list.iter().map(|record| record.elapsed).max();
    assert!(black_box(latest).is_some());
}

fn recorded(events: u64) -> Recorder {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let emitter: Emitter<Bench> = bus.emitter("bench", "b1");
    for number in 0..events {
        emitter.emit(Bench::Tick { number });
    }
    recorder
}

fn exactly(events: u64) {
    let recorder = recorded(events);
    let pattern = |wanted| event!(move Bench::Tick { number } if *number == wanted);
    let checked = recorder.check(&[Expectation::exactly((0..events).map(pattern))]);
    checked.expect("they are as expected");
}

fn clauses(events: usize) {
    let recorder = recorded(events as u64);
    assert_events!(
        recorder,
        in_order: [
            Bench::Tick { number: 0 },
            Bench::Tick { number: 500 },
            Bench::Tick { number: 998.. },
        ],
        count: { Bench::Tick { .. } => events },
        never: Bench::Tock { .. },
    );
}
