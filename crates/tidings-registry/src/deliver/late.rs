//! Joining late: the past first, then the present, without gap or repeat.
//!
//! While an inline observer is shown the past by the thread that registered it, other
//! threads put what they emit aside here. Once nothing is left it goes over to the
//! present for good, under the lock that those threads look at the switch with.

use std::collections::VecDeque;
use std::sync::Arc;

use tidings_core::Envelope;

use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, Ordering};

/// The most events that other threads may put aside meanwhile.
const ASIDE_MAX: usize = 65_536;

/// Whether an observer is still being shown the past, and what came meanwhile.
#[derive(Debug)]
pub(crate) struct Late {
    catching_up: AtomicBool,
    aside: Mutex<VecDeque<Arc<Envelope>>>,
}

/// What became of an event that was offered to [`Late::put_aside`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aside {
    Kept,
    Full,
    /// The observer is in the present: it can be called.
    Live,
}

impl Late {
    pub(crate) fn new(catching_up: bool) -> Self {
        Self { catching_up: AtomicBool::new(catching_up), aside: Mutex::new(VecDeque::new()) }
    }

    pub(crate) fn is_catching_up(&self) -> bool {
        self.catching_up.load(Ordering::Acquire)
    }

    #[inline]
    pub(crate) fn put_aside(&self, envelope: &Arc<Envelope>) -> Aside {
        if self.catching_up.load(Ordering::Acquire) { self.keep(envelope) } else { Aside::Live }
    }

    #[cold]
    fn keep(&self, envelope: &Arc<Envelope>) -> Aside {
        let mut aside = self.aside.lock();
        if !self.catching_up.load(Ordering::Relaxed) {
            return Aside::Live;
        }
        if aside.len() >= ASIDE_MAX {
            return Aside::Full;
        }
        aside.push_back(Arc::clone(envelope));
        Aside::Kept
    }

    /// The next event that was put aside; after the last one the observer is live.
    pub(crate) fn next(&self) -> Option<Arc<Envelope>> {
        let mut aside = self.aside.lock();
        let next = aside.pop_front();
        if next.is_none() {
            self.catching_up.store(false, Ordering::Release);
        }
        next
    }
}
