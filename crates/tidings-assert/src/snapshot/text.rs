//! Snapshots: a recording as text without what differs by nature.
//!
//! What differs from run to run is left out or given a name: volatile fields become
//! `[seconds]`, ids become `run#1`, times are left out unless asked for. The same id has the
//! same name everywhere, also inside the texts of a payload.

use std::fmt;
use std::sync::Arc;

use tidings_core::Envelope;

use super::redact::{Redaction, RedactionError};
use super::render::{Parts, Renderer};

/// A recording as text, one line an event, in order of arrival.
///
/// Where one thread emits, that order is the same in every run, and so is the text. Where
/// several do, it is not: their events arrive interleaved in any order, and aliases are
/// numbered by it. There compare each entity on its own (`per(|envelope| envelope.entity())`
/// in [`assert_events!`](crate::assert_events!)), or sort the lines after their numbers.
///
/// Made by [`Recorder::snapshot`](crate::Recorder::snapshot). The text is a plain `String`
/// for whatever compares snapshots, `expect_test` for example:
///
/// ```
/// use tidings_assert::{Recorder, test_bus};
/// # use tidings_derive::Event;
/// # #[derive(Debug, serde::Serialize, serde::Deserialize, Event)]
/// # #[event(namespace = "demo", crate = "tidings_core")]
/// enum Demo {
///     Done {
///         name: String,
///         #[event(volatile)]
///         seconds: f64,
///         token: String,
///     },
/// }
///
/// let (bus, _clock) = test_bus();
/// let recorder = Recorder::on(&bus);
/// let (name, token) = (format!("part of {}", bus.run()), "r4nd0m".to_owned());
/// bus.emitter("case", "t1").emit(Demo::Done { name, seconds: 0.25, token });
///
/// expect_test::expect![[r#"
///     #1 demo.done case/t1 { name: "part of run#1", seconds: [seconds], token: [token] }
/// "#]]
/// .assert_eq(&recorder.snapshot().redact("data.token")?.to_string());
/// # Ok::<(), tidings_assert::RedactionError>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    events: Vec<Arc<Envelope>>,
    redactions: Vec<Redaction>,
    has_times: bool,
    has_origins: bool,
}

impl Snapshot {
    pub(crate) fn of(events: Vec<Arc<Envelope>>) -> Self {
        Self { events, redactions: Vec::new(), has_times: false, has_origins: false }
    }

    /// Replaces the values at `path` by a placeholder.
    ///
    /// A path starts with `data` (`data.config.token`, `data.items.*.id`; `*` is any name or
    /// index) or with `entity` and a kind (`entity.case`).
    ///
    /// # Errors
    ///
    /// [`RedactionError`] when nothing in the recording is at `path`: a redaction that
    /// redacts nothing hides that the field is gone.
    pub fn redact(mut self, path: &str) -> Result<Self, RedactionError> {
        let redaction = Redaction::parse(path)?;
        if !self.events.iter().any(|event| redaction.is_in(event)) {
            return Err(RedactionError::unmatched(path, self.events.len()));
        }
        self.redactions.push(redaction);
        Ok(self)
    }

    /// Shows when each event was emitted: of use where the clock is a
    /// [`TestClock`](crate::TestClock).
    #[must_use]
    pub fn with_times(mut self) -> Self {
        self.has_times = true;
        self
    }

    /// Shows run, node, bus and lane of each event, under their names.
    #[must_use]
    pub fn with_origins(mut self) -> Self {
        self.has_origins = true;
        self
    }

    pub(super) fn parts(&self) -> Vec<Parts> {
        let mut renderer = Renderer::new(&self.events, &self.redactions);
        self.events.iter().map(|event| renderer.parts(event)).collect()
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.events.is_empty() {
            return writeln!(f, "(nothing was recorded)");
        }
        let mut renderer = Renderer::new(&self.events, &self.redactions);
        for (index, event) in self.events.iter().enumerate() {
            write!(f, "#{}", index + 1)?;
            if self.has_times {
                write!(f, " {}", event.time())?;
            }
            write!(f, " {}", renderer.content(event))?;
            if let Some(cause) = event.caused_by() {
                write!(f, " caused by {}", renderer.event_id(cause))?;
            }
            if self.has_origins {
                write!(f, " from {}", renderer.origin(event))?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Snapshot {
    /// The text as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
