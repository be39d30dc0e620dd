//! What threads share of emitters and machines: the standard types, or loom's when it
//! models them.

#[cfg(not(loom))]
use std::cell::Cell;

#[cfg(loom)]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard, atomic};
#[cfg(loom)]
pub(crate) use loom::thread::ThreadId as ThreadKey;
#[cfg(not(loom))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, atomic};

/// Tells a thread from all others that live.
#[cfg(not(loom))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreadKey(usize);

/// Returns the key of the calling thread.
#[cfg(not(loom))]
#[inline]
pub(crate) fn this_thread() -> ThreadKey {
    thread_local! {
        static PLACE: Cell<u8> = const { Cell::new(0) };
    }
    // `thread::current` counts a reference up and down for an id; an address is just there.
    PLACE.with(|place| ThreadKey(std::ptr::from_ref(place).addr()))
}

/// Returns the key of the calling thread, of which loom runs many in one.
#[cfg(loom)]
pub(crate) fn this_thread() -> ThreadKey {
    loom::thread::current().id()
}
