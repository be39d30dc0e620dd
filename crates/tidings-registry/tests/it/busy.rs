//! How long an observer has been at an event, by the clock of the bus.

use std::sync::Arc;
use std::time::Duration;

use tidings_core::{Envelope, ManualClock, Timestamp};
use tidings_registry::{Bus, Observer, ObserverError, Overflow};

use crate::support::{Latch, OpenAtEnd, PATIENCE, Work, observer, step};

/// Holds each event until it is let go.
struct Holds {
    entered: Latch,
    latch: Latch,
}

impl Observer for Holds {
    fn name(&self) -> String {
        "holds".to_owned()
    }

    fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
        self.entered.open();
        self.latch.wait();
        Ok(())
    }
}

struct Held {
    clock: Arc<ManualClock>,
    bus: Bus,
    entered: Latch,
    latch: Latch,
}

impl Held {
    /// A bus whose clock stands at five seconds.
    fn new(queued: bool) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_nanos(0)));
        clock.advance(Duration::from_secs(5));
        let bus = Bus::builder().clock(Arc::clone(&clock)).build();
        let (entered, latch) = (Latch::closed(), Latch::closed());
        let holds = Holds { entered: entered.clone(), latch: latch.clone() };
        let registration = bus.register(holds);
        let registration =
            if queued { registration.queued(1, Overflow::Block) } else { registration };
        registration.start().expect("open").detach();
        Self { clock, bus, entered, latch }
    }

    fn busy(&self) -> Option<Duration> {
        observer(&self.bus.report(), "holds").busy
    }

    /// Looks at three moments while `emit` is under way, and after it.
    fn look(&self, emit: impl FnOnce() + Send) {
        let _open = OpenAtEnd(self.latch.clone());
        assert_eq!(self.busy(), None);
        std::thread::scope(|scope| {
            let emits = scope.spawn(emit);
            self.entered.wait();
            assert_eq!(self.busy(), Some(Duration::ZERO));
            self.clock.advance(Duration::from_millis(7_001));
            assert_eq!(self.busy(), Some(Duration::from_millis(7_001)));
            self.latch.open();
            emits.join().expect("no panic");
        });
        self.bus.barrier(PATIENCE).expect("nothing hangs");
        assert_eq!(self.busy(), None);
    }
}

#[test]
fn an_inline_observer_is_busy_since_the_event_was_emitted() {
    let held = Held::new(false);
    held.clock.advance(Duration::from_secs(30));
    let emitter = held.bus.emitter::<Work>("case", "t");
    held.look(|| {
        emitter.emit(step(1));
    });
}

#[test]
fn a_queued_observer_is_busy_since_its_thread_took_the_event() {
    let held = Held::new(true);
    let emitter = held.bus.emitter::<Work>("case", "t");
    held.look(|| {
        emitter.emit(step(1));
    });
}

#[test]
fn an_event_of_another_bus_is_timed_by_the_clock_of_this_one() {
    let held = Held::new(false);
    let (other, entered) = (Bus::new(), crate::support::Log::new());
    let kept = entered.clone();
    let keeps = move |envelope: &Arc<Envelope>| kept.push(Arc::clone(envelope));
    let _keeps = other.observe("**", keeps).expect("a good prefix");
    other.emitter::<Work>("case", "t").emit(step(1));
    let elsewhere = entered.all().remove(0);
    held.look(|| {
        held.bus.republish(elsewhere);
    });
}

#[test]
fn a_bus_says_what_it_is() {
    let bus = Bus::builder().run("nightly-7").node("ci@host").build();
    assert_eq!((bus.run(), bus.node()), ("nightly-7", "ci@host"));
    assert!(!bus.is_closed());
    bus.close(PATIENCE).expect("not strict");
    assert!(bus.is_closed());
}
