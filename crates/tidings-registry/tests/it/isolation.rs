//! Buses of one process know nothing of each other.

use std::thread;

use tidings_core::Receipt;
use tidings_registry::Bus;

use crate::support::{PATIENCE, note, record, step, words};

#[test]
fn two_buses_neither_see_nor_miss_each_others_events() {
    let buses = [Bus::new(), Bus::new()];
    let logs = [words(&buses[0]), words(&buses[1])];
    thread::scope(|scope| {
        for thread in 0..4_usize {
            let bus = &buses[thread % 2];
            scope.spawn(move || {
                let emitter = bus.emitter("case", "t");
                for _ in 0..500 {
                    assert_eq!(emitter.emit(note(&format!("bus {}", thread % 2))).delivered(), 1);
                }
            });
        }
    });
    for (number, log) in logs.iter().enumerate() {
        let seen = log.all();
        assert_eq!(seen.len(), 1_000);
        assert!(seen.iter().all(|text| *text == format!("bus {number}")));
    }
}

#[test]
fn interest_in_one_bus_is_none_in_another() {
    let (heard, unheard) = (Bus::new(), Bus::new());
    let deaf = unheard.emitter("case", "t");
    assert_eq!(deaf.emit(step(1)), Receipt::UNHEARD);
    let log = record(&heard);
    // The answer "nobody listens" is remembered per bus, and only until somebody does.
    assert_eq!(heard.emitter("case", "t").emit(step(2)).delivered(), 1);
    assert_eq!(deaf.emit(step(3)), Receipt::UNHEARD);
    let late = record(&unheard);
    assert_eq!(deaf.emit(step(4)).delivered(), 1);
    assert_eq!((log.len(), late.len()), (1, 1));
}

#[test]
fn one_thread_on_many_buses_has_a_lane_on_each() {
    let buses: Vec<Bus> = (0..20).map(|_| Bus::new()).collect();
    let logs: Vec<_> = buses.iter().map(record).collect();
    for number in 0..3 {
        for bus in &buses {
            bus.emitter("case", "t").emit(step(number));
        }
    }
    for (bus, log) in buses.iter().zip(&logs) {
        let ids: Vec<_> = log.all().iter().map(|envelope| envelope.id()).collect();
        assert!(ids.iter().all(|id| id.bus() == bus.id()));
        assert_eq!(ids.iter().map(|id| id.sequence()).collect::<Vec<_>>(), [0, 1, 2]);
        assert!(bus.close(PATIENCE).expect("not strict").complete);
    }
}
