//! The document: what a summary says, in the elements that CI systems read.
//!
//! Every number in it is counted from the elements that are in it, and these are what
//! [`RunSummary`](tidings_testrun::RunSummary) counts: nothing twice, nothing left out.

mod case;
mod error_item;
mod failure;
mod notes;
mod output;
mod part;
mod report;
mod suite;
mod unique;

pub use report::to_xml;
