//! What does it cost to hand an event to an observer on a thread of its own?
//!
//! Until the last one is through: time of both threads together. The floor is a bounded
//! channel of crossbeam that carries what an event is at least, one `Arc` with a time.

use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::bounded;
use tidings::{Bus, Emitter, Interest, Overflow, Subscription};

use crate::bus::{Bench, Glance, Record, record};
use crate::row::{Aim, Row, Spent};

const CAPACITY: usize = 10_000;
const EVENTS: u32 = 200_000;
const CHANNEL: &str = "crossbeam, Arc + clock";

/// One row.
///
/// # Panics
///
/// When no thread can be had.
pub fn rows() -> Vec<Row> {
    let (bus, emitter, subscription) = queued();
    vec![
        Row::new("queued observer, across threads")
            .calls(EVENTS)
            .floor(CHANNEL, |events| {
                let start = Instant::now();
                across(
                    events,
                    move |_| record(start),
                    |record: Arc<Record>| {
                        black_box(record.elapsed);
                    },
                )
            })
            .peer("crossbeam, bare numbers", |events| {
                across(events, u64::from, |number| _ = black_box(number))
            })
            .ours("emit, queued", move |events| {
                let _stays = &subscription;
                let begin = Instant::now();
                for number in 0..events {
                    emitter.emit(Bench::Tick { number: number.into() });
                }
                bus.barrier(Duration::from_mins(1)).expect("all of it is heard");
                begin.elapsed().into()
            })
            .aim(Aim::CostOf(CHANNEL, 1.3)),
    ]
}

fn queued() -> (Bus, Emitter<Bench>, Subscription) {
    let bus = Bus::new();
    let glance = Glance(Interest::parse(["bench"]).expect("a good prefix"));
    let registration = bus.register(glance).queued(CAPACITY, Overflow::Block);
    let subscription = registration.start().expect("a thread can be had");
    (bus.clone(), bus.emitter("bench", "b1"), subscription)
}

fn across<T: Send>(events: u32, make: impl Fn(u32) -> T, hear: impl Fn(T) + Send) -> Spent {
    let begin = Instant::now();
    let (sender, receiver) = bounded(CAPACITY);
    thread::scope(|scope| {
        scope.spawn(move || receiver.into_iter().for_each(hear));
        for number in 0..events {
            sender.send(make(number)).expect("the other thread listens");
        }
        drop(sender);
    });
    begin.elapsed().into()
}
