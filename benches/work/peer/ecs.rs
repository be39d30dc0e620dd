//! `bevy_ecs`: a world whose observers look at a record and let it go.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use bevy_ecs::event::Event;
use bevy_ecs::observer::On;
use bevy_ecs::world::World;

use crate::bus::{Record, record};
use crate::row::{Spent, timed};

#[derive(Event)]
struct Tick(Arc<Record>);

/// Triggers an event that `observers` hear.
pub(crate) fn trigger(observers: usize) -> impl FnMut(u32) -> Spent {
    let mut world = World::new();
    for _ in 0..observers {
        world.add_observer(|tick: On<Tick>| _ = black_box(tick.event().0.elapsed));
    }
    let start = Instant::now();
    timed(move || world.trigger(Tick(record(start))))
}
