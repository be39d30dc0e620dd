//! Whether there is a session, and how to come by the next one.
//!
//! Connecting takes its time: a thread does it, so that nobody who reads waits for it longer
//! than they want to.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use crate::server::{Kind, NatsError};

use super::consumer::Resume;
use super::plan::Plan;
use super::session::Session;

/// The first and the longest pause before another attempt.
const PAUSE_MIN: Duration = Duration::from_millis(20);
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// A session, or the way to one.
#[derive(Debug)]
pub(super) enum Link {
    Up(Box<Session>),
    Opening(Receiver<Result<Session, NatsError>>),
    /// Nobody tries before this moment.
    Down(Instant),
}

/// The pauses between attempts.
#[derive(Debug, Default)]
pub(super) struct Pauses(u32);

impl Pauses {
    pub(super) fn next(&mut self) -> Duration {
        let pause = PAUSE_MIN * 2_u32.pow(self.0.min(16));
        self.0 = self.0.saturating_add(1);
        pause.min(PAUSE_MAX)
    }

    pub(super) fn reset(&mut self) {
        self.0 = 0;
    }
}

/// Has a thread open a session.
pub(super) fn begin(plan: &Arc<Plan>, resume: &Resume) -> Result<Link, NatsError> {
    let (sender, receiver) = sync_channel(1);
    let (plan, resume) = (Arc::clone(plan), resume.clone());
    let opening = move || {
        // Whoever waited may have gone.
        drop(sender.send(Session::open(&plan, &resume)));
    };
    let thread = std::thread::Builder::new().name("tidings-nats-open".to_owned()).spawn(opening);
    match thread {
        Ok(_) => Ok(Link::Opening(receiver)),
        Err(fault) => {
            let text = format!("no thread to connect with: {fault}");
            Err(NatsError::new(Kind::Unreachable, text))
        }
    }
}

/// Waits for a session that is being opened; none when the time is over.
pub(super) fn opened(
    opening: &Receiver<Result<Session, NatsError>>,
    wait: Duration,
) -> Option<Result<Session, NatsError>> {
    match opening.recv_timeout(wait) {
        Ok(result) => Some(result),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => {
            let text = "the thread that connects ended without a word";
            Some(Err(NatsError::new(Kind::Unreachable, text)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit() {
        let mut pauses = Pauses::default();
        let all: Vec<Duration> = (0..40).map(|_| pauses.next()).collect();
        assert_eq!((all[0], all[1], all[39]), (PAUSE_MIN, 2 * PAUSE_MIN, PAUSE_MAX));
        pauses.reset();
        assert_eq!(pauses.next(), PAUSE_MIN);
    }
}
