//! The page of a test run: one self-contained HTML file, or the same page live.
//!
//! ```
//! use tidings_registry::Bus;
//! use tidings_report::{Lifecycles, Model, Page};
//! use tidings_testrun::{Failure, LiveSummary, RunEmitter};
//!
//! let bus = Bus::new();
//! let summary = LiveSummary::on(&bus);
//! let run = RunEmitter::start(&bus, "nightly");
//! run.case("starts").success();
//! run.case("<script>alert(1)</script>").failure(Failure::assertion("is no markup"));
//! run.success();
//!
//! let page = Page::html(&Model::of(&summary.snapshot(), &Lifecycles::new()));
//! assert!(page.starts_with("<!doctype html>"));
//! assert!(!page.contains("<script>alert"));
//! ```
//!
//! # The rule
//!
//! Nothing that a test said becomes markup. The page carries its data as JSON whose every `<`
//! is escaped, builds what it shows from text nodes only, and forbids, by its content security
//! policy, every script but its own and every request to anywhere.
//!
//! # Sizes
//!
//! A page of 20,000 passed cases has less than 4 MB. What cases wrote and attached adds to that
//! up to 24 MiB; beyond it that of passed cases is left out first, and the page says so.

mod lifecycle;
#[cfg(feature = "live")]
mod live;
mod model;
mod page;

pub use lifecycle::{ENTITIES_FOLLOWED_MAX, KINDS_MAX, Lifecycles, STATES_MAX};
#[cfg(feature = "live")]
pub use live::{
    CONNECTIONS_MAX_DEFAULT, FAREWELL_MAX, INTERVAL_DEFAULT, InvalidListen, KEEP_ALIVE_DEFAULT,
    LISTEN_DEFAULT, Listen, Live, LiveBuilder, LiveError, PORT_DEFAULT, STALL_MAX_DEFAULT,
};
pub use model::{Changes, Model, NAME_BYTES_MAX, NEVER_RAN_NAMES_MAX};
pub use page::Page;
