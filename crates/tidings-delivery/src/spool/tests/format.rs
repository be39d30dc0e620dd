//! Format version 1, byte by byte: what was written once is read for ever.

use std::fs;

use super::support::{append, folder, large, open, read_all, segments_in};

const SEGMENT: &[u8] = &[
    b't', b'i', b'd', b's', b'p', b'o', b'o', b'l', 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, // head
];

#[test]
fn a_segment_of_version_1_has_these_bytes() {
    let folder = folder();
    let mut spool = open(folder.path(), large());
    append(&mut spool, &["{}"]);
    spool.close().expect("a disk");
    let bytes = fs::read(&segments_in(folder.path())[0]).expect("a segment");
    assert_eq!(&bytes[..20], SEGMENT);
    assert_eq!(bytes[20..24], crc32fast::hash(SEGMENT).to_le_bytes());
    assert_eq!(bytes[24..28], [0xFF, 0xFA, 0xF5, 0xFE]);
    let checked = [2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, b'{', b'}'];
    assert_eq!(bytes[28..32], crc32fast::hash(&checked).to_le_bytes());
    assert_eq!(bytes[32..], checked);
}

#[test]
fn a_folder_of_version_1_is_read() {
    // Written out in full, so that no change of the writer changes it along.
    let segment = concat!(
        "74696473706f6f6c0100000001000000000000004087a730",
        "fffaf5fee87b683d0200000001000000000000007b7d",
    );
    let bytes: Vec<u8> = (0..segment.len() / 2)
        .map(|at| u8::from_str_radix(&segment[2 * at..2 * at + 2], 16).expect("a digit"))
        .collect();
    let folder = folder();
    fs::write(folder.path().join("00000000000000000001.seg"), bytes).expect("a disk");
    let mut spool = open(folder.path(), large());
    let (records, faults) = read_all(&mut spool);
    assert_eq!(records.iter().map(|record| &*record.text).collect::<Vec<_>>(), ["{}"]);
    assert_eq!(faults, []);
}
