//! The folder of a spool: who may use it, and what is said when it cannot be.

use std::error::Error;
use std::fs;
use std::path::Path;

use tidings_delivery::{Delivery, SpoolSettings, StartError};
use tidings_registry::Observer as _;

use crate::fixture::{LONG, Place, quick};

fn start(folder: &Path) -> Result<Delivery, StartError> {
    let builder = Delivery::builder(Place::default().sink()).retry(quick());
    builder.spool(SpoolSettings::new(folder)).start()
}

/// The error and what caused it, without the folder that differs from run to run.
fn told(fault: &StartError, folder: &Path) -> String {
    let mut text = fault.to_string();
    let mut next = fault.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text.replace(&folder.display().to_string(), "…")
}

#[test]
fn two_deliveries_do_not_share_a_spool() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = start(folder.path()).expect("a free folder");
    let refused = start(folder.path()).expect_err("it is in use");
    assert_eq!(
        told(&refused, folder.path()),
        "failed to open the spool: the folder `…` is in use by another delivery: close that \
         one, or name another folder"
    );
    first.close(std::time::Instant::now() + LONG).expect("nothing waits");
    start(folder.path()).expect("it is free");
}

#[test]
fn a_place_that_is_no_folder_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("spool");
    fs::write(&file, "mine").expect("a disk");
    let refused = start(&file).expect_err("a file");
    assert_eq!(
        told(&refused, folder.path()),
        "failed to open the spool: `…/spool` is no folder: name another place for the spool"
    );
    assert_eq!(fs::read(&file).expect("it is there"), b"mine");
}

#[test]
fn an_empty_spool_leaves_no_segment() {
    let folder = tempfile::tempdir().expect("a folder");
    let delivery = start(folder.path()).expect("a free folder");
    delivery.close(std::time::Instant::now() + LONG).expect("nothing waits");
    let bytes = |path: &Path| fs::metadata(path).expect("a file").len();
    let files = fs::read_dir(folder.path()).expect("a folder");
    let sum: u64 = files.map(|entry| bytes(&entry.expect("an entry").path())).sum();
    assert!(sum < 5_000, "{sum} bytes");
}
