//! A range without a number in it.

use tidings_assert::{Recorder, assert_events};

fn main() {
    let recorder = Recorder::new();
    assert_events!(recorder, count: { _ => 3..=1 });
}
