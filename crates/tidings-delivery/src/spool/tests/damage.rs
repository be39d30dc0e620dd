//! Damage: what is torn or changed costs itself and nothing else.

use std::fs;

use expect_test::expect;
use tempfile::TempDir;

use super::support::{append, copy_of, folder, large, numbers, open, read_all, segments_in, small};
use crate::spool::frame::{NUMBER_MAX, POSITION_MAGIC, SEGMENT_MAGIC, head, push_frame};
use crate::spool::limits::Limits;
use crate::spool::{Record, SpoolFault};

const TEXTS: [&str; 6] = ["{\"n\":1}", "", "drei 🦀", "{\"four\":[4,4]}", "5", "the sixth"];

/// A spool with six records, closed.
fn six(limits: Limits) -> TempDir {
    let folder = folder();
    let mut spool = open(folder.path(), limits);
    append(&mut spool, &TEXTS);
    spool.close().expect("a disk");
    folder
}

fn is_record(record: &Record) -> bool {
    let index = usize::try_from(record.number - 1).expect("a small number");
    TEXTS.get(index).is_some_and(|text| *text == record.text)
}

#[test]
fn a_number_that_no_spool_ever_gave_out_is_damage() {
    for number in [NUMBER_MAX + 1, u64::MAX] {
        let folder = six(large());
        let mut position = head(POSITION_MAGIC, 2).to_vec();
        position.resize(4_096, 0);
        position.extend(head(POSITION_MAGIC, number));
        fs::write(folder.path().join("acknowledged"), position).expect("a disk");
        let mut frames = head(SEGMENT_MAGIC, number).to_vec();
        push_frame(number, "late", &mut frames);
        fs::write(folder.path().join(format!("{number:020}.seg")), &frames).expect("a disk");
        let mut last = fs::read(&segments_in(folder.path())[0]).expect("a segment");
        push_frame(number, "late", &mut last);
        fs::write(&segments_in(folder.path())[0], last).expect("a disk");
        let mut spool = open(folder.path(), large());
        assert_eq!(numbers(&read_all(&mut spool).0), [3, 4, 5, 6]);
        append(&mut spool, &["next"]);
        assert_eq!(numbers(&read_all(&mut spool).0), [7]);
    }
}

#[test]
fn a_spool_torn_at_any_byte_keeps_all_whole_records_and_goes_on() {
    let whole = six(large());
    let segment = &segments_in(whole.path())[0];
    let bytes = fs::read(segment).expect("a segment");
    let mut ends = vec![24];
    for text in TEXTS {
        ends.push(ends.last().expect("one") + 20 + text.len());
    }
    assert_eq!(ends.last(), Some(&bytes.len()));
    for cut in 0..bytes.len() {
        for zeros in [0, 1, 40] {
            let copy = copy_of(whole.path());
            let mut torn = bytes[..cut].to_vec();
            torn.resize(cut + zeros, 0);
            fs::write(copy.path().join(segment.file_name().expect("a name")), &torn).expect("disk");
            // Zeros may happen to be what was cut off.
            let is_there = |end: &&usize| torn.get(..**end) == bytes.get(..**end);
            let there: Vec<_> = ends.iter().filter(is_there).collect();
            let kept = there.len().saturating_sub(1);
            let whole_bytes = there.last().map_or(24, |end| **end);
            let is_torn = torn.len() > whole_bytes || (1..24).contains(&torn.len());

            let mut spool = open(copy.path(), large());
            let faults = &spool.opened().faults;
            assert!(faults.len() <= 1 || cut < 24, "{cut}+{zeros}: {faults:?}");
            let tells = faults.iter().any(|fault| matches!(fault, SpoolFault::TornTail { .. }));
            assert_eq!(tells, is_torn, "{cut}+{zeros}: {faults:?}");

            spool.append("afterwards").expect("a disk");
            let (mut records, faults) = read_all(&mut spool);
            assert_eq!(faults, [], "{cut}+{zeros}");
            let last = records.pop().expect("what was just appended");
            assert_eq!((last.number, &*last.text), (kept as u64 + 1, "afterwards"));
            assert_eq!(numbers(&records), (1..=kept as u64).collect::<Vec<_>>(), "{cut}+{zeros}");
            assert!(records.iter().all(is_record), "{cut}+{zeros}: {records:?}");
            spool.close().expect("a disk");
            assert_eq!(open(copy.path(), large()).opened().faults, [], "{cut}+{zeros}");
        }
    }
}

#[test]
fn a_changed_byte_costs_the_record_it_is_in_and_is_told() {
    for limits in [small(), large()] {
        let whole = six(limits);
        for segment in segments_in(whole.path()) {
            let bytes = fs::read(&segment).expect("a segment");
            for at in 0..bytes.len() {
                for flip in [1, 0x80, 0xFF] {
                    let copy = copy_of(whole.path());
                    let mut changed = bytes.clone();
                    changed[at] ^= flip;
                    let name = segment.file_name().expect("a name");
                    fs::write(copy.path().join(name), changed).expect("a disk");

                    let mut spool = open(copy.path(), limits);
                    let mut faults = spool.opened().faults.clone();
                    let (records, more) = read_all(&mut spool);
                    faults.extend(more);
                    assert!(records.iter().all(is_record), "byte {at}: {records:?}");
                    assert!(records.is_sorted_by_key(|record| record.number));
                    assert_eq!(records.len(), if at < 24 { 6 } else { 5 }, "byte {at}");
                    assert_eq!(faults.len(), 1, "byte {at}: {faults:?}");
                    let lost: u64 = match &faults[0] {
                        SpoolFault::TornTail { records, .. } => *records,
                        fault => fault.records().map(|_| 1).sum(),
                    };
                    assert_eq!(lost + records.len() as u64, 6, "byte {at}: {faults:?}");

                    spool.acknowledge(records.last().expect("one").number).expect("a disk");
                    assert_eq!(spool.waiting(), 0, "byte {at}: {spool:?}");
                }
            }
        }
    }
}

#[test]
fn damaged_neighbours_are_told_together_with_their_numbers() {
    let folder = six(large());
    let segment = &segments_in(folder.path())[0];
    let mut bytes = fs::read(segment).expect("a segment");
    bytes[24 + 20 + 7..24 + 20 + 7 + 40].fill(0xFF);
    fs::write(segment, bytes).expect("a disk");
    let mut spool = open(folder.path(), large());
    let (records, faults) = read_all(&mut spool);
    assert_eq!(numbers(&records), [1, 4, 5, 6]);
    assert_eq!(faults.len(), 1);
    let told = faults[0].to_string().replace(&folder.path().display().to_string(), "…");
    expect![[
        "`…/00000000000000000001.seg` is damaged: 49 bytes from byte 51, events 2 to 3 are lost"
    ]]
    .assert_eq(&told);
    assert_eq!(spool.waiting(), 4);
    spool.acknowledge(1).expect("a disk");
    assert_eq!((spool.first_waiting(), spool.waiting()), (4, 3));
}

#[test]
fn a_text_that_holds_a_marker_or_a_frame_is_only_text() {
    let folder = folder();
    let mut spool = open(folder.path(), large());
    let head = "\u{FA}\u{F5}\u{FE}tidspool00000000000000000001.seg";
    append(&mut spool, &[head, "second", head]);
    spool.flush_buffer().expect("a disk");
    // Where the first record is damaged, nothing inside of it is taken for a record.
    let segment = &segments_in(folder.path())[0];
    let mut inner = Vec::new();
    push_frame(1, "forged", &mut inner);
    let mut bytes = fs::read(segment).expect("a segment");
    bytes[44..44 + 4].copy_from_slice(&inner[..4]);
    fs::write(segment, bytes).expect("a disk");
    let (records, faults) = read_all(&mut open(copy_of(folder.path()).path(), large()));
    assert_eq!(numbers(&records), [2, 3]);
    assert_eq!(faults.len(), 1, "{faults:?}");
}

#[test]
fn a_segment_that_was_cut_between_two_records_is_missed_by_the_numbers_of_its_end() {
    let (folder, text) = (folder(), "a record of some length");
    let mut spool = open(folder.path(), small());
    append(&mut spool, &[text; 6]);
    spool.close().expect("a disk");
    let mut frame = Vec::new();
    push_frame(4, text, &mut frame);
    let mut segment = fs::read(&segments_in(folder.path())[1]).expect("a segment");
    segment.truncate(segment.len() - frame.len());
    fs::write(&segments_in(folder.path())[1], segment).expect("a disk");
    let (records, faults) = read_all(&mut open(folder.path(), small()));
    assert_eq!(numbers(&records), [1, 2, 3, 5, 6]);
    assert_eq!(faults, [SpoolFault::Missing { numbers: 4..=4 }]);
}

#[test]
fn a_segment_that_somebody_removed_is_missed_by_its_numbers() {
    let folder = folder();
    let mut spool = open(folder.path(), small());
    append(&mut spool, &["a record of some length"; 6]);
    spool.flush_buffer().expect("a disk");
    fs::remove_file(&segments_in(folder.path())[1]).expect("a disk");
    let copy = copy_of(folder.path());
    for mut spool in [spool, open(copy.path(), small())] {
        let (records, faults) = read_all(&mut spool);
        assert_eq!(numbers(&records), [1, 2, 5, 6]);
        assert_eq!(faults, [SpoolFault::Missing { numbers: 3..=4 }]);
        assert_eq!(faults[0].to_string(), "events 3 to 4 are not there any more");
        assert_eq!(spool.waiting(), 4);
    }
}

#[test]
fn without_a_position_everything_there_is_goes_again() {
    let garbage = |copy: &TempDir| fs::write(copy.path().join("acknowledged"), [7; 5_000]);
    let nothing = |copy: &TempDir| fs::write(copy.path().join("acknowledged"), []);
    let removed = |copy: &TempDir| fs::remove_file(copy.path().join("acknowledged"));
    let folder = folder();
    let mut spool = open(folder.path(), small());
    append(&mut spool, &TEXTS);
    spool.acknowledge(4).expect("a disk");
    spool.flush_buffer().expect("a disk");
    let copies = [(); 3].map(|()| copy_of(folder.path()));
    garbage(&copies[0]).expect("a disk");
    nothing(&copies[1]).expect("a disk");
    removed(&copies[2]).expect("a disk");
    for copy in copies {
        let mut spool = open(copy.path(), small());
        let path = copy.path().join("acknowledged");
        assert_eq!(spool.opened().faults, [SpoolFault::Position { path }]);
        let (records, faults) = read_all(&mut spool);
        assert_eq!((numbers(&records).last(), faults.len()), (Some(&6), 0));
        assert!(records.iter().all(is_record) && records.len() < 6, "{records:?}");
        // It is mended.
        spool.acknowledge(5).expect("a disk");
        drop(spool);
        let again = open(copy.path(), small());
        assert_eq!((again.opened().first, again.opened().faults.len()), (6, 0));
    }
}

#[test]
fn a_torn_write_of_the_position_leaves_the_one_before() {
    let folder = folder();
    let mut spool = open(folder.path(), large());
    append(&mut spool, &TEXTS);
    spool.flush_buffer().expect("a disk");
    for through in 1..=5 {
        let before = fs::read(folder.path().join("acknowledged")).expect("a position");
        spool.acknowledge(through).expect("a disk");
        let after = fs::read(folder.path().join("acknowledged")).expect("a position");
        let changed: Vec<_> =
            (0..after.len()).filter(|at| before.get(*at) != Some(&after[*at])).collect();
        let (from, to) = (changed[0], changed[changed.len() - 1]);
        for torn in from..to {
            let copy = copy_of(folder.path());
            let mut half = after.clone();
            half[torn] ^= 0xFF;
            fs::write(copy.path().join("acknowledged"), half).expect("a disk");
            let opened = open(copy.path(), large()).opened().clone();
            let is_padding = before.get(torn) == after.get(torn) && opened.first == through + 1;
            assert!(opened.first == through || is_padding, "{through} at {torn}: {opened:?}");
            assert_eq!(opened.faults, []);
        }
    }
}

#[test]
fn a_crash_between_position_and_removal_is_not_seen() {
    let folder = folder();
    let mut spool = open(folder.path(), small());
    append(&mut spool, &TEXTS);
    spool.flush_buffer().expect("a disk");
    let before = copy_of(folder.path());
    spool.acknowledge(4).expect("a disk");
    assert!(segments_in(folder.path()).len() < segments_in(before.path()).len());

    // The position was written, no segment removed.
    let position = folder.path().join("acknowledged");
    fs::copy(&position, before.path().join("acknowledged")).expect("a disk");
    let mut late = open(before.path(), small());
    assert_eq!((late.opened().first, late.opened().faults.len()), (5, 0));
    assert_eq!(numbers(&read_all(&mut late).0), [5, 6]);
    assert_eq!(segments_in(before.path()).len(), segments_in(folder.path()).len());
}

#[test]
fn records_that_made_room_before_a_crash_are_missed() {
    let folder = folder();
    let mut spool = open(folder.path(), small());
    append(&mut spool, &TEXTS);
    spool.flush_buffer().expect("a disk");
    let first = segments_in(folder.path()).remove(0);
    fs::remove_file(first).expect("a disk");
    let mut again = open(copy_of(folder.path()).path(), small());
    let faults = again.opened().faults.clone();
    let [SpoolFault::Missing { numbers: missing }] = &faults[..] else { panic!("{faults:?}") };
    assert_eq!((*missing.start(), again.first_waiting()), (1, missing.end() + 1));
    assert_eq!(again.waiting(), 6 - missing.end());
    assert_eq!(read_all(&mut again).0.len() as u64, 6 - missing.end());
}
