//! Asking whether events are safe, beside relaying them.
//!
//! An observer that hangs costs the thread of this its patience, and nobody else.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use crate::source::Place;

use super::settings::Safe;

/// Asks on a thread of its own, one question at a time.
#[derive(Debug)]
pub(super) struct Checkpoints {
    questions: Option<SyncSender<Duration>>,
    answers: Receiver<Result<(), String>>,
    /// The place that is asked about.
    asked: Option<Place>,
    /// Not before this moment.
    due: Instant,
}

impl Checkpoints {
    pub(super) fn start(mut safe: Safe) -> std::io::Result<Self> {
        let (questions, asked) = sync_channel::<Duration>(1);
        let (answer, answers) = sync_channel(1);
        let answering = move || {
            while let Ok(within) = asked.recv() {
                if answer.send(safe(within)).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("tidings-relay-safe".to_owned()).spawn(answering)?;
        Ok(Self { questions: Some(questions), answers, asked: None, due: Instant::now() })
    }

    /// Whether a question is open.
    pub(super) fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.due <= now
    }

    /// Asks whether everything up to this place is safe, and does not wait for the answer.
    pub(super) fn ask(&mut self, place: Place, within: Duration, next: Instant) {
        self.due = next;
        if self.questions.as_ref().is_some_and(|questions| questions.try_send(within).is_ok()) {
            self.asked = Some(place);
        }
    }

    /// The answer, if there is one within this time.
    pub(super) fn answer(&mut self, wait: Duration) -> Option<(Place, Result<(), String>)> {
        self.asked?;
        let answer = match self.answers.recv_timeout(wait) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => return None,
            Err(RecvTimeoutError::Disconnected) => self.gone(),
        };
        self.asked.take().map(|place| (place, answer))
    }

    /// Who answered panicked, and will not answer again.
    fn gone(&mut self) -> Result<(), String> {
        self.questions = None;
        Err("who says whether events are safe has panicked".to_owned())
    }
}
