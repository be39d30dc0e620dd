//! The fault matrix: a thousand events, one fault each, at every place that takes batches.
//!
//! Whatever the server does, nothing is lost but the event that it refuses for good, which
//! is in the dead letters with its reason; nothing is doubled but where an answer was lost,
//! and there the event ids tell the doubles; the order stays; the report accounts for all;
//! no emit waits; and the token is nowhere. With `--nocapture` each row prints a line:
//!
//! ```text
//! | place | fault | lost | doubled | requests | connections |
//! ```

mod fixture;
mod leaks;
mod outage;
mod place;
mod rows;
mod tls;
