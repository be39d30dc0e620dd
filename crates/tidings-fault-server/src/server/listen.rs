//! The listener and its threads.
//!
//! When [`Listener::stop`] has returned, no thread is left and the port is free.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use super::connection;
use super::shared::Shared;

/// A thread that takes connections.
#[derive(Debug)]
pub(super) struct Listener {
    address: SocketAddr,
    is_stopped: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Listener {
    pub(super) fn start(address: SocketAddr, shared: &Arc<Shared>) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let (shared, is_stopped) = (Arc::clone(shared), Arc::new(AtomicBool::new(false)));
        let thread = {
            let is_stopped = Arc::clone(&is_stopped);
            std::thread::Builder::new()
                .name("fault-server".to_owned())
                .spawn(move || accept_all(&listener, &shared, &is_stopped))?
        };
        Ok(Self { address, is_stopped, thread })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the listener, then all connections.
    pub(super) fn stop(self, shared: &Shared) {
        self.is_stopped.store(true, Ordering::Release);
        // The thread waits for a connection; this is its last one.
        drop(TcpStream::connect(self.address));
        shared.disconnect();
        // A thread that panicked has ended too.
        drop(self.thread.join());
    }
}

fn accept_all(listener: &TcpListener, shared: &Arc<Shared>, is_stopped: &AtomicBool) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    for stream in listener.incoming() {
        if is_stopped.load(Ordering::Acquire) {
            break;
        }
        let Ok(stream) = stream else { continue };
        threads.retain(|thread| !thread.is_finished());
        let (stream, shared) = (Arc::new(stream), Arc::clone(shared));
        let visit = shared.enter(&stream);
        let serve = move || connection::serve(stream, &shared, visit);
        let name = format!("fault-server-{}", visit.connection);
        threads.extend(std::thread::Builder::new().name(name).spawn(serve));
    }
    // One that was taken while the server stopped has not been ended yet.
    shared.disconnect();
    for thread in threads {
        drop(thread.join());
    }
}
