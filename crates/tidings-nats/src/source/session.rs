//! One connection of a source, and the consumer that it reads through.
//!
//! A session ends with the first irregularity: a break, silence, a message that was lost on
//! the way. Another one begins behind what is done.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::consumer::PullConsumer;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::server::{Connection, Kind, NatsError, shown};

use super::Place;
use super::consumer::{self, Resume};
use super::plan::Plan;

/// How long the broker has for one answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// How long all that is to be done before reading may take.
const SETUP_WITHIN: Duration = Duration::from_secs(20);
/// How long a call may take beyond what it waits for.
const GRACE: Duration = Duration::from_secs(1);
/// How many messages the broker may send ahead.
const BATCH: usize = 256;
/// How many messages are taken over at a time.
const TAKE_MAX: usize = 512;
/// How often a broker that has nothing says so.
const IDLE_HEARTBEAT: Duration = Duration::from_secs(2);
/// How long one request for messages lasts.
const EXPIRES: Duration = Duration::from_secs(30);

type Received = Result<jetstream::Message, String>;

/// A consumer that is being read.
#[derive(Debug)]
pub(super) struct Session {
    messages: Arc<Mutex<Receiver<Received>>>,
    pub(super) resume: Resume,
    pub(super) is_whole: bool,
    /// The number of the delivery that comes next.
    pub(super) next_delivery: u64,
    /// Where an acknowledgement goes, as some message said it.
    reply: Option<String>,
    // Dropped last: the reading ends with it.
    connection: Connection,
}

impl Session {
    /// Connects, and begins to read behind what is done.
    pub(super) fn open(plan: &Arc<Plan>, resume: &Resume) -> Result<Self, NatsError> {
        let connection = Connection::open(&plan.server, REQUEST_TIMEOUT)?;
        let single = !connection.is_at_least(2, 10);
        let context = connection.jetstream().clone();
        let (planned, resumed) = (Arc::clone(plan), resume.clone());
        let making = async move { consumer::make(&context, &planned, &resumed, single).await };
        let made = connection
            .run(SETUP_WITHIN, making)
            .and_then(|made| made)
            .map_err(|fault| complaint(&connection, fault))?;
        let (sender, receiver) = channel(TAKE_MAX);
        let (broken, pumping) = (connection.broken(), sender.clone());
        connection.spawn(async move {
            broken.await;
            // Whoever read may have gone.
            drop(sender.send(Err("the connection was lost".to_owned())).await);
        });
        connection.spawn(pump(made.consumer, pumping));
        Ok(Self {
            messages: Arc::new(Mutex::new(receiver)),
            resume: made.resume,
            is_whole: made.is_whole,
            next_delivery: 1,
            reply: None,
            connection,
        })
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connection.is_connected()
    }

    /// Appends what has arrived, and waits for the first of it.
    ///
    /// # Errors
    ///
    /// The session is over; what is in `arrived` has arrived all the same.
    pub(super) fn receive(
        &self,
        wait: Duration,
        arrived: &mut Vec<jetstream::Message>,
    ) -> Result<(), NatsError> {
        let messages = Arc::clone(&self.messages);
        let receiving = async move {
            let mut got = Vec::new();
            let mut messages = messages.lock().await;
            let taking = messages.recv_many(&mut got, TAKE_MAX);
            let ended = tokio::time::timeout(wait, taking).await.is_ok_and(|count| count == 0);
            (got, ended)
        };
        let (got, ended) = self.connection.run(wait + GRACE, receiving)?;
        for received in got {
            match received {
                Ok(message) => arrived.push(message),
                Err(said) => return Err(complaint(&self.connection, broken(&said))),
            }
        }
        if ended || !self.connection.is_connected() {
            return Err(complaint(&self.connection, broken("the connection was lost")));
        }
        Ok(())
    }

    /// Remembers where an acknowledgement goes.
    pub(super) fn keep_reply(&mut self, message: &jetstream::Message) {
        if self.reply.is_none() {
            self.reply = message.reply.as_ref().map(ToString::to_string);
        }
    }

    /// Has the broker know that nothing up to this place need come again.
    pub(super) fn acknowledge(&self, place: Place, within: Duration) -> Result<(), NatsError> {
        let Some(subject) = self.reply.as_deref().and_then(|reply| reply_at(reply, place)) else {
            return Ok(());
        };
        let client = self.connection.client().clone();
        let lost = self.connection.broken();
        let asking = async move {
            let (asking, lost) = (client.request(subject, "+ACK".into()), lost);
            match select(pin!(asking), pin!(lost)).await {
                Either::Left((answer, _)) => answer.map(drop).map_err(|fault| fault.to_string()),
                Either::Right(_) => Err("the connection was lost".to_owned()),
            }
        };
        self.connection.run(within, asking)?.map_err(|said| {
            let text = format!("nothing could be acknowledged: {}", shown(&said));
            complaint(&self.connection, NatsError::new(Kind::Unreachable, text))
        })
    }
}

/// What the server complained of says more than that something did not work.
fn complaint(connection: &Connection, fault: NatsError) -> NatsError {
    connection.complaint().unwrap_or(fault)
}

pub(super) fn broken(said: &str) -> NatsError {
    let text = format!("reading was broken off: {}", shown(said));
    NatsError::new(Kind::Unreachable, text)
}

/// The subject of the acknowledgement of another message of the same consumer:
/// `$JS.ACK.<stream>.<consumer>.<times>.<sequence>.<delivery>.…`, on newer servers with two
/// tokens more behind `ACK`.
fn reply_at(reply: &str, place: Place) -> Option<String> {
    let mut tokens: Vec<&str> = reply.split('.').collect();
    let at = if tokens.len() == 9 { 5 } else { 7 };
    if tokens.len() < at + 4 {
        return None;
    }
    let (sequence, delivery) = (place.sequence.to_string(), place.delivery.to_string());
    (tokens[at], tokens[at + 1]) = (&sequence, &delivery);
    Some(tokens.join("."))
}

/// Hands on what the broker delivers, until something is not as it should be.
async fn pump(consumer: PullConsumer, sender: Sender<Received>) {
    let messages = consumer
        .stream()
        .max_messages_per_batch(BATCH)
        .expires(EXPIRES)
        .heartbeat(IDLE_HEARTBEAT)
        .messages()
        .await;
    let mut messages = match messages {
        Ok(messages) => messages,
        Err(fault) => {
            drop(sender.send(Err(fault.to_string())).await);
            return;
        }
    };
    while let Some(received) = messages.next().await {
        let is_over = received.is_err();
        // Whoever read may have gone.
        let is_alone = sender.send(received.map_err(|fault| fault.to_string())).await.is_err();
        if is_over || is_alone {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_goes_to_the_subject_of_its_message() {
        let place = Place { epoch: 1, sequence: 70, delivery: 6 };
        for (reply, expected) in [
            ("$JS.ACK.s.c.1.9.8.1700.44", Some("$JS.ACK.s.c.1.70.6.1700.44")),
            ("$JS.ACK._.hash.s.c.1.9.8.1700.44", Some("$JS.ACK._.hash.s.c.1.70.6.1700.44")),
            ("$JS.ACK.d.hash.s.c.1.9.8.1700.44.x", Some("$JS.ACK.d.hash.s.c.1.70.6.1700.44.x")),
            ("$JS.ACK.s.c", None),
        ] {
            assert_eq!(reply_at(reply, place).as_deref(), expected);
        }
    }
}
