//! Why an observer could not do its work.

use std::error::Error;
use std::fmt;

/// Why an observer did not take an event, or could not flush or close.
///
/// Any [`std::error::Error`] turns into one with `?`. It is no such error itself, so that
/// this conversion can exist.
pub struct ObserverError {
    fate: Fate,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What the error means for the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Failed,
    Rejected,
    Dropped,
}

impl ObserverError {
    /// The observer failed, for this reason: lower case, without a full stop.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { fate: Fate::Failed, message: message.into(), source: None }
    }

    /// The observer works, but this one event cannot be taken: it has no JSON form, it is
    /// too large. Counted as `rejected`.
    pub fn rejected(message: impl Into<String>) -> Self {
        Self { fate: Fate::Rejected, ..Self::failed(message) }
    }

    /// The observer has no room for this one event and leaves it out, as it was asked to.
    /// Counted as `dropped`; no diagnostic is emitted, so that a flood stays a number.
    pub fn dropped(message: impl Into<String>) -> Self {
        Self { fate: Fate::Dropped, ..Self::failed(message) }
    }

    /// Keeps the error that led to this one.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Whether only this one event cannot be taken.
    pub fn is_rejected(&self) -> bool {
        self.fate == Fate::Rejected
    }

    /// Whether this one event was left out for want of room.
    pub fn is_dropped(&self) -> bool {
        self.fate == Fate::Dropped
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for ObserverError {
    fn from(error: E) -> Self {
        Self {
            fate: Fate::Failed,
            message: error.to_string(),
            source: error.source().map(|source| source.to_string().into()),
        }
    }
}

impl fmt::Display for ObserverError {
    /// The whole chain of causes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let mut next = self.source.as_deref().map(|source| source as &(dyn Error + 'static));
        while let Some(source) = next {
            write!(f, ": {source}")?;
            next = source.source();
        }
        Ok(())
    }
}

impl fmt::Debug for ObserverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple(&format!("{:?}", self.fate)).field(&self.to_string()).finish()
    }
}
