//! One run of a case: its attempts, the last of which decides.
//!
//! Rules: a real end takes the place of a synthetic one, whichever came first; of two real
//! ends of one attempt the worse stays, so that no failure is ever hidden; a beginning after
//! the end is another run of the case; a second beginning without an end is no other run.

use std::time::Duration;

use tidings_core::{Entity, Timestamp};

use crate::vocabulary::{End, Failure, SkippedBy, SourceLocation, Start, Status};

use super::kept::Notes;
use super::limits::ATTEMPTS_KEPT_MAX;
use super::view::StepView;

/// One run of one case.
#[derive(Debug, Clone)]
pub(super) struct Execution {
    /// Its place among all, from 0.
    pub(super) number: usize,
    pub(super) entity: Entity,
    pub(super) origin: u32,
    /// Which run of the case it is, from 1.
    pub(super) repeat: u32,
    pub(super) lane: u32,
    pub(super) first_at: Timestamp,
    pub(super) attempts: Vec<Attempt>,
    /// Whether an attempt that is no longer kept failed.
    pub(super) failed_before: bool,
    pub(super) location: Option<SourceLocation>,
    pub(super) fingerprint: Option<String>,
    pub(super) notes: Notes,
    pub(super) steps: Vec<StepView>,
    pub(super) steps_dropped: u64,
}

/// One attempt of a run.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) number: u32,
    pub(super) started_at: Option<Timestamp>,
    /// When it was said again that it began; it is still the same attempt.
    pub(super) restarted_at: Option<Timestamp>,
    /// Whether `started_at` was said, and not only taken from the envelope.
    pub(super) is_start_said: bool,
    pub(super) ended: Option<Ended>,
    /// Whether a synthetic end was there as well.
    pub(super) late: bool,
}

/// The end of an attempt.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    pub(super) status: Status,
    pub(super) synthetic: bool,
    pub(super) at: Timestamp,
    pub(super) is_at_said: bool,
    pub(super) duration: Option<Duration>,
    pub(super) failure: Option<Box<Failure>>,
    pub(super) by: Option<SkippedBy>,
    pub(super) reason: Option<String>,
}

impl Ended {
    fn new(end: &End<'_>, now: Timestamp) -> Self {
        Self {
            status: end.status,
            synthetic: end.synthetic,
            at: end.at.unwrap_or(now),
            is_at_said: end.at.is_some(),
            duration: end.duration,
            // It was cut to a size before.
            failure: end.failure.cloned().map(Box::new),
            by: end.by,
            reason: end.reason.map(str::to_owned),
        }
    }
}

impl Attempt {
    fn new(number: u32) -> Self {
        Self {
            number,
            started_at: None,
            restarted_at: None,
            is_start_said: false,
            ended: None,
            late: false,
        }
    }

    /// How long it took: as it was said, or between two moments that were said.
    pub(super) fn duration(&self) -> Option<Duration> {
        let ended = self.ended.as_ref()?;
        let started_at = self.started_at.filter(|_| self.is_start_said && ended.is_at_said);
        ended.duration.or_else(|| started_at.map(|start| ended.at.saturating_since(start)))
    }
}

/// Whether a run of a case takes an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Yes,
    /// It is the first event of another run.
    Another,
}

impl Execution {
    pub(super) fn new(entity: Entity, origin: u32, repeat: u32, now: Timestamp) -> Self {
        Self {
            number: 0,
            entity,
            origin,
            repeat,
            lane: 0,
            first_at: now,
            attempts: Vec::new(),
            failed_before: false,
            location: None,
            fingerprint: None,
            notes: Notes::default(),
            steps: Vec::new(),
            steps_dropped: 0,
        }
    }

    /// Whether it has begun or ended; before that it was only mentioned.
    pub(super) fn is_seen(&self) -> bool {
        !self.attempts.is_empty()
    }

    pub(super) fn last(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// Whether its last attempt has begun and nobody said how it ended.
    pub(super) fn is_open(&self) -> bool {
        self.last().is_some_and(|last| last.ended.is_none())
    }

    pub(super) fn last_number(&self) -> u32 {
        self.last().map_or(0, |last| last.number)
    }

    pub(super) fn start(&mut self, start: &Start<'_>, now: Timestamp) -> Taken {
        if self.last().is_some_and(|last| start.attempt <= last.number && last.ended.is_some()) {
            return Taken::Another;
        }
        self.location = self.location.take().or_else(|| start.location.cloned());
        self.fingerprint = self.fingerprint.take().or_else(|| start.fingerprint.map(str::to_owned));
        self.notes.add_properties(start.properties);
        if start.attempt > self.last_number() {
            let mut attempt = Attempt::new(start.attempt);
            attempt.started_at = Some(start.at.unwrap_or(now));
            attempt.is_start_said = start.at.is_some();
            self.push(attempt);
        } else if let Some(last) = self.attempts.last_mut() {
            last.restarted_at = last.restarted_at.max(start.at.or(Some(now)));
        }
        Taken::Yes
    }

    pub(super) fn end(&mut self, end: &End<'_>, now: Timestamp, is_skip: bool) -> Taken {
        let Some(place) = self.attempts.iter().position(|known| known.number >= end.attempt) else {
            let mut attempt = Attempt::new(end.attempt);
            attempt.ended = Some(Ended::new(end, now));
            self.notes.add_properties(end.properties);
            self.push(attempt);
            return Taken::Yes;
        };
        if self.attempts[place].number > end.attempt {
            // An earlier attempt that is heard of late.
            let mut attempt = Attempt::new(end.attempt);
            attempt.ended = Some(Ended::new(end, now));
            if self.attempts.len() < ATTEMPTS_KEPT_MAX {
                self.attempts.insert(place, attempt);
            } else {
                self.failed_before |= end.status.is_failed();
            }
            return Taken::Yes;
        }
        let attempt = &mut self.attempts[place];
        match &attempt.ended {
            Some(known) if !known.synthetic && !end.synthetic => {
                if is_skip || attempt.started_at.is_none() {
                    return Taken::Another;
                }
                if end.status.is_failed() && !known.status.is_failed() {
                    attempt.ended = Some(Ended::new(end, now));
                }
            }
            Some(known) if known.synthetic && !end.synthetic => {
                attempt.late = true;
                attempt.ended = Some(Ended::new(end, now));
            }
            Some(known) => attempt.late |= !known.synthetic,
            None => attempt.ended = Some(Ended::new(end, now)),
        }
        self.notes.add_properties(end.properties);
        Taken::Yes
    }

    fn push(&mut self, attempt: Attempt) {
        if self.attempts.len() >= ATTEMPTS_KEPT_MAX {
            let oldest = self.attempts.remove(0);
            self.failed_before |= oldest.ended.is_none_or(|ended| ended.status.is_failed());
        }
        self.attempts.push(attempt);
    }

    /// Whether it passed after a failed attempt.
    ///
    /// A number above 1 without a trace of earlier attempts speaks for itself: nobody tries
    /// again what went well.
    pub(super) fn is_flaky(&self) -> bool {
        let Some((last, earlier)) = self.attempts.split_last() else { return false };
        let has_passed = last.ended.as_ref().is_some_and(|ended| ended.status.is_passed());
        let failed =
            |attempt: &Attempt| attempt.ended.as_ref().is_none_or(|ended| ended.status.is_failed());
        let is_unseen = self.attempts[0].number > 1 && earlier.is_empty();
        has_passed && (self.failed_before || is_unseen || earlier.iter().any(failed))
    }
}
