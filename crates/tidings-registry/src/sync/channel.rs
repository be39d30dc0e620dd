//! A bounded channel for models, with the methods of `crossbeam_channel` that the bus uses.
//!
//! It promises no more than that one does. Above all, whether it is empty is looked at
//! without a lock: who has to see a message needs a fence of its own.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use crossbeam_channel::{
    RecvError, RecvTimeoutError, SendTimeoutError, TryRecvError, TrySendError,
};
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Condvar, Mutex, MutexGuard};

struct Channel<T> {
    capacity: usize,
    /// How many messages there are, for those that look without the lock.
    len: AtomicUsize,
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    messages: VecDeque<T>,
    senders: usize,
    receivers: usize,
}

pub(crate) struct Sender<T>(Arc<Channel<T>>);

pub(crate) struct Receiver<T>(Arc<Channel<T>>);

pub(crate) fn bounded<T>(capacity: usize) -> (Sender<T>, Receiver<T>) {
    let state = State { messages: VecDeque::new(), senders: 1, receivers: 1 };
    let channel = Arc::new(Channel {
        capacity,
        len: AtomicUsize::new(0),
        state: Mutex::new(state),
        changed: Condvar::new(),
    });
    (Sender(Arc::clone(&channel)), Receiver(channel))
}

impl<T> Channel<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, state: &mut State<T>) -> Option<T> {
        let message = state.messages.pop_front()?;
        self.len.store(state.messages.len(), Ordering::Release);
        self.changed.notify_all();
        Some(message)
    }

    fn put(&self, state: &mut State<T>, message: T) {
        state.messages.push_back(message);
        self.len.store(state.messages.len(), Ordering::Release);
        self.changed.notify_all();
    }
}

impl<T> Sender<T> {
    pub(crate) fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        let mut state = self.0.lock();
        if state.receivers == 0 {
            return Err(TrySendError::Disconnected(message));
        }
        if state.messages.len() >= self.0.capacity {
            return Err(TrySendError::Full(message));
        }
        self.0.put(&mut state, message);
        Ok(())
    }

    pub(crate) fn send_timeout(
        &self,
        message: T,
        _limit: Duration,
    ) -> Result<(), SendTimeoutError<T>> {
        let mut state = self.0.lock();
        while state.messages.len() >= self.0.capacity {
            if state.receivers == 0 {
                return Err(SendTimeoutError::Disconnected(message));
            }
            state = self.0.wait(state);
        }
        self.0.put(&mut state, message);
        Ok(())
    }
}

impl<T> Receiver<T> {
    pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
        if self.is_empty() {
            return Err(TryRecvError::Empty);
        }
        self.0.take(&mut self.0.lock()).ok_or(TryRecvError::Empty)
    }

    pub(crate) fn recv(&self) -> Result<T, RecvError> {
        let mut state = self.0.lock();
        loop {
            if let Some(message) = self.0.take(&mut state) {
                return Ok(message);
            }
            if state.senders == 0 {
                return Err(RecvError);
            }
            state = self.0.wait(state);
        }
    }

    /// Gives the others one turn, and looks again.
    pub(crate) fn recv_timeout(&self, _limit: Duration) -> Result<T, RecvTimeoutError> {
        loom::thread::yield_now();
        self.try_recv().map_err(|_| RecvTimeoutError::Timeout)
    }

    pub(crate) fn recv_deadline(&self, _deadline: Instant) -> Result<T, RecvTimeoutError> {
        self.recv().map_err(|RecvError| RecvTimeoutError::Disconnected)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len.load(Ordering::Acquire)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.lock().senders += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.lock().senders -= 1;
        self.0.changed.notify_all();
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.0.lock().receivers -= 1;
        self.0.changed.notify_all();
    }
}
