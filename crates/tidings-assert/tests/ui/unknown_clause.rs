//! A clause that does not exist.

use tidings_assert::{Recorder, assert_events};

fn main() {
    let recorder = Recorder::new();
    assert_events!(recorder, exacty: [_]);
}
