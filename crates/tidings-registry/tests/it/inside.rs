//! What an observer may do to its own bus while it is being called.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidings_core::{Envelope, Receipt};
use tidings_registry::{
    BarrierError, Bus, Observer, ObserverError, Overflow, Registration, Subscription,
};

use crate::support::{
    Log, PATIENCE, assert_balanced, eventually, observer, step, timed, word, words,
};

struct Act<F>(F);

impl<F: Fn(&Arc<Envelope>) + Send + Sync + 'static> Observer for Act<F> {
    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        (self.0)(envelope);
        Ok(())
    }
}

type Shape = fn(Registration) -> Registration;

/// The three ways in which an observer can be called.
const SHAPES: [(&str, Shape); 3] = [
    ("inline", |registration| registration),
    ("queued", |registration| registration.queued(100, Overflow::Block)),
    ("synchronous", |registration| registration.synchronous(PATIENCE)),
];

/// Long enough to be noticed when somebody waits for it.
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_secs(8);

#[test]
fn a_subscription_made_inside_an_observer_sees_from_the_next_event_on() {
    for (shape, configure) in SHAPES {
        let bus = Bus::new();
        let inner = Log::new();
        let (log, subscribe) = (inner.clone(), bus.clone());
        let act = move |envelope: &Arc<Envelope>| {
            if word(envelope) == "0" {
                let log = log.clone();
                let observing = move |envelope: &Arc<Envelope>| log.push(word(envelope));
                subscribe.observe("**", observing).expect("a good prefix").detach();
            }
        };
        configure(bus.register(Act(act))).start().expect("open").detach();
        let emitter = bus.emitter("case", "t");
        emitter.emit(step(0));
        bus.barrier(PATIENCE).expect("nothing hangs");
        emitter.emit(step(1));
        emitter.emit(step(2));
        assert_eq!(inner.all(), ["1", "2"], "{shape}");
        bus.close(PATIENCE).expect("not strict");
    }
}

#[test]
fn an_observer_may_cancel_itself() {
    for (shape, configure) in SHAPES {
        for wait in [false, true] {
            let (bus, seen) = (Bus::new(), Log::new());
            let own = Arc::new(Mutex::new(None::<Subscription>));
            let (slot, log) = (Arc::clone(&own), seen.clone());
            let act = move |envelope: &Arc<Envelope>| {
                log.push(word(envelope));
                let subscription = slot.lock().take();
                if let Some(subscription) = subscription {
                    if wait {
                        let (gone, waited) = timed(|| subscription.cancel_and_wait(LONG));
                        gone.expect("its own call is not waited for");
                        assert!(waited < SHORT, "{waited:?}");
                    } else {
                        subscription.cancel();
                    }
                }
            };
            let subscription = configure(bus.register(Act(act)).name("own"));
            *own.lock() = Some(subscription.start().expect("open"));
            let emitter = bus.emitter("case", "t");
            emitter.emit(step(0));
            seen.wait_for(1);
            eventually("it is gone", || own.lock().is_none());
            bus.barrier(PATIENCE).expect("nothing hangs");
            assert_eq!(emitter.emit(step(1)), Receipt::UNHEARD, "{shape}");
            let report = bus.close(PATIENCE).expect("not strict");
            let line = observer(&report, "own");
            assert_eq!((line.counts.delivered, &line.last_error), (1, &None), "{shape}");
        }
    }
}

#[test]
fn an_observer_may_cancel_another_and_wait_for_it() {
    for (shape, configure) in SHAPES {
        for (other_shape, configure_other) in SHAPES {
            let (bus, seen) = (Bus::new(), Log::new());
            let other = Arc::new(Mutex::new(None::<Subscription>));
            let slot = Arc::clone(&other);
            let act = move |_: &Arc<Envelope>| {
                let subscription = slot.lock().take();
                if let Some(subscription) = subscription {
                    let (gone, waited) = timed(|| subscription.cancel_and_wait(LONG));
                    gone.expect("the current call is not waited for");
                    assert!(waited < SHORT, "{waited:?}");
                }
            };
            let first = bus.register(Act(act)).name("first").priority(1);
            configure(first).start().expect("open").detach();
            let log = seen.clone();
            let act = move |envelope: &Arc<Envelope>| log.push(word(envelope));
            let second = configure_other(bus.register(Act(act)).name("second"));
            *other.lock() = Some(second.start().expect("open"));
            let emitter = bus.emitter("case", "t");
            emitter.emit(step(0));
            bus.barrier(PATIENCE).expect("nothing hangs");
            emitter.emit(step(1));
            let report = bus.close(PATIENCE).expect("not strict");
            let line = observer(&report, "first");
            assert_eq!(line.last_error, None, "{shape} cancels {other_shape}");
            assert!(seen.all().iter().all(|text| text == "0"), "{shape} cancels {other_shape}");
        }
    }
}

#[test]
fn an_observer_may_replace_itself() {
    for (shape, configure) in SHAPES {
        let (bus, seen) = (Bus::new(), Log::new());
        let own = Arc::new(Mutex::new(None::<Subscription>));
        let (slot, log) = (Arc::clone(&own), seen.clone());
        let act = move |envelope: &Arc<Envelope>| {
            let (second, text) = (log.clone(), word(envelope));
            log.push(format!("old {text}"));
            let observing = move |envelope: &Arc<Envelope>| {
                second.push(format!("new {}", word(envelope)));
            };
            let (replaced, waited) =
                timed(|| slot.lock().as_ref().is_some_and(|own| own.replace(Act(observing))));
            assert!(replaced && waited < SHORT, "{waited:?}");
        };
        *own.lock() = Some(configure(bus.register(Act(act)).name("own")).start().expect("open"));
        let emitter = bus.emitter("case", "t");
        emitter.emit(step(0));
        bus.barrier(PATIENCE).expect("nothing hangs");
        emitter.emit(step(1));
        let report = bus.close(PATIENCE).expect("not strict");
        assert_eq!(seen.all(), ["old 0", "new 1"], "{shape}");
        assert_eq!(observer(&report, "own").counts.delivered, 2);
    }
}

#[test]
fn a_barrier_inside_an_observer_is_an_error_at_once() {
    for (shape, configure) in SHAPES {
        let (bus, results) = (Bus::new(), Log::new());
        let (log, inner) = (results.clone(), bus.clone());
        let act = move |_: &Arc<Envelope>| log.push(timed(|| inner.barrier(LONG)));
        configure(bus.register(Act(act))).start().expect("open").detach();
        bus.emitter("case", "t").emit(step(0));
        bus.barrier(PATIENCE).expect("outside it is reached");
        let (result, waited) = results.all()[0].clone();
        assert_eq!(result, Err(BarrierError::InsideObserver), "{shape}");
        assert!(waited < SHORT, "{waited:?}");
        bus.close(PATIENCE).expect("not strict");
    }
}

#[test]
fn an_observer_may_close_its_bus_and_does_not_wait_for_itself() {
    for (shape, configure) in SHAPES {
        let (bus, reports) = (Bus::new(), Log::new());
        let before = words(&bus);
        let (log, inner) = (reports.clone(), bus.clone());
        let act = move |_: &Arc<Envelope>| {
            log.push(timed(|| inner.close(LONG).expect("not strict")));
            log.push(timed(|| inner.close(LONG).expect("not strict")));
            assert!(inner.barrier(LONG).is_err());
        };
        configure(bus.register(Act(act)).name("closer")).start().expect("open").detach();
        let other = bus.register(Act(|_: &Arc<Envelope>| ())).name("queued").priority(1);
        other.queued(10, Overflow::Block).start().expect("open").detach();
        let emitter = bus.emitter("case", "t");
        let (_, waited) = timed(|| emitter.emit(step(0)));
        assert!(waited < SHORT, "{shape}: {waited:?}");
        reports.wait_for(2);
        for (report, waited) in reports.all() {
            assert!(waited < SHORT, "{shape}: {waited:?}");
            let line = observer(&report, "closer");
            assert_eq!((line.counts.accepted, line.counts.pending), (1, 1), "{shape}");
            assert_eq!(observer(&report, "queued").counts.delivered, 1, "{shape}");
        }
        assert_eq!(emitter.emit(step(1)), Receipt::Closed);
        assert_eq!(before.all(), ["0"]);
    }
}

#[test]
fn the_last_handle_may_be_dropped_inside_an_observer() {
    for (shape, configure) in SHAPES {
        let (bus, took) = (Bus::new(), Log::new());
        let emitter = bus.emitter("case", "t");
        let last = Arc::new(Mutex::new(None));
        let (log, slot) = (took.clone(), Arc::clone(&last));
        let act = move |envelope: &Arc<Envelope>| {
            let handle: Option<Bus> = slot.lock().take();
            log.push((word(envelope), timed(|| drop(handle)).1));
        };
        configure(bus.register(Act(act))).start().expect("open").detach();
        *last.lock() = Some(bus);
        emitter.emit(step(0));
        took.wait_for(1);
        let (_, waited) = took.all()[0];
        assert!(waited < Duration::from_secs(1), "{shape}: {waited:?}");
        assert_eq!(emitter.emit(step(1)), Receipt::Closed, "{shape}");
    }
}

#[test]
fn an_observer_may_close_while_another_thread_waits_for_it() {
    let (bus, reports) = (Bus::new(), Log::new());
    let (log, inner) = (reports.clone(), bus.clone());
    let act = move |_: &Arc<Envelope>| log.push(timed(|| inner.close(LONG).expect("not strict")));
    let registration = bus.register(Act(act)).name("closer");
    registration.queued(1, Overflow::Block).start().expect("open").detach();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let emitter = bus.emitter("case", "t");
            scope.spawn(move || while emitter.emit(step(0)) != Receipt::Closed {});
        }
    });
    eventually("it closed", || reports.len() > 0);
    let (report, waited) = reports.all()[0].clone();
    assert!(waited < SHORT, "{waited:?}");
    assert_balanced(&report);
}

#[test]
fn close_and_flush_may_use_the_bus_they_belong_to() {
    struct Nested(Bus, Log<Duration>);
    impl Observer for Nested {
        fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
            Ok(())
        }
        fn flush(&self, _: std::time::Instant) -> Result<(), ObserverError> {
            assert_eq!(self.0.barrier(LONG), Err(BarrierError::InsideObserver));
            Ok(())
        }
        fn close(&self, _: std::time::Instant) -> Result<(), ObserverError> {
            let (_, waited) = timed(|| self.0.close(LONG));
            self.1.push(waited);
            Ok(())
        }
    }
    for (shape, configure) in SHAPES {
        let (bus, waits) = (Bus::new(), Log::new());
        let nested = Nested(bus.clone(), waits.clone());
        configure(bus.register(nested).name("nested")).start().expect("open").detach();
        bus.emitter("case", "t").emit(step(1));
        bus.barrier(PATIENCE).expect("nothing hangs");
        let (report, waited) = timed(|| bus.close(LONG).expect("not strict"));
        assert!(waited < SHORT && waits.all()[0] < SHORT, "{shape}: {waited:?}");
        assert!(report.complete, "{shape}: {report:?}");
    }
}
