//! The journals of the examples, read back as anybody would read them.

use std::path::Path;

use tidings::Bus;
use tidings::journal::{Reader, replay, verify};

/// Hands the events of a journal in which nothing is wrong or missing to a bus.
#[track_caller]
pub(crate) fn replay_whole(path: &Path, bus: &Bus) {
    let report = verify(Reader::open(path).expect("a journal")).expect("a readable journal");
    assert!(report.is_sound() && report.unchecked == 0 && report.torn.is_none(), "{report}");
    let replayed = replay(Reader::open(path).expect("a journal"), bus).expect("sound events");
    assert_eq!(replayed.events, report.events);
}
