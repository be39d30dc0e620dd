//! What a delivery does next.
//!
//! Pure: a view of the moment comes in, the next step comes out.

use std::time::{Duration, Instant};

use crate::settings::SendMode;
use tidings_core::time::moment::after;

/// A flush does not wait for a gate that stays shut for longer, where there is a spool.
const FLUSH_PATIENCE: Duration = Duration::from_secs(1);

/// When batches are due.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rhythm {
    pub(super) send: SendMode,
    pub(super) batch_events: usize,
    pub(super) batch_bytes: usize,
    pub(super) linger: Duration,
    /// `OnFlush` and `RealTime` send all the same when so much waits.
    pub(super) nearly_full_events: usize,
    pub(super) nearly_full_bytes: usize,
}

/// All that the next step depends on.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all combine")]
pub(super) struct View {
    /// Until when nothing may be sent.
    pub(super) gate_opens: Option<Instant>,
    /// Nothing gets through at the moment.
    pub(super) outage: bool,
    /// The sink takes nothing more, ever.
    pub(super) stopped: bool,
    /// Something is encoded and to be sent.
    pub(super) parcel: bool,
    /// Events that were taken in hand and are not encoded yet.
    pub(super) taken: bool,
    /// Batches that are unconfirmed.
    pub(super) unconfirmed: usize,
    pub(super) unconfirmed_max: usize,
    /// When to ask for confirmations; there is always a time while one is missing.
    pub(super) confirm_at: Option<Instant>,
    /// Records on disk that are not in hand.
    pub(super) unread: u64,
    /// The spool could not be read, and is not tried again before.
    pub(super) read_after: Option<Instant>,
    pub(super) waiting_events: usize,
    pub(super) waiting_bytes: usize,
    pub(super) oldest_waiting: Option<Instant>,
    /// When the interval of `RealTime` began.
    pub(super) tick_at: Option<Instant>,
    /// The oldest of those that wait was there when it began.
    pub(super) in_tick: bool,
    pub(super) has_spool: bool,
    /// Memory holds something that the spool does not.
    pub(super) unspooled: bool,
    /// The spool could not be written, and is not tried again before.
    pub(super) spill_after: Option<Instant>,
    /// As much is in hand as may be.
    pub(super) hand_full: bool,
    /// When the first event that is to be sent is too old for it.
    pub(super) expires_at: Option<Instant>,
    /// Somebody waits for a flush.
    pub(super) flushing: bool,
    /// It is to end by then.
    pub(super) closing: Option<Instant>,
}

/// The next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Asks the sink what became of unconfirmed batches.
    Confirm,
    /// Sends the parcel.
    Send,
    /// Encodes what is in hand.
    Encode,
    /// Takes records from disk in hand.
    Read,
    /// Takes waiting events in hand.
    Take,
    /// Gives up what is too old.
    Expire,
    /// Writes what memory holds to the spool.
    Spill,
    /// Waits, to this moment or for a change; for more events if so many make a batch due.
    Wait { until: Option<Instant>, for_events: bool },
    /// Ends.
    Finish,
}

impl View {
    /// What to do at `now`.
    pub(super) fn next(&self, now: Instant, rhythm: &Rhythm) -> Step {
        if self.unconfirmed > 0 && self.confirm_at.is_some_and(|at| at <= now) {
            return Step::Confirm;
        }
        if self.stopped {
            return self.keep(now, rhythm, None);
        }
        if let Some(opens) = self.gate_opens.filter(|opens| *opens > now) {
            return self.keep(now, rhythm, Some(opens));
        }
        let step = self.onward(now, rhythm);
        match step {
            Step::Wait { until: None, .. } if self.closing.is_some() && self.unconfirmed == 0 => {
                Step::Finish
            }
            _ => step,
        }
    }

    /// While nothing may be sent: what memory holds goes to the spool.
    fn keep(&self, now: Instant, rhythm: &Rhythm, opens: Option<Instant>) -> Step {
        // What a stopped sink leaves behind has no age: it is kept, or was given up.
        let expires_at = self.expires_at.filter(|_| !self.stopped);
        if expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Step::Expire;
        }
        let step = self.keep_by(now, rhythm, opens);
        match (step, expires_at) {
            (Step::Wait { until, for_events }, Some(expires_at)) => {
                let until = until.map_or(expires_at, |until| until.min(expires_at));
                Step::Wait { until: Some(until), for_events }
            }
            _ => step,
        }
    }

    fn keep_by(&self, now: Instant, rhythm: &Rhythm, opens: Option<Instant>) -> Step {
        if let Some(deadline) = self.closing {
            let opens = opens.filter(|opens| *opens < deadline);
            let confirm_at = self.confirm_at.filter(|at| self.unconfirmed > 0 && *at < deadline);
            // Neither another attempt nor an answer will come in time.
            if opens.is_none() && confirm_at.is_none() {
                return Step::Finish;
            }
            return self.wait(opens, false);
        }
        let is_long = |opens: Instant| opens.duration_since(now) > FLUSH_PATIENCE;
        let is_down = self.outage || self.stopped || self.flushing && opens.is_none_or(is_long);
        if !is_down || !self.has_spool || !self.unspooled {
            return self.wait(opens, is_down && self.has_spool);
        }
        if let Some(again) = self.spill_after.filter(|again| *again > now) {
            return self.wait(Some(opens.map_or(again, |opens| opens.min(again))), false);
        }
        // Not one write an event: as many as come within the linger go together.
        let due = self.oldest_waiting.map(|oldest| after(oldest, rhythm.linger));
        match due.filter(|due| *due > now && !self.flushing) {
            Some(due) if self.waiting_events < rhythm.batch_events => {
                self.wait(Some(opens.map_or(due, |opens| opens.min(due))), true)
            }
            _ => Step::Spill,
        }
    }

    /// While the way is free.
    fn onward(&self, now: Instant, rhythm: &Rhythm) -> Step {
        if self.parcel {
            return Step::Send;
        }
        if self.unconfirmed >= self.unconfirmed_max.max(1) {
            return self.wait(None, false);
        }
        if self.taken {
            return Step::Encode;
        }
        if self.hand_full && self.unconfirmed > 0 {
            return self.wait(None, false);
        }
        if self.unread > 0 {
            let on_hold = rhythm.send == SendMode::OnFlush && !self.is_pressed(rhythm);
            return match self.read_after.filter(|again| *again > now) {
                _ if on_hold => self.wait(None, true),
                Some(again) => self.wait(Some(again), false),
                None => Step::Read,
            };
        }
        if self.waiting_events == 0 {
            return self.wait(None, true);
        }
        match self.due(now, rhythm) {
            Some(due) if due > now => self.wait(Some(due), true),
            Some(_) => Step::Take,
            None => self.wait(None, true),
        }
    }

    /// When what waits in memory is to be sent; none for not yet.
    fn due(&self, now: Instant, rhythm: &Rhythm) -> Option<Instant> {
        if self.flushing || self.closing.is_some() {
            return Some(now);
        }
        match rhythm.send {
            SendMode::Batched if self.is_full(rhythm) => Some(now),
            SendMode::Batched => self.oldest_waiting.map(|oldest| after(oldest, rhythm.linger)),
            SendMode::RealTime { .. } if self.in_tick || self.is_pressed(rhythm) => Some(now),
            SendMode::RealTime { interval } => {
                Some(self.tick_at.map_or(now, |tick_at| after(tick_at, interval)))
            }
            SendMode::OnFlush => self.is_pressed(rhythm).then_some(now),
        }
    }

    fn is_full(&self, rhythm: &Rhythm) -> bool {
        self.waiting_events >= rhythm.batch_events || self.waiting_bytes >= rhythm.batch_bytes
    }

    /// Whether it has to be sent before its time.
    fn is_pressed(&self, rhythm: &Rhythm) -> bool {
        self.flushing
            || self.closing.is_some()
            || self.waiting_events >= rhythm.nearly_full_events
            || self.waiting_bytes >= rhythm.nearly_full_bytes
    }

    fn wait(&self, until: Option<Instant>, for_events: bool) -> Step {
        let until = match (until, self.confirm_at.filter(|_| self.unconfirmed > 0)) {
            (Some(until), Some(confirm)) => Some(until.min(confirm)),
            (until, confirm) => until.or(confirm),
        };
        Step::Wait { until, for_events }
    }
}

impl Rhythm {
    /// How many waiting events, or bytes, are worth waking up for.
    pub(super) fn wake_at(&self, waiting_events: usize, waiting_bytes: usize) -> (usize, usize) {
        let (events, bytes) = match self.send {
            // The first one starts the clock.
            SendMode::Batched | SendMode::RealTime { .. } if waiting_events == 0 => (1, 1),
            SendMode::Batched => (self.batch_events, self.batch_bytes),
            _ => (self.nearly_full_events, self.nearly_full_bytes),
        };
        // What waits although it is enough waits for something else.
        let next = |enough: usize, waiting: usize| {
            if enough > waiting { enough } else { waiting.saturating_add(enough) }
        };
        (next(events, waiting_events), next(bytes, waiting_bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn rhythm(send: SendMode) -> Rhythm {
        Rhythm {
            send,
            batch_events: 10,
            batch_bytes: 1_000,
            linger: SECOND,
            nearly_full_events: 75,
            nearly_full_bytes: 7_500,
        }
    }

    fn waiting(events: usize, oldest: Instant) -> View {
        View {
            waiting_events: events,
            waiting_bytes: events,
            oldest_waiting: (events > 0).then_some(oldest),
            unspooled: events > 0,
            ..View::default()
        }
    }

    fn wait(until: impl Into<Option<Instant>>, for_events: bool) -> Step {
        Step::Wait { until: until.into(), for_events }
    }

    #[test]
    fn a_batch_is_due_when_it_is_full_or_its_first_event_has_waited_for_the_linger() {
        let (now, rhythm) = (Instant::now(), rhythm(SendMode::Batched));
        assert_eq!(waiting(0, now).next(now, &rhythm), wait(None, true));
        assert_eq!(waiting(3, now).next(now, &rhythm), wait(now + SECOND, true));
        assert_eq!(waiting(3, now).next(now + SECOND, &rhythm), Step::Take);
        assert_eq!(waiting(10, now).next(now, &rhythm), Step::Take);
        let bytes = View { waiting_bytes: 1_000, ..waiting(3, now) };
        assert_eq!(bytes.next(now, &rhythm), Step::Take);
    }

    #[test]
    fn real_time_sends_whatever_there_is_at_its_interval() {
        let (now, rhythm) = (Instant::now(), rhythm(SendMode::RealTime { interval: 2 * SECOND }));
        assert_eq!(waiting(1, now).next(now, &rhythm), Step::Take);
        let sent = View { tick_at: Some(now), ..waiting(50, now) };
        assert_eq!(sent.next(now + SECOND, &rhythm), wait(now + 2 * SECOND, true));
        assert_eq!(sent.next(now + 2 * SECOND, &rhythm), Step::Take);
        // The rest of what was there when the interval began, and a queue that fills up.
        assert_eq!(View { in_tick: true, ..sent }.next(now + SECOND, &rhythm), Step::Take);
        assert_eq!(View { waiting_events: 75, ..sent }.next(now + SECOND, &rhythm), Step::Take);
    }

    #[test]
    fn on_flush_sends_only_when_flushed_closed_or_nearly_full() {
        let (now, rhythm) = (Instant::now(), rhythm(SendMode::OnFlush));
        let late = now + 100 * SECOND;
        assert_eq!(waiting(74, now).next(late, &rhythm), wait(None, true));
        assert_eq!(waiting(75, now).next(late, &rhythm), Step::Take);
        let flushing = View { flushing: true, ..waiting(1, now) };
        assert_eq!(flushing.next(now, &rhythm), Step::Take);
        let closing = View { closing: Some(late), ..waiting(1, now) };
        assert_eq!(closing.next(now, &rhythm), Step::Take);
        let unread = View { unread: 5, ..waiting(0, now) };
        assert_eq!(unread.next(now, &rhythm), wait(None, true));
    }

    #[test]
    fn what_is_on_disk_goes_before_what_waits_in_memory() {
        let (now, rhythm) = (Instant::now(), rhythm(SendMode::Batched));
        let view = View { unread: 5, has_spool: true, ..waiting(10, now) };
        assert_eq!(view.next(now, &rhythm), Step::Read);
        assert_eq!(View { parcel: true, ..view }.next(now, &rhythm), Step::Send);
    }

    #[test]
    fn nothing_is_sent_through_a_shut_gate_and_an_outage_spills_to_the_spool() {
        let (now, rhythm) = (Instant::now(), rhythm(SendMode::Batched));
        let opens = now + 5 * SECOND;
        let shut = View { gate_opens: Some(opens), outage: true, parcel: true, ..waiting(10, now) };
        assert_eq!(shut.next(now, &rhythm), wait(opens, false));
        let spool = View { has_spool: true, ..shut };
        assert_eq!(spool.next(now, &rhythm), Step::Spill);
        let few = View { waiting_events: 3, ..spool };
        assert_eq!(few.next(now, &rhythm), wait(now + SECOND, true));
        assert_eq!(View { flushing: true, ..few }.next(now, &rhythm), Step::Spill);
        // A place that only asks to go slower takes everything.
        assert_eq!(View { outage: false, ..spool }.next(now, &rhythm), wait(opens, false));
        // But nobody who flushes waits for it.
        let flushing = View { outage: false, flushing: true, ..spool };
        assert_eq!(flushing.next(now, &rhythm), Step::Spill);
        let soon = View { gate_opens: Some(now + SECOND / 2), ..flushing };
        assert_eq!(soon.next(now, &rhythm), wait(now + SECOND / 2, false));
    }

    #[test]
    fn closing_sends_all_there_is_and_ends_early_only_when_no_attempt_is_left() {
        let (now, rhythm) = (Instant::now(), rhythm(SendMode::Batched));
        let closing = View { closing: Some(now + 10 * SECOND), ..waiting(1, now) };
        assert_eq!(closing.next(now, &rhythm), Step::Take);
        let shut = View { gate_opens: Some(now + SECOND), outage: true, ..closing };
        assert_eq!(shut.next(now, &rhythm), wait(now + SECOND, false));
        let for_long = View { gate_opens: Some(now + 11 * SECOND), ..shut };
        assert_eq!(for_long.next(now, &rhythm), Step::Finish);
        // An answer may still come.
        let confirm_at = Some(now + SECOND);
        let asked = View { unconfirmed: 1, unconfirmed_max: 4, confirm_at, ..for_long };
        assert_eq!(asked.next(now, &rhythm), wait(now + SECOND, false));
        assert_eq!(View { stopped: true, ..asked }.next(now, &rhythm), wait(now + SECOND, false));
        let done = View { closing: Some(now + SECOND), ..waiting(0, now) };
        assert_eq!(done.next(now, &rhythm), Step::Finish);
        let unconfirmed =
            View { unconfirmed: 1, unconfirmed_max: 4, confirm_at: Some(now + SECOND), ..done };
        assert_eq!(unconfirmed.next(now, &rhythm), wait(now + SECOND, true));
        assert_eq!(unconfirmed.next(now + SECOND, &rhythm), Step::Confirm);
    }

    #[test]
    fn no_batch_is_sent_beyond_the_window_of_unconfirmed_ones() {
        let (now, rhythm) = (Instant::now(), rhythm(SendMode::Batched));
        let confirm_at = now + SECOND;
        let view = View {
            unconfirmed: 4,
            unconfirmed_max: 4,
            confirm_at: Some(confirm_at),
            ..waiting(10, now)
        };
        assert_eq!(view.next(now, &rhythm), wait(confirm_at, false));
        assert_eq!(View { unconfirmed: 3, ..view }.next(now, &rhythm), Step::Take);
    }

    #[test]
    fn the_longest_linger_and_interval_are_waited_for() {
        let now = Instant::now();
        let never = Rhythm { linger: Duration::MAX, ..rhythm(SendMode::Batched) };
        assert!(matches!(waiting(1, now).next(now, &never), Step::Wait { until: Some(_), .. }));
        let real_time = rhythm(SendMode::RealTime { interval: Duration::MAX });
        let sent = View { tick_at: Some(now), ..waiting(1, now) };
        assert!(matches!(sent.next(now, &real_time), Step::Wait { until: Some(_), .. }));
    }

    #[test]
    fn what_gets_too_old_behind_a_shut_gate_is_given_up() {
        let (now, rhythm) = (Instant::now(), rhythm(SendMode::Batched));
        let expires_at = Some(now + SECOND);
        let gate_opens = Some(now + 5 * SECOND);
        let view = View { gate_opens, expires_at, parcel: true, outage: true, ..waiting(1, now) };
        assert_eq!(view.next(now, &rhythm), wait(now + SECOND, false));
        assert_eq!(view.next(now + SECOND, &rhythm), Step::Expire);
        // Of a sink that stopped, and while the way is free, age ends nothing.
        let stopped = View { stopped: true, has_spool: true, ..view };
        assert_eq!(stopped.next(now + SECOND, &rhythm), Step::Spill);
        let free = View { gate_opens: None, parcel: false, outage: false, ..view };
        let real_time = Rhythm { send: SendMode::RealTime { interval: 60 * SECOND }, ..rhythm };
        let free = View { tick_at: Some(now), ..free };
        assert_eq!(free.next(now + SECOND, &real_time), wait(now + 60 * SECOND, true));
    }

    #[test]
    fn a_spool_that_cannot_be_written_is_not_tried_in_a_tight_loop() {
        let (now, rhythm) = (Instant::now(), rhythm(SendMode::Batched));
        let after = now + SECOND;
        let view = View {
            gate_opens: Some(now + 5 * SECOND),
            outage: true,
            has_spool: true,
            spill_after: Some(after),
            ..waiting(10, now)
        };
        assert_eq!(view.next(now, &rhythm), wait(after, false));
        assert_eq!(view.next(after, &rhythm), Step::Spill);
    }

    #[test]
    fn a_spool_that_cannot_be_read_is_tried_again_after_a_pause_and_nothing_overtakes_it() {
        let (now, rhythm) = (Instant::now(), rhythm(SendMode::Batched));
        let again = now + SECOND;
        let view = View { unread: 5, has_spool: true, read_after: Some(again), ..waiting(10, now) };
        assert_eq!(view.next(now, &rhythm), wait(again, false));
        assert_eq!(view.next(again, &rhythm), Step::Read);
        let closing = View { closing: Some(now + 10 * SECOND), flushing: true, ..view };
        assert_eq!(closing.next(now, &rhythm), wait(again, false));
        assert_eq!(View { unread: 0, ..view }.next(now, &rhythm), Step::Take);
    }

    #[test]
    fn nobody_is_asked_for_confirmations_when_none_is_missing() {
        let (now, rhythm) = (Instant::now(), rhythm(SendMode::Batched));
        let asked = View { confirm_at: Some(now), ..waiting(10, now) };
        assert_eq!(asked.next(now, &rhythm), Step::Take);
        let missing = View { unconfirmed: 1, unconfirmed_max: 2, ..asked };
        assert_eq!(missing.next(now, &rhythm), Step::Confirm);
    }

    #[test]
    fn the_thread_is_woken_for_the_first_event_and_then_for_a_full_batch() {
        let batched = rhythm(SendMode::Batched);
        assert_eq!(batched.wake_at(0, 0), (1, 1), "the first one starts the clock");
        assert_eq!(batched.wake_at(1, 300), (10, 1_000));
        assert_eq!(batched.wake_at(9, 999), (10, 1_000));
        // What waits although it is enough waits for something else.
        assert_eq!(batched.wake_at(10, 1_000), (20, 2_000));
        assert_eq!(batched.wake_at(25, usize::MAX), (35, usize::MAX));
        let real_time = rhythm(SendMode::RealTime { interval: SECOND });
        assert_eq!(real_time.wake_at(0, 0), (1, 1));
        assert_eq!(real_time.wake_at(1, 300), (75, 7_500));
        let on_flush = rhythm(SendMode::OnFlush);
        assert_eq!(on_flush.wake_at(0, 0), (75, 7_500));
        assert_eq!(on_flush.wake_at(80, 100), (155, 7_500));
    }

    #[test]
    fn a_stopped_sink_is_sent_nothing_and_the_spool_keeps_the_rest() {
        let (now, rhythm) = (Instant::now(), rhythm(SendMode::Batched));
        let stopped = View { stopped: true, parcel: true, has_spool: true, ..waiting(10, now) };
        assert_eq!(stopped.next(now, &rhythm), Step::Spill);
        let closing = View { closing: Some(now + SECOND), ..stopped };
        assert_eq!(closing.next(now, &rhythm), Step::Finish);
    }
}
