//! What a delivery calls.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tidings_core::Envelope;
use tidings_core::time::moment::deadline_in;
use tidings_core::wire::write_event;
use tidings_delivery::{Batch, Confirmation, Outcome, Sink, Unencodable};

use super::builder::{NatsSinkBuilder, Node};
use super::classify::outcome;
use super::heart::Heart;
use super::line::Line;
use super::message::messages;
use super::publisher::Publisher;
use super::tracker::End;
use crate::server::{Kind, NatsError, NatsServer};

/// How many batches may wait for their acknowledgements at a time.
pub const UNCONFIRMED_MAX: usize = 8;

/// How often it is looked whether batches were acknowledged.
const CONFIRM_INTERVAL: Duration = Duration::from_millis(1);
/// The most that a check takes.
const CHECK_WITHIN: Duration = Duration::from_secs(1);

/// Publishes events to a `JetStream` stream.
///
/// The body of a message is the event as `CloudEvents` JSON, its subject
/// `<root>.<run>.<node>.<type>`, and its header `Nats-Msg-Id` the id of the event, by which
/// the server keeps once what is sent twice. While the sink lives it sends heartbeats of its
/// node.
///
/// # The stream
///
/// One that is missing is created, see [`StreamSettings`](crate::StreamSettings). One that is
/// there must have subjects that cover `<root>.*.*.>`, retention `limits`, no bound per
/// subject, acknowledge, and be neither a mirror nor sealed; otherwise events are held, and
/// it is said what would be right. That it removes old events when it is full, keeps them in
/// memory, or forgets ids early, is a warning.
///
/// # What failures mean
///
/// | what | events |
/// |---|---|
/// | no connection, no answer in time, a full stream | are sent again, after a growing pause |
/// | credentials, permissions, certificates, no `JetStream`, a wrong stream | are held, with an alarm |
/// | a message above the server's `max_payload` or the stream's `max_msg_size` | it is set aside, with both sizes |
///
/// ```
/// use tidings_delivery::{Delivery, SpoolSettings};
/// use tidings_nats::{NatsServer, NatsSink, StreamSettings};
/// use tidings_registry::Bus;
///
/// # let folder = std::env::temp_dir().join(format!("tidings-nats-doc-{}", std::process::id()));
/// let bus = Bus::builder().run("nightly").node("lab-3").build();
/// let sink = NatsSink::builder(NatsServer::at("nats://127.0.0.1:4222"))
///     .root("acme.tests")
///     .node_of(&bus)
///     .build()?;
/// // Starts also while the server is away: events wait in the spool.
/// let delivery = Delivery::builder(sink).spool(SpoolSettings::new(&folder)).start()?;
/// bus.subscribe(delivery).detach();
/// # drop(bus.close(std::time::Duration::from_secs(5)));
/// # drop(std::fs::remove_dir_all(folder));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct NatsSink {
    line: Arc<Line>,
    /// Who has published since the last failure.
    publisher: Option<Arc<Publisher>>,
    /// Whether the server has acknowledged a batch on this connection: then the next ones
    /// overlap.
    is_proven: bool,
    heartbeat: Duration,
    heart: Option<Heart>,
    node: Option<Node>,
    text: String,
}

impl NatsSink {
    /// Begins a sink that publishes to this server.
    pub fn builder(server: NatsServer) -> NatsSinkBuilder {
        NatsSinkBuilder::new(server)
    }

    pub(super) fn new(line: Line, heartbeat: Duration, node: Option<Node>) -> Self {
        Self {
            line: Arc::new(line),
            publisher: None,
            is_proven: false,
            heartbeat,
            heart: None,
            node,
            text: String::new(),
        }
    }

    /// The servers: sinks for which it is equal share an endpoint, and should share a
    /// [`Gate`](tidings_delivery::Gate).
    ///
    /// ```
    /// use tidings_nats::{NatsServer, NatsSink};
    ///
    /// let sink = NatsSink::builder(NatsServer::at("lab-1,tls://lab-2:5222")).build()?;
    /// assert_eq!(sink.origin(), "nats://lab-1:4222,tls://lab-2:5222");
    /// # Ok::<(), tidings_nats::NatsError>(())
    /// ```
    pub fn origin(&self) -> String {
        self.line.server().origin()
    }

    /// Begins with heartbeats, once it is known whose.
    fn live(&mut self) {
        if self.heart.is_some() {
            return;
        }
        if let Some(node) = &self.node {
            // Without a thread there are no heartbeats, and everything else goes on.
            self.heart = Heart::start(Arc::clone(&self.line), node.clone(), self.heartbeat).ok();
        }
    }

    /// Somebody who publishes, as long as nothing is open with one that failed.
    fn publisher(&mut self, until: Instant) -> Result<Arc<Publisher>, NatsError> {
        if let Some(publisher) = &self.publisher {
            if !publisher.has_failed() {
                return Ok(Arc::clone(publisher));
            }
            if publisher.is_waiting() {
                let text = "what was published before is told first";
                return Err(NatsError::new(Kind::Unreachable, text));
            }
            self.give_up();
        }
        let publisher = self.line.publisher(until)?;
        self.is_proven = false;
        self.publisher = Some(Arc::clone(&publisher));
        Ok(publisher)
    }

    fn give_up(&mut self) {
        self.is_proven = false;
        if let Some(publisher) = self.publisher.take() {
            self.line.give_up(&publisher);
        }
    }

    fn send_until(&mut self, batch: &Batch<'_>, until: Instant) -> Outcome {
        let publisher = match self.publisher(until) {
            Ok(publisher) => publisher,
            Err(fault) => return outcome(&fault),
        };
        let beyond = publisher.limits().first_beyond(batch);
        let fitting = beyond.as_ref().map_or(batch.len(), |(index, _)| *index);
        if fitting > 0 {
            publisher.publish(batch.number(), messages(batch, fitting, self.line.root()));
            if beyond.is_none() && self.is_proven {
                return Outcome::unconfirmed();
            }
            match publisher.wait(batch.number(), until) {
                End::Taken => self.is_proven = true,
                // It goes on, and is confirmed later.
                End::Open { taken } if taken > 0 && beyond.is_none() => {
                    return Outcome::unconfirmed();
                }
                End::Open { .. } => {
                    let text = "an event was not acknowledged within the ack timeout";
                    publisher.give_up(NatsError::new(Kind::Timeout, text));
                    let end = publisher.wait(batch.number(), until);
                    return self.outcome_of(end);
                }
                end => return self.outcome_of(end),
            }
        }
        match beyond {
            Some((index, reason)) => Outcome::set_aside(index, reason).after_taking(index),
            None => Outcome::delivered(),
        }
    }

    /// What the end of a batch means for its events.
    fn outcome_of(&mut self, end: End) -> Outcome {
        match end {
            End::Taken => Outcome::delivered(),
            End::Refused { index, reason } => Outcome::set_aside(index, reason).after_taking(index),
            End::Failed { taken, fault } => {
                self.give_up_when_told();
                outcome(&fault).after_taking(taken)
            }
            // Nobody asks for the end of a batch that goes on.
            End::Open { .. } => Outcome::unconfirmed(),
        }
    }

    /// A connection that failed is of no use, but other batches may have to be told of yet.
    fn give_up_when_told(&mut self) {
        if self.publisher.as_ref().is_some_and(|publisher| !publisher.is_waiting()) {
            self.give_up();
        }
    }
}

impl Sink for NatsSink {
    fn name(&self) -> String {
        self.kind().to_owned()
    }

    fn kind(&self) -> &'static str {
        "nats"
    }

    fn check(&mut self) -> Result<(), String> {
        self.live();
        let until = Instant::now() + CHECK_WITHIN.min(self.line.ack_timeout());
        let checked = self.publisher(until).map(drop);
        checked.map_err(|fault| format!("the server cannot be used yet: {fault}"))?;
        match self.line.take_warning() {
            Some(warning) => Err(warning),
            None => Ok(()),
        }
    }

    fn encode(
        &mut self,
        envelope: &Envelope,
        position: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Unencodable> {
        if self.node.is_none() {
            let (run, name) = (envelope.run().to_owned(), envelope.node().to_owned());
            self.node = Some(Node { run, name, bus: envelope.id().bus() });
        }
        self.live();
        self.text.clear();
        write_event(envelope, Some(position), &mut self.text)
            .map_err(|fault| Unencodable::new(fault.to_string()))?;
        out.extend_from_slice(self.text.as_bytes());
        Ok(())
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let outcome = self.send_until(batch, deadline_in(self.line.ack_timeout()));
        match self.line.take_warning() {
            Some(warning) => outcome.with_warning(warning),
            None => outcome,
        }
    }

    fn unconfirmed_max(&self) -> usize {
        UNCONFIRMED_MAX
    }

    fn confirm_interval(&self) -> Duration {
        CONFIRM_INTERVAL
    }

    fn confirm(&mut self) -> Vec<Confirmation> {
        let Some(publisher) = self.publisher.clone() else { return Vec::new() };
        let ended = publisher.ended();
        let told = ended.into_iter();
        told.map(|(batch, end)| Confirmation::new(batch, self.outcome_of(end))).collect()
    }

    fn close(&mut self) {
        if let Some(heart) = self.heart.take() {
            heart.leave();
        }
        self.give_up();
    }
}

impl fmt::Debug for NatsSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NatsSink").field("server", self.line.server()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_goes_to_any_thread() {
        fn assert_send_and_sync<T: Send + Sync>(_: &T) {}
        let sink = NatsSink::builder(NatsServer::at("nats://a")).build().expect("valid");
        assert_send_and_sync(&sink);
    }

    #[test]
    fn settings_that_cannot_be_used_are_named_by_their_key() {
        let at = NatsServer::at;
        let key = |builder: NatsSinkBuilder| builder.build().unwrap_err().key();
        assert_eq!(key(NatsSink::builder(at("http://a"))), Some("url"));
        assert_eq!(key(NatsSink::builder(at("a")).root("a b")), Some("root"));
        let stream = crate::StreamSettings::default().replicas(9);
        assert_eq!(key(NatsSink::builder(at("a")).stream(stream)), Some("stream"));
        assert_eq!(key(NatsSink::builder(at("a").ca_file("missing.pem"))), Some("ca_file"));
    }
}
