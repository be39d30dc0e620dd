//! The relay: events of other machines on the bus of this one, each once, in order.
//!
//! A relay never leaves an event out and never waits for one without an end. It acknowledges
//! what the observers of its bus say is safe, and nothing else; whatever ends before that
//! comes again, and is recognised by its id.

mod checkpoint;
mod clock;
mod diagnostics;
mod floor;
mod handle;
mod order;
mod report;
mod settings;
mod worker;

pub(crate) use clock::WaitingClock;
pub use diagnostics::RelayDiagnostic;
pub use handle::Relay;
pub use report::{NodeRelayed, RelayReport};
pub use settings::{
    CHECKPOINT_EVENTS_DEFAULT, CHECKPOINT_INTERVAL_DEFAULT, HOLD_DEFAULT, HOLD_EVENTS_DEFAULT,
    RelaySettings, SAFE_WITHIN_DEFAULT,
};
