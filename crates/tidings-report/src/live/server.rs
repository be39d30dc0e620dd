//! The server: one thread with a runtime of its own, which nobody else sees.
//!
//! It accepts as many connections as it may have, tells a few more that there are too many,
//! and drops the rest. Each connection is for one request. Every wait has a limit: for a
//! request, for a client that does not read, for the last words at the end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

use super::guard::Guarded;
use super::hub::Stage;
use super::routes::{Routes, overloaded};

/// How many connections beyond the limit are told that there are too many.
const REFUSALS_MAX: usize = 16;

/// How long nothing is accepted when the system has no more sockets.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The most bytes of the head of a request, and of what is written and not yet sent, but for
/// one message that may be larger.
const BUFFER_BYTES_MAX: usize = 16 * 1024;

/// A server that is about to run.
#[derive(Debug)]
pub(super) struct Server {
    runtime: Runtime,
    listener: TcpListener,
    routes: Arc<Routes>,
    limits: Limits,
}

/// What a client may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) connections_max: usize,
    pub(super) stall_max: Duration,
    pub(super) interval: Duration,
}

impl Server {
    /// A server on a socket that listens already.
    pub(super) fn new(
        listener: std::net::TcpListener,
        routes: Routes,
        limits: Limits,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener)?
        };
        Ok(Self { runtime, listener, routes: Arc::new(routes), limits })
    }

    /// Serves until the hub closes.
    pub(super) fn run(self) {
        let Self { runtime, listener, routes, limits } = self;
        runtime.block_on(async {
            let hub = Arc::clone(&routes.hub);
            let mut stage = hub.stage();
            let announcing = tokio::spawn(async move { hub.announce(limits.interval).await });
            let places = Arc::new(Semaphore::new(limits.connections_max));
            accept(&listener, &routes, &places, limits).await;
            drop(listener);
            announcing.abort();
            let closes_at = stage.borrow_and_update().closes_at.unwrap_or_else(Instant::now);
            let time_left = closes_at.saturating_duration_since(Instant::now());
            let all = u32::try_from(limits.connections_max).unwrap_or(u32::MAX);
            // Whoever has not taken the end by then goes without it.
            drop(timeout(time_left, places.acquire_many(all)).await);
        });
        runtime.shutdown_background();
    }
}

/// Accepts connections until the hub closes.
async fn accept(
    listener: &TcpListener,
    routes: &Arc<Routes>,
    places: &Arc<Semaphore>,
    limits: Limits,
) {
    let refusals = Arc::new(Semaphore::new(REFUSALS_MAX));
    let mut stage = routes.hub.stage();
    let mut closing = pin!(closing(&mut stage));
    loop {
        let accepted = poll_fn(|context| match closing.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => listener.poll_accept(context).map(Some),
        });
        let socket = match accepted.await {
            None => return,
            Some(Ok((socket, _))) => socket,
            Some(Err(_)) => {
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let routes = Arc::clone(routes);
        if let Ok(place) = Arc::clone(places).try_acquire_owned() {
            tokio::spawn(serve(socket, Some(routes), place, limits));
        } else if let Ok(place) = Arc::clone(&refusals).try_acquire_owned() {
            tokio::spawn(serve(socket, None, place, limits));
        }
    }
}

/// Answers the one request of a connection; without routes, that there are too many.
async fn serve(
    socket: TcpStream,
    routes: Option<Arc<Routes>>,
    place: OwnedSemaphorePermit,
    limits: Limits,
) {
    let mut stage = routes.as_ref().map(|routes| routes.hub.stage());
    let service = service_fn(move |request| {
        let answer = routes.as_ref().map_or_else(overloaded, |routes| routes.answer(&request));
        std::future::ready(Ok::<_, Infallible>(answer))
    });
    // Small messages are to arrive when they are sent; a socket that refuses is slower.
    drop(socket.set_nodelay(true));
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.stall_max)
            .max_buf_size(BUFFER_BYTES_MAX)
            .keep_alive(false)
            .serve_connection(TokioIo::new(Guarded::new(socket, limits.stall_max)), service)
    );
    let mut closing = pin!(async {
        match &mut stage {
            Some(stage) => closing(stage).await,
            None => std::future::pending().await,
        }
    });
    let mut is_told = false;
    let served = poll_fn(|context| {
        if !is_told && closing.as_mut().poll(context).is_ready() {
            is_told = true;
            connection.as_mut().graceful_shutdown();
        }
        connection.as_mut().poll(context)
    });
    // A client that goes away harms nobody, and there is nobody to tell.
    drop(served.await);
    drop(place);
}

/// Waits until the hub closes.
async fn closing(stage: &mut watch::Receiver<Stage>) {
    // An error says that the hub is gone, which is an end as well.
    drop(stage.wait_for(|stage| stage.closes_at.is_some()).await);
}
