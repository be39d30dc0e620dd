//! The sink: one batch, one post.

use std::fmt;

use tidings_core::Envelope;
use tidings_delivery::{Batch, Outcome, Sink, Unencodable};
use tidings_http_client::{HttpClient, Reply, Request, Unreached, outcome_of_failure};

use crate::classify::{Answer, Asked, Refusals};
use crate::{Encoder, Frame, HttpSinkBuilder};

/// Posts each batch to a URL. See the [crate docs](crate) for what answers mean.
pub struct HttpSink {
    client: HttpClient,
    encoder: Box<dyn Encoder>,
    content_type: String,
    frame: Frame,
    has_token: bool,
    refusals: Refusals,
    text: String,
}

impl HttpSink {
    /// Begins a sink that posts to this URL, as it is.
    pub fn builder(url: &str) -> HttpSinkBuilder {
        HttpSinkBuilder::new(url)
    }

    pub(crate) fn new(client: HttpClient, encoder: Box<dyn Encoder>, has_token: bool) -> Self {
        Self {
            client,
            content_type: encoder.content_type().to_owned(),
            frame: encoder.frame(),
            encoder,
            has_token,
            refusals: Refusals::default(),
            text: String::new(),
        }
    }

    /// Scheme, host and port: sinks for which it is equal share an endpoint, and should
    /// share a [`Gate`](tidings_delivery::Gate).
    pub fn origin(&self) -> &str {
        self.client.origin()
    }

    fn post(&mut self, batch: &Batch<'_>) -> Result<Reply, Unreached> {
        let key = batch.idempotency_key();
        let events = &batch.bytes()[self.frame.between.len()..];
        let (before, after) = (self.frame.before.as_bytes(), self.frame.after.as_bytes());
        let pieces: &[&[u8]] = match (before, after) {
            ([], []) => &[events],
            _ => &[before, events, after],
        };
        let headers = [("idempotency-key", &*key)];
        self.client.post(Request::new(&self.content_type, pieces).headers(&headers))
    }
}

impl Sink for HttpSink {
    fn name(&self) -> String {
        "http".to_owned()
    }

    fn kind(&self) -> &'static str {
        "http"
    }

    fn encode(
        &mut self,
        envelope: &Envelope,
        position: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Unencodable> {
        self.text.clear();
        // Every event has it before itself; that of a batch's first one is not sent.
        self.text.push_str(self.frame.between);
        self.encoder.encode(envelope, position, &mut self.text)?;
        out.extend_from_slice(self.text.as_bytes());
        Ok(())
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let mut answer = self.post(batch);
        // The server has taken nothing, so that a second post doubles nothing.
        if matches!(&answer, Ok(reply) if reply.status() == 401) && self.client.reload_token() {
            answer = self.post(batch);
        }
        let reply = match answer {
            Ok(reply) => reply,
            Err(failure) => return outcome_of_failure(&failure),
        };
        let (excerpt, location) = (reply.excerpt(), reply.location_excerpt());
        let answer = Answer {
            status: reply.status(),
            excerpt: &excerpt,
            retry_after: reply.retry_after(),
            location: location.as_deref(),
        };
        let asked =
            Asked { events: batch.len(), attempt: batch.attempt(), has_token: self.has_token };
        self.refusals.outcome(&answer, asked)
    }
}

impl fmt::Debug for HttpSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSink").field("origin", &self.origin()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_goes_to_any_thread() {
        fn assert_send_and_sync<T: Send + Sync>(_: &T) {}
        let sink = HttpSink::builder("http://host/").proxy(Some("")).build().expect("valid");
        assert_send_and_sync(&sink);
    }
}
