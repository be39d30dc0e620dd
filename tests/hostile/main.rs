//! Hostile payloads: what a test may say, at every place that events go to.
//!
//! A table of payloads meets a table of places. Nothing of a payload reaches a terminal, a
//! page or a document raw; no payload ends a sink, a batch or a reader; and the events next to
//! it arrive.

mod documents;
mod files;
#[path = "../support/markup.rs"]
mod markup;
mod names;
mod payload;
mod sinks;
mod terminal;
