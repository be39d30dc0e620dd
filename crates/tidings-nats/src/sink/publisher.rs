//! Publishes on one connection, and takes the acknowledgements in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::{ContextBuilder, PublishAckFuture};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::classify::of_publish;
use super::line::Pace;
use super::message::{Limits, Outgoing};
use super::service::UNCONFIRMED_MAX;
use super::tracker::{End, Tracker};
use crate::heartbeat::is_complaint;
use crate::server::{Connection, Kind, NatsError};
use crate::stream::Found;
use crate::subject::Root;

/// One connection, with a stream that takes what is published.
#[derive(Debug)]
pub(super) struct Publisher {
    connection: Arc<Connection>,
    jobs: Sender<Job>,
    tracker: Arc<Tracker>,
    stream_bytes_max: Option<usize>,
    root: Root,
}

/// A batch to be published.
#[derive(Debug)]
struct Job {
    batch: u64,
    messages: Vec<Outgoing>,
}

/// An acknowledgement that is to come, of an event of this batch.
struct Awaited {
    batch: u64,
    ack: PublishAckFuture,
}

impl Publisher {
    /// Begins to publish on this connection; counts what is acknowledged.
    pub(super) fn start(
        connection: Arc<Connection>,
        stream: &Found,
        pace: &Pace,
        published: &Arc<AtomicU64>,
    ) -> Self {
        let tracker = Arc::new(Tracker::default());
        let (jobs, received) = channel(UNCONFIRMED_MAX + 1);
        let client = connection.client().clone();
        let (window, ack_timeout) = (pace.window, pace.ack_timeout);
        let (noted, counted) = (Arc::clone(&tracker), Arc::clone(published));
        connection.spawn(async move {
            let context =
                ContextBuilder::new().timeout(ack_timeout).max_ack_inflight(window).build(client);
            let acks = VecDeque::with_capacity(window);
            Pump { context, window, acks, tracker: noted, published: counted }.work(received).await;
        });
        let (broken, told) = (connection.broken(), Arc::clone(&tracker));
        connection.spawn(async move {
            broken.await;
            told.fail(NatsError::new(Kind::Unreachable, "the connection to the server broke"));
        });
        Self {
            connection,
            jobs,
            tracker,
            stream_bytes_max: stream.message_bytes_max,
            root: pace.root.clone(),
        }
    }

    /// How large a message may be.
    pub(super) fn limits(&self) -> Limits {
        Limits { server: self.connection.client().max_payload(), stream: self.stream_bytes_max }
    }

    /// Hands over a batch.
    pub(super) fn publish(&self, batch: u64, messages: Vec<Outgoing>) {
        self.tracker.begin(batch, messages.len());
        if self.jobs.try_send(Job { batch, messages }).is_err() {
            let text = "the connection takes no more batches";
            self.tracker.fail(NatsError::new(Kind::Unreachable, text));
        }
    }

    /// Waits for the end of a batch, at most until then.
    pub(super) fn wait(&self, batch: u64, until: Instant) -> End {
        self.explained(self.tracker.wait(batch, until))
    }

    /// The batches that have ended since this was asked last.
    pub(super) fn ended(&self) -> Vec<(u64, End)> {
        let ended = self.tracker.ended();
        ended.into_iter().map(|(batch, end)| (batch, self.explained(end))).collect()
    }

    /// Whether it has failed, and is of no use any more.
    pub(super) fn has_failed(&self) -> bool {
        self.tracker.failure().is_some()
    }

    /// Whether there is a batch whose end nobody has heard.
    pub(super) fn is_waiting(&self) -> bool {
        self.tracker.is_waiting()
    }

    /// Nothing more is published.
    pub(super) fn give_up(&self, fault: NatsError) {
        self.tracker.fail(fault);
    }

    /// A server that does not answer may have said why, to nobody in particular; and it may
    /// have repeated a secret.
    fn explained(&self, end: End) -> End {
        let server = self.connection.server();
        match end {
            End::Failed { taken, fault } if fault.is_timeout() || fault.is_unreachable() => {
                let of_events = |said: &str| !is_complaint(said, &self.root);
                let fault = self.connection.complaint_about(of_events).unwrap_or(fault);
                End::Failed { taken, fault: fault.scrubbed(server) }
            }
            End::Failed { taken, fault } => End::Failed { taken, fault: fault.scrubbed(server) },
            End::Refused { index, reason } => End::Refused { index, reason: server.scrub(&reason) },
            other => other,
        }
    }
}

/// Publishes batch after batch, and takes the acknowledgements in the order of the events.
struct Pump {
    context: Context,
    window: usize,
    acks: VecDeque<Awaited>,
    tracker: Arc<Tracker>,
    published: Arc<AtomicU64>,
}

impl Pump {
    /// Works until nobody hands over anything more, or something failed.
    async fn work(mut self, mut jobs: Receiver<Job>) {
        loop {
            // What is handed over meanwhile waits for one acknowledgement at most.
            let next = match self.acks.pop_front() {
                None => jobs.recv().await,
                Some(oldest) => match jobs.try_recv() {
                    Ok(job) => {
                        self.acks.push_front(oldest);
                        Some(job)
                    }
                    Err(_) => match self.take(oldest).await {
                        Ok(()) => continue,
                        Err(fault) => return self.tracker.fail(fault),
                    },
                },
            };
            let Some(job) = next else { return };
            if let Err(fault) = self.publish(job).await {
                return self.tracker.fail(fault);
            }
        }
    }

    async fn publish(&mut self, Job { batch, messages }: Job) -> Result<(), NatsError> {
        for Outgoing { subject, message } in messages {
            if self.acks.len() == self.window
                && let Some(oldest) = self.acks.pop_front()
            {
                self.take(oldest).await?;
            }
            if let Some(fault) = self.tracker.failure() {
                return Err(fault);
            }
            let ack = self.context.send_publish(subject, message).await;
            self.acks.push_back(Awaited { batch, ack: ack.map_err(|fault| of_publish(&fault))? });
        }
        Ok(())
    }

    /// Waits for an acknowledgement.
    async fn take(&self, Awaited { batch, ack }: Awaited) -> Result<(), NatsError> {
        match ack.await {
            Ok(_) => {
                self.published.fetch_add(1, Ordering::Relaxed);
                self.tracker.acknowledge(batch);
            }
            Err(fault) => {
                let fault = of_publish(&fault);
                if fault.kind() != Kind::TooLarge {
                    return Err(fault);
                }
                self.tracker.refuse(batch, fault.to_string());
            }
        }
        Ok(())
    }
}
