//! The bound: what happens at it is what was asked for, and there is a way out.

use super::support::{append, folder, large, numbers, open, read_all, segments_in, small};
use crate::settings::SpoolFull;
use crate::spool::limits::Limits;
use crate::spool::{Spool, SpoolError};

/// 43 bytes in all, so that two of them make a segment.
const TEXT: &str = "a record of some length";

fn fill(spool: &mut Spool) -> u64 {
    let mut taken = 0;
    while spool.append(TEXT).is_ok_and(|appended| appended.dropped.is_none()) {
        taken += 1;
    }
    taken
}

#[test]
fn the_oldest_segment_makes_room_and_its_records_are_told() {
    let folder = folder();
    let mut spool = open(folder.path(), small());
    for number in 1..=18 {
        assert_eq!(spool.append(TEXT).expect("room").dropped, None, "{number}");
    }
    let appended = spool.append(TEXT).expect("room is made");
    assert_eq!((appended.number, appended.dropped), (19, Some(1..=2)));
    assert_eq!((spool.first_waiting(), spool.waiting(), spool.unread()), (3, 17, 17));
    assert_eq!(numbers(&read_all(&mut spool).0), (3..=19).collect::<Vec<_>>());
    drop(spool);
    let opened = open(folder.path(), small()).opened().clone();
    assert_eq!((opened.first, opened.records, opened.faults.len()), (3, 17, 0));
}

#[test]
fn what_is_done_makes_room_before_what_is_not() {
    let folder = folder();
    let mut spool = open(folder.path(), small());
    append(&mut spool, &[TEXT; 18]);
    spool.acknowledge(1).expect("a disk");
    assert_eq!(spool.append(TEXT).expect("room is made").dropped, Some(2..=2));
    spool.acknowledge(4).expect("a disk");
    assert_eq!(spool.append(TEXT).expect("there is room").dropped, None);
}

#[test]
fn a_full_spool_refuses_until_a_segment_is_done() {
    for full in [SpoolFull::DropNewest, SpoolFull::Block] {
        let folder = folder();
        let mut spool = open(folder.path(), Limits { full, ..small() });
        assert_eq!(fill(&mut spool), 18);
        assert!(matches!(spool.append(TEXT), Err(SpoolError::Full)));
        spool.acknowledge(1).expect("a disk");
        assert!(matches!(spool.append(TEXT), Err(SpoolError::Full)));
        spool.acknowledge(2).expect("a disk");
        assert_eq!(spool.append(TEXT).expect("there is room").number, 19);
        assert_eq!(numbers(&read_all(&mut spool).0), (3..=19).collect::<Vec<_>>());
    }
}

#[test]
fn a_full_spool_of_which_all_is_done_is_empty() {
    let folder = folder();
    let limits = Limits { full: SpoolFull::Block, segment_bytes: 1_024, ..small() };
    let mut spool = open(folder.path(), limits);
    let taken = fill(&mut spool);
    spool.acknowledge(taken).expect("a disk");
    assert_eq!(fill(&mut spool), taken);
}

#[test]
fn a_record_longer_than_the_spool_is_refused_and_drops_nothing() {
    let folder = folder();
    let mut spool = open(folder.path(), small());
    append(&mut spool, &[TEXT]);
    let refused = spool.append(&"x".repeat(981)).expect_err("too long");
    assert_eq!(refused.to_string(), "the event has 981 bytes, and the spool takes at most 980");
    assert_eq!(spool.waiting(), 1);
    let appended = spool.append(&"x".repeat(980)).expect("alone it fits");
    assert_eq!((appended.dropped, spool.bytes()), (Some(1..=1), 1_024));
}

#[test]
fn a_record_longer_than_a_segment_has_one_of_its_own() {
    let folder = folder();
    let mut spool = open(folder.path(), small());
    let long = "x".repeat(300);
    append(&mut spool, &[TEXT, &long, TEXT]);
    assert_eq!(segments_in(folder.path()).len(), 3);
    let (records, _) = read_all(&mut spool);
    assert_eq!(records.iter().map(|record| &*record.text).collect::<Vec<_>>(), [TEXT, &long, TEXT]);
}

#[test]
fn no_text_is_longer_than_64_mib() {
    let folder = folder();
    let mut spool = open(folder.path(), large());
    let longest = "x".repeat(64 * 1024 * 1024);
    append(&mut spool, &["before", &longest, "after"]);
    let refused = spool.append(&format!("{longest}x")).expect_err("too long");
    assert!(matches!(refused, SpoolError::TooLong { bytes_max: 67_108_864, .. }), "{refused}");
    drop(spool);
    let mut spool = open(folder.path(), large());
    assert_eq!(spool.opened().faults, []);
    let (records, faults) = read_all(&mut spool);
    assert_eq!((numbers(&records), faults.len()), (vec![1, 2, 3], 0));
    assert!(records[1].text == longest);
}

#[test]
fn records_in_hand_are_not_read_again() {
    let folder = folder();
    let mut spool = open(folder.path(), small());
    append(&mut spool, &["one", "two"]);
    spool.mark_read_through(2);
    append(&mut spool, &["three"]);
    assert_eq!((spool.unread(), spool.waiting()), (1, 3));
    assert_eq!(numbers(&read_all(&mut spool).0), [3]);
    spool.mark_read_through(9);
    append(&mut spool, &["four"]);
    assert_eq!(numbers(&read_all(&mut spool).0), [4]);
}
