//! How a batch leaves: queue, batcher, retry, spool, dead letters, and the sink trait.
//!
//! A [`Sink`] takes batches to a place that can fail; a [`Delivery`] makes an observer out of
//! it that never holds up a test unless it was asked to, and accounts for every event.

mod contain;
mod dead_letter;
mod delivery;
mod diagnostics;
mod gate;
mod redact;
mod secret;
mod settings;
mod sink;
mod spool;

pub use delivery::{Delivery, DeliveryBuilder, StartError};
pub use diagnostics::SinkDiagnostic;
pub use gate::Gate;
pub use redact::{InvalidRedaction, Redaction};
pub use secret::{REDACTED, Secret};
pub use settings::{
    AGE_MAX_DEFAULT, BATCH_BYTES_DEFAULT, BATCH_EVENTS_DEFAULT, BLOCK_TIMEOUT_DEFAULT,
    EVENT_BYTES_MAX_DEFAULT, LINGER_DEFAULT, Overflow, QUEUE_BYTES_DEFAULT, QUEUE_EVENTS_DEFAULT,
    RETRY_CAP_DEFAULT, RETRY_FIRST_DEFAULT, Retry, SPOOL_BYTES_MAX_DEFAULT, SendMode, SpoolFsync,
    SpoolFull, SpoolSettings, WhenExhausted,
};
pub use sink::{Batch, BatchEvent, Confirmation, Load, Outcome, Sink, Then, Unencodable};
pub use spool::SpoolError;
