//! Waiting for an event: woken by its arrival, never by a timer of our own.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tidings_core::Envelope;

use super::Recorder;
use crate::pattern::{Explain, Pattern};
use crate::report::text;

/// How many of the last events an error shows.
const EVENTS_MAX: usize = 20;

impl Recorder {
    /// Waits until an event matches, at most for `deadline`; one that is already recorded
    /// counts.
    ///
    /// Never call it in an observer of the same bus: what is emitted there is queued behind
    /// the event that the observer is being handed, so the event cannot arrive before the
    /// observer returns, and the wait lasts until its deadline.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use tidings_assert::{Recorder, event, test_bus};
    /// # use tidings_derive::Event;
    /// # #[derive(Debug, serde::Serialize, serde::Deserialize, Event)]
    /// # #[event(namespace = "demo", crate = "tidings_core")]
    /// # enum Demo { Ready { port: u16 } }
    ///
    /// let (bus, _clock) = test_bus();
    /// let recorder = Recorder::on(&bus);
    /// let emitter = bus.emitter::<Demo>("server", "s1");
    /// let server = std::thread::spawn(move || emitter.emit(Demo::Ready { port: 8080 }));
    ///
    /// let ready = recorder.wait_for(event!(Demo::Ready { .. }), Duration::from_secs(10))?;
    /// assert_eq!(ready.entity().id(), "s1");
    /// # server.join().expect("the thread ends");
    /// # Ok::<(), tidings_assert::WaitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`WaitError`] at the deadline, or earlier when the bus is closed and drained and no
    /// event can come any more. Its text shows the nearest miss.
    #[expect(clippy::needless_pass_by_value, reason = "a pattern is written in the call")]
    pub fn wait_for(
        &self,
        pattern: Pattern<'_>,
        deadline: Duration,
    ) -> Result<Arc<Envelope>, WaitError> {
        let start = Instant::now();
        let end = start.checked_add(deadline).unwrap_or_else(|| start + FOREVER);
        let mut total = 0;
        loop {
            let seen = self.log.wait_beyond(total, end);
            if let Some(found) = seen.fresh.iter().find(|envelope| pattern.matches(envelope)) {
                return Ok(Arc::clone(found));
            }
            total = seen.total;
            let is_over = Instant::now() >= end;
            if seen.is_closed || is_over {
                let patience = if seen.is_closed { None } else { Some(deadline) };
                return Err(WaitError::new(&pattern, patience, &self.log.events()));
            }
        }
    }
}

/// Longer than anybody waits, and still a moment that a clock can name.
const FOREVER: Duration = Duration::from_hours(365 * 24);

/// No event matched in time.
#[derive(Clone, PartialEq, Eq)]
pub struct WaitError {
    text: String,
    is_closed: bool,
}

impl WaitError {
    fn new(pattern: &Pattern<'_>, patience: Option<Duration>, events: &[Arc<Envelope>]) -> Self {
        let end = match patience {
            Some(deadline) => format!("within {deadline:?}"),
            None => "before the bus was closed".to_owned(),
        };
        let mut text = format!("no event matched `{}` {end}\n", pattern.text());
        if let Some((index, explain)) = nearest(pattern, events) {
            let reasons = explain.reasons(&events[index]).join("; ");
            text = format!("{text}\n  nearest miss is #{}: {reasons}\n", index + 1);
        }
        text.push_str(&recording(events));
        Self { text, is_closed: patience.is_none() }
    }

    /// Whether waiting ended because no event can come any more.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }
}

fn nearest(pattern: &Pattern<'_>, events: &[Arc<Envelope>]) -> Option<(usize, Explain)> {
    let explained = events.iter().map(|event| pattern.explain(event)).enumerate();
    explained
        .filter(|(_, explain)| explain.is_same_event())
        .min_by_key(|(_, explain)| explain.distance())
}

fn recording(events: &[Arc<Envelope>]) -> String {
    if events.is_empty() {
        return "\n  nothing was recorded\n".to_owned();
    }
    let hidden = events.len().saturating_sub(EVENTS_MAX);
    let mut lines = vec![format!("\n  recorded so far: {}", text::counted(events.len(), "event"))];
    if hidden > 0 {
        lines.push(format!("    … {hidden} more …"));
    }
    let shown = events.iter().enumerate().skip(hidden);
    lines
        .extend(shown.map(|(index, event)| format!("    {}", text::event(index + 1, event, true))));
    lines.push(String::new());
    lines.join("\n")
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for WaitError {
    /// The text as it is: this is what `expect` and `unwrap` print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for WaitError {}
