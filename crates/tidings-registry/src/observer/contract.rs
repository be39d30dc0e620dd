//! The contract between a bus and an observer.

use std::sync::Arc;
use std::time::Instant;

use tidings_core::{Envelope, Interest};

use super::attachment::Attachment;
use super::error::ObserverError;
use crate::report::Counts;

/// Is handed each envelope it is interested in.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use tidings_core::{Envelope, Interest};
/// use tidings_registry::{Bus, Observer, ObserverError};
///
/// #[derive(Default)]
/// struct Counter(AtomicU64);
///
/// impl Observer for Counter {
///     fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
///         self.0.fetch_add(1, Ordering::Relaxed);
///         Ok(())
///     }
/// }
///
/// let bus = Bus::new();
/// let counter = Arc::new(Counter::default());
/// let _subscription = bus.subscribe(Arc::clone(&counter));
/// bus.raw_emitter("case", "t1").emit("case.started", serde_json::json!({}))?;
/// assert_eq!(counter.0.load(Ordering::Relaxed), 1);
/// # Ok::<(), tidings_core::RawEmitError>(())
/// ```
pub trait Observer: Send + Sync + 'static {
    /// What the report calls it; by default the name of its type.
    fn name(&self) -> String {
        short_type_name(std::any::type_name::<Self>())
    }

    /// What sort of place it is, for the report: `console`, `journal`, …
    fn kind(&self) -> &'static str {
        "custom"
    }

    /// Which event types it wants; asked once, when it is registered.
    fn interest(&self) -> Interest {
        Interest::everything()
    }

    /// Learns its place on a bus, when it is registered, before it hears anything.
    ///
    /// Called once, on the thread that registers it.
    fn attached(&self, _attachment: &Attachment) {}

    /// Takes one event.
    ///
    /// Called once per event it is interested in: inline on the emitting thread, several
    /// threads at once, or on the observer's own thread when it has a queue. Events of one
    /// thread arrive in the order they were emitted. It may emit, subscribe and cancel.
    ///
    /// # Errors
    ///
    /// Whatever went wrong; it is counted, reported and emitted as
    /// `tidings.observer.failed`, and the next event comes all the same.
    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError>;

    /// Writes out what it holds back, by the deadline.
    ///
    /// Called by [`Bus::barrier`](crate::Bus::barrier) and before
    /// [`close`](Self::close), not on the emitting thread.
    ///
    /// # Errors
    ///
    /// Whatever could not be written; it is reported.
    fn flush(&self, _deadline: Instant) -> Result<(), ObserverError> {
        Ok(())
    }

    /// Ends its work, by `deadline`; called once, when its bus or subscription ends.
    ///
    /// An event that was under way on another thread may still arrive.
    ///
    /// # Errors
    ///
    /// Whatever could not be finished; it is reported.
    fn close(&self, deadline: Instant) -> Result<(), ObserverError> {
        self.flush(deadline)
    }

    /// The fates of its events, when it hands them on and knows better than
    /// [`on_event`](Self::on_event) could say; asked when it is registered, and for every
    /// report. Receipts then say `enqueued` of what it took. Events that it answered with an
    /// error are counted by its bus and are not to be counted here.
    fn counts(&self) -> Option<Counts> {
        None
    }

    /// What stands in its way now, when it knows better than its bus; asked for every report.
    fn last_error(&self) -> Option<String> {
        None
    }

    /// Whether [`flush`](Self::flush) and [`close`](Self::close) do anything. An observer
    /// that says no is never waited for.
    fn needs_close(&self) -> bool {
        true
    }
}

/// Cuts the modules off a type's name, its parameters' too.
pub(super) fn short_type_name(name: &str) -> String {
    let mut short = String::with_capacity(name.len());
    for part in name.split_inclusive(['<', '>', ',', ' ', '(', ')', '[', ']', '&']) {
        short.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    short
}

/// A handle of an observer is that observer.
macro_rules! observe_through {
    ($handle:ident) => {
        impl<O: Observer + ?Sized> Observer for $handle<O> {
            fn name(&self) -> String {
                (**self).name()
            }

            fn kind(&self) -> &'static str {
                (**self).kind()
            }

            fn interest(&self) -> Interest {
                (**self).interest()
            }

            fn attached(&self, attachment: &Attachment) {
                (**self).attached(attachment);
            }

            fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
                (**self).on_event(envelope)
            }

            fn flush(&self, deadline: Instant) -> Result<(), ObserverError> {
                (**self).flush(deadline)
            }

            fn close(&self, deadline: Instant) -> Result<(), ObserverError> {
                (**self).close(deadline)
            }

            fn counts(&self) -> Option<Counts> {
                (**self).counts()
            }

            fn last_error(&self) -> Option<String> {
                (**self).last_error()
            }

            fn needs_close(&self) -> bool {
                (**self).needs_close()
            }
        }
    };
}

observe_through!(Arc);
observe_through!(Box);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_name_is_shown_without_its_modules() {
        assert_eq!(short_type_name("a::b::Sink<c::D, e::F>"), "Sink<D, F>");
        assert_eq!(short_type_name("u8"), "u8");
    }
}
