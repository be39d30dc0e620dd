//! Scopes: which attributes events carry, whoever entered what and where.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tidings_core::{Attributes, Emitter, Entity, Scope};

use crate::support::{FakeBus, Work, started};

fn scope(name: &str, value: &str) -> Scope {
    Scope::new(Attributes::new().with(name, value))
}

fn emitter(bus: &std::sync::Arc<FakeBus>) -> Emitter<Work> {
    bus.emitter(&Entity::new("case", "t1"))
}

/// The value of `name` in each event, in the order of emission; `-` when it has none.
fn values(bus: &FakeBus, name: &str) -> Vec<String> {
    let events = bus.envelopes();
    let value = |event: &std::sync::Arc<tidings_core::Envelope>| {
        event.attributes().text(name).unwrap_or("-").to_owned()
    };
    events.iter().map(value).collect()
}

#[test]
fn the_innermost_of_bus_emitter_and_scopes_wins() {
    let bus = FakeBus::new();
    let emitter = emitter(&bus);
    emitter.emit(started("boot"));
    let of_emitter = emitter.with("level", "emitter");
    of_emitter.emit(started("boot"));
    {
        let _outer = scope("level", "outer").enter();
        of_emitter.emit(started("boot"));
        let _inner = scope("level", "inner").enter();
        of_emitter.emit(started("boot"));
    }
    of_emitter.emit(started("boot"));
    let expected = ["bus", "emitter", "outer", "inner", "emitter"];
    assert_eq!(values(&bus, "level"), expected);
}

#[test]
fn a_guard_that_is_dropped_early_takes_nothing_of_the_others_along() {
    let bus = FakeBus::new();
    let emitter = emitter(&bus);
    let outer = scope("a", "1").enter();
    let inner = scope("b", "2").enter();
    emitter.emit(started("boot"));
    drop(outer);
    emitter.emit(started("boot"));
    drop(inner);
    emitter.emit(started("boot"));
    assert_eq!(values(&bus, "a"), ["1", "-", "-"]);
    assert_eq!(values(&bus, "b"), ["2", "2", "-"]);
    let keys = bus.with(|state| state.keys.clone());
    assert_ne!(keys[0], keys[1], "a context that is remembered would be the wrong one");
}

#[test]
fn a_scope_goes_along_into_a_thread_and_a_panic_there_ends_it() {
    let bus = FakeBus::new();
    let emitter = emitter(&bus);
    let _case = scope("case", "t1").enter();
    let captured = Scope::capture();
    let there = emitter.clone();
    let ended = std::thread::spawn(move || {
        there.emit(started("before"));
        let caught = std::panic::catch_unwind(|| {
            let _case = captured.enter();
            there.emit(started("inside"));
            std::panic::resume_unwind(Box::new("unwinds without a message"));
        });
        there.emit(started("after"));
        caught.is_err()
    });
    assert!(ended.join().expect("the thread ends"));
    emitter.emit(started("here"));
    assert_eq!(values(&bus, "case"), ["-", "t1", "-", "t1"]);
}

#[test]
fn a_future_is_in_its_scope_at_every_poll_and_with_one_key() {
    let bus = FakeBus::new();
    let emitter = emitter(&bus);
    let mut polls = 0;
    let work = std::future::poll_fn(|_| {
        emitter.emit(started("inside"));
        polls += 1;
        if polls == 3 { Poll::Ready(()) } else { Poll::Pending }
    });
    let mut wrapped = pin!(scope("case", "t1").wrap(work));
    let mut context = Context::from_waker(Waker::noop());
    while wrapped.as_mut().poll(&mut context).is_pending() {
        emitter.emit(started("between"));
    }
    let expected = ["t1", "-", "t1", "-", "t1"];
    assert_eq!(values(&bus, "case"), expected);
    let keys = bus.with(|state| state.keys.clone());
    assert_eq!(keys[0], keys[2]);
    assert_eq!(keys[2], keys[4]);
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn nested_futures_add_their_scopes_up() {
    let bus = FakeBus::new();
    let emitter = emitter(&bus);
    let inner = scope("b", "2").wrap(async { emitter.emit(started("boot")) });
    let outer = scope("a", "1").wrap(inner);
    let polled = pin!(outer).poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_ready());
    assert_eq!(values(&bus, "a"), ["1"]);
    assert_eq!(values(&bus, "b"), ["2"]);
}
