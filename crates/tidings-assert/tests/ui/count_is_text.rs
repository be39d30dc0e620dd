//! A count that is no number.

use tidings_assert::{Recorder, assert_events};

fn main() {
    let recorder = Recorder::new();
    assert_events!(recorder, count: { _ => "three" });
}
