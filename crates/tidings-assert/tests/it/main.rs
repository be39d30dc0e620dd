//! What the assertions promise, seen from outside; the failure texts are part of it.

#![expect(
    clippy::needless_raw_string_hashes,
    reason = "expect-test writes its snapshots with them"
)]

mod any_order;
mod clauses;
#[cfg(feature = "conformance")]
mod conformance;
mod drafts;
mod events;
mod failure_texts;
mod inference;
mod lost;
mod oracle;
mod recorder;
mod same;
mod snapshot;
mod suggestions;
mod ui;
mod wait_for;
