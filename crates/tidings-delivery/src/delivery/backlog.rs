//! The backlog: every event without a fate, in order.
//!
//! Its front is in hand (being sent, or sent and unconfirmed), its middle on disk, its end
//! waits in memory. Whatever is written to the spool takes all of the memory before it along,
//! so that the order of the whole is the order in which events were accepted.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use tidings_core::Envelope;
use tidings_core::wire::{read_event, write_event};

use super::held::{Fate, Held, Tally};
use crate::settings::Overflow;
use crate::spool::{Record, Spool, SpoolError, SpoolFault};

/// Events without a fate, and what became of the others.
#[derive(Debug)]
pub(super) struct Backlog {
    pub(super) limits: Limits,
    in_hand: VecDeque<Held>,
    /// The ticket of the first event in hand.
    first_ticket: u64,
    waiting: VecDeque<Held>,
    waiting_bytes: usize,
    /// Bytes in hand that are not on disk as well.
    in_hand_bytes: usize,
    pub(super) spool: Option<Spool>,
    /// Records before this number were left by earlier deliveries.
    first_own_record: u64,
    /// The last record that was no event.
    last_bad_record: Option<u64>,
    next_position: u64,
    pub(super) tally: Tally,
    /// Reused from event to event.
    line: String,
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

/// What writing to the spool came to.
#[derive(Debug, Default)]
pub(super) struct Spilled {
    pub(super) written: u64,
    /// Older records that went to make room.
    pub(super) dropped: u64,
    /// Events too large for any spool, which have failed.
    pub(super) unspoolable: Vec<Held>,
    /// Why the rest is still in memory.
    pub(super) failure: Option<SpoolError>,
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
            if self.limits.overflow != Overflow::DropOldest || !self.drop_oldest() {
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
        true
    }

    pub(super) fn waiting(&self) -> (usize, usize) {
        (self.waiting.len(), self.waiting_bytes)
    }

    pub(super) fn oldest_waiting(&self) -> Option<Instant> {
        self.waiting.front().map(|held| held.since)
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
        !self.has_unwritten() && !all.any(|held| in_memory(held) && held.position < position)
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
            || self.has_unwritten()
            || self.in_hand.iter().any(Held::is_unspooled)
    }

    /// Whether the spool holds records that it could not write yet.
    fn has_unwritten(&self) -> bool {
        self.spool.as_ref().is_some_and(|spool| spool.unwritten() > 0)
    }

    /// How many events that an earlier delivery left are in the spool.
    pub(super) fn earlier(&self) -> u64 {
        let waiting = self.spool.as_ref().map_or(0, Spool::waiting);
        waiting.saturating_sub(self.tally.spooled)
    }

    /// Takes the next events that wait in memory in hand; none while anything is unread on
    /// disk, which goes first.
    pub(super) fn take_waiting(&mut self, events: usize, bytes: usize) -> Vec<Taken> {
        let mut taken = Vec::with_capacity(events.min(self.waiting.len()));
        if self.unread() > 0 {
            return taken;
        }
        let mut sum = 0;
        while taken.len() < events && (taken.is_empty() || sum < bytes) {
            let Some(held) = self.waiting.pop_front() else { break };
            self.waiting_bytes -= held.bytes;
            self.in_hand_bytes += held.bytes;
            sum += held.bytes;
            taken.push(self.put_in_hand(held));
        }
        taken
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
        for Decoded { number, event, json } in decoded {
            let earlier = number < self.first_own_record;
            match event {
                Ok((envelope, position)) => {
                    let mut held = Held::new(envelope, position.unwrap_or(number), json, now);
                    (held.record, held.earlier) = (Some(number), earlier);
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

    /// Counts events in hand whose records went to make room: it is too late for them.
    pub(super) fn drop_evicted(&mut self) {
        for index in 0..self.in_hand.len() {
            if self.in_hand[index].evicted {
                self.settle(self.first_ticket + index as u64, Fate::Dropped);
            }
        }
    }

    /// Writes all that memory alone holds to the spool, in order.
    pub(super) fn spill(&mut self) -> Spilled {
        let mut spilled = Spilled::default();
        let Some(mut spool) = self.spool.take() else { return spilled };
        self.spill_in_hand(&mut spool, &mut spilled);
        while spilled.failure.is_none()
            && let Some(held) = self.waiting.front()
        {
            match append(&mut spool, &mut self.line, held) {
                Ok((_number, dropped)) => {
                    let held = self.waiting.pop_front().expect("there is one at the front");
                    self.waiting_bytes -= held.bytes;
                    self.tally.spooled += 1;
                    spilled.written += 1;
                    spilled.dropped += self.count_dropped(dropped);
                }
                Err(SpoolError::TooLong { .. }) => {
                    let held = self.waiting.pop_front().expect("there is one at the front");
                    self.waiting_bytes -= held.bytes;
                    self.tally.failed += 1;
                    spilled.unspoolable.push(held);
                }
                Err(failure) => spilled.failure = Some(failure),
            }
        }
        spilled.dropped += self.count_dropped(spool.take_dropped());
        if let Err(failure) = spool.flush_buffer() {
            spilled.failure.get_or_insert(failure);
        }
        self.spool = Some(spool);
        spilled
    }

    fn spill_in_hand(&mut self, spool: &mut Spool, spilled: &mut Spilled) {
        for index in 0..self.in_hand.len() {
            let held = &self.in_hand[index];
            if !held.is_unspooled() {
                continue;
            }
            match append(spool, &mut self.line, held) {
                Ok((number, dropped)) => {
                    // It is in hand: reading on begins behind it.
                    spool.mark_read_through(number);
                    let held = &mut self.in_hand[index];
                    held.record = Some(number);
                    self.in_hand_bytes -= held.bytes;
                    self.tally.spooled += 1;
                    spilled.written += 1;
                    spilled.dropped += self.count_dropped(dropped);
                }
                // It stays in hand, and goes from there.
                Err(SpoolError::TooLong { .. }) => {}
                Err(failure) => {
                    spilled.failure = Some(failure);
                    return;
                }
            }
        }
    }

    /// Counts records that went to make room. Those in hand are not lost: memory has them.
    fn count_dropped(&mut self, dropped: Option<std::ops::RangeInclusive<u64>>) -> u64 {
        let Some(dropped) = dropped else { return 0 };
        let mut lost = dropped.end() - dropped.start() + 1;
        let mut own =
            (dropped.end() + 1).saturating_sub(self.first_own_record.max(*dropped.start()));
        for held in &mut self.in_hand {
            if held.record.take_if(|number| dropped.contains(number)).is_none() {
                continue;
            }
            held.evicted = true;
            lost = lost.saturating_sub(1);
            own = own.saturating_sub(u64::from(!held.earlier));
            if !held.settled {
                self.in_hand_bytes += held.bytes;
                let spooled = u64::from(!held.earlier);
                self.tally.spooled = self.tally.spooled.saturating_sub(spooled);
            }
        }
        self.tally.spooled = self.tally.spooled.saturating_sub(own);
        self.tally.dropped += own;
        lost
    }
}

fn append(
    spool: &mut Spool,
    line: &mut String,
    held: &Held,
) -> Result<(u64, Option<std::ops::RangeInclusive<u64>>), SpoolError> {
    line.clear();
    // Whoever accepted it has seen that it has a JSON form.
    write_event(&held.envelope, Some(held.position), line)
        .expect("only events with a JSON form are accepted");
    let appended = spool.append(line)?;
    Ok((appended.number, appended.dropped))
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
    pub(super) fn of(record: &Record) -> Self {
        let event = read_event(&record.text)
            .map(|received| (received.envelope, received.position))
            .map_err(|fault| format!("record {} of the spool is no event: {fault}", record.number));
        Self { number: record.number, event, json: record.text.len() }
    }
}
