//! Files of which the device has not confirmed everything.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::disk::Medium;

/// A file, and whether there is something to wait for.
pub(super) struct Unsynced {
    medium: Arc<dyn Medium>,
    is_dirty: AtomicBool,
}

impl Unsynced {
    pub(super) fn new(medium: Arc<dyn Medium>) -> Arc<Self> {
        Arc::new(Self { medium, is_dirty: AtomicBool::new(false) })
    }

    pub(super) fn mark(&self) {
        self.is_dirty.store(true, Ordering::Release);
    }

    pub(super) fn is_dirty(&self) -> bool {
        self.is_dirty.load(Ordering::Acquire)
    }

    /// Returns when the device has everything that was written before the call.
    pub(super) fn sync(&self) -> io::Result<()> {
        // Cleared first: what is written meanwhile is waited for next time.
        self.is_dirty.store(false, Ordering::Release);
        self.medium.sync().inspect_err(|_| self.mark())
    }
}
