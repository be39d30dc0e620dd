//! A spool against a plain list: whatever is done to it, they agree.

use std::collections::VecDeque;

use proptest::prelude::*;
use tempfile::TempDir;

use super::support::{copy_of, folder, open, small};
use crate::settings::{SpoolFsync, SpoolFull};
use crate::spool::limits::Limits;
use crate::spool::{Record, Spool, SpoolError};

#[derive(Debug, Clone)]
enum Step {
    Append(String),
    Flush,
    Read(usize, usize),
    /// Acknowledges so much of what was read, in hundredths.
    Acknowledge(u64),
    Close,
    /// The process is killed.
    Kill,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => "[a-zä\u{0}\n🦀]{0,30}".prop_map(Step::Append),
        1 => "[x]{100,1000}".prop_map(Step::Append),
        2 => Just(Step::Flush),
        3 => (0..5_usize, 0..100_usize).prop_map(|(records, bytes)| Step::Read(records, bytes)),
        3 => (0..=100_u64).prop_map(Step::Acknowledge),
        1 => Just(Step::Close),
        1 => Just(Step::Kill),
    ];
    proptest::collection::vec(step, 0..60)
}

/// What a spool is meant to be.
struct Model {
    /// What is not acknowledged, oldest first.
    waiting: VecDeque<Record>,
    next: u64,
    /// The number of the first one that has not been read.
    unread: u64,
    /// The number of the first one that has not been flushed.
    unflushed: u64,
}

impl Model {
    fn reopened(&mut self, spool: &Spool, killed: bool) {
        if killed {
            // Of what was not flushed, any number of the first ones may be there.
            let (next, unflushed) = (spool.next_number(), self.unflushed);
            assert!(next >= unflushed && next <= self.next, "{unflushed} {next} {}", self.next);
            self.waiting.retain(|record| record.number < next);
            self.next = next;
        }
        self.unread = self.next - self.waiting.len() as u64;
        self.unflushed = self.next;
        let opened = spool.opened();
        assert_eq!(opened.faults, []);
        assert_eq!((opened.records, opened.first), (self.waiting.len() as u64, self.unread));
        assert_eq!(opened.next, self.next);
    }

    fn append(&mut self, spool: &mut Spool, text: String, limits: Limits) {
        let (before, waiting) = (spool.bytes(), spool.waiting());
        match spool.append(&text) {
            Ok(appended) => {
                assert_eq!(appended.number, self.next);
                if let Some(dropped) = appended.dropped {
                    assert_eq!(limits.full, SpoolFull::DropOldest);
                    assert_eq!(Some(*dropped.start()), self.waiting.front().map(|r| r.number));
                    self.waiting.retain(|record| !dropped.contains(&record.number));
                    self.unread = self.unread.max(dropped.end() + 1);
                }
                self.waiting.push_back(Record { number: self.next, text });
                self.next += 1;
            }
            Err(SpoolError::Full) => {
                assert_eq!(limits.full, SpoolFull::DropNewest);
                assert!(waiting > 0 && before + text.len() as u64 + 44 > limits.bytes_max);
            }
            Err(SpoolError::TooLong { .. }) => assert!(text.len() as u64 + 44 > limits.bytes_max),
            Err(fault) => panic!("{fault}"),
        }
    }

    fn read(&mut self, spool: &mut Spool, records_max: usize, bytes_max: usize) {
        let mut read = Vec::new();
        let faults = spool.next_batch(records_max, bytes_max, &mut read).expect("a disk");
        assert_eq!(faults, []);
        let unread = self.waiting.iter().filter(|record| record.number >= self.unread);
        let mut bytes = 0;
        let expected: Vec<_> = unread
            .take(records_max.max(1))
            .enumerate()
            .take_while(|(index, record)| {
                bytes += record.text.len();
                *index == 0 || bytes <= bytes_max
            })
            .map(|(_, record)| record.clone())
            .collect();
        assert_eq!(read, expected);
        self.unread = read.last().map_or(self.unread, |record| record.number + 1);
    }

    fn acknowledge(&mut self, spool: &mut Spool, hundredths: u64) {
        let first = self.waiting.front().map_or(self.next, |record| record.number);
        let through = first - 1 + (self.unread.max(first) - first) * hundredths / 100;
        spool.acknowledge(through).expect("a disk");
        self.waiting.retain(|record| record.number > through);
    }

    fn agrees(&self, spool: &Spool, limits: Limits) {
        assert_eq!(spool.waiting(), self.waiting.len() as u64);
        assert_eq!(spool.next_number(), self.next);
        assert_eq!(spool.unread(), self.next - self.unread);
        assert_eq!(spool.first_waiting(), self.next - spool.waiting());
        assert!(spool.bytes() <= limits.bytes_max, "{}", spool.bytes());
    }
}

fn run(steps: Vec<Step>, limits: Limits) {
    let mut folder: TempDir = folder();
    let mut spool = open(folder.path(), limits);
    let mut model = Model { waiting: VecDeque::new(), next: 1, unread: 1, unflushed: 1 };
    for step in steps {
        match step {
            Step::Append(text) => model.append(&mut spool, text, limits),
            Step::Flush => {
                spool.flush_buffer().expect("a disk");
                model.unflushed = model.next;
                assert_eq!(spool.unwritten(), 0);
            }
            Step::Read(records, bytes) => model.read(&mut spool, records, bytes),
            Step::Acknowledge(hundredths) => model.acknowledge(&mut spool, hundredths),
            Step::Close => {
                spool.close().expect("a disk");
                spool = open(folder.path(), limits);
                model.reopened(&spool, false);
            }
            Step::Kill => {
                folder = copy_of(folder.path());
                spool = open(folder.path(), limits);
                model.reopened(&spool, true);
            }
        }
        model.unflushed = model.unflushed.max(spool.next_number() - spool.unwritten());
        model.agrees(&spool, limits);
    }
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_spool_is_a_list_whatever_happens_to_its_process(steps in steps()) {
        run(steps, small());
    }

    #[test]
    fn a_spool_that_refuses_at_its_bound_is_a_list(steps in steps()) {
        run(steps, Limits { full: SpoolFull::DropNewest, ..small() });
    }
}

proptest! {
    // The device takes its time.
    #![proptest_config(cases(16))]

    #[test]
    fn a_spool_that_waits_for_the_device_is_a_list(steps in steps()) {
        run(steps, Limits { fsync: SpoolFsync::Event, ..small() });
    }
}
