//! What does an `emit` cost that nobody hears?

use std::hint::black_box;

use tracing::Level;

use crate::bus::{Bench, Setting};
use crate::peer::tracing::{Layers, TARGETS};
use crate::row::{Aim, Row, timed};

/// An emit that nobody is interested in, built beforehand and on demand.
pub fn rows() -> Vec<Row> {
    let (built, on_demand) = (Setting::new(0, 100), Setting::new(0, 100));
    let row = |work: &str| {
        Row::new(work)
            .floor("empty loop", timed(|| black_box(7_u64)))
            .peer("tracing, 10 layers", tracing_filtered())
            .peer("log, off", timed(|| log::info!("tick {}", black_box(7_u64))))
            .aim(Aim::NanosMax(2.0))
            .aim(Aim::AllocationsMax(0.0))
    };
    vec![
        row("emit, nobody of 100 interested").ours("emit", timed(move || built.tick())),
        row("emit_with, nobody of 100 interested")
            .ours("emit_with", timed(move || emit_unbuilt(&on_demand))),
    ]
}

/// The closure must not run at all.
#[expect(clippy::panic, reason = "a measurement of something else is none")]
#[inline]
fn emit_unbuilt(setting: &Setting) {
    let make = || -> Bench { panic!("nobody listens, and the event was built") };
    black_box(setting.emitter.emit_with(Bench::TICK, make));
}

fn tracing_filtered() -> impl FnMut(u32) -> crate::row::Spent {
    let layers = Layers::new(TARGETS);
    layers
        .timed(|| tracing::event!(target: "bench::unheard", Level::INFO, number = black_box(7_u64)))
}
