//! Starting, steering and looking at a server.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rustls::ServerConfig;

use super::listen::Listener;
use super::shared::{Observed, Shared};
use crate::{Accepted, Fault, Identity, Protocol, Recorded, Rules};

/// A server on a port of its own, on this machine only.
///
/// It stops when it is dropped. See the [crate docs](crate) for an example.
#[derive(Debug)]
pub struct FaultServer {
    shared: Arc<Shared>,
    listener: Mutex<Option<Listener>>,
    address: SocketAddr,
}

/// The settings of a [`FaultServer`].
#[must_use = "a builder does nothing until it is started"]
#[derive(Debug)]
pub struct FaultServerBuilder<P> {
    protocol: P,
    tls: Option<Arc<ServerConfig>>,
}

impl<P: Protocol> FaultServerBuilder<P> {
    /// Speaks TLS, as this identity.
    pub fn tls(mut self, identity: &Identity) -> Self {
        self.tls = Some(identity.server_config());
        self
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// What the system says when there is no port or no thread.
    pub fn start(self) -> io::Result<FaultServer> {
        let shared = Arc::new(Shared::new(Box::new(self.protocol), self.tls));
        let listener = Listener::start((Ipv4Addr::LOCALHOST, 0).into(), &shared)?;
        let address = listener.address();
        Ok(FaultServer { shared, listener: Mutex::new(Some(listener)), address })
    }
}

impl FaultServer {
    /// Starts a server that speaks this protocol, without TLS.
    ///
    /// # Errors
    ///
    /// What the system says when there is no port or no thread.
    pub fn start(protocol: impl Protocol) -> io::Result<Self> {
        Self::builder(protocol).start()
    }

    /// Settings before it is started.
    pub fn builder<P: Protocol>(protocol: P) -> FaultServerBuilder<P> {
        FaultServerBuilder { protocol, tls: None }
    }

    /// Where it is: `http://127.0.0.1:PORT`, or `https://localhost:PORT` by TLS.
    pub fn url(&self) -> String {
        let port = self.address.port();
        match self.shared.tls {
            None => format!("http://127.0.0.1:{port}"),
            Some(_) => format!("https://localhost:{port}"),
        }
    }

    /// Where it listens, or did before it was stopped.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Has the next post of events go wrong, after those that are in line already.
    ///
    /// Posts that ask for something else, acknowledgements for example, are left alone.
    pub fn inject(&self, fault: Fault) {
        self.inject_times(1, fault);
    }

    /// Has so many posts of events go wrong.
    pub fn inject_times(&self, times: usize, fault: Fault) {
        self.shared.plan(fault, Some(times), None);
    }

    /// Has every post of events go wrong from when the fault is at the head of the line,
    /// until [`clear_faults`](Self::clear_faults).
    pub fn inject_always(&self, fault: Fault) {
        self.shared.plan(fault, None, None);
    }

    /// Has so many requests to this path go wrong, whatever they bring.
    pub fn inject_at(&self, path: &str, times: usize, fault: Fault) {
        self.shared.plan(fault, Some(times), Some(path.to_owned()));
    }

    /// Forgets all faults that are in line; a request that hangs goes on hanging.
    pub fn clear_faults(&self) {
        self.shared.clear_faults();
    }

    /// Changes what the protocol refuses; answers nothing if it has no rules.
    ///
    /// ```
    /// use tidings_fault_server::{CloudEvents, FaultServer};
    ///
    /// let server = FaultServer::start(CloudEvents::new())?;
    /// server.rules(|rules| rules.poison(|json| json.contains("t7")));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn rules<R>(&self, change: impl FnOnce(&mut Rules) -> R) -> Option<R> {
        self.shared.protocol().rules().map(change)
    }

    /// Forgets the requests and events so far; everything else goes on.
    pub fn forget(&self) {
        self.shared.forget();
    }

    /// Lets requests that hang now go on.
    pub fn release(&self) {
        self.shared.release();
    }

    /// Closes the listener and all connections, in the midst of what they do. When it
    /// returns, nothing more is taken.
    pub fn stop(&self) {
        if let Some(listener) = self.listener.lock().take() {
            listener.stop(&self.shared);
        }
    }

    /// Listens again on the same port; does nothing if it does already. What was seen and
    /// what is in line stay.
    ///
    /// # Errors
    ///
    /// What the system says, for example when somebody else has the port meanwhile.
    pub fn restart(&self) -> io::Result<()> {
        let mut listener = self.listener.lock();
        if listener.is_none() {
            *listener = Some(Listener::start(self.address, &self.shared)?);
        }
        Ok(())
    }

    /// The requests that were read to their end, in order.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.observe(|observed| observed.requests.clone())
    }

    /// The events that were taken, in order, doubles included.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.shared.observe(|observed| observed.accepted.clone())
    }

    /// The ids of the events that were taken, in order, doubles included.
    pub fn accepted_ids(&self) -> Vec<String> {
        self.shared
            .observe(|observed| observed.accepted.iter().map(|event| event.id.clone()).collect())
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.shared.observe(|observed| usize::try_from(observed.connections).unwrap_or(usize::MAX))
    }

    /// Waits until this holds, at most so long; answers whether it does. It is asked at
    /// each change, and must not ask the server itself.
    pub fn wait_for(&self, within: Duration, holds: impl FnMut(&Observed) -> bool) -> bool {
        self.shared.wait_for(within, holds)
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.stop();
    }
}
