//! A plain list of events that does what a backlog is meant to do.
//!
//! Every number is counted anew from the list.

use std::collections::VecDeque;
use std::time::Instant;

use super::super::backlog::{Limits, Offered};
use super::super::held::Fate;
use crate::settings::Overflow;

/// What an event costs beside its JSON.
const OVERHEAD_BYTES: usize = 256;

/// One event of the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) name: u64,
    pub(super) position: u64,
    pub(super) bytes: usize,
    pub(super) since: Instant,
    pub(super) record: Option<u64>,
    pub(super) earlier: bool,
    pub(super) settled: bool,
}

impl Event {
    /// Whether it would be lost with the memory.
    pub(super) fn is_in_memory(&self) -> bool {
        self.record.is_none() && !self.settled
    }
}

/// How many events met which fate.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fates {
    pub(super) accepted: u64,
    pub(super) delivered: u64,
    pub(super) rejected: u64,
    pub(super) failed: u64,
    pub(super) dropped: u64,
}

/// Events in hand, on disk and in memory, in this order.
pub(super) struct List {
    pub(super) limits: Limits,
    pub(super) hand: VecDeque<Event>,
    pub(super) disk: VecDeque<Event>,
    pub(super) waiting: VecDeque<Event>,
    pub(super) first_ticket: u64,
    pub(super) next_position: u64,
    pub(super) next_record: u64,
    pub(super) fates: Fates,
    /// What was let go since it was asked last.
    pub(super) let_go: Vec<u64>,
    /// All records that nobody acknowledged, whoever has them now.
    pub(super) unacknowledged: VecDeque<Event>,
    pub(super) has_spool: bool,
    /// Own events in a spool that was left alone.
    pub(super) left_alone: u64,
}

impl List {
    pub(super) fn new(limits: Limits, has_spool: bool) -> Self {
        Self {
            limits,
            hand: VecDeque::new(),
            disk: VecDeque::new(),
            waiting: VecDeque::new(),
            first_ticket: 0,
            next_position: 0,
            next_record: 1,
            fates: Fates::default(),
            let_go: Vec::new(),
            unacknowledged: VecDeque::new(),
            has_spool,
            left_alone: 0,
        }
    }

    /// A process ends and another one begins.
    pub(super) fn reopened(self) -> Self {
        let mut next = Self::new(self.limits, true);
        next.next_record = self.next_record;
        next.unacknowledged = self.unacknowledged;
        for event in &mut next.unacknowledged {
            (event.earlier, event.settled) = (true, false);
        }
        next.disk = next.unacknowledged.clone();
        next
    }

    pub(super) fn waiting_bytes(&self) -> usize {
        self.waiting.iter().map(|event| event.bytes).sum()
    }

    pub(super) fn hand_bytes(&self) -> usize {
        self.hand.iter().filter(|event| event.is_in_memory()).map(|event| event.bytes).sum()
    }

    pub(super) fn spooled(&self) -> u64 {
        let own = |event: &&Event| event.record.is_some() && !event.earlier && !event.settled;
        let here = self.hand.iter().chain(&self.disk).filter(own).count() as u64;
        here + self.left_alone
    }

    /// Events of earlier processes that are still to be delivered.
    pub(super) fn earlier(&self) -> u64 {
        let earlier = |event: &&Event| event.earlier && !event.settled;
        let left = self.hand.iter().chain(&self.disk).filter(earlier).count() as u64;
        if self.has_spool { left } else { 0 }
    }

    pub(super) fn is_safe_before(&self, position: u64) -> bool {
        let all = self.hand.iter().chain(&self.waiting);
        all.filter(|event| event.is_in_memory()).all(|event| event.position >= position)
    }

    fn fits(&self, bytes: usize) -> bool {
        let events = self.hand.len() + self.waiting.len();
        let sum = self.hand_bytes() + self.waiting_bytes() + bytes;
        events == 0 || events < self.limits.events && sum <= self.limits.bytes
    }

    pub(super) fn offer(&mut self, name: u64, json: usize, since: Instant) -> Offered {
        let bytes = json + OVERHEAD_BYTES;
        let mut offered = Offered::Taken;
        if !self.fits(bytes) {
            let waiting = std::mem::take(&mut self.waiting);
            let could = self.fits(bytes) && self.limits.overflow == Overflow::DropOldest;
            self.waiting = waiting;
            if !could {
                self.let_go.push(name);
                return Offered::Full;
            }
            while !self.fits(bytes) {
                let oldest = self.waiting.pop_front().expect("without any it would fit");
                self.let_go.push(oldest.name);
                self.fates.dropped += 1;
                offered = Offered::TakenForOldest;
            }
        }
        self.force(name, json, since);
        offered
    }

    pub(super) fn force(&mut self, name: u64, json: usize, since: Instant) {
        let (position, bytes) = (self.next_position, json + OVERHEAD_BYTES);
        let event =
            Event { name, position, bytes, since, record: None, earlier: false, settled: false };
        self.waiting.push_back(event);
        self.next_position += 1;
        self.fates.accepted += 1;
    }

    pub(super) fn take_back(&mut self) -> bool {
        let Some(newest) = self.waiting.pop_back() else { return false };
        self.let_go.push(newest.name);
        self.next_position -= 1;
        self.fates.accepted -= 1;
        true
    }

    /// Takes waiting events in hand; answers their names and positions.
    pub(super) fn take(&mut self, events: usize, bytes: usize) -> Vec<(u64, u64)> {
        let (mut taken, mut sum) = (Vec::new(), 0);
        while self.disk.is_empty() && taken.len() < events && sum < bytes {
            let Some(event) = self.waiting.pop_front() else { break };
            sum += event.bytes;
            taken.push((event.name, event.position));
            self.hand.push_back(event);
        }
        taken
    }

    /// Takes records in hand, at least one.
    pub(super) fn read(&mut self, events: usize) -> Vec<(u64, u64)> {
        let count = events.max(1).min(self.disk.len());
        let read: Vec<Event> = self.disk.drain(..count).collect();
        self.hand.extend(&read);
        read.iter().map(|event| (event.name, event.position)).collect()
    }

    pub(super) fn settle(&mut self, index: usize, fate: Fate) {
        let Some(event) = self.hand.get_mut(index).filter(|event| !event.settled) else { return };
        event.settled = true;
        let number = event.record;
        let all = self.unacknowledged.iter_mut();
        all.filter(|event| event.record == number).for_each(|event| event.settled = true);
        if !event.earlier {
            self.count(fate);
        }
    }

    fn count(&mut self, fate: Fate) {
        let count = match fate {
            Fate::Delivered => &mut self.fates.delivered,
            Fate::Rejected => &mut self.fates.rejected,
            Fate::Failed => &mut self.fates.failed,
            Fate::Dropped => &mut self.fates.dropped,
        };
        *count += 1;
    }

    pub(super) fn release(&mut self) {
        while let Some(event) = self.hand.pop_front_if(|event| event.settled) {
            self.first_ticket += 1;
            self.let_go.push(event.name);
            if self.has_spool {
                self.unacknowledged.retain(|other| other.record > event.record);
            }
        }
    }

    /// Writes events to the disk; answers how many.
    pub(super) fn spill(&mut self, most: u64) -> u64 {
        let mut written = 0;
        if !self.has_spool {
            return written;
        }
        for event in self.hand.iter_mut().filter(|event| event.is_in_memory()) {
            if written < most {
                event.record = Some(self.next_record);
                self.unacknowledged.push_back(*event);
                self.next_record += 1;
                written += 1;
            }
        }
        while written < most
            && let Some(mut event) = self.waiting.pop_front()
        {
            event.record = Some(self.next_record);
            self.let_go.push(event.name);
            self.unacknowledged.push_back(event);
            self.disk.push_back(event);
            self.next_record += 1;
            written += 1;
        }
        written
    }

    /// Gives up the waiting events from before this moment; answers their names.
    pub(super) fn expire(&mut self, before: Instant) -> Vec<u64> {
        let mut expired = Vec::new();
        while let Some(event) = self.waiting.pop_front_if(|event| event.since < before) {
            self.fates.failed += 1;
            expired.push(event.name);
        }
        expired
    }

    /// Gives up all that only memory has; answers their names.
    pub(super) fn give_up(&mut self) -> Vec<u64> {
        let mut given_up = Vec::new();
        for event in self.hand.iter_mut().filter(|event| event.is_in_memory()) {
            event.settled = true;
            given_up.push(event.name);
        }
        given_up.extend(self.waiting.drain(..).map(|event| event.name));
        self.fates.failed += given_up.len() as u64;
        given_up
    }

    pub(super) fn leave_spool_alone(&mut self) {
        if std::mem::take(&mut self.has_spool) {
            self.left_alone = self.disk.iter().filter(|event| !event.earlier).count() as u64;
            self.disk.clear();
        }
    }
}
