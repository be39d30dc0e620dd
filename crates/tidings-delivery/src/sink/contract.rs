//! The contract between a delivery and a sink.

use std::time::Duration;

use thiserror::Error;
use tidings_core::Envelope;
use tidings_core::wire::write_event;

use super::{Batch, Outcome};

/// How often [`Sink::confirm`] is asked unless the sink says otherwise.
const CONFIRM_INTERVAL_DEFAULT: Duration = Duration::from_secs(1);

/// Takes batches of events to a place that can fail.
///
/// A [`Delivery`](crate::Delivery) calls every method on one thread of its own, one at a
/// time. A sink neither sleeps nor tries again: it answers what became of the batch, and is
/// handed what is left when it is time. Whatever it waits for has a time-out of its own.
///
/// ```
/// use tidings_delivery::{Batch, Outcome, Sink};
///
/// /// Keeps what it is handed, five events at a time.
/// struct Shelf(Vec<String>);
///
/// impl Sink for Shelf {
///     fn send(&mut self, batch: &Batch<'_>) -> Outcome {
///         let room = batch.len().min(5);
///         self.0.extend(batch.iter().take(room).map(|event| event.envelope().id().to_string()));
///         if room == batch.len() {
///             Outcome::delivered()
///         } else {
///             Outcome::retry("the shelf is full").after_taking(room)
///         }
///     }
/// }
/// ```
pub trait Sink: Send + 'static {
    /// What the report calls it; by default the name of its type.
    fn name(&self) -> String {
        let name = std::any::type_name::<Self>();
        let name = name.split('<').next().unwrap_or(name);
        name.rsplit("::").next().unwrap_or(name).to_owned()
    }

    /// What sort of place it is, for the report: `http`, `splunk`, …
    fn kind(&self) -> &'static str {
        "custom"
    }

    /// Looks whether the place can be reached, once, when the delivery starts and nothing
    /// is to be sent yet. It should take no more than a second: batches wait for it.
    ///
    /// # Errors
    ///
    /// What is wrong, lower case. It is advice: it is told as a warning, and batches are
    /// sent all the same.
    fn check(&mut self) -> Result<(), String> {
        Ok(())
    }

    /// Appends the bytes of one event to `out`; by default its `CloudEvents` JSON and a line
    /// break.
    ///
    /// Called once per event, in order, before the batch is sent; the bytes are what limits
    /// of a batch count and are kept for further attempts. `position` counts the events of
    /// this delivery without a gap. What is in `out` already must stay as it is.
    ///
    /// # Errors
    ///
    /// [`Unencodable`] when this event has no form at this place: it is set aside.
    fn encode(
        &mut self,
        envelope: &Envelope,
        position: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Unencodable> {
        let mut text = String::new();
        write_event(envelope, Some(position), &mut text)
            .map_err(|fault| Unencodable::new(fault.to_string()))?;
        text.push('\n');
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    /// Takes one batch, which is never empty, and says what became of it.
    ///
    /// It must come to an end: a call that does not return holds up this sink, and is named
    /// in the report. A panic is contained and counts as a failed attempt.
    fn send(&mut self, batch: &Batch<'_>) -> Outcome;

    /// How many batches may be [unconfirmed](Outcome::unconfirmed) at a time; at least one.
    fn unconfirmed_max(&self) -> usize {
        1
    }

    /// How long to wait before [`confirm`](Self::confirm) is asked, and asked again; at
    /// least a millisecond.
    fn confirm_interval(&self) -> Duration {
        CONFIRM_INTERVAL_DEFAULT
    }

    /// What became meanwhile of batches that were answered with [`Outcome::unconfirmed`].
    ///
    /// A batch that is not named stays unconfirmed. After `Outcome::retry`, its events are
    /// sent again, in a batch with another number.
    fn confirm(&mut self) -> Vec<Confirmation> {
        Vec::new()
    }

    /// Ends its work; called once, after the last batch. What is unconfirmed by then is
    /// kept, and sent again next time.
    fn close(&mut self) {}
}

/// What became of a batch that was taken unconfirmed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Confirmation {
    /// The [number](Batch::number) of the batch.
    pub batch: u64,
    /// What became of it.
    pub outcome: Outcome,
}

impl Confirmation {
    /// What became of the batch of this number.
    pub fn new(batch: u64, outcome: Outcome) -> Self {
        Self { batch, outcome }
    }
}

/// An event that has no form at a place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct Unencodable {
    reason: String,
}

impl Unencodable {
    /// Why there is none: lower case, without a full stop.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into() }
    }
}

impl Sink for Box<dyn Sink> {
    fn name(&self) -> String {
        (**self).name()
    }

    fn kind(&self) -> &'static str {
        (**self).kind()
    }

    fn check(&mut self) -> Result<(), String> {
        (**self).check()
    }

    fn encode(
        &mut self,
        envelope: &Envelope,
        position: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Unencodable> {
        (**self).encode(envelope, position, out)
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        (**self).send(batch)
    }

    fn unconfirmed_max(&self) -> usize {
        (**self).unconfirmed_max()
    }

    fn confirm_interval(&self) -> Duration {
        (**self).confirm_interval()
    }

    fn confirm(&mut self) -> Vec<Confirmation> {
        (**self).confirm()
    }

    fn close(&mut self) {
        (**self).close();
    }
}
