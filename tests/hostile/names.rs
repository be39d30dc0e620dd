//! Names of files that are no UTF-8, which systems but Windows and macOS allow.

#![cfg(target_os = "linux")]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tidings::Bus;
use tidings::config::Config;
use tidings::journal::{Journal, Reader, verify};
use tidings_delivery::{Batch, Delivery, Outcome, Sink, SpoolSettings};
use tidings_junit::Junit;

const NAMES: [&[u8]; 3] = [b"\xff\xfe", b"a\x1b[2J\xe9", b"\xed\xa0\x80\n"];

/// A place in a folder, and the folder, which goes with it.
fn places() -> impl Iterator<Item = (TempDir, PathBuf)> {
    NAMES.into_iter().map(|name| {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let path = folder.path().join(OsStr::from_bytes(name));
        (folder, path)
    })
}

fn emit_one(bus: &Bus) {
    bus.raw_emitter("case", "t1").emit("case.noted", json!({})).expect("a type");
    let report = bus.close(Duration::from_mins(1)).expect("it is not strict");
    assert!(report.complete, "{report}");
}

#[test]
fn a_journal_may_be_called_anything() {
    for (_folder, path) in places() {
        let bus = Bus::new();
        bus.subscribe(Journal::create(&path).expect("a new file")).detach();
        emit_one(&bus);
        let bus = Bus::new();
        bus.subscribe(Journal::append(&path).expect("its own file")).detach();
        emit_one(&bus);
        let report = verify(Reader::open(&path).expect("it is there")).expect("it can be read");
        assert!(report.is_sound(), "{report}");
        assert_eq!(Reader::open(&path).expect("it is there").count(), 2);
    }
}

#[test]
fn a_document_of_junit_may_be_called_anything() {
    for (_folder, path) in places() {
        let bus = Bus::new();
        bus.subscribe(Junit::to(&path)).detach();
        emit_one(&bus);
        assert!(std::fs::read_to_string(&path).expect("it is there").starts_with("<?xml"));
    }
}

#[test]
fn a_spool_and_dead_letters_may_be_called_anything() {
    struct Refusing;
    impl Sink for Refusing {
        fn send(&mut self, batch: &Batch<'_>) -> Outcome {
            Outcome::set_aside(batch.len() - 1, "no")
        }
    }
    for (_folder, path) in places() {
        let bus = Bus::new();
        let builder = Delivery::builder(Refusing).spool(SpoolSettings::new(&path));
        let delivery = builder.dead_letter(path.join("dead.jsonl")).start();
        bus.subscribe(delivery.expect("a free folder")).detach();
        bus.raw_emitter("case", "t1").emit("case.noted", json!({})).expect("a type");
        bus.close(Duration::from_mins(1)).expect("it is not strict");
        let letters = std::fs::read_to_string(path.join("dead.jsonl")).expect("it is there");
        assert_eq!(letters.lines().count(), 1);
    }
}

#[test]
fn a_configuration_may_be_called_anything_and_its_errors_are_safe_to_show() {
    for (_folder, path) in places() {
        let mut name = path.clone().into_os_string();
        name.push(".toml");
        std::fs::write(&name, "run = 'r'\n[[observer]]\nkind = 'console'\nmode = 'lines'\n")
            .expect("there is room");
        Config::load(&name).expect("it is in order");
        std::fs::write(&name, "rn = 'r'\n").expect("there is room");
        let errors =
            [Config::load(&name), Config::load(&path), Config::load(path.join("none.toml"))];
        for error in errors {
            let shown = error.expect_err("it is wrong").to_string();
            let first = shown.lines().next().unwrap_or_default();
            assert!(!shown.contains('\u{1b}'), "{first:?}");
        }
    }
}
