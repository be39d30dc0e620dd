//! Who is called first.

use std::sync::Arc;

use tidings_core::Envelope;
use tidings_registry::{Bus, Observer, ObserverError, Overflow, Subscription};

use crate::support::{Log, PATIENCE, emit_steps, step, word};

struct Named(&'static str, Log<String>);

impl Observer for Named {
    fn name(&self) -> String {
        self.0.to_owned()
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        self.1.push(format!("{} {}", self.0, word(envelope)));
        Ok(())
    }
}

fn subscribe(bus: &Bus, log: &Log<String>, name: &'static str, priority: i32) -> Subscription {
    let registration = bus.register(Named(name, log.clone())).priority(priority);
    registration.start().expect("open")
}

#[test]
fn higher_priorities_come_first_and_equal_ones_in_the_order_of_registration() {
    let (bus, log) = (Bus::new(), Log::new());
    let observers: Vec<_> = [("a", 0), ("b", 5), ("c", -1), ("d", 5), ("e", 0), ("f", i32::MAX)]
        .into_iter()
        .map(|(name, priority)| subscribe(&bus, &log, name, priority))
        .collect();
    let emitter = bus.emitter("case", "t");
    emitter.emit(step(0));
    assert_eq!(log.all(), ["f 0", "b 0", "d 0", "a 0", "e 0", "c 0"]);
    // A pause or a replacement does not cost the place.
    observers[1].pause();
    observers[1].resume();
    assert!(observers[0].replace(Named("A", log.clone())));
    emitter.emit(step(1));
    assert_eq!(log.all()[6..], ["f 1", "b 1", "d 1", "A 1", "e 1", "c 1"]);
    let names: Vec<_> = bus.report().observers.iter().map(|line| line.name.clone()).collect();
    assert_eq!(names, ["f", "b", "d", "a", "e", "c"]);
}

#[test]
fn a_synchronous_observer_has_its_place_in_the_order() {
    let (bus, log) = (Bus::new(), Log::new());
    let _low = subscribe(&bus, &log, "low", -1);
    let named = bus.register(Named("middle", log.clone()));
    let _middle = named.synchronous(PATIENCE).start().expect("open");
    let _high = subscribe(&bus, &log, "high", 1);
    let emitter = bus.emitter("case", "t");
    for number in 0..100 {
        assert_eq!(emitter.emit(step(number)).delivered(), 3);
    }
    let expected: Vec<_> = (0..100)
        .flat_map(|number| ["high", "middle", "low"].map(|name| format!("{name} {number}")))
        .collect();
    assert_eq!(log.all(), expected);
}

#[test]
fn each_queued_observer_sees_the_order_of_emission() {
    let bus = Bus::new();
    let logs: Vec<_> = (0..3)
        .map(|_| {
            let log = Log::new();
            let registration = bus.register(Named("queued", log.clone()));
            registration.queued(10, Overflow::Block).start().expect("open").detach();
            log
        })
        .collect();
    let emitter = bus.emitter("case", "t");
    emit_steps(&emitter, 0..500);
    bus.close(PATIENCE).expect("not strict");
    let expected: Vec<_> = (0..500).map(|number| format!("queued {number}")).collect();
    assert!(logs.iter().all(|log| log.all() == expected));
}
