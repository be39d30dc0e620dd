//! The sink: posts batches and says what the answers mean.
//!
//! All that decides is pure and elsewhere; here is what asks the network and the clock.

use std::fmt;
use std::time::Duration;

use tidings_core::Envelope;
use tidings_delivery::{Batch, Confirmation, Outcome, Sink, Unencodable};
use tidings_http_client::{HttpClient, Reply, Request, Unreached, outcome_of_failure};

use crate::SplunkSinkBuilder;
use crate::channel::{CHANNEL_HEADER, Channel, Confirming};
use crate::classify::{Asked, EventNumber, Verdict, classify};
use crate::encode::{Encoder, own_index};
use crate::endpoint;
use crate::reason::{Answer, Form, reason, strange};

/// How many batches may wait for their confirmation at a time.
pub const UNCONFIRMED_MAX: usize = 16;

const NO_ACKNOWLEDGEMENT: &str = "splunk acknowledges nothing: indexer acknowledgement is disabled \
     for the token, and batches count as delivered when they are accepted";

/// Sends events to the HTTP Event Collector of Splunk.
///
/// ```no_run
/// use tidings_delivery::{Delivery, SpoolSettings};
/// use tidings_splunk::{Compression, SplunkSink, TokenSource};
///
/// let sink = SplunkSink::builder("https://splunk.example:8088")
///     .token(TokenSource::Env("SPLUNK_HEC_TOKEN".to_owned()))
///     .index("tests")
///     .compression(Compression::GZIP)
///     .build()?;
/// let delivery = Delivery::builder(sink).spool(SpoolSettings::new("spool/splunk")).start()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SplunkSink {
    pub(crate) client: HttpClient,
    pub(crate) encoder: Encoder,
    pub(crate) event_number: EventNumber,
    pub(crate) ack_poll: Duration,
    /// There is one as long as batches wait for acknowledgement.
    pub(crate) channel: Option<Channel>,
    /// Fates of batches that nobody has asked for yet.
    pub(crate) unsaid: Vec<Confirmation>,
    /// Whether it was said that there is no acknowledgement.
    pub(crate) warned: bool,
}

impl SplunkSink {
    /// Begins a sink for the collector at this URL: `https://host:8088`, also with the path
    /// of the collector behind it.
    pub fn builder(url: &str) -> SplunkSinkBuilder {
        SplunkSinkBuilder::new(url)
    }

    /// Scheme, host and port: sinks for which it is equal share an endpoint, and should
    /// share a [`Gate`](tidings_delivery::Gate).
    ///
    /// ```
    /// use tidings_splunk::SplunkSink;
    ///
    /// let sink = SplunkSink::builder("https://Splunk.example/services/collector").build()?;
    /// assert_eq!(sink.origin(), "https://splunk.example:443");
    /// # Ok::<(), tidings_splunk::InvalidClient>(())
    /// ```
    pub fn origin(&self) -> &str {
        self.client.origin()
    }

    /// Posts the events, and once more if there is a new token and the old one was refused.
    fn post(&mut self, batch: &Batch<'_>) -> Result<Reply, Unreached> {
        let reply = self.post_once(batch)?;
        if matches!(reply.status(), 401 | 403) && self.client.reload_token() {
            return self.post_once(batch);
        }
        Ok(reply)
    }

    fn post_once(&mut self, batch: &Batch<'_>) -> Result<Reply, Unreached> {
        let pieces = [batch.bytes()];
        let request = Request::new("application/json", &pieces).to(endpoint::EVENT);
        match &self.channel {
            Some(channel) => self.client.post(request.headers(&[(CHANNEL_HEADER, channel.id())])),
            None => self.client.post(request),
        }
    }

    fn outcome(&mut self, reply: &Reply, batch: &Batch<'_>) -> Outcome {
        let answer = Answer::read(reply);
        let index_of = |place| {
            let event = batch.event(place)?;
            own_index(event.envelope().attributes())
        };
        let asked = Asked {
            len: batch.len(),
            acknowledges: self.channel.is_some(),
            event_number: self.event_number,
            index: self.encoder.index(),
            index_of: &index_of,
        };
        match classify(&answer, &asked) {
            Verdict::Taken { pause } => {
                let outcome = self.taken(answer.said.ack, batch.number());
                pause.into_iter().fold(outcome, Outcome::slow_down)
            }
            Verdict::AcknowledgementOff if self.channel.is_some() => {
                self.stop_acknowledging();
                let outcome = match self.post(batch) {
                    Ok(reply) => self.outcome(&reply, batch),
                    Err(failure) => outcome_of_failure(&failure),
                };
                self.with_warning(outcome)
            }
            Verdict::AcknowledgementOff => {
                let advice = "nobody asked for acknowledgement: check `headers`";
                Outcome::hold(reason(&answer, advice))
            }
            Verdict::Refused(outcome) => outcome,
        }
    }

    fn taken(&mut self, ack: Option<u64>, batch: u64) -> Outcome {
        match (&mut self.channel, ack) {
            (None, _) => Outcome::delivered(),
            (Some(channel), Some(ack)) => {
                self.unsaid.extend(channel.note(ack, batch));
                Outcome::unconfirmed()
            }
            // Splunk ignores the channel when the token has acknowledgement disabled.
            (Some(_), None) => self.with_warning(Outcome::delivered()),
        }
    }

    fn stop_acknowledging(&mut self) {
        if let Some(mut channel) = self.channel.take() {
            self.unsaid.extend(channel.give_up());
        }
    }

    /// Says once that there is no acknowledgement.
    fn with_warning(&mut self, outcome: Outcome) -> Outcome {
        if std::mem::replace(&mut self.warned, true) {
            return outcome;
        }
        outcome.with_warning(NO_ACKNOWLEDGEMENT)
    }
}

impl Sink for SplunkSink {
    fn name(&self) -> String {
        self.kind().to_owned()
    }

    fn kind(&self) -> &'static str {
        "splunk"
    }

    fn check(&mut self) -> Result<(), String> {
        let fault = match self.client.get(endpoint::HEALTH) {
            Ok(reply) => match Answer::read(&reply) {
                answer if !answer.is_success() => reason(&answer, ""),
                answer if matches!(answer.form, Form::Json | Form::Empty) => return Ok(()),
                answer => strange(&answer, "check `url`"),
            },
            Err(failure) => failure.to_string(),
        };
        Err(format!("the health check failed: {fault}"))
    }

    fn encode(
        &mut self,
        envelope: &Envelope,
        position: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Unencodable> {
        self.encoder.encode(envelope, position, out)
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        match self.post(batch) {
            Ok(reply) => self.outcome(&reply, batch),
            Err(failure) => outcome_of_failure(&failure),
        }
    }

    fn unconfirmed_max(&self) -> usize {
        self.channel.as_ref().map_or(1, |_| UNCONFIRMED_MAX)
    }

    fn confirm_interval(&self) -> Duration {
        self.ack_poll
    }

    fn confirm(&mut self) -> Vec<Confirmation> {
        let mut confirmations = std::mem::take(&mut self.unsaid);
        let Some(channel) = &mut self.channel else { return confirmations };
        let (settled, confirming) = channel.poll(&mut self.client);
        confirmations.extend(settled);
        if confirming == Confirming::No {
            self.channel = None;
            if let Some(first) = confirmations.first_mut() {
                first.outcome = self.with_warning(first.outcome.clone());
            }
        }
        confirmations
    }
}

impl fmt::Debug for SplunkSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SplunkSink")
            .field("client", &self.client)
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}
