//! Events, buses and views of a real server for the tests.

#[path = "../../../../../tests/support/batches.rs"]
mod batches;
mod credentials;
mod events;
mod view;
mod wire;

pub(crate) use batches::{id, reason};
pub(crate) use credentials::{CONFIG, CREDENTIALS, STOLEN};
pub(crate) use events::{event_with, load, send};
pub(crate) use view::View;
pub(crate) use wire::FaultyBroker;
