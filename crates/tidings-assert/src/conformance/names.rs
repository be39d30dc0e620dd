//! Ids for bodies that have none.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidings_core::Envelope;
use tidings_delivery::{Batch, Confirmation, Outcome, Sink, Unencodable};

/// Knows the id of an event by what a sink made of it.
///
/// For places whose format has no event id: a harness hands out its sinks
/// [`named`](Self::named), and its receiver looks ids up. A clone knows the same.
///
/// ```
/// use tidings_assert::conformance::Names;
/// # use tidings_delivery::{Batch, Outcome, Sink};
/// # struct MySink;
/// # impl Sink for MySink { fn send(&mut self, _: &Batch<'_>) -> Outcome { Outcome::delivered() } }
///
/// let names = Names::default();
/// let sink = names.named(MySink); // What `Harness::sink` returns.
/// // In `Receiver::accepted`, for each event that was taken:
/// let id = names.id_of(r#"{"eventName":"started"}"#);
/// assert_eq!(id, None, "nothing was encoded yet");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Names(Arc<Mutex<HashMap<String, String>>>);

impl Names {
    /// The same sink; what it encodes is remembered.
    pub fn named<S: Sink>(&self, sink: S) -> Named<S> {
        Named { sink, names: self.clone() }
    }

    /// The id of the event that was encoded as this. Separators and white space around it
    /// do not matter.
    pub fn id_of(&self, encoded: &str) -> Option<String> {
        self.0.lock().get(bare(encoded)).cloned()
    }
}

/// A sink whose events are remembered by [`Names`].
#[derive(Debug)]
pub struct Named<S> {
    sink: S,
    names: Names,
}

impl<S: Sink> Sink for Named<S> {
    fn name(&self) -> String {
        self.sink.name()
    }

    fn kind(&self) -> &'static str {
        self.sink.kind()
    }

    fn check(&mut self) -> Result<(), String> {
        self.sink.check()
    }

    fn encode(
        &mut self,
        envelope: &Envelope,
        position: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Unencodable> {
        let start = out.len();
        self.sink.encode(envelope, position, out)?;
        let text = String::from_utf8_lossy(&out[start..]);
        self.names.0.lock().insert(bare(&text).to_owned(), envelope.id().to_string());
        Ok(())
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        self.sink.send(batch)
    }

    fn unconfirmed_max(&self) -> usize {
        self.sink.unconfirmed_max()
    }

    fn confirm_interval(&self) -> Duration {
        self.sink.confirm_interval()
    }

    fn confirm(&mut self) -> Vec<Confirmation> {
        self.sink.confirm()
    }

    fn close(&mut self) {
        self.sink.close();
    }
}

fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == ',')
}
