//! Groups of which nothing is said.

use tidings_assert::{Recorder, assert_events};

fn main() {
    let recorder = Recorder::new();
    assert_events!(recorder, per(|envelope| envelope.entity()));
}
