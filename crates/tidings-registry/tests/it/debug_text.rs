//! What a diagnostic keeps of an event that has no JSON form.

use std::fmt;

use serde::{Deserialize, Serialize};
use tidings_derive::Event;
use tidings_registry::{Bus, ObserverError};

use crate::support::{Work, diagnostics, step};

/// Panics instead of showing itself, and so it does when it is to be written.
#[derive(Serialize, Deserialize)]
struct Shy;

impl fmt::Debug for Shy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("I am ")?;
        panic!("shy")
    }
}

/// Goes on showing itself when it was told to stop.
#[derive(Serialize, Deserialize)]
struct Stubborn;

impl fmt::Debug for Stubborn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for _time in 0..10_000 {
            let _stop = f.write_str("me and ");
        }
        Ok(())
    }
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "odd", crate = "tidings_core")]
enum Odd {
    Long { text: String, no_json: f64 },
    Shown { shy: Shy, no_json: f64 },
    Told { stubborn: Stubborn, no_json: f64 },
}

/// The `debug` of what is said when an observer fails with the event.
fn debug_of<E: tidings_core::Event>(event: E) -> serde_json::Value {
    let bus = Bus::new();
    let told = diagnostics(&bus);
    bus.observe("**", |_| Err::<(), _>(ObserverError::failed("no"))).expect("a prefix").detach();
    bus.emitter("case", "t").emit(event);
    let [told] = told.all().try_into().expect("one diagnostic");
    let mut data: serde_json::Value =
        serde_json::from_str(told.data().expect("a diagnostic has JSON")).expect("JSON");
    data["debug"].take()
}

#[test]
fn an_event_with_a_json_form_is_not_told_as_debug_text() {
    assert!(debug_of(step(1)).is_null());
}

#[test]
fn an_event_without_a_json_form_is_told_as_debug_text() {
    assert_eq!(debug_of(Work::Value { value: f64::NAN }), "Value { value: NaN }");
}

#[test]
fn debug_text_that_just_fits_is_whole_and_a_longer_one_is_cut_at_a_character() {
    let long = |letters: usize| {
        let text = format!("{}{}", "x".repeat(letters % 2), "é".repeat(letters / 2));
        Odd::Long { text, no_json: f64::NAN }
    };
    let around = format!("{:?}", long(0)).len();
    let whole = debug_of(long(4_096 - around));
    assert_eq!(whole, format!("{:?}", long(4_096 - around)));
    for more in 1..4 {
        let cut = debug_of(long(4_096 - around + more));
        let cut = cut.as_str().expect("a text").strip_suffix('…').expect("it says it is cut");
        assert!(format!("{:?}", long(4_096 - around + more)).starts_with(cut));
        assert!((4_090..=4_096).contains(&cut.len()), "{}", cut.len());
    }
}

#[test]
fn a_payload_that_panics_as_it_is_shown_is_told_as_far_as_it_came() {
    let debug = debug_of(Odd::Shown { shy: Shy, no_json: f64::NAN });
    assert_eq!(debug, "Shown { shy: I am panicked: shy");
}

#[test]
fn a_payload_that_does_not_stop_as_it_is_shown_is_cut_once() {
    let debug = debug_of(Odd::Told { stubborn: Stubborn, no_json: f64::NAN });
    let cut = debug.as_str().expect("a text").strip_suffix('…').expect("it says it is cut");
    assert_eq!(cut.len(), 4_096);
    assert!(!cut.contains('…'));
}
