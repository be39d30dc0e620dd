//! Opening: who may, and what is left alone.

use std::fs;

use expect_test::expect;

use super::support::{append, chain, copy_of, folder, large, numbers, open, read_all, segments_in};
use crate::settings::SpoolSettings;
use crate::spool::frame::{POSITION_MAGIC, SEGMENT_MAGIC, head};
use crate::spool::{Spool, SpoolError};

#[test]
fn a_folder_is_made_and_what_is_in_it_found_again() {
    let folder = folder();
    let path = folder.path().join("a/b");
    let settings = SpoolSettings::new(&path);
    let mut spool = Spool::open(&settings).expect("a new folder");
    append(&mut spool, &["one", "two"]);
    spool.close().expect("a disk");
    let mut spool = Spool::open(&settings).expect("its own folder");
    assert_eq!((spool.opened().records, spool.opened().first, spool.opened().next), (2, 1, 3));
    assert_eq!(numbers(&read_all(&mut spool).0), [1, 2]);
    spool.acknowledge(2).expect("a disk");
    spool.close().expect("a disk");
    assert!(segments_in(&path).is_empty(), "an empty spool has none");
    assert_eq!(Spool::open(&settings).expect("its own folder").next_number(), 3);
}

#[test]
fn a_second_delivery_is_refused_until_the_first_is_done() {
    let folder = folder();
    let settings = SpoolSettings::new(folder.path());
    let spool = Spool::open(&settings).expect("a folder");
    let refused = Spool::open(&settings).expect_err("it is in use");
    expect!["the folder `…` is in use by another delivery: close that one, or name another folder"]
        .assert_eq(&chain(&refused, folder.path()));
    drop(spool);
    Spool::open(&settings).expect("it is free");
}

#[test]
fn a_newer_version_is_refused_and_left_as_it_is() {
    let newer = |magic| {
        let mut head = head(magic, 1);
        head[8] = 2;
        let crc = crc32fast::hash(&head[..20]);
        head[20..].copy_from_slice(&crc.to_le_bytes());
        head
    };
    for (name, magic) in
        [("00000000000000000001.seg", SEGMENT_MAGIC), ("acknowledged", POSITION_MAGIC)]
    {
        let folder = folder();
        let mut spool = open(folder.path(), large());
        append(&mut spool, &["one"]);
        spool.close().expect("a disk");
        let segment = &segments_in(folder.path())[0];
        let torn = [fs::read(segment).expect("a segment"), vec![7]].concat();
        fs::write(segment, &torn).expect("a disk");
        let file = folder.path().join(name);
        let mut bytes = fs::read(&file).expect("a file");
        bytes[..24].copy_from_slice(&newer(magic));
        fs::write(&file, &bytes).expect("a disk");
        let before = fs::read(segment).expect("a segment");

        let refused = Spool::open(&SpoolSettings::new(folder.path())).expect_err("newer");
        assert_eq!(
            chain(&refused, folder.path()),
            format!(
                "`…/{name}` has format version 2, and only version 1 can be read here: deliver \
                 it with the version of Tidings that wrote it, or name another folder"
            )
        );
        assert_eq!(fs::read(segment).expect("a segment"), before);
        assert_eq!(fs::read(&file).expect("a file"), bytes);
    }
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = folder();
    let others = ["notes.txt", "1.seg", "00000000000000000000.seg", "00000000000000000003.seg.bak"];
    for name in others {
        fs::write(folder.path().join(name), "mine").expect("a disk");
    }
    fs::create_dir(folder.path().join("00000000000000000009.seg")).expect("a disk");
    let mut spool = open(folder.path(), large());
    assert_eq!((spool.opened().faults.len(), spool.opened().next), (0, 1));
    append(&mut spool, &["one"]);
    spool.acknowledge(1).expect("a disk");
    spool.close().expect("a disk");
    for name in others {
        assert_eq!(fs::read(folder.path().join(name)).expect("it is there"), b"mine");
    }
}

#[test]
fn a_place_that_is_no_folder_is_named() {
    let folder = folder();
    let file = folder.path().join("file");
    fs::write(&file, "mine").expect("a disk");
    let refused = Spool::open(&SpoolSettings::new(&file)).expect_err("a file");
    expect!["`…/file` is no folder: name another place for the spool"]
        .assert_eq(&chain(&refused, folder.path()));
    let refused = Spool::open(&SpoolSettings::new(file.join("below"))).expect_err("below a file");
    assert!(matches!(refused, SpoolError::Folder { .. }), "{refused:?}");
    assert!(
        chain(&refused, folder.path()).starts_with("the folder `…/file/below` cannot be used: ")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_where_nothing_can_be_made_is_named() {
    let refused = Spool::open(&SpoolSettings::new("/proc/self/spool")).expect_err("no place");
    assert_eq!(refused.to_string(), "the folder `/proc/self/spool` cannot be used");
}

#[test]
fn a_segment_that_was_only_just_made_is_no_loss() {
    let folder = folder();
    let mut spool = open(folder.path(), large());
    append(&mut spool, &["one"]);
    spool.flush_buffer().expect("a disk");
    let copy = copy_of(folder.path());
    fs::write(copy.path().join("00000000000000000002.seg"), "").expect("a disk");
    let mut spool = open(copy.path(), large());
    assert_eq!((spool.opened().faults.len(), spool.next_number()), (0, 2));
    append(&mut spool, &["two"]);
    assert_eq!(numbers(&read_all(&mut spool).0), [1, 2]);
}

#[test]
fn a_segment_without_records_still_says_which_numbers_were_given_out() {
    let folder = folder();
    fs::write(folder.path().join("00000000000000000700.seg"), "tid").expect("a disk");
    fs::write(folder.path().join("acknowledged"), "garbage").expect("a disk");
    let mut spool = open(folder.path(), large());
    assert_eq!((spool.opened().records, spool.opened().next), (0, 700));
    append(&mut spool, &["one"]);
    let (records, faults) = read_all(&mut spool);
    assert_eq!((numbers(&records), faults), (vec![700], vec![]));
}
