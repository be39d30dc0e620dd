//! When payloads that were delivered are dropped, and what their `Drop` may do.

use std::sync::mpsc::{SyncSender, sync_channel};

use serde::{Deserialize, Serialize};
use tidings_delivery::{Confirmation, Delivery, Outcome};
use tidings_derive::Event;
use tidings_registry::Bus;

use crate::fixture::{LONG, Place};

/// Tells when it is dropped, and panics then if it is to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Token {
    #[serde(skip)]
    told: Option<SyncSender<()>>,
    panics: bool,
}

impl Drop for Token {
    fn drop(&mut self) {
        if let Some(told) = &self.told {
            told.send(()).expect("the test waits for it");
        }
        assert!(!self.panics, "dropped");
    }
}

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[event(namespace = "case", crate = "tidings_core")]
enum Case {
    Made { token: Token },
}

fn delivering(place: &Place) -> Bus {
    let bus = Bus::new();
    bus.subscribe(Delivery::builder(place.sink()).batch_events(2).start().expect("it starts"))
        .detach();
    bus
}

#[test]
fn what_was_delivered_is_dropped_soon_although_nobody_emits() {
    let place = Place::default();
    let bus = delivering(&place);
    let (told, dropped) = sync_channel(2);
    let emitter = bus.emitter::<Case>("case", "t1");
    for _event in 0..2 {
        emitter.emit(Case::Made { token: Token { told: Some(told.clone()), panics: false } });
    }
    for _event in 0..2 {
        dropped.recv_timeout(LONG).expect("it is dropped while the bus is open");
    }
    let report = bus.close(LONG).expect("the bus is not strict");
    assert!(report.complete, "{report}");
}

#[test]
fn what_was_delivered_is_dropped_soon_although_confirmations_are_asked_for_more_often() {
    let (place, bus) = (Place::default(), Bus::new());
    place.answer(|_| Outcome::unconfirmed());
    let delivery = Delivery::builder(place.sink_with_window(2)).batch_events(1).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    let (told, dropped) = sync_channel(2);
    let emitter = bus.emitter::<Case>("case", "t1");
    for _event in 0..2 {
        emitter.emit(Case::Made { token: Token { told: Some(told.clone()), panics: false } });
    }
    place.wait_for_batches(2);
    place.confirm(Confirmation::new(1, Outcome::delivered()));
    dropped.recv_timeout(LONG).expect("it is dropped while the other waits to be confirmed");
    place.confirm(Confirmation::new(2, Outcome::delivered()));
    bus.close(LONG).expect("the bus is not strict");
}

#[test]
fn a_payload_that_panics_when_it_is_dropped_takes_nothing_along() {
    let place = Place::default();
    let bus = delivering(&place);
    let emitter = bus.emitter::<Case>("case", "t1");
    for count in 1..=4 {
        for _event in 0..4 {
            emitter.emit(Case::Made { token: Token { told: None, panics: true } });
        }
        place.wait_for_taken(4 * count);
        bus.barrier(LONG).expect("all is delivered");
    }
    let report = bus.close(LONG).expect("the bus is not strict");
    assert!(report.complete, "{report}");
    assert_eq!(report.observers[0].counts.delivered, 16, "{report}");
}
