//! loom's threads with what it lacks.
//!
//! No time passes in a model: a wait with a limit ends by what it waits for, or loom says
//! that the threads are stuck.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use loom::thread::LocalKey;
pub(crate) use loom::thread::{Builder, Thread, current, yield_now};

/// Gives the others a turn; whoever parks with a limit looks again afterwards.
pub(crate) fn park_timeout(_limit: Duration) {
    yield_now();
}

/// What a thread's own `Cell` can besides `with`.
pub(crate) trait LocalCell<T> {
    fn set(&'static self, value: T);
}

impl<T: 'static> LocalCell<T> for LocalKey<Cell<T>> {
    fn set(&'static self, value: T) {
        self.with(|cell| cell.set(value));
    }
}

/// What a thread's own `RefCell` can besides `with`.
pub(crate) trait LocalRefCell<T> {
    fn with_borrow<R>(&'static self, act: impl FnOnce(&T) -> R) -> R;
    fn with_borrow_mut<R>(&'static self, act: impl FnOnce(&mut T) -> R) -> R;
}

impl<T: 'static> LocalRefCell<T> for LocalKey<RefCell<T>> {
    fn with_borrow<R>(&'static self, act: impl FnOnce(&T) -> R) -> R {
        self.with(|cell| act(&cell.borrow()))
    }

    fn with_borrow_mut<R>(&'static self, act: impl FnOnce(&mut T) -> R) -> R {
        self.with(|cell| act(&mut cell.borrow_mut()))
    }
}

/// loom's macro does not know `const` blocks.
macro_rules! thread_locals {
    ($($(#[$attribute:meta])* static $name:ident: $type:ty = const { $init:expr };)*) => {
        loom::thread_local! { $($(#[$attribute])* static $name: $type = $init;)* }
    };
}
pub(crate) use thread_locals;
