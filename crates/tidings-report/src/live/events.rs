//! The stream of server-sent events of one client.
//!
//! A client begins with the whole model, or with what it says it has; from then on it gets what
//! has changed, whenever it has room. Its next message is made when it can be written, so that
//! nothing piles up for one that is slow.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame};
use tokio::sync::watch;
use tokio::time::timeout;

use super::hub::{Hub, Stage};

/// How long a client waits before it connects again.
const RETRY_MS: u32 = 1_000;

/// The last event of a stream: nothing more will come, so nobody need come back.
const END: &[u8] = b"event: end\ndata: {}\n\n";

/// A body that ends when the server does.
pub(super) struct Events {
    next: Pin<Box<dyn Future<Output = Next> + Send>>,
}

/// What is to be written, and the client after that; nothing more at the end.
type Next = Option<(Bytes, Client)>;

/// One client, and what it has.
struct Client {
    hub: Arc<Hub>,
    stage: watch::Receiver<Stage>,
    keep_alive: Duration,
    /// The version that it has; none for nothing.
    has: Option<u64>,
    step: Step,
}

enum Step {
    Greet,
    Begin,
    Follow,
    Ended,
}

impl Events {
    /// The stream of a client that says it has the version of this id.
    pub(super) fn new(hub: Arc<Hub>, keep_alive: Duration, last_id: Option<&str>) -> Self {
        let has = last_id.and_then(|id| hub.version_of(id));
        let client = Client { stage: hub.stage(), hub, keep_alive, has, step: Step::Greet };
        Self { next: Box::pin(client.next()) }
    }
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some((bytes, client)) = ready!(self.next.as_mut().poll(context)) else {
            return Poll::Ready(None);
        };
        self.next = Box::pin(client.next());
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }
}

impl Client {
    async fn next(mut self) -> Next {
        match self.step {
            Step::Greet => {
                self.step = if self.has.is_none() { Step::Begin } else { Step::Follow };
                Some((format!("retry: {RETRY_MS}\n\n").into(), self))
            }
            Step::Begin => {
                self.step = Step::Follow;
                let message = self.hub.message(None);
                self.has = Some(message.version);
                Some((message.bytes, self))
            }
            Step::Follow => self.follow().await,
            Step::Ended => None,
        }
    }

    async fn follow(mut self) -> Next {
        loop {
            let stage = *self.stage.borrow_and_update();
            if self.has < Some(stage.version) {
                let message = self.hub.message(self.has);
                self.has = Some(message.version);
                return Some((message.bytes, self));
            }
            if stage.closes_at.is_some() {
                self.step = Step::Ended;
                return Some((Bytes::from_static(END), self));
            }
            match timeout(self.keep_alive, self.stage.changed()).await {
                Ok(Ok(())) => {}
                // The server is gone.
                Ok(Err(_)) => return None,
                Err(_) => return Some((Bytes::from_static(b":\n\n"), self)),
            }
        }
    }
}
