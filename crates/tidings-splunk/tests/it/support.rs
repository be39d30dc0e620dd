//! Events, sinks and batches for the tests.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tidings_core::{Attributes, Envelope};
use tidings_delivery::{Outcome, Secret};
use tidings_fault_server::FaultServer;
use tidings_splunk::{SplunkSink, SplunkSinkBuilder, TokenSource};

use crate::batches;
pub(crate) use crate::batches::{id, reason};

pub(crate) const TOKEN: &str = "a1b2c3d4-hunter2-TOKEN";

/// A builder for this server that nothing around the test can change.
pub(crate) fn builder(server: &FaultServer) -> SplunkSinkBuilder {
    SplunkSink::builder(&server.url())
        .token(TokenSource::Fixed(Secret::new(TOKEN)))
        .environment(|_| None)
        .timeout(Duration::from_secs(20))
}

pub(crate) fn sink(server: &FaultServer) -> SplunkSink {
    builder(server).build().expect("the settings are in order")
}

/// The event of this number, with these attributes.
pub(crate) fn event_with(number: u64, attributes: Attributes) -> Arc<Envelope> {
    batches::event(number, ("run-7", "lab-3"), attributes, &format!("{{\"n\":{number}}}"))
}

pub(crate) fn ids(numbers: Range<u64>) -> Vec<String> {
    numbers.map(id).collect()
}

/// Sends the events of these numbers as one batch, whose number is that of its first event.
pub(crate) fn send(sink: &mut SplunkSink, numbers: Range<u64>) -> Outcome {
    batches::send(sink, numbers, |number| event_with(number, Attributes::new()))
}
