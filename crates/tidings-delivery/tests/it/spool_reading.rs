//! Spools that cannot be read: for a moment, or for good.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tidings_delivery::{Delivery, Outcome, SendMode, SinkDiagnostic, SpoolSettings};
use tidings_registry::Bus;

use crate::fixture::{Diagnostics, LONG, Place, emit, quick};

/// So many events fill more than one segment.
const MANY: usize = 300;

/// Leaves many events in a spool; answers their ids.
fn leave_many(place: &Place, folder: &Path) -> Vec<String> {
    place.answer(|_| Outcome::retry("away"));
    let bus = Bus::new();
    bus.subscribe(reading(place, folder)).detach();
    let ids = emit(&bus, MANY);
    let report = bus.close(Duration::from_millis(500)).expect("the bus is not strict");
    assert_eq!(report.observers[0].counts.spooled, MANY as u64, "{report}");
    place.take_all();
    ids
}

/// A delivery that reads nothing before it is flushed.
fn reading(place: &Place, folder: &Path) -> Delivery {
    let delivery = Delivery::builder(place.sink()).send_mode(SendMode::OnFlush).retry(quick());
    let spool = SpoolSettings::new(folder).bytes_max(512 * 1024);
    delivery.spool(spool).start().expect("it starts")
}

#[test]
fn a_spool_that_cannot_be_read_for_a_moment_is_read_again_and_nothing_overtakes_it() {
    let (folder, aside) =
        (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let place = Place::default();
    let mut ids = leave_many(&place, folder.path());
    let delivery = reading(&place, folder.path());
    let (segment, kept) = (segment_in(folder.path()), aside.path().join("segment"));
    fs::rename(&segment, &kept).expect("both are on one disk");
    fs::create_dir(&segment).expect("its place is free");
    let bus = Bus::new();
    let (diagnostics, _noted) = Diagnostics::of(&bus);
    let mended = bus.on::<SinkDiagnostic>(move |diagnostic, _| {
        if diagnostic.message().contains("is read again after a pause") {
            fs::remove_dir(&segment).expect("it is empty");
            fs::rename(&kept, &segment).expect("its place is free");
        }
    });
    bus.subscribe(delivery).detach();
    ids.extend(emit(&bus, 2));
    bus.barrier(LONG).expect("all is delivered");
    let messages = diagnostics.messages();
    let told = messages.iter().filter(|message| message.contains("cannot be read")).count();
    assert_eq!(told, 1, "{messages:?}");
    assert_eq!(place.taken(), ids);
    drop(mended);
    let report = bus.close(LONG).expect("the bus is not strict");
    assert!(report.complete, "{report}");
}

#[test]
fn a_spool_that_cannot_be_read_at_all_does_not_hold_up_what_is_new() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::default();
    leave_many(&place, folder.path());
    let delivery = reading(&place, folder.path());
    let segment = segment_in(folder.path());
    fs::remove_file(&segment).expect("it is there");
    fs::create_dir(&segment).expect("its place is free");
    let bus = Bus::new();
    let (diagnostics, _noted) = Diagnostics::of(&bus);
    bus.subscribe(delivery).detach();
    let ids = emit(&bus, 2);
    bus.barrier(LONG).expect("what is new is delivered");
    assert_eq!(place.taken(), ids);
    let messages = diagnostics.messages();
    assert!(messages.iter().any(|message| message.contains("is left as it is")), "{messages:?}");
}

/// The first segment in the folder; the last one is held open.
fn segment_in(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("one"));
    let paths = entries.map(|entry| entry.path());
    let segments = paths.filter(|path| path.extension().is_some_and(|kind| kind == "seg"));
    let segments: BTreeSet<PathBuf> = segments.collect();
    assert!(segments.len() > 1, "{segments:?}");
    segments.into_iter().next().expect("there are some")
}
