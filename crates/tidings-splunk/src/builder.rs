//! The settings of a sink, each with a default.

use std::path::Path;
use std::time::Duration;

use tidings_http_client::{ClientBuilder, Compression, HttpClient, InvalidClient, TokenSource};

use crate::acks::AckBook;
use crate::channel::Channel;
use crate::classify::EventNumber;
use crate::encode::{Encoder, Labels};
use crate::{SplunkSink, endpoint};

/// How events are parsed by Splunk.
pub const SOURCETYPE_DEFAULT: &str = "tidings:event";
/// How often Splunk is asked which batches it has indexed.
pub const ACK_POLL_DEFAULT: Duration = Duration::from_secs(1);
/// The shortest pause between two such questions.
pub const ACK_POLL_MIN: Duration = Duration::from_millis(10);
/// How long Splunk has to index a batch before it is sent again.
pub const ACK_TIMEOUT_DEFAULT: Duration = Duration::from_mins(2);

const USER_AGENT: &str = concat!("tidings-splunk/", env!("CARGO_PKG_VERSION"));
const SCHEME: &str = "Splunk";

/// Makes a [`SplunkSink`].
///
/// Neither the URL nor the token stands in its `Debug` text.
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct SplunkSinkBuilder {
    client: ClientBuilder,
    labels: Labels,
    acknowledgement: Acknowledgement,
    ack_poll: Duration,
    ack_timeout: Duration,
    event_number: EventNumber,
}

/// Whether batches count as delivered only when they are indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Acknowledgement {
    Off,
    Indexer,
}

impl SplunkSinkBuilder {
    pub(crate) fn new(url: &str) -> Self {
        let client = HttpClient::builder(&endpoint::base(url));
        Self {
            client: client.user_agent(USER_AGENT).scheme(SCHEME),
            labels: Labels {
                host: None,
                source: None,
                sourcetype: SOURCETYPE_DEFAULT.to_owned(),
                index: None,
            },
            acknowledgement: Acknowledgement::Off,
            ack_poll: ACK_POLL_DEFAULT,
            ack_timeout: ACK_TIMEOUT_DEFAULT,
            event_number: EventNumber::Trusted,
        }
    }

    /// Where the token of the collector is kept.
    pub fn token(mut self, token: TokenSource) -> Self {
        self.client = self.client.token(token);
        self
    }

    /// The index that events go to, unless they name one themselves by the attribute
    /// [`INDEX_ATTRIBUTE`](crate::INDEX_ATTRIBUTE); by default the one that Splunk knows for
    /// the token. A blank text is the default here and for the other three.
    pub fn index(mut self, index: &str) -> Self {
        self.labels.index = unless_blank(index);
        self
    }

    /// What Splunk calls the source; by default `/<run>/<node>/<kind>/<id>…`.
    pub fn source(mut self, source: &str) -> Self {
        self.labels.source = unless_blank(source);
        self
    }

    /// How Splunk parses events; by default [`SOURCETYPE_DEFAULT`].
    pub fn sourcetype(mut self, sourcetype: &str) -> Self {
        self.labels.sourcetype =
            unless_blank(sourcetype).unwrap_or_else(|| SOURCETYPE_DEFAULT.to_owned());
        self
    }

    /// What Splunk calls the host; by default the node of the event.
    pub fn host(mut self, host: &str) -> Self {
        self.labels.host = unless_blank(host);
        self
    }

    /// Whether a batch counts as delivered only when Splunk says that it is indexed; by
    /// default it does when Splunk accepts it. The token must have indexer acknowledgement
    /// enabled, and a load balancer sticky sessions.
    pub fn acknowledge(mut self, acknowledge: bool) -> Self {
        self.acknowledgement =
            if acknowledge { Acknowledgement::Indexer } else { Acknowledgement::Off };
        self
    }

    /// How often it is asked which batches are indexed, at least [`ACK_POLL_MIN`]; by
    /// default [`ACK_POLL_DEFAULT`].
    pub fn ack_poll(mut self, poll: Duration) -> Self {
        self.ack_poll = poll.max(ACK_POLL_MIN);
        self
    }

    /// How long Splunk has to index a batch; then it is sent again. By default
    /// [`ACK_TIMEOUT_DEFAULT`].
    pub fn ack_timeout(mut self, timeout: Duration) -> Self {
        self.ack_timeout = timeout;
        self
    }

    /// Whether the number of an event in a reply is believed; by default it is. Without it
    /// a refused batch is split until the refused event is alone, and what Splunk took
    /// before it refused one is sent twice.
    pub fn trust_event_number(mut self, trust: bool) -> Self {
        self.event_number = if trust { EventNumber::Trusted } else { EventNumber::Ignored };
        self
    }

    /// Sends one more header with each request.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.client = self.client.header(name, value);
        self
    }

    /// How long a request may take; by default
    /// [`TIMEOUT_DEFAULT`](tidings_http_client::TIMEOUT_DEFAULT).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.client = self.client.timeout(timeout);
        self
    }

    /// How bodies are compressed; by default they are not.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.client = self.client.compression(compression);
        self
    }

    /// Trusts the authorities in this PEM file, and no others.
    pub fn ca_file(mut self, path: impl AsRef<Path>) -> Self {
        self.client = self.client.ca_file(path);
        self
    }

    /// Accepts any certificate: of anybody, for any name, of any age. Who is in between
    /// reads the token.
    pub fn danger_accept_invalid_certificates(mut self, accept: bool) -> Self {
        self.client = self.client.danger_accept_invalid_certificates(accept);
        self
    }

    /// The proxy; `None` for the one of the environment, `""` for none at all.
    pub fn proxy(mut self, proxy: Option<&str>) -> Self {
        self.client = self.client.proxy(proxy);
        self
    }

    /// Looks up variables, those of proxies and of the token, by `lookup` instead of in the
    /// environment of the process.
    pub fn environment(
        mut self,
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.client = self.client.environment(lookup);
        self
    }

    /// Checks the settings, reads the token and the authorities. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`InvalidClient`] says which setting cannot be used, and why.
    pub fn build(self) -> Result<SplunkSink, InvalidClient> {
        let channel = match self.acknowledgement {
            Acknowledgement::Off => None,
            Acknowledgement::Indexer => Some(Channel::new(AckBook::new(self.ack_timeout))),
        };
        Ok(SplunkSink {
            client: self.client.build()?,
            encoder: Encoder::new(self.labels),
            event_number: self.event_number,
            ack_poll: self.ack_poll,
            channel,
            unsaid: Vec::new(),
            warned: false,
        })
    }
}

fn unless_blank(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.to_owned())
}
