//! Disks that are full or fail: what was taken is kept, and it goes on when they do.

use std::fs;
use std::sync::atomic::Ordering;

use super::support::{
    Mood, append, copy_of, folder, large, numbers, open, read_all, segments_in, small,
};
use crate::settings::SpoolFsync;
use crate::spool::SpoolError;
use crate::spool::limits::Limits;

#[test]
fn a_disk_that_is_full_at_any_byte_loses_nothing_that_was_taken() {
    for cannot_cut in [false, true] {
        for room in 0..300 {
            let (folder, mood) = (folder(), Mood::good());
            let mut spool = mood.open(folder.path(), small());
            mood.set_room(room);
            mood.cannot_cut.store(cannot_cut, Ordering::Relaxed);
            let mut taken = Vec::new();
            for index in 0..12 {
                if let Ok(appended) = spool.append(&format!("record {index}")) {
                    taken.push(appended.number);
                }
            }
            let flushed = spool.flush_buffer();
            assert!(matches!(flushed, Ok(()) | Err(SpoolError::Write { .. })), "{flushed:?}");
            // What a killed process leaves is a beginning of it.
            let (left, faults) = read_all(&mut open(copy_of(folder.path()).path(), small()));
            assert!(taken.starts_with(&numbers(&left)), "{room}: {left:?}");
            assert_eq!(faults, [], "{room}");

            mood.set_room(u64::MAX);
            mood.cannot_cut.store(false, Ordering::Relaxed);
            taken.push(spool.append("afterwards").expect("room again").number);
            spool.close().expect("room again");
            let mut again = open(folder.path(), small());
            let torn = again.opened().faults.clone();
            assert_eq!(torn, [], "{room}");
            let (records, faults) = read_all(&mut again);
            assert_eq!(numbers(&records), taken, "{room}");
            assert_eq!(records.last().map(|record| &*record.text), Some("afterwards"));
            assert!(cannot_cut || faults.is_empty(), "{room}: {faults:?}");
            assert!(faults.iter().all(|fault| fault.records().is_empty()), "{room}: {faults:?}");
        }
    }
}

#[test]
fn what_a_full_disk_keeps_in_memory_is_read_and_done_all_the_same() {
    for cannot_cut in [false, true] {
        let (folder, mood) = (folder(), Mood::good());
        let mut spool = mood.open(folder.path(), large());
        append(&mut spool, &["one", "two"]);
        spool.flush_buffer().expect("a disk");
        mood.set_room(30);
        mood.cannot_cut.store(cannot_cut, Ordering::Relaxed);
        append(&mut spool, &["three", "four"]);
        let mut records = Vec::new();
        spool.next_batch(3, 1_000, &mut records).expect("memory");
        assert!(spool.flush_buffer().is_err());
        assert_eq!(spool.unwritten(), 1);
        mood.set_room(u64::MAX);
        append(&mut spool, &["five"]);
        records.extend(read_all(&mut spool).0);
        assert_eq!(numbers(&records), [1, 2, 3, 4, 5]);
        assert_eq!(segments_in(folder.path()).len(), if cannot_cut { 2 } else { 1 });
        spool.acknowledge(5).expect("a disk");
        spool.close().expect("a disk");
        assert!(segments_in(folder.path()).is_empty());
    }
}

#[test]
fn what_is_done_is_not_waited_for_on_a_full_disk() {
    let (folder, mood) = (folder(), Mood::good());
    let mut spool = mood.open(folder.path(), large());
    append(&mut spool, &["one"]);
    spool.flush_buffer().expect("a disk");
    mood.set_room(0);
    append(&mut spool, &["two", "three"]);
    assert!(spool.flush_buffer().is_err());
    assert_eq!(spool.unwritten(), 2);
    spool.acknowledge(2).expect_err("no room for the position");
    assert_eq!(spool.unwritten(), 1);
    spool.acknowledge(3).expect_err("no room for the position");
    assert_eq!(spool.unwritten(), 0);
}

#[test]
fn a_group_is_waited_for_without_the_spool_and_only_once() {
    let (folder, mood) = (folder(), Mood::good());
    let limits = Limits { fsync: SpoolFsync::Batch, ..small() };
    let mut spool = mood.open(folder.path(), limits);
    for _ in 0..6 {
        append(&mut spool, &["a record of some length"]);
    }
    spool.flush_buffer().expect("a disk");
    let handle = spool.sync_handle().expect("something was written");
    append(&mut spool, &["later"]);
    spool.flush_buffer().expect("a disk");
    std::thread::spawn(handle).join().expect("no panic").expect("a disk");
    let synced = mood.synced.lock().expect("no panic").clone();
    let segments = segments_in(folder.path());
    assert_eq!(synced, segments[..3], "all that had been written to");
    drop(spool.sync_handle().map(|handle| handle()));
    assert!(spool.sync_handle().is_none());

    append(&mut spool, &["one more"]);
    spool.flush_buffer().expect("a disk");
    mood.cannot_sync.store(true, Ordering::Relaxed);
    let refused = spool.sync_handle().expect("something was written")();
    assert!(refused.is_err() && spool.sync_handle().is_some(), "it is tried again");
}

#[test]
fn a_spool_that_never_waits_has_nothing_to_wait_for() {
    let (folder, mood) = (folder(), Mood::good());
    let mut spool = mood.open(folder.path(), large());
    append(&mut spool, &["one"]);
    spool.flush_buffer().expect("a disk");
    assert!(spool.sync_handle().is_none());
    spool.close().expect("a disk");
    assert_eq!(*mood.synced.lock().expect("no panic"), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_group_is_one_write_and_an_acknowledgement_another() {
    let (folder, mood) = (folder(), Mood::good());
    let mut spool = mood.open(folder.path(), large());
    append(&mut spool, &["the first makes the segment"]);
    spool.flush_buffer().expect("a disk");
    let before = mood.writes.load(Ordering::Relaxed);
    for _ in 0..1_000 {
        append(&mut spool, &["a record of the group"]);
    }
    spool.flush_buffer().expect("a disk");
    assert_eq!(mood.writes.load(Ordering::Relaxed), before + 1);
    spool.acknowledge(500).expect("a disk");
    assert_eq!(mood.writes.load(Ordering::Relaxed), before + 2);
}

#[test]
fn a_segment_that_cannot_be_removed_is_removed_later() {
    let (folder, mood) = (folder(), Mood::good());
    let mut spool = mood.open(folder.path(), small());
    for _ in 0..6 {
        append(&mut spool, &["a record of some length"]);
    }
    mood.cannot_remove.store(true, Ordering::Relaxed);
    assert!(matches!(spool.acknowledge(4), Err(SpoolError::Write { .. })));
    assert_eq!((spool.waiting(), segments_in(folder.path()).len()), (2, 3));
    mood.cannot_remove.store(false, Ordering::Relaxed);
    spool.acknowledge(4).expect("a disk");
    assert_eq!(segments_in(folder.path()).len(), 1);
    assert_eq!(numbers(&read_all(&mut spool).0), [5, 6]);
}

#[test]
fn a_position_that_could_not_be_written_is_written_with_the_next() {
    let (folder, mood) = (folder(), Mood::good());
    let mut spool = mood.open(folder.path(), large());
    append(&mut spool, &["one", "two", "three"]);
    spool.flush_buffer().expect("a disk");
    mood.set_room(10);
    assert!(matches!(spool.acknowledge(2), Err(SpoolError::Write { .. })));
    assert_eq!(spool.waiting(), 1, "they are done all the same");
    assert_eq!(open(copy_of(folder.path()).path(), large()).opened().first, 1);
    mood.set_room(u64::MAX);
    spool.acknowledge(2).expect("room again");
    assert_eq!(open(copy_of(folder.path()).path(), large()).opened().first, 3);
}

#[test]
fn a_spool_that_is_dropped_writes_what_it_has() {
    let folder = folder();
    let mut spool = open(folder.path(), large());
    append(&mut spool, &["one"]);
    assert_eq!(fs::metadata(&segments_in(folder.path())[0]).expect("a segment").len(), 24);
    drop(spool);
    assert_eq!(open(folder.path(), large()).opened().records, 1);
}
