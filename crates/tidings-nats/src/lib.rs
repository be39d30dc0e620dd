//! Tidings events between machines, over NATS `JetStream`.
//!
//! `async-nats` and its runtime stay inside this crate: what is public is synchronous, and
//! comes back in time.

mod heartbeat;
mod presence;
mod relay;
mod seen;
mod server;
mod sink;
mod source;
mod stream;
mod subject;

pub use presence::{INTERVALS_UNTIL_LOST, NodeState, Presence, PresenceSettings};
pub use relay::{
    CHECKPOINT_EVENTS_DEFAULT, CHECKPOINT_INTERVAL_DEFAULT, HOLD_DEFAULT, HOLD_EVENTS_DEFAULT,
    NodeRelayed, Relay, RelayDiagnostic, RelayReport, RelaySettings, SAFE_WITHIN_DEFAULT,
};
pub use seen::{SEEN_STRETCHES_MAX, Seen};
pub use server::{CONNECT_TIMEOUT_DEFAULT, NatsError, NatsServer};
pub use sink::{
    ACK_TIMEOUT_DEFAULT, HEARTBEAT_DEFAULT, HEARTBEAT_MIN, NatsSink, NatsSinkBuilder,
    UNCONFIRMED_MAX, WINDOW_DEFAULT, WINDOW_MAX,
};
pub use source::{NatsSource, NatsSourceBuilder, SourceReport, Start};
pub use stream::{
    DUPLICATE_WINDOW_DEFAULT, MAX_AGE_DEFAULT, MAX_BYTES_DEFAULT, StreamSettings, StreamStorage,
    WhenFull,
};
pub use subject::ROOT_DEFAULT;
