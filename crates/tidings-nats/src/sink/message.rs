//! Events as messages.

use async_nats::jetstream::message::PublishMessage;
use tidings_delivery::{Batch, BatchEvent};

use crate::subject::{Root, encode};

/// What stands before and behind the id in the headers of a message:
/// `NATS/1.0␍␊Nats-Msg-Id: …␍␊␍␊`.
const HEADER_BYTES: usize = "NATS/1.0\r\nNats-Msg-Id: \r\n\r\n".len();

/// A message that is ready to go.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) subject: String,
    pub(super) message: PublishMessage,
}

/// How many bytes a message may have, its headers included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) server: usize,
    pub(super) stream: Option<usize>,
}

impl Limits {
    /// The first event that is too large, and why it can never be taken.
    pub(super) fn first_beyond(self, batch: &Batch<'_>) -> Option<(usize, String)> {
        let least = self.stream.map_or(self.server, |stream| stream.min(self.server));
        let mut sizes = batch.iter().map(|event| size(&event)).enumerate();
        let (index, bytes) = sizes.find(|(_, bytes)| *bytes > least)?;
        let (whose, most) = match self.stream {
            Some(stream) if stream < self.server => ("the stream takes (`max_msg_size`)", stream),
            _ => ("the server takes (`max_payload`)", self.server),
        };
        Some((index, format!("the message has {bytes} bytes, more than the {most} that {whose}")))
    }
}

/// How many bytes the message of an event has.
fn size(event: &BatchEvent<'_>) -> usize {
    let mut id = Count(0);
    event.envelope().id().write_to(&mut id).expect("counting has no error");
    HEADER_BYTES + id.0 + event.bytes().len()
}

struct Count(usize);

impl std::fmt::Write for Count {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// The messages of the first `count` events of a batch.
pub(super) fn messages(batch: &Batch<'_>, count: usize, root: &Root) -> Vec<Outgoing> {
    batch.iter().take(count).map(|event| message(&event, root)).collect()
}

fn message(event: &BatchEvent<'_>, root: &Root) -> Outgoing {
    let envelope = event.envelope();
    let mut subject = String::new();
    encode(root, envelope.run(), envelope.node(), envelope.event_type(), &mut subject);
    let payload = event.bytes().to_vec();
    let message =
        PublishMessage::build().payload(payload.into()).message_id(envelope.id().to_string());
    Outgoing { subject, message }
}
