//! What does an `emit` cost that somebody hears, with the full envelope?
//!
//! The floor is a loop over those who listen, one `Arc` of the envelope's size and one clock
//! reading. Peers make a record with a time as well, which listeners may keep.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use signals2::{Connect1, Emit1, Signal};
use tracing::Level;

use crate::bus::{Record, Setting, listeners, record};
use crate::peer::ecs;
use crate::peer::tracing::{Layers, TARGETS};
use crate::row::{Aim, Row, Spent, timed};

const FLOOR: &str = "loop + Arc + clock";
const TRACING: &str = "tracing, 10 layers";
const SIGNALS: &str = "signals2";
const ECS: &str = "bevy_ecs observers";
const BROADCAST: &str = "tokio broadcast";

/// One of a hundred observers hears it; ten do.
pub fn rows() -> Vec<Row> {
    let (one, ten) = (Setting::new(1, 100), Setting::new(10, 100));
    vec![
        Row::new("emit, 1 of 100 interested")
            .floor(FLOOR, loop_over(1))
            .peer("tracing, 10 layers, 1 wants it", tracing_one())
            .ours("emit", timed(move || one.tick()))
            .aim(Aim::CostOf("tracing, 10 layers, 1 wants it", 0.7))
            .aim(Aim::CostOf(FLOOR, 1.8)),
        Row::new("emit, 10 of 100 interested")
            .floor(FLOOR, loop_over(10))
            .peer(TRACING, tracing_ten())
            .peer(SIGNALS, signals(10))
            .peer(ECS, ecs::trigger(10))
            .peer(BROADCAST, broadcast(10))
            .ours("emit", timed(move || ten.tick()))
            .aim(Aim::CostOf(FLOOR, 1.8))
            .aim(Aim::CostOf(TRACING, 1.0))
            .aim(Aim::CostOf(SIGNALS, 1.0))
            .aim(Aim::CostOf(ECS, 1.0))
            .aim(Aim::CostOf(BROADCAST, 1.0)),
    ]
}

fn loop_over(count: usize) -> impl FnMut(u32) -> Spent {
    let (listeners, start) = (listeners(count), Instant::now());
    timed(move || {
        let record = record(start);
        for listener in &listeners {
            listener(&record);
        }
    })
}

fn tracing_one() -> impl FnMut(u32) -> Spent {
    let tick = || tracing::event!(target: "bench::t4", Level::INFO, number = black_box(7_u64));
    Layers::new(TARGETS).timed(tick)
}

fn tracing_ten() -> impl FnMut(u32) -> Spent {
    let tick = || tracing::event!(target: "bench::all", Level::INFO, number = black_box(7_u64));
    Layers::new(["bench::all"; 10]).timed(tick)
}

fn signals(slots: usize) -> impl FnMut(u32) -> Spent {
    let (signal, start) = (Signal::<(Arc<Record>,)>::new(), Instant::now());
    for _ in 0..slots {
        signal.connect(|record| _ = black_box(record.elapsed));
    }
    timed(move || signal.emit(record(start)))
}

/// Sends, and has all receivers receive, on one thread.
fn broadcast(receivers: usize) -> impl FnMut(u32) -> Spent {
    let (sender, receiver) = tokio::sync::broadcast::channel::<Arc<Record>>(16);
    let mut receivers: Vec<_> = (0..receivers).map(|_| receiver.resubscribe()).collect();
    drop(receiver);
    let start = Instant::now();
    timed(move || {
        sender.send(record(start)).expect("there are receivers");
        for receiver in &mut receivers {
            black_box(receiver.try_recv().expect("one was sent").elapsed);
        }
    })
}
