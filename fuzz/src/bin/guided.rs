//! One target in the hands of libFuzzer; `./guided` builds and starts it.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use tidings_fuzz::{TARGETS, Target, find};

fuzz_target!(|data: &[u8]| (target().run)(data));

fn target() -> &'static Target {
    static TARGET: OnceLock<&Target> = OnceLock::new();
    TARGET.get_or_init(|| {
        let name = std::env::var("TIDINGS_FUZZ_TARGET").unwrap_or_default();
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        find(&name).unwrap_or_else(|| panic!("TIDINGS_FUZZ_TARGET is one of {}", names.join(", ")))
    })
}
