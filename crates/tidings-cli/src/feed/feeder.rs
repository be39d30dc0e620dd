//! The feeder: hands events to a bus, one after the other, at the pace of its observers.

use std::sync::Arc;

use tidings_core::{Envelope, Receipt};
use tidings_registry::Bus;

use super::room::{Patience, Room};
use super::window::{Stretch, Window};
use crate::interrupt::Interrupt;
use crate::output::{Meter, Screen};

/// Dispatches events that came from elsewhere.
#[derive(Debug)]
pub(crate) struct Feeder {
    bus: Bus,
    stretch: Stretch,
    room: Room,
    meter: Meter,
}

/// The bus takes nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended;

impl Feeder {
    /// Feeds `bus`, of whose queues the least is as large as the window. An observer that
    /// takes nothing for as long as `patience` says is not waited for any longer.
    pub(crate) fn new(
        bus: &Bus,
        window: Window,
        patience: Patience,
        screen: &Screen,
        interrupt: &Interrupt,
    ) -> Self {
        Self {
            bus: bus.clone(),
            stretch: Stretch::new(window),
            room: Room::new(bus, patience, screen, interrupt),
            meter: Meter::default(),
        }
    }

    /// Counts into this meter, too, which another feeder of the same bus has.
    pub(crate) fn counting_into(self, meter: &Meter) -> Self {
        Self { meter: meter.clone(), ..self }
    }

    /// What has been dispatched.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Dispatches one event, whose line has so many bytes, when there is room for it.
    ///
    /// # Errors
    ///
    /// [`Ended`] when the bus is closed.
    pub(crate) fn feed(&mut self, envelope: Arc<Envelope>, line_bytes: u64) -> Result<(), Ended> {
        let turn = self.stretch.add(line_bytes);
        self.room.wait(turn);
        if self.bus.republish(envelope) == Receipt::Closed {
            return Err(Ended);
        }
        self.meter.add_event();
        Ok(())
    }

    /// Waits until everything is delivered, or nothing has been for too long; says whether
    /// everything is.
    pub(crate) fn drain(&mut self) -> bool {
        self.room.wait_for_all()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};
    use std::time::{Duration, Instant};

    use tidings_core::{
        Attributes, BusId, Context, Entity, EventId, EventType, Head, Interest, Lane, RawJson,
        RawPayload, Timestamp,
    };
    use tidings_delivery::{Batch, Delivery, Outcome, Sink};
    use tidings_registry::{Observer, ObserverError, Overflow};

    use super::*;
    use crate::output::Screen;

    const PATIENCE: Duration = Duration::from_mins(1);

    /// Takes events one by one, once it is let.
    #[derive(Debug, Clone, Default)]
    struct Slow(Arc<(Mutex<bool>, Condvar)>);

    impl Slow {
        fn let_go(&self) {
            *self.0.0.lock().expect("no panic") = true;
            self.0.1.notify_all();
        }
    }

    impl Observer for Slow {
        fn name(&self) -> String {
            "slow".to_owned()
        }

        fn interest(&self) -> Interest {
            Interest::parse(["case"]).expect("a prefix")
        }

        fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
            let open = self.0.0.lock().expect("no panic");
            let guard = self.0.1.wait_timeout_while(open, PATIENCE, |open| !*open);
            drop(guard.expect("no panic"));
            std::thread::yield_now();
            Ok(())
        }
    }

    fn event(sequence: u64) -> Arc<Envelope> {
        let entity = Entity::new("case", "t1");
        let context = Context::new("r".into(), "n".into(), entity, Attributes::new());
        let head = Head::new(
            EventId::new(BusId::from_u128(1), Lane::new(0), sequence),
            EventType::from_static("case.started"),
            Arc::new(context),
            Timestamp::from_nanos(1_795_230_202_119_948_123),
            Duration::ZERO,
        );
        Arc::new(Envelope::new(head, RawPayload::new(RawJson::null())))
    }

    fn quiet() -> Screen {
        Screen::new(Box::new(std::io::sink()), false)
    }

    fn feeder(bus: &Bus, window: Window, stall: Duration) -> Feeder {
        let patience = Patience { stall, end: PATIENCE };
        Feeder::new(bus, window, patience, &quiet(), &Interrupt::new(&quiet()))
    }

    fn feed(feeder: &mut Feeder, sequences: std::ops::Range<u64>) {
        for sequence in sequences {
            feeder.feed(event(sequence), 100).expect("an open bus");
        }
    }

    #[test]
    fn a_small_queue_that_drops_its_oldest_gets_every_event() {
        for (capacity, overflow) in
            [(1, Overflow::DropOldest), (2, Overflow::DropNewest), (7, Overflow::DropOldest)]
        {
            let (bus, slow) = (Bus::new(), Slow::default());
            slow.let_go();
            let _subscription =
                bus.register(slow).queued(capacity, overflow).start().expect("no past asked for");
            let events = u64::try_from(capacity).expect("small");
            let window = Window { events, bytes: 1 << 20 };
            let mut feeder = feeder(&bus, window, PATIENCE);
            feed(&mut feeder, 0..500);
            assert!(feeder.drain());
            let counts = bus.report().observer("slow").expect("registered").counts;
            assert_eq!((counts.delivered, counts.dropped), (500, 0), "{capacity} {overflow:?}");
        }
    }

    #[test]
    fn an_observer_that_takes_nothing_is_waited_for_once() {
        let (bus, slow) = (Bus::new(), Slow::default());
        let subscription = bus.register(slow.clone()).queued(4, Overflow::DropOldest).start();
        let _subscription = subscription.expect("no past asked for");
        let window = Window { events: 4, bytes: 1 << 20 };
        let stall = Duration::from_millis(50);
        let mut feeder = feeder(&bus, window, stall);
        let begin = Instant::now();
        feed(&mut feeder, 0..1_000);
        // Waiting at every turn would take 25 seconds.
        assert!(begin.elapsed() >= stall && begin.elapsed() < Duration::from_secs(20));
        assert!(bus.report().observer("slow").expect("registered").counts.dropped >= 990);
        slow.let_go();
        assert!(feeder.drain());
    }

    #[test]
    fn an_interruption_ends_the_waiting_for_an_observer_that_takes_nothing() {
        let (bus, slow) = (Bus::new(), Slow::default());
        let subscription = bus.register(slow.clone()).queued(4, Overflow::DropOldest).start();
        let _subscription = subscription.expect("no past asked for");
        let window = Window { events: 4, bytes: 1 << 20 };
        let patience = Patience { stall: PATIENCE, end: Duration::ZERO };
        let interrupt = Interrupt::new(&quiet());
        let mut feeder = Feeder::new(&bus, window, patience, &quiet(), &interrupt);
        interrupt.set();
        let begin = Instant::now();
        feed(&mut feeder, 0..20);
        assert!(!feeder.drain());
        assert!(begin.elapsed() < PATIENCE / 2, "{:?}", begin.elapsed());
        slow.let_go();
    }

    /// Takes at most three events of a batch, and none of the first two batches.
    #[derive(Debug, Default)]
    struct Choosy(u32);

    impl Sink for Choosy {
        fn name(&self) -> String {
            "slow".to_owned()
        }

        fn send(&mut self, batch: &Batch<'_>) -> Outcome {
            self.0 += 1;
            match (self.0, batch.len()) {
                (1 | 2, _) => Outcome::retry("not yet"),
                (_, 1..=3) => Outcome::delivered(),
                _ => Outcome::retry("too many at once").after_taking(3),
            }
        }
    }

    #[test]
    fn a_delivery_that_is_slow_and_drops_its_oldest_gets_every_event() {
        let delivery = Delivery::builder(Choosy::default())
            .queue_events(20)
            .overflow(tidings_delivery::Overflow::DropOldest)
            .retry(tidings_delivery::Retry::default().first(Duration::from_millis(1)));
        let bus = Bus::new();
        bus.subscribe(delivery.start().expect("a thread")).detach();
        let window = Window { events: 20, bytes: 1 << 20 };
        let mut feeder = feeder(&bus, window, PATIENCE);
        feed(&mut feeder, 0..400);
        assert!(feeder.drain());
        let counts = bus.report().observer("slow").expect("registered").counts;
        assert_eq!((counts.delivered, counts.dropped), (400, 0));
    }

    #[test]
    fn a_delivery_that_sends_on_flush_alone_is_flushed() {
        let delivery = Delivery::builder(Choosy(2))
            .queue_events(100)
            .overflow(tidings_delivery::Overflow::DropNewest)
            .send_mode(tidings_delivery::SendMode::OnFlush)
            .retry(tidings_delivery::Retry::default().first(Duration::from_millis(1)));
        let bus = Bus::new();
        bus.subscribe(delivery.start().expect("a thread")).detach();
        let window = Window { events: 100, bytes: 1 << 20 };
        let mut feeder = feeder(&bus, window, PATIENCE);
        let begin = Instant::now();
        feed(&mut feeder, 0..300);
        assert!(feeder.drain());
        assert!(begin.elapsed() < PATIENCE / 2);
        let counts = bus.report().observer("slow").expect("registered").counts;
        assert_eq!((counts.delivered, counts.dropped), (300, 0));
    }

    #[test]
    fn a_closed_bus_ends_the_feeding() {
        let bus = Bus::new();
        let window = Window { events: 4, bytes: 1 << 20 };
        let mut feeder = feeder(&bus, window, PATIENCE);
        bus.close(PATIENCE).expect("not strict");
        assert_eq!(feeder.feed(event(0), 1), Err(Ended));
        assert_eq!(feeder.meter().events(), 0);
    }
}
