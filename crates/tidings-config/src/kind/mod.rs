//! Kinds of observers: what a table of a configuration can become.
//!
//! A kind looks at everything when the configuration is loaded and changes nothing; what
//! touches the world, a file that is made, waits until the bus starts.

mod client;
mod console;
mod contract;
mod faulty;
mod files;
mod http;
mod journal;
mod junit;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "nats")]
mod nats;
mod opened;
mod splunk;

pub use contract::{ObserverKind, OpenContext, OpenError};
use files::make_parent;
pub use opened::Opened;
pub(crate) use opened::{Maker, Making, Memory, Opening, PageUrl, Place};
