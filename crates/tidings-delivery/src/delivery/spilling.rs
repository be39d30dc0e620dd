//! Writing the backlog to the spool, and what that costs older records.

use std::ops::RangeInclusive;

use tidings_core::wire::write_event;

use super::backlog::Backlog;
use super::held::{Fate, Held};
use crate::spool::{Spool, SpoolError};

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

impl Backlog {
    /// Counts events in hand whose records went to make room: it is too late for them.
    pub(super) fn drop_evicted(&mut self) {
        for index in 0..self.in_hand.len() {
            if self.in_hand[index].evicted {
                self.settle(self.first_ticket + index as u64, Fate::Dropped);
            }
        }
    }

    /// Writes what memory alone holds to the spool, in order, the first `most` events.
    pub(super) fn spill(&mut self, most: usize) -> Spilled {
        let mut spilled = Spilled::default();
        let Some(mut spool) = self.spool.take() else { return spilled };
        self.spill_in_hand(&mut spool, &mut spilled, most);
        while spilled.failure.is_none()
            && spilled.written < most as u64
            && let Some(held) = self.waiting.front()
        {
            match append(&mut spool, &mut self.line, held) {
                Ok((_number, dropped)) => {
                    let held = self.waiting.pop_front().expect("there is one at the front");
                    self.waiting_bytes -= held.bytes;
                    self.trash.push(held.envelope);
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

    fn spill_in_hand(&mut self, spool: &mut Spool, spilled: &mut Spilled, most: usize) {
        for index in 0..self.in_hand.len() {
            if spilled.written >= most as u64 {
                return;
            }
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
                Err(SpoolError::TooLong { .. }) => self.in_hand[index].too_long = true,
                Err(failure) => {
                    spilled.failure = Some(failure);
                    return;
                }
            }
        }
    }

    /// Counts records that went to make room. Those in hand are not lost: memory has them.
    fn count_dropped(&mut self, dropped: Option<RangeInclusive<u64>>) -> u64 {
        let Some(dropped) = dropped else { return 0 };
        let mut lost = dropped.end() - dropped.start() + 1;
        let mut own =
            (dropped.end() + 1).saturating_sub(self.first_own_record.max(*dropped.start()));
        if let Some(decoding) = &self.decoding {
            let (begin, end) = (*decoding.start(), *decoding.end().min(dropped.end()) + 1);
            let begin = begin.max(*dropped.start());
            let overlap = end.saturating_sub(begin);
            let own_begin = begin.max(self.first_own_record);
            lost = lost.saturating_sub(overlap);
            own = own.saturating_sub(end.saturating_sub(own_begin));
            self.evicted_through = self.evicted_through.max(Some(*dropped.end()));
        }
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
) -> Result<(u64, Option<RangeInclusive<u64>>), SpoolError> {
    line.clear();
    // Whoever accepted it has seen that it has a JSON form.
    write_event(&held.envelope, Some(held.position), line)
        .expect("only events with a JSON form are accepted");
    let appended = spool.append(line)?;
    Ok((appended.number, appended.dropped))
}
