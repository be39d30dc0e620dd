//! A clause that takes no arguments, given some.

use tidings_assert::{Recorder, assert_events};

fn main() {
    let recorder = Recorder::new();
    assert_events!(recorder, starts_before_finish());
}
