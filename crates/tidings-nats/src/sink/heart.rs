//! The heart of a node: says at an interval that the node lives.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use super::builder::Node;
use super::line::Line;
use crate::heartbeat::{Heartbeat, subject};

/// The most that one heartbeat takes.
const BEAT_WITHIN: Duration = Duration::from_secs(2);
/// How long the last one may take.
const LEAVE_WITHIN: Duration = Duration::from_millis(500);

/// A thread that beats until it is told to end, or dropped.
#[derive(Debug)]
pub(super) struct Heart {
    leave: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Heart {
    /// Begins to beat, at once.
    pub(super) fn start(line: Arc<Line>, node: Node, interval: Duration) -> io::Result<Self> {
        let (leave, told) = sync_channel(1);
        let thread = Builder::new()
            .name("tidings-heartbeat".to_owned())
            .spawn(move || beat_on(&line, &node, interval, &told))?;
        Ok(Self { leave, thread })
    }

    /// Says that the node ends of its own will, if that can be said in time.
    pub(super) fn leave(self) {
        // One that has ended has nothing more to say.
        if self.leave.send(()).is_ok() {
            drop(self.thread.join());
        }
    }
}

fn beat_on(line: &Line, node: &Node, interval: Duration, told: &Receiver<()>) {
    loop {
        let began = Instant::now();
        beat(line, node, interval, Leaving::No);
        let pause = interval.saturating_sub(began.elapsed());
        match told.recv_timeout(pause) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) => return beat(line, node, interval, Leaving::Yes),
            // Nobody said that the node ends of its own will.
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaving {
    No,
    Yes,
}

/// Sends one heartbeat. What goes wrong is told by who sends events; the next one may do
/// better.
fn beat(line: &Line, node: &Node, interval: Duration, leaving: Leaving) {
    let within = if leaving == Leaving::Yes {
        LEAVE_WITHIN
    } else {
        BEAT_WITHIN.min(interval.saturating_mul(2))
    };
    let until = Instant::now() + within;
    let Ok(connection) = line.connection(until) else { return };
    let beat = Heartbeat {
        node: node.name.clone(),
        run: node.run.clone(),
        busid: node.bus.to_string(),
        interval_ms: u64::try_from(interval.as_millis()).unwrap_or(u64::MAX),
        published: line.published(),
        leaving: leaving == Leaving::Yes,
    };
    let subject = subject(line.root(), Some(&node.run), Some(&node.name));
    let client = connection.client().clone();
    let sending = async move {
        if client.publish(subject, beat.to_json().into()).await.is_ok() {
            // An error says that the connection broke, which its users find out.
            drop(client.flush().await);
        }
    };
    drop(connection.run(until.saturating_duration_since(Instant::now()), sending));
    line.look_for_complaint(&connection);
}
