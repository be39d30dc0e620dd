//! Hears heartbeats, over a connection of its own.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use async_nats::{RequestErrorKind, Subscriber};
use futures_util::StreamExt;

use crate::NatsServer;
use crate::heartbeat::{Heartbeat, subject};
use crate::server::{Connection, Kind, NatsError};
use crate::subject::Root;

use super::watch::Beat;

/// How long the broker has for one answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// What the broker is asked to see whether it answers; it costs it nothing.
const QUESTION: &str = "$JS.API.INFO";
/// The pause before another attempt to connect.
const PAUSE: Duration = Duration::from_millis(200);
/// The most heartbeats that wait to be heard; the next ones say the same.
const BEATS_MAX: usize = 4_096;
/// The most bytes of a heartbeat.
const BEAT_BYTES_MAX: usize = 64 * 1024;

/// What is listened to, and how.
#[derive(Debug)]
pub(super) struct Ear {
    server: NatsServer,
    subject: String,
    line: Line,
}

#[derive(Debug)]
enum Line {
    Up(Box<Connection>, Receiver<Beat>),
    Opening(Receiver<Result<(Connection, Receiver<Beat>), NatsError>>),
    Down(Instant),
}

impl Ear {
    pub(super) fn new(server: NatsServer, root: &Root, run: Option<&str>) -> Self {
        Self { server, subject: subject(root, run, None), line: Line::Down(Instant::now()) }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(&self.line, Line::Up(connection, _) if connection.is_connected())
    }

    /// Appends what is heard within this time, or before; whether the connection is a new
    /// one.
    pub(super) fn listen(&mut self, wait: Duration, beats: &mut Vec<Beat>) -> bool {
        match &self.line {
            Line::Up(connection, heard) => {
                let is_broken = match heard.recv_timeout(wait) {
                    Ok(beat) => {
                        beats.push(beat);
                        drain(heard, beats)
                    }
                    Err(RecvTimeoutError::Timeout) => !connection.is_connected(),
                    Err(RecvTimeoutError::Disconnected) => true,
                };
                if is_broken {
                    self.hang_up();
                }
            }
            Line::Opening(opening) => match opening.recv_timeout(wait) {
                Ok(Ok((connection, heard))) => {
                    self.line = Line::Up(Box::new(connection), heard);
                    return true;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => self.hang_up(),
            },
            Line::Down(until) => {
                let pause = until.saturating_duration_since(Instant::now());
                if pause.is_zero() {
                    self.begin();
                } else {
                    std::thread::park_timeout(pause.min(wait));
                }
            }
        }
        false
    }

    /// Whether the broker answers; what it sent before that is heard then.
    pub(super) fn is_answered(&mut self, beats: &mut Vec<Beat>) -> bool {
        let Line::Up(connection, heard) = &self.line else { return false };
        let client = connection.client().clone();
        let asking = async move {
            let answer = client.request(QUESTION, "".into()).await;
            // That nobody is there to answer is an answer of the broker too.
            match answer {
                Ok(_) => true,
                Err(fault) => fault.kind() == RequestErrorKind::NoResponders,
            }
        };
        let is_answered = connection.run(ANSWER_WITHIN, asking).unwrap_or(false);
        let is_broken = drain(heard, beats);
        if is_broken || !is_answered {
            self.hang_up();
        }
        is_answered && !is_broken
    }

    fn hang_up(&mut self) {
        self.line = Line::Down(Instant::now() + PAUSE);
    }

    fn begin(&mut self) {
        let (sender, receiver) = sync_channel(1);
        let (server, subject) = (self.server.clone(), self.subject.clone());
        let opening = move || {
            // Whoever waited may have gone.
            drop(sender.send(open(&server, subject)));
        };
        let thread = std::thread::Builder::new().name("tidings-nats-open".to_owned());
        self.line = match thread.spawn(opening) {
            Ok(_) => Line::Opening(receiver),
            Err(_) => Line::Down(Instant::now() + PAUSE),
        };
    }
}

/// Appends what has come; whether nothing more will.
fn drain(heard: &Receiver<Beat>, beats: &mut Vec<Beat>) -> bool {
    loop {
        match heard.try_recv() {
            Ok(beat) => beats.push(beat),
            Err(TryRecvError::Empty) => return false,
            Err(TryRecvError::Disconnected) => return true,
        }
    }
}

fn open(server: &NatsServer, subject: String) -> Result<(Connection, Receiver<Beat>), NatsError> {
    let connection = Connection::open(server, ANSWER_WITHIN)?;
    let client = connection.client().clone();
    let subscribing = async move {
        let subscriber = client.subscribe(subject).await.ok()?;
        client.flush().await.ok()?;
        Some(subscriber)
    };
    let subscriber = connection.run(ANSWER_WITHIN, subscribing)?.ok_or_else(|| {
        NatsError::new(Kind::Unreachable, "heartbeats could not be subscribed to")
    })?;
    let (sender, receiver) = sync_channel(BEATS_MAX);
    connection.spawn(pump(subscriber, sender));
    Ok((connection, receiver))
}

async fn pump(mut subscriber: Subscriber, sender: SyncSender<Beat>) {
    while let Some(message) = subscriber.next().await {
        if message.payload.len() > BEAT_BYTES_MAX {
            continue;
        }
        let Some(beat) = Heartbeat::from_json(&message.payload) else { continue };
        let Some(bus) = beat.bus() else { continue };
        let beat = Beat {
            name: (beat.run, beat.node),
            bus,
            interval: Duration::from_millis(beat.interval_ms),
            is_leaving: beat.leaving,
        };
        // One that finds no room is like the one before it.
        drop(sender.try_send(beat));
    }
}
