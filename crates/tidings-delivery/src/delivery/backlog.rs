//! The backlog: every event without a fate, in order.
//!
//! Its front is in hand (being sent, or sent and unconfirmed), its middle on disk, its end
//! waits in memory. Whatever is written to the spool takes all of the memory before it along,
//! so that the order of the whole is the order in which events were accepted.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Instant;

use tidings_core::Envelope;
use tidings_core::wire::EventReader;

use super::held::{Fate, Held, Tally};
use super::let_go::{LetGo, PILE};
use crate::settings::Overflow;
use crate::spool::{Record, Spool, SpoolError, SpoolFault};

/// Events without a fate, and what became of the others.
#[derive(Debug)]
pub(super) struct Backlog {
    pub(super) limits: Limits,
    pub(super) in_hand: VecDeque<Held>,
    /// The ticket of the first event in hand.
    pub(super) first_ticket: u64,
    pub(super) waiting: VecDeque<Held>,
    pub(super) waiting_bytes: usize,
    /// Bytes in hand that are not on disk as well.
    pub(super) in_hand_bytes: usize,
    pub(super) spool: Option<Spool>,
    /// Records before this number were left by earlier deliveries.
    pub(super) first_own_record: u64,
    /// The last record that was no event.
    last_bad_record: Option<u64>,
    next_position: u64,
    pub(super) tally: Tally,
    /// Records that are being decoded, neither on disk alone nor in hand.
    pub(super) decoding: Option<RangeInclusive<u64>>,
    /// Through which record all made room for others.
    pub(super) evicted_through: Option<u64>,
    /// Events that are let go, to be dropped without the lock: a payload's `Drop` is a
    /// user's code.
    pub(super) trash: Vec<Arc<Envelope>>,
    /// Events that have a fate, likewise: for emitters, who drop a few each.
    spent: Vec<Arc<Envelope>>,
    /// Reused from event to event.
    pub(super) line: String,
}

/// What may wait in memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) events: usize,
    pub(super) bytes: usize,
    pub(super) overflow: Overflow,
}

/// What became of an event that was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offered {
    Taken,
    /// It was taken, and an older one was left out for it.
    TakenForOldest,
    /// There is no room: the caller waits for it, or leaves the event out.
    Full,
}

/// An event that was taken in hand.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) ticket: u64,
    pub(super) envelope: Arc<Envelope>,
    pub(super) position: u64,
}

impl Backlog {
    pub(super) fn new(limits: Limits, spool: Option<Spool>) -> Self {
        Self {
            limits,
            in_hand: VecDeque::new(),
            first_ticket: 0,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            in_hand_bytes: 0,
            first_own_record: spool.as_ref().map_or(0, Spool::next_number),
            spool,
            last_bad_record: None,
            next_position: 0,
            tally: Tally::default(),
            decoding: None,
            evicted_through: None,
            trash: Vec::new(),
            spent: Vec::new(),
            line: String::new(),
        }
    }

    fn has_room(&self, bytes: usize) -> bool {
        let events = self.waiting.len() + self.in_hand.len();
        // A single event always has room, however large: its own limit is another one.
        events == 0
            || (events < self.limits.events
                && self.waiting_bytes + self.in_hand_bytes + bytes <= self.limits.bytes)
    }

    /// Whether a quarter of the queue is free.
    pub(super) fn is_roomy(&self) -> bool {
        let (events, bytes) = (self.limits.events, self.limits.bytes);
        self.waiting.len() + self.in_hand.len() <= events - events.div_ceil(4)
            && self.waiting_bytes + self.in_hand_bytes <= bytes - bytes.div_ceil(4)
    }

    /// Takes one event in, if there is room or room can be made.
    pub(super) fn offer(&mut self, envelope: &Arc<Envelope>, json: usize, now: Instant) -> Offered {
        let held = Held::new(Arc::clone(envelope), self.next_position, json, now);
        let mut offered = Offered::Taken;
        while !self.has_room(held.bytes) {
            let can_drop =
                self.limits.overflow == Overflow::DropOldest && self.could_have_room(held.bytes);
            if !can_drop || !self.drop_oldest() {
                self.trash.push(held.envelope);
                return Offered::Full;
            }
            offered = Offered::TakenForOldest;
        }
        self.next_position += 1;
        self.tally.accepted += 1;
        self.waiting_bytes += held.bytes;
        self.waiting.push_back(held);
        offered
    }

    /// Counts an event for which there was no room, and which its emitter gave up.
    ///
    /// It has a position all the same: a gap at the place shows what is missing.
    pub(super) fn leave_out(&mut self) {
        self.next_position += 1;
    }

    /// Counts an event that comes after the sink has stopped: it has failed.
    pub(super) fn refuse(&mut self, envelope: &Arc<Envelope>, json: usize) -> Held {
        let held = Held::new(Arc::clone(envelope), self.next_position, json, Instant::now());
        self.next_position += 1;
        self.tally.accepted += 1;
        self.tally.failed += 1;
        held
    }

    fn drop_oldest(&mut self) -> bool {
        let Some(oldest) = self.waiting.pop_front() else { return false };
        self.waiting_bytes -= oldest.bytes;
        self.tally.dropped += 1;
        self.trash.push(oldest.envelope);
        true
    }

    /// Whether there would be room if nothing waited: what is in hand stays.
    fn could_have_room(&self, bytes: usize) -> bool {
        self.in_hand.is_empty()
            || (self.in_hand.len() < self.limits.events
                && self.in_hand_bytes + bytes <= self.limits.bytes)
    }

    /// Takes one event in beyond the bounds, on its way to the spool.
    pub(super) fn force(&mut self, envelope: &Arc<Envelope>, json: usize, now: Instant) {
        let held = Held::new(Arc::clone(envelope), self.next_position, json, now);
        self.next_position += 1;
        self.tally.accepted += 1;
        self.waiting_bytes += held.bytes;
        self.waiting.push_back(held);
    }

    /// Takes the event back out that was [forced](Self::force) in, if it still waits.
    pub(super) fn take_back(&mut self) -> bool {
        let Some(newest) = self.waiting.pop_back() else { return false };
        self.next_position -= 1;
        self.tally.accepted -= 1;
        self.waiting_bytes -= newest.bytes;
        self.trash.push(newest.envelope);
        true
    }

    /// What made room, or is on disk: to be dropped without the lock.
    pub(super) fn take_trash(&mut self) -> LetGo {
        LetGo::of(std::mem::take(&mut self.trash))
    }

    /// The same, and a few of those that have a fate.
    pub(super) fn take_few(&mut self) -> LetGo {
        let mut let_go = self.take_trash();
        // Who allocates one event frees one, best of all; more when more has piled up.
        let few = 1 + self.spent.len() / PILE;
        let_go.few = std::array::from_fn(|index| self.spent.pop_if(|_| index < few));
        let_go
    }

    /// Those that have a fate, but for so many: to be dropped without the lock.
    pub(super) fn take_spent_beyond(&mut self, kept: usize) -> LetGo {
        LetGo::of(self.spent.split_off(kept.min(self.spent.len())))
    }

    /// All that has a fate: to be dropped without the lock.
    pub(super) fn take_spent(&mut self) -> LetGo {
        LetGo::of(std::mem::take(&mut self.spent))
    }

    pub(super) fn has_spent(&self) -> bool {
        !self.spent.is_empty()
    }

    pub(super) fn waiting(&self) -> (usize, usize) {
        (self.waiting.len(), self.waiting_bytes)
    }

    pub(super) fn oldest_waiting(&self) -> Option<Instant> {
        self.waiting.front().map(|held| held.since)
    }

    /// The position of the first event that waits.
    pub(super) fn first_waiting(&self) -> Option<u64> {
        self.waiting.front().map(|held| held.position)
    }

    /// Records on disk that are not in hand.
    pub(super) fn unread(&self) -> u64 {
        self.spool.as_ref().map_or(0, Spool::unread)
    }

    /// Everything without a fate, on disk and in memory.
    pub(super) fn len(&self) -> u64 {
        (self.in_hand.len() + self.waiting.len()) as u64 + self.unread()
    }

    /// The position of the next event to be accepted.
    pub(super) fn next_position(&self) -> u64 {
        self.next_position
    }

    /// Whether all events before this position have a fate or are on disk.
    pub(super) fn is_safe_before(&self, position: u64) -> bool {
        let in_memory = |held: &Held| held.record.is_none() && !held.settled && !held.earlier;
        let mut all = self.in_hand.iter().chain(self.waiting.front());
        // What the spool has not written yet is as much in memory as the rest.
        self.unwritten() == 0 && !all.any(|held| in_memory(held) && held.position < position)
    }

    /// How many more events may be taken in hand: half of the queue is for those that wait.
    pub(super) fn hand_room(&self) -> usize {
        (self.limits.events / 2).max(1).saturating_sub(self.in_hand.len())
    }

    /// Leaves the spool alone from here on; what it holds stays there.
    pub(super) fn abandon_spool(&mut self) {
        self.spool = None;
    }

    /// Whether memory holds anything that a spool does not.
    pub(super) fn has_unspooled(&self) -> bool {
        !self.waiting.is_empty()
            || self.unwritten() > 0
            || self.in_hand.iter().any(Held::is_unspooled)
    }

    /// Takes back that so many events are in the spool, which could not write them.
    pub(super) fn take_back_spooled(&mut self, events: u64) {
        self.tally.spooled = self.tally.spooled.saturating_sub(events);
    }

    /// How many events the spool holds that it could not write yet.
    pub(super) fn unwritten(&self) -> u64 {
        self.spool.as_ref().map_or(0, Spool::unwritten)
    }

    /// How many events that an earlier delivery left are in the spool.
    pub(super) fn earlier(&self) -> u64 {
        let waiting = self.spool.as_ref().map_or(0, Spool::waiting);
        // Those in hand that have a fate wait for others before they are acknowledged.
        let settled = |held: &&Held| held.settled && held.record.is_some();
        let settled = self.in_hand.iter().filter(settled).count() as u64;
        waiting.saturating_sub(self.tally.spooled + settled)
    }

    /// Takes the next events that wait in memory in hand, as long as they are within the
    /// bounds; none while anything is unread on disk, which goes first. Answers how many
    /// there were, and their bytes.
    pub(super) fn take_waiting(
        &mut self,
        events: usize,
        bytes: usize,
        into: &mut VecDeque<Taken>,
    ) -> (usize, usize) {
        let (mut count, mut sum) = (0, 0);
        if self.unread() > 0 {
            return (count, sum);
        }
        while count < events && sum < bytes {
            let Some(held) = self.waiting.pop_front() else { break };
            self.waiting_bytes -= held.bytes;
            self.in_hand_bytes += held.bytes;
            (count, sum) = (count + 1, sum + held.bytes);
            into.push_back(self.put_in_hand(held));
        }
        (count, sum)
    }

    fn put_in_hand(&mut self, held: Held) -> Taken {
        let ticket = self.first_ticket + self.in_hand.len() as u64;
        let taken = Taken { ticket, envelope: Arc::clone(&held.envelope), position: held.position };
        self.in_hand.push_back(held);
        taken
    }

    /// Reads the next records from disk; they are in hand once they are
    /// [decoded](Self::take_records).
    pub(super) fn read_records(
        &mut self,
        events: usize,
        bytes: usize,
    ) -> Result<(Vec<Record>, Vec<SpoolFault>), SpoolError> {
        let mut records = Vec::new();
        let Some(spool) = &mut self.spool else { return Ok((records, Vec::new())) };
        let faults = spool.next_batch(events, bytes, &mut records)?;
        for fault in &faults {
            self.count_lost(fault);
        }
        self.evicted_through = None;
        self.decoding = match (records.first(), records.last()) {
            (Some(first), Some(last)) => Some(first.number..=last.number),
            _ => None,
        };
        Ok((records, faults))
    }

    /// Records that cannot be read are lost: those of this delivery are counted.
    fn count_lost(&mut self, fault: &SpoolFault) {
        let lost = fault.records();
        let first = self.first_own_record.max(lost.start);
        let own = lost.end.saturating_sub(first).min(self.tally.spooled);
        self.tally.spooled -= own;
        self.tally.failed += own;
    }

    /// Takes decoded records in hand, in order; answers the reasons of those that are no
    /// events, and how many of them there were.
    pub(super) fn take_records(
        &mut self,
        decoded: Vec<Decoded>,
        now: Instant,
    ) -> (Vec<Taken>, Vec<String>) {
        let (mut taken, mut reasons) = (Vec::new(), Vec::new());
        self.decoding = None;
        for Decoded { number, event, json } in decoded {
            let evicted = self.evicted_through.is_some_and(|through| number <= through);
            let earlier = number < self.first_own_record;
            match event {
                Ok((envelope, position)) => {
                    let mut held = Held::new(envelope, position.unwrap_or(number), json, now);
                    (held.record, held.earlier) = ((!evicted).then_some(number), earlier);
                    held.evicted = evicted;
                    if evicted {
                        self.in_hand_bytes += held.bytes;
                        let spooled = u64::from(!earlier);
                        self.tally.spooled = self.tally.spooled.saturating_sub(spooled);
                    }
                    taken.push(self.put_in_hand(held));
                }
                Err(reason) => {
                    reasons.push(reason);
                    self.last_bad_record = Some(number);
                    if !earlier {
                        self.tally.spooled = self.tally.spooled.saturating_sub(1);
                        self.tally.failed += 1;
                    }
                }
            }
        }
        (taken, reasons)
    }

    /// Gives an event in hand its fate.
    pub(super) fn settle(&mut self, ticket: u64, fate: Fate) {
        let Some(index) = ticket.checked_sub(self.first_ticket) else { return };
        let held = usize::try_from(index).ok().and_then(|index| self.in_hand.get_mut(index));
        let Some(held) = held.filter(|held| !held.settled) else { return };
        held.settled = true;
        if held.record.is_none() {
            self.in_hand_bytes -= held.bytes;
        } else if !held.earlier {
            self.tally.spooled = self.tally.spooled.saturating_sub(1);
        }
        if !held.earlier {
            self.tally.count(fate);
        }
    }

    /// Lets go of all that is settled at the front, and tells the spool.
    pub(super) fn release(&mut self) -> Result<(), SpoolError> {
        let mut through = None;
        while self.in_hand.front().is_some_and(|held| held.settled) {
            let held = self.in_hand.pop_front().expect("there is one at the front");
            self.first_ticket += 1;
            through = held.record.or(through);
            self.spent.push(held.envelope);
        }
        if self.in_hand.is_empty() {
            through = through.max(self.last_bad_record.take());
        }
        match (through, &mut self.spool) {
            (Some(through), Some(spool)) => spool.acknowledge(through),
            _ => Ok(()),
        }
    }

    /// An event in hand.
    pub(super) fn get(&self, ticket: u64) -> Option<&Held> {
        let index = usize::try_from(ticket.checked_sub(self.first_ticket)?).ok()?;
        self.in_hand.get(index)
    }

    /// Takes events that are older than a bound out of the waiting ones; they have failed.
    pub(super) fn expire(&mut self, is_too_old: impl Fn(Instant) -> bool) -> Vec<Held> {
        let mut expired = Vec::new();
        while self.waiting.front().is_some_and(|held| is_too_old(held.since)) {
            let held = self.waiting.pop_front().expect("there is one at the front");
            self.waiting_bytes -= held.bytes;
            self.tally.failed += 1;
            expired.push(held);
        }
        expired
    }

    /// Takes out everything that memory alone holds; each has failed.
    pub(super) fn give_up_memory(&mut self) -> Vec<Held> {
        let mut given_up = Vec::new();
        for index in 0..self.in_hand.len() {
            let held = &self.in_hand[index];
            if held.record.is_none() && !held.settled {
                given_up.push(held.clone());
                self.settle(self.first_ticket + index as u64, Fate::Failed);
            }
        }
        given_up.extend(self.expire(|_| true));
        given_up
    }
}

/// A record as an event, or why it is none.
#[derive(Debug)]
pub(super) struct Decoded {
    number: u64,
    event: Result<(Arc<Envelope>, Option<u64>), String>,
    json: usize,
}

impl Decoded {
    /// Reads a record; needs no lock.
    pub(super) fn of(record: &Record, events: &mut EventReader) -> Self {
        let event = events
            .read(&record.text)
            .map(|received| (received.envelope, received.position))
            .map_err(|fault| format!("record {} of the spool is no event: {fault}", record.number));
        Self { number: record.number, event, json: record.text.len() }
    }
}
