//! Who hears an event: the bus, its observers, routing, dedup, reports and close.
//!
//! A [`Bus`] hands each event to every [`Observer`] that is interested, in order, and
//! contains whatever they do. Users depend on the facade crate `tidings`.

mod bus;
mod claim;
mod dedup;
mod deliver;
mod diagnostics;
mod entry;
mod history;
mod lane;
#[cfg(all(test, loom))]
mod loom_models;
mod metrics;
mod monitor;
mod node;
mod observer;
mod processor;
mod report;
mod route;
mod stream;
mod subscription;
mod sync;
mod time;

pub use bus::{BarrierError, Bus, BusBuilder, CHAIN_MAX_DEFAULT, Strictness};
pub use dedup::Dedup;
pub use deliver::{BLOCK_TIMEOUT_DEFAULT, Deliver, Overflow, QUEUE_CAPACITY_DEFAULT};
pub use diagnostics::ObserverDiagnostic;
pub use metrics::{Metrics, MetricsSnapshot, TypeMetrics};
pub use monitor::Monitor;
#[doc(hidden)]
pub use node::default_name as default_node_name;
pub use observer::{Attachment, Observer, ObserverError, ObserverResult, is_observer_thread};
pub use processor::{Processing, Verdict};
pub use report::{CloseError, CloseReport, Counts, ObserverReport, Report};
pub use subscription::{Registration, StillRunning, SubscribeError, Subscription};
pub use time::CLOSE_ON_DROP_MAX;
