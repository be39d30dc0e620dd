//! Places that refuse: every observer names its own, and what the system says of it.
//!
//! Permissions do not bind whoever is root. A folder below a file binds everybody, and so does a
//! file system that is mounted for reading, where a name space of mounts is allowed.

use std::error::Error;
use std::path::Path;

use tidings::delivery::{Delivery, SpoolSettings};
use tidings::journal::Journal;
use tidings::junit::Junit;

use crate::places::Refuse;

#[test]
fn a_folder_below_a_file_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "kept").expect("a disk");
    assert_refused(&file.join("below"), if cfg!(unix) { "Not a directory" } else { "" });
    assert_eq!(std::fs::read_to_string(&file).expect("it is there"), "kept");
}

#[cfg(unix)]
#[test]
fn a_file_system_for_reading_is_refused_by_name() {
    use crate::child::{child_after, finished, folder};

    if let Some(folder) = folder() {
        return assert_refused(&folder, "Read-only file system");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mount = "mount -t tmpfs -o ro,size=64k none \"$TIDINGS_CRASH_FOLDER\" &&";
    let shell = ["unshare", "-rm", "sh"];
    let mut probe = std::process::Command::new(shell[0]);
    probe.args(&shell[1..]).args(["-c", &format!("{mount} true")]);
    if !probe
        .env("TIDINGS_CRASH_FOLDER", folder.path())
        .output()
        .is_ok_and(|it| it.status.success())
    {
        println!("no mounts are allowed here: a folder below a file has to do");
        return;
    }
    let name = "refusing::a_file_system_for_reading_is_refused_by_name";
    finished(child_after(&shell, mount, name, folder.path()));
}

fn assert_refused(folder: &Path, system: &str) {
    let path = folder.join("place");
    let spool = Delivery::builder(Refuse).spool(SpoolSettings::new(&path)).start();
    let letters = Delivery::builder(Refuse).dead_letter(&path).start();
    let faults: [Box<dyn Error>; 5] = [
        Box::new(Journal::create(&path).expect_err("it is refused")),
        Box::new(Journal::append(&path).expect_err("it is refused")),
        Box::new(Junit::to(&path).write().expect_err("it is refused")),
        Box::new(spool.expect_err("it is refused")),
        Box::new(letters.expect_err("it is refused")),
    ];
    for fault in faults {
        let mut text = fault.to_string();
        let mut cause = fault.source();
        while let Some(fault) = cause {
            text = format!("{text}: {fault}");
            cause = fault.source();
        }
        assert!(text.contains("place") && text.contains(system), "{text}");
    }
}
