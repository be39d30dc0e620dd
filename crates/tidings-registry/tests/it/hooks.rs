//! Who is flushed and closed, by when, and what is said when that fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tidings_core::{Envelope, Interest};
use tidings_registry::{Bus, Counts, Observer, ObserverError, Overflow};

use crate::support::{Latch, Log, OpenAtEnd, PATIENCE, diagnostics, observer, step, timed, types};

/// Writes down which hook was called, and how much time it was given.
#[derive(Clone)]
struct Hooked {
    needs_close: bool,
    counts: Option<Counts>,
    calls: Log<(&'static str, Duration)>,
}

impl Hooked {
    fn new() -> Self {
        Self { needs_close: true, counts: None, calls: Log::new() }
    }

    fn called(&self, hook: &'static str, deadline: Instant) {
        self.calls.push((hook, deadline.saturating_duration_since(Instant::now())));
    }

    fn names(&self) -> Vec<&'static str> {
        self.calls.all().iter().map(|(hook, _)| *hook).collect()
    }
}

impl Observer for Hooked {
    fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
        Ok(())
    }

    fn flush(&self, deadline: Instant) -> Result<(), ObserverError> {
        self.called("flush", deadline);
        Ok(())
    }

    fn close(&self, deadline: Instant) -> Result<(), ObserverError> {
        self.called("close", deadline);
        Ok(())
    }

    fn counts(&self) -> Option<Counts> {
        self.counts
    }

    fn needs_close(&self) -> bool {
        self.needs_close
    }
}

#[test]
fn an_observer_that_needs_no_close_is_neither_flushed_nor_closed() {
    for queued in [false, true] {
        let (bus, hooked) = (Bus::new(), Hooked { needs_close: false, ..Hooked::new() });
        for _ in 0..2 {
            let registration = bus.register(hooked.clone());
            let registration =
                if queued { registration.queued(1, Overflow::Block) } else { registration };
            let subscription = registration.start().expect("open");
            assert!(subscription.replace(hooked.clone()));
            bus.barrier(PATIENCE).expect("nothing hangs");
            subscription.cancel_and_wait(PATIENCE).expect("nothing hangs");
        }
        let stays = bus.subscribe(hooked.clone());
        bus.close(PATIENCE).expect("not strict");
        drop(stays);
        assert_eq!(hooked.names(), [""; 0]);
    }
}

#[test]
fn an_observer_that_was_closed_is_not_flushed_any_more() {
    // One that counts for itself is kept for its report.
    let (bus, hooked) = (Bus::new(), Hooked { counts: Some(Counts::default()), ..Hooked::new() });
    let subscription = bus.subscribe(hooked.clone());
    bus.barrier(PATIENCE).expect("nothing hangs");
    subscription.cancel();
    bus.barrier(PATIENCE).expect("nothing hangs");
    assert_eq!(hooked.names(), ["flush", "close"]);
    bus.close(PATIENCE).expect("not strict");
    assert_eq!(hooked.names(), ["flush", "close"]);
}

#[test]
fn whoever_is_replaced_is_closed_before_the_call_returns_and_has_time_for_it() {
    let (bus, old) = (Bus::new(), Hooked::new());
    let subscription = bus.subscribe(old.clone());
    let new = Hooked::new();
    assert!(subscription.replace(new.clone()));
    assert_eq!(old.names(), ["close"]);
    assert!(old.calls.all()[0].1 > Duration::ZERO);
    assert_eq!(new.names(), [""; 0]);
    subscription.cancel();
    assert_eq!(new.names(), ["close"]);
    assert!(new.calls.all()[0].1 > Duration::ZERO);
}

#[test]
fn a_queued_observer_that_is_cancelled_has_time_to_close() {
    let (bus, hooked) = (Bus::new(), Hooked::new());
    let subscription = bus.register(hooked.clone()).queued(1, Overflow::Block).start();
    subscription.expect("open").cancel();
    hooked.calls.wait_for(1);
    let (hook, left) = hooked.calls.all()[0];
    assert_eq!(hook, "close");
    assert!(left > Duration::ZERO);
}

#[test]
fn a_replacement_made_inside_an_observer_waits_for_no_close() {
    /// Closes when the latch is opened.
    struct Slow(Latch);
    impl Observer for Slow {
        fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
            Ok(())
        }
        fn interest(&self) -> Interest {
            Interest::nothing()
        }
        fn close(&self, _: Instant) -> Result<(), ObserverError> {
            self.0.wait();
            Ok(())
        }
    }
    let (bus, latch) = (Bus::new(), Latch::closed());
    let _open = OpenAtEnd(latch.clone());
    let subscription = Arc::new(bus.subscribe(Slow(latch)));
    let (inside, took) = (Arc::clone(&subscription), Log::new());
    let kept = took.clone();
    let replaces = move |_: &Arc<Envelope>| {
        let (replaced, time) = timed(|| inside.replace(Hooked::new()));
        assert!(replaced);
        kept.push(time);
    };
    let _replaces = bus.observe("work", replaces).expect("a good prefix");
    bus.emitter("case", "t").emit(step(1));
    // Elsewhere it is waited for as long as the old one may take to close.
    assert!(took.all()[0] < tidings_registry::CLOSE_ON_DROP_MAX, "{:?}", took.all());
}

#[test]
fn an_observer_without_a_close_of_its_own_is_flushed_at_the_end() {
    struct Flushes(Log<()>);
    impl Observer for Flushes {
        fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
            Ok(())
        }
        fn flush(&self, _: Instant) -> Result<(), ObserverError> {
            self.0.push(());
            Ok(())
        }
    }
    let (bus, log) = (Bus::new(), Log::new());
    bus.subscribe(Flushes(log.clone())).detach();
    let report = bus.close(PATIENCE).expect("not strict");
    assert_eq!(log.len(), 1);
    assert_eq!(observer(&report, "Flushes").kind, "custom");
}

#[test]
fn a_flush_that_fails_is_told_as_a_diagnostic_without_an_event() {
    struct Fails(AtomicBool);
    impl Observer for Fails {
        fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
            Ok(())
        }
        fn flush(&self, _: Instant) -> Result<(), ObserverError> {
            if self.0.load(Ordering::Relaxed) {
                return Err(ObserverError::failed("the disk is full"));
            }
            Ok(())
        }
    }
    let bus = Bus::new();
    let told = diagnostics(&bus);
    bus.register(Fails(AtomicBool::new(true))).name("writes").start().expect("open").detach();
    let error = bus.barrier(PATIENCE).expect_err("the flush failed");
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert_eq!(types(&told), ["tidings.observer.failed"]);
    let told = &told.all()[0];
    let data: serde_json::Value =
        serde_json::from_str(told.data().expect("a diagnostic has JSON")).expect("JSON");
    assert_eq!(data["observer"], "writes");
    assert_eq!(data["reason"], "failed to flush: the disk is full");
    assert!(data["event"].is_null() && data["debug"].is_null(), "{data}");
}
