//! What threads of a bus share: the usual types, or loom's when it models them.
//!
//! All that one thread of a bus writes and another reads goes through here, so that the
//! models run the bus itself. Counters of the whole process and `Arc` stay the standard
//! ones: loom's can neither be statics nor hold what has no size.

#[cfg(loom)]
pub(crate) mod channel;
mod lock;
#[cfg(loom)]
pub(crate) mod thread;

#[cfg(not(loom))]
pub(crate) use crossbeam_channel as channel;
pub(crate) use lock::{Mutex, RwLock};
#[cfg(loom)]
pub(crate) use loom::sync::atomic;
#[cfg(not(loom))]
pub(crate) use std::sync::atomic;
pub(crate) use std::sync::atomic::AtomicU64 as StaticU64;
#[cfg(not(loom))]
pub(crate) use std::thread;
#[cfg(not(loom))]
pub(crate) use std::thread_local as thread_locals;
#[cfg(loom)]
pub(crate) use thread::thread_locals;
