//! A sink that is watched: every call goes through, and is written down.
//!
//! It can be killed: at a call of `send` that was chosen it stands still, before or after
//! the sink inside has sent, until the suite has copied what a kill would have left; from
//! then on the sink inside is not called any more.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tidings_core::Envelope;
use tidings_core::time::moment::deadline_in;
use tidings_delivery::{Batch, Confirmation, Outcome, Sink, Then, Unencodable};

/// Where in which call of `send` a sink stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KillAt {
    /// Which call, beginning with 1.
    pub(super) call: usize,
    /// Whether the sink inside has sent by then.
    pub(super) has_sent: bool,
}

/// One call of `send`.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) events: usize,
    pub(super) bytes: usize,
    pub(super) began: Instant,
    pub(super) ended: Option<Instant>,
    /// None while it is under way, and when it panicked.
    pub(super) outcome: Option<Outcome>,
}

impl Call {
    /// What the sink said of what it did not take.
    pub(super) fn then(&self) -> Option<&Then> {
        self.outcome.as_ref().map(Outcome::then)
    }

    /// Whether it did not go well.
    pub(super) fn is_trouble(&self) -> bool {
        !matches!(self.then(), Some(Then::Done | Then::Unconfirmed))
    }
}

/// What is known of a watched sink.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) calls: Vec<Call>,
    /// Whether it stands still, to be killed.
    pub(super) stands_still: bool,
    /// All texts that came out of it.
    pub(super) texts: Vec<String>,
    kill_at: Option<KillAt>,
    is_dead: bool,
}

impl Seen {
    /// Whether a call is under way.
    pub(super) fn is_sending(&self) -> bool {
        self.calls.last().is_some_and(|call| call.ended.is_none())
    }

    /// Calls that ended in some trouble.
    pub(super) fn troubles(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(|call| call.ended.is_some() && call.is_trouble())
    }

    /// What went wrong last, in words.
    pub(super) fn last_trouble(&self) -> String {
        let last = self.troubles().last();
        match last.map(|call| call.outcome.as_ref()) {
            None => "the sink never said that anything went wrong".to_owned(),
            Some(None) => "the sink panicked".to_owned(),
            Some(Some(outcome)) => format!("the sink said last: {:?}", outcome.then()),
        }
    }
}

/// What is seen of a watched sink, from the suite's thread.
#[derive(Debug, Default)]
pub(super) struct Log {
    seen: Mutex<Seen>,
    changed: Condvar,
}

impl Log {
    pub(super) fn killing_at(kill_at: Option<KillAt>) -> Arc<Self> {
        let seen = Seen { kill_at, ..Seen::default() };
        Arc::new(Self { seen: Mutex::new(seen), changed: Condvar::new() })
    }

    /// Looks at what is known now.
    pub(super) fn look<R>(&self, look: impl FnOnce(&Seen) -> R) -> R {
        look(&self.seen.lock())
    }

    /// Waits until this holds; answers whether it does.
    pub(super) fn wait_for(&self, within: Duration, holds: impl Fn(&Seen) -> bool) -> bool {
        let deadline = deadline_in(within);
        let mut seen = self.seen.lock();
        while !holds(&seen) {
            if self.changed.wait_until(&mut seen, deadline).timed_out() {
                return holds(&seen);
            }
        }
        true
    }

    /// From now on the sink inside is not called any more.
    pub(super) fn kill(&self) {
        self.change(|seen| seen.is_dead = true);
    }

    fn change<R>(&self, change: impl FnOnce(&mut Seen) -> R) -> R {
        let result = change(&mut self.seen.lock());
        self.changed.notify_all();
        result
    }

    fn say(&self, text: impl Into<String>) {
        self.change(|seen| seen.texts.push(text.into()));
    }

    fn say_outcome(&self, outcome: &Outcome) {
        self.say(format!("{:?}", outcome.then()));
        if let Some(warning) = outcome.warning() {
            self.say(warning);
        }
    }

    fn begin(&self, batch: &Batch<'_>) {
        self.change(|seen| {
            seen.calls.push(Call {
                events: batch.len(),
                bytes: batch.bytes().len(),
                began: Instant::now(),
                ended: None,
                outcome: None,
            });
        });
    }

    fn end(&self, outcome: Option<&Outcome>) {
        self.change(|seen| {
            if let Some(call) = seen.calls.last_mut() {
                call.ended = Some(Instant::now());
                call.outcome = outcome.cloned();
            }
        });
    }

    /// Stands still if this is the place for it; answers whether the sink is dead.
    fn is_dead(&self, has_sent: bool) -> bool {
        let mut seen = self.seen.lock();
        let here = KillAt { call: seen.calls.len(), has_sent };
        if seen.kill_at == Some(here) && !seen.is_dead {
            seen.stands_still = true;
            self.changed.notify_all();
            self.changed.wait_while(&mut seen, |seen| !seen.is_dead);
            seen.stands_still = false;
        }
        seen.is_dead
    }
}

/// A sink that is watched.
#[derive(Debug)]
pub(super) struct Watched<S> {
    sink: S,
    log: Arc<Log>,
}

impl<S: Sink> Watched<S> {
    pub(super) fn new(sink: S, log: Arc<Log>) -> Self {
        Self { sink, log }
    }

    fn send_inside(&mut self, batch: &Batch<'_>) -> Outcome {
        match catch_unwind(AssertUnwindSafe(|| self.sink.send(batch))) {
            Ok(outcome) => {
                self.log.say_outcome(&outcome);
                outcome
            }
            Err(panic) => {
                self.log.end(None);
                resume_unwind(panic)
            }
        }
    }
}

impl<S: Sink> Sink for Watched<S> {
    fn name(&self) -> String {
        self.sink.name()
    }

    fn kind(&self) -> &'static str {
        self.sink.kind()
    }

    fn check(&mut self) -> Result<(), String> {
        self.sink.check().inspect_err(|reason| self.log.say(reason.as_str()))
    }

    fn encode(
        &mut self,
        envelope: &Envelope,
        position: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Unencodable> {
        let encoded = self.sink.encode(envelope, position, out);
        encoded.inspect_err(|fault| self.log.say(fault.to_string()))
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        self.log.begin(batch);
        let outcome = if self.log.is_dead(false) {
            Outcome::stop("the process was killed")
        } else {
            let outcome = self.send_inside(batch);
            if self.log.is_dead(true) { Outcome::stop("the process was killed") } else { outcome }
        };
        self.log.end(Some(&outcome));
        outcome
    }

    fn unconfirmed_max(&self) -> usize {
        self.sink.unconfirmed_max()
    }

    fn confirm_interval(&self) -> Duration {
        self.sink.confirm_interval()
    }

    fn confirm(&mut self) -> Vec<Confirmation> {
        if self.log.look(|seen| seen.is_dead) {
            return Vec::new();
        }
        let confirmations = self.sink.confirm();
        for confirmation in &confirmations {
            self.log.say_outcome(&confirmation.outcome);
        }
        confirmations
    }

    fn close(&mut self) {
        if !self.log.look(|seen| seen.is_dead) {
            self.sink.close();
        }
    }
}
