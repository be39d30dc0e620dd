//! A backlog against a plain list: whatever is done to it, they agree.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tempfile::TempDir;
use tidings_core::wire::EventReader;
use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, EventId, EventType, Head, Lane, RawJson,
    RawPayload, Timestamp,
};

use super::super::backlog::{Backlog, Decoded, Limits};
use super::super::held::{Fate, Held};
use super::list::{Fates, List};
use crate::settings::{Overflow, SpoolSettings};
use crate::spool::Spool;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// An event of so many bytes.
    Offer(usize),
    /// An event beyond the bounds, taken back out or not.
    Force(usize, bool),
    LeaveOut,
    Refuse,
    Take(usize, usize),
    Read(usize),
    /// The event in hand at this place, in hundredths of all.
    Settle(usize, Fate),
    Release,
    Spill(usize),
    /// What is older than so many steps.
    Expire(u32),
    GiveUp,
    LeaveSpoolAlone,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let fate = prop_oneof![
        4 => Just(Fate::Delivered),
        1 => Just(Fate::Rejected),
        1 => Just(Fate::Failed),
        1 => Just(Fate::Dropped),
    ];
    let step = prop_oneof![
        12 => (0..600_usize).prop_map(Step::Offer),
        1 => (0..3_000_usize, any::<bool>()).prop_map(|(json, back)| Step::Force(json, back)),
        1 => Just(Step::LeaveOut),
        1 => Just(Step::Refuse),
        4 => (1..5_usize, 1..2_000_usize).prop_map(|(events, bytes)| Step::Take(events, bytes)),
        4 => (0..4_usize).prop_map(Step::Read),
        8 => (0..120_usize, fate).prop_map(|(place, fate)| Step::Settle(place, fate)),
        5 => Just(Step::Release),
        2 => prop_oneof![0..3_usize, Just(usize::MAX)].prop_map(Step::Spill),
        1 => (0..40_u32).prop_map(Step::Expire),
        1 => Just(Step::GiveUp),
        1 => Just(Step::LeaveSpoolAlone),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 0..80)
}

fn event(name: u64) -> Arc<Envelope> {
    let context = Context::new("r".into(), "n".into(), Entity::new("a", "b"), Attributes::new());
    let head = Head::new(
        EventId::new(BusId::from_u128(7), Lane::new(0), name),
        EventType::foreign("model.step").expect("a type"),
        Arc::new(context),
        Timestamp::from_nanos(0),
        Duration::ZERO,
    );
    Arc::new(Envelope::new(head, RawPayload::new(RawJson::parse("{}").expect("JSON"))))
}

fn name_of(envelope: &Arc<Envelope>) -> u64 {
    envelope.id().sequence()
}

fn names_of(held: &[Held]) -> Vec<u64> {
    held.iter().map(|held| name_of(&held.envelope)).collect()
}

/// Both, and what they have in common.
struct Pair {
    backlog: Backlog,
    list: List,
    folder: Option<TempDir>,
    /// The name of the next event, and the time in milliseconds.
    next: u32,
    began: Instant,
}

impl Pair {
    fn new(limits: Limits, has_spool: bool) -> Self {
        let folder = has_spool.then(|| tempfile::tempdir().expect("a folder"));
        let backlog = Backlog::new(limits, folder.as_ref().map(open));
        let list = List::new(limits, has_spool);
        Self { backlog, list, folder, next: 0, began: Instant::now() }
    }

    fn now(&self) -> Instant {
        self.began + Duration::from_millis(u64::from(self.next))
    }

    fn step(&mut self, step: Step) {
        self.next += 1;
        let (now, name) = (self.now(), u64::from(self.next));
        let (backlog, list) = (&mut self.backlog, &mut self.list);
        match step {
            Step::Offer(json) => {
                let offered = backlog.offer(&event(name), json, now);
                assert_eq!(offered, list.offer(name, json, now));
            }
            Step::Force(json, take_back) => {
                backlog.force(&event(name), json, now);
                list.force(name, json, now);
                if take_back {
                    assert_eq!(backlog.take_back(), list.take_back());
                }
            }
            Step::LeaveOut => {
                backlog.leave_out();
                list.next_position += 1;
            }
            Step::Refuse => {
                let refused = backlog.refuse(&event(name), 10);
                assert_eq!(refused.position, list.next_position);
                list.next_position += 1;
                (list.fates.accepted, list.fates.failed) =
                    (list.fates.accepted + 1, list.fates.failed + 1);
            }
            Step::Take(events, bytes) => self.take(events, bytes),
            Step::Read(events) => self.read(events),
            Step::Settle(place, fate) => {
                let index = list.hand.len() * place / 100;
                backlog.settle(list.first_ticket + index as u64, fate);
                list.settle(index, fate);
            }
            Step::Release => {
                backlog.release().expect("a disk");
                list.release();
            }
            Step::Spill(most) => {
                let spilled = backlog.spill(most);
                assert!(spilled.failure.is_none() && spilled.unspoolable.is_empty());
                assert_eq!((spilled.written, spilled.dropped), (list.spill(most as u64), 0));
            }
            Step::Expire(age) => {
                let before = now.checked_sub(Duration::from_millis(u64::from(age)));
                let before = before.unwrap_or(now);
                let expired = backlog.expire(|since| since < before);
                assert_eq!(names_of(&expired), list.expire(before));
            }
            Step::GiveUp => assert_eq!(names_of(&backlog.give_up_memory()), list.give_up()),
            Step::LeaveSpoolAlone => {
                backlog.abandon_spool();
                list.leave_spool_alone();
            }
            Step::Reopen => self.reopen(),
        }
    }

    fn take(&mut self, events: usize, bytes: usize) {
        let before = self.backlog.waiting();
        let mut taken = VecDeque::new();
        let told = self.backlog.take_waiting(events, bytes, &mut taken);
        let after = self.backlog.waiting();
        assert_eq!(told, (before.0 - after.0, before.1 - after.1));
        let first = self.list.first_ticket + self.list.hand.len() as u64;
        let taken: Vec<_> = taken
            .iter()
            .map(|taken| (taken.ticket, (name_of(&taken.envelope), taken.position)))
            .collect();
        let expected: Vec<_> = (first..).zip(self.list.take(events, bytes)).collect();
        assert_eq!(taken, expected);
    }

    fn read(&mut self, events: usize) {
        let (records, faults) = self.backlog.read_records(events, usize::MAX).expect("a disk");
        assert_eq!(faults, []);
        let mut reader = EventReader::new();
        let decoded = records.iter().map(|record| Decoded::of(record, &mut reader)).collect();
        let (taken, reasons) = self.backlog.take_records(decoded, self.now());
        assert_eq!(reasons, [""; 0]);
        let taken: Vec<_> =
            taken.iter().map(|taken| (name_of(&taken.envelope), taken.position)).collect();
        assert_eq!(taken, self.list.read(events));
    }

    /// The process ends with what it has in memory, and another one begins.
    fn reopen(&mut self) {
        let Some(folder) = &self.folder else { return };
        let limits = self.list.limits;
        // Only one at a time has the folder.
        self.backlog = Backlog::new(limits, None);
        self.backlog = Backlog::new(limits, Some(open(folder)));
        let list = std::mem::replace(&mut self.list, List::new(limits, true));
        self.list = list.reopened();
    }

    fn agree(&mut self) {
        let (backlog, list) = (&mut self.backlog, &mut self.list);
        let (trash, spent) = (backlog.take_trash(), backlog.take_spent());
        let let_go: Vec<u64> = trash.all.iter().chain(&spent.all).map(name_of).collect();
        assert_eq!(let_go, std::mem::take(&mut list.let_go));
        let tally = backlog.tally;
        let fates = Fates {
            accepted: tally.accepted,
            delivered: tally.delivered,
            rejected: tally.rejected,
            failed: tally.failed,
            dropped: tally.dropped,
        };
        assert_eq!(fates, list.fates);
        assert_eq!(tally.spooled, list.spooled());
        let own = list.hand.iter().chain(&list.waiting);
        let own = own.filter(|event| event.is_in_memory()).count() as u64;
        assert_eq!(tally.pending(), own);
        assert_eq!(backlog.waiting(), (list.waiting.len(), list.waiting_bytes()));
        assert_eq!(backlog.in_hand_bytes, list.hand_bytes());
        assert_eq!(backlog.unread(), list.disk.len() as u64);
        let all = list.hand.len() + list.disk.len() + list.waiting.len();
        assert_eq!(backlog.len(), all as u64);
        assert_eq!(backlog.next_position(), list.next_position);
        assert_eq!(backlog.first_waiting(), list.waiting.front().map(|event| event.position));
        assert_eq!(backlog.oldest_waiting(), list.waiting.front().map(|event| event.since));
        assert_eq!(backlog.unwritten(), 0);
        assert_eq!(backlog.earlier(), list.earlier());
        assert_eq!(backlog.has_unspooled(), own > 0);
        for position in 0..=list.next_position {
            assert_eq!(backlog.is_safe_before(position), list.is_safe_before(position));
        }
        for (index, event) in list.hand.iter().enumerate() {
            let held = backlog.get(list.first_ticket + index as u64).expect("it is in hand");
            assert_eq!((held.record, held.settled), (event.record, event.settled));
            assert_eq!((name_of(&held.envelope), held.earlier), (event.name, event.earlier));
        }
        assert!(backlog.get(list.first_ticket + list.hand.len() as u64).is_none());
    }

    fn agree_on_room(&self) {
        let (limits, list) = (self.list.limits, &self.list);
        let events = list.hand.len() + list.waiting.len();
        let bytes = list.hand_bytes() + list.waiting_bytes();
        // A quarter is free: four times what is there is at most three times the bound.
        let is_roomy = events * 4 <= limits.events * 3 && bytes * 4 <= limits.bytes * 3;
        assert_eq!(self.backlog.is_roomy(), is_roomy);
        let half = (limits.events / 2).max(1);
        assert_eq!(self.backlog.hand_room(), half.saturating_sub(list.hand.len()));
    }
}

fn open(folder: &TempDir) -> Spool {
    Spool::open(&SpoolSettings::new(folder.path())).expect("a folder of its own")
}

fn run(steps: Vec<Step>, limits: Limits, has_spool: bool) {
    let mut pair = Pair::new(limits, has_spool);
    for step in steps {
        pair.step(step);
        pair.agree();
        pair.agree_on_room();
    }
}

#[test]
fn what_could_have_no_room_throws_nothing_out() {
    let limits = Limits { events: 2, ..limits(Overflow::DropOldest) };
    let steps = [Step::Offer(1), Step::Offer(1), Step::Take(2, 2_000), Step::Force(1, false)];
    run([&steps[..], &[Step::Offer(1), Step::Offer(1)]].concat(), limits, false);
}

fn limits(overflow: Overflow) -> Limits {
    Limits { events: 8, bytes: 3_000, overflow }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_backlog_that_drops_its_oldest_is_a_list(steps in steps()) {
        run(steps, limits(Overflow::DropOldest), false);
    }

    #[test]
    fn a_backlog_that_refuses_at_its_bounds_is_a_list(steps in steps()) {
        run(steps, limits(Overflow::DropNewest), false);
    }

    #[test]
    fn a_backlog_with_a_spool_is_a_list_from_one_process_to_the_next(steps in steps()) {
        run(steps, limits(Overflow::Spool), true);
    }
}
