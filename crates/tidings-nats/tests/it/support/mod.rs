//! Events, buses and views of a real server for the tests.

mod credentials;
mod events;
mod view;
mod wire;

pub(crate) use credentials::{CONFIG, CREDENTIALS, STOLEN};
pub(crate) use events::{event_with, id, load, reason, send};
pub(crate) use view::View;
pub(crate) use wire::FaultyBroker;
