//! What an observer knows of the bus that it is registered on.

use std::fmt;
use std::sync::{Arc, Weak};

use tidings_core::emitter::Dispatch;
use tidings_core::{Emitter, Entity, Event, Receipt};

use crate::bus::Shared;
use crate::lane::{Worker, swap_worker};

/// The place of an observer on its bus; see [`Observer::attached`](super::Observer::attached).
///
/// It does not keep the bus open. A clone is the same place.
#[derive(Clone)]
pub struct Attachment {
    bus: Weak<Shared>,
    bus_key: u64,
    observer_key: u64,
    name: Arc<str>,
}

impl Attachment {
    pub(crate) fn new(bus: &Shared, observer_key: u64, name: &str) -> Self {
        Self { bus: bus.weak(), bus_key: bus.key, observer_key, name: name.into() }
    }

    /// The observer's name, as the report has it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs work of the observer on a thread of its own: what is emitted meanwhile waits for
    /// no other observer, as on all [threads of observers](is_observer_thread).
    pub fn serve<T>(&self, work: impl FnOnce() -> T) -> T {
        struct Outer(Option<Worker>);

        impl Drop for Outer {
            fn drop(&mut self) {
                swap_worker(self.0.take());
            }
        }

        let worker =
            Worker { bus_key: self.bus_key, observer_key: self.observer_key, current: None };
        let _outer = Outer(swap_worker(Some(worker)));
        work()
    }

    /// Emits a diagnostic about the observer, on any of its threads.
    ///
    /// Its entity is `observer/<name>`. Like all that observers emit it waits for nobody: an
    /// observer whose queue is full goes without. An observer that hears its own diagnostics
    /// must not answer each with another one.
    pub fn emit<E: Event>(&self, diagnostic: E) -> Receipt {
        let Some(bus) = self.bus.upgrade() else {
            return Receipt::Closed;
        };
        #[cfg(feature = "tracing")]
        tracing::warn!(bus = %bus.id, observer = &*self.name, "{diagnostic:?}");
        let emitter = Emitter::new(bus as Arc<dyn Dispatch>, Entity::new("observer", &self.name));
        self.serve(|| emitter.emit(diagnostic))
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whether this thread serves an observer. Such a thread must not wait for another observer,
/// whatever that one was asked to do: the two could wait for each other.
pub fn is_observer_thread() -> bool {
    crate::lane::current_worker().is_some()
}
