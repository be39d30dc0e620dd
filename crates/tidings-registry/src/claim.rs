//! Claims on content: dedup of a bus remembers what somebody took, not what was tried.
//!
//! The emitter and every queue that the event waits in hold the claim. When the last of
//! them lets go, and everybody who was offered the event failed or had no room for it, the
//! content is forgotten: it may be said again.

use std::sync::Weak;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tidings_core::ContentId;

use crate::bus::Shared;

/// Content that dedup of a bus remembered when an event was emitted.
pub(crate) struct Claim {
    bus: Weak<Shared>,
    id: ContentId,
    then: Duration,
    taken: AtomicBool,
    missed: AtomicBool,
}

impl Claim {
    pub(crate) fn new(bus: &Shared, id: ContentId, then: Duration) -> Self {
        Self {
            bus: bus.weak(),
            id,
            then,
            taken: AtomicBool::new(false),
            missed: AtomicBool::new(false),
        }
    }

    /// Somebody has it.
    pub(crate) fn take(&self) {
        self.taken.store(true, Ordering::Relaxed);
    }

    /// Somebody failed, or had no room.
    pub(crate) fn miss(&self) {
        self.missed.store(true, Ordering::Relaxed);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if *self.missed.get_mut()
            && !*self.taken.get_mut()
            && let Some(bus) = self.bus.upgrade()
        {
            bus.forget_content(self.id, self.then);
        }
    }
}
