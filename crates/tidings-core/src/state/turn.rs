//! Whose turn it is: one lock and, under it, a mark.
//!
//! What is changed at once needs the lock alone. A thread that first runs code of the user
//! takes the turn: it marks itself as the owner and lets go of the lock, so that everybody
//! can go on reading, and nobody else changes anything until the turn ends. Whoever ends a
//! turn while others wait for theirs wakes one of them, and that one the next.

use std::ops::{Deref, DerefMut};
use std::sync::PoisonError;

use crate::sync::{Condvar, Mutex, MutexGuard, ThreadKey, this_thread};

/// Data that all may read, and change one after the other.
pub(super) struct Turns<T> {
    marked: Mutex<Marked<T>>,
    /// Told of the end of a turn if somebody waits for it.
    ended: Condvar,
}

struct Marked<T> {
    data: T,
    /// The thread whose turn it is.
    owner: Option<ThreadKey>,
    /// How many threads wait for a turn.
    waiting: usize,
}

impl<T> Turns<T> {
    pub(super) fn new(data: T) -> Self {
        let marked = Mutex::new(Marked { data, owner: None, waiting: 0 });
        Self { marked, ended: Condvar::new() }
    }

    /// Locks the data, whoever's turn it is. No code of the user may run under the lock.
    #[inline]
    pub(super) fn lock(&self) -> Locked<'_, T> {
        // No code of the user runs under this lock: what a panic left behind is whole.
        let marked = self.marked.lock().unwrap_or_else(PoisonError::into_inner);
        Locked { turns: self, marked }
    }

    /// Locks the data unless it is somebody's turn.
    #[inline]
    pub(super) fn lock_free(&self) -> Option<Locked<'_, T>> {
        let locked = self.lock();
        if locked.marked.owner.is_none() { Some(locked) } else { None }
    }

    /// Waits for a turn of this thread; `None` if it has one.
    #[cold]
    pub(super) fn wait(&self) -> Option<Turn<'_, T>> {
        let me = this_thread();
        let mut marked = self.lock().marked;
        while let Some(owner) = marked.owner {
            if owner == me {
                return None;
            }
            marked.waiting += 1;
            marked = self.ended.wait(marked).unwrap_or_else(PoisonError::into_inner);
            marked.waiting -= 1;
        }
        Some(Locked { turns: self, marked }.keep())
    }

    /// Returns how many threads wait for a turn.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock().marked.waiting
    }
}

/// The data, for a moment.
pub(super) struct Locked<'a, T> {
    turns: &'a Turns<T>,
    marked: MutexGuard<'a, Marked<T>>,
}

impl<'a, T> Locked<'a, T> {
    /// Lets go of the data, which is nobody's turn to change, and takes the turn.
    #[inline]
    pub(super) fn keep(mut self) -> Turn<'a, T> {
        debug_assert!(self.marked.owner.is_none(), "one turn at a time");
        self.marked.owner = Some(this_thread());
        Turn { turns: self.turns }
    }

    /// Ends the turn of this thread.
    #[inline]
    fn release(mut self) {
        self.marked.owner = None;
        if self.marked.waiting > 0 {
            let Self { turns, marked } = self;
            drop(marked); // Whoever wakes up wants the lock.
            turns.ended.notify_one();
        }
    }
}

impl<T> Deref for Locked<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.marked.data
    }
}

impl<T> DerefMut for Locked<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.marked.data
    }
}

/// The right to change the data; ends when it is dropped.
pub(super) struct Turn<'a, T> {
    turns: &'a Turns<T>,
}

impl<T> Turn<'_, T> {
    /// Ends the turn with a change of the data.
    #[inline]
    pub(super) fn end(self, change: impl FnOnce(&mut T)) {
        let mut locked = self.turns.lock();
        change(&mut locked);
        std::mem::forget(self); // This is its end.
        locked.release();
    }
}

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        self.turns.lock().release();
    }
}
