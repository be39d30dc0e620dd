//! The network between a client and a server, which a test stalls and cuts.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// How long a connection to the server may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How much is passed on at a time: little, so that a cut falls into the midst of things.
const PIECE_BYTES: usize = 4096;

/// Passes connections on to a server, until it is told otherwise.
///
/// ```
/// use tidings_fault_server::broker::{Broker, BrokerVersion, Proxy};
///
/// let broker = Broker::start(BrokerVersion::New)?;
/// let proxy = Proxy::to(broker.address())?;
/// let url = proxy.url(); // Where clients connect to.
/// proxy.stall(); // Nothing gets through, and nobody is told.
/// proxy.resume();
/// proxy.cut(); // All connections break, and new ones at once.
/// proxy.mend();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Proxy {
    shared: Arc<Shared>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    target: SocketAddr,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    is_stalled: bool,
    is_cut: bool,
    is_over: bool,
    connections: usize,
    /// Both ends of every connection so far.
    streams: Vec<TcpStream>,
}

impl Proxy {
    /// Listens on a port of its own, and leads to this address.
    ///
    /// # Errors
    ///
    /// What the system says when there is no port or no thread.
    pub fn to(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { target, state: Mutex::default(), changed: Condvar::new() });
        let accepting = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("broker-proxy".to_owned())
            .spawn(move || accept_all(&listener, &accepting))?;
        Ok(Self { shared, address, thread: Some(thread) })
    }

    /// Where it is: `nats://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Lets nothing through any more, and tells nobody: connections stay open, new ones are
    /// taken and stay silent.
    pub fn stall(&self) {
        self.change(|state| state.is_stalled = true);
    }

    /// Lets through what was held up, and all that comes.
    pub fn resume(&self) {
        self.change(|state| state.is_stalled = false);
    }

    /// Breaks all connections; new ones are taken and broken at once.
    pub fn cut(&self) {
        self.change(|state| state.is_cut = true);
        self.drop_connections();
    }

    /// Takes new connections again.
    pub fn mend(&self) {
        self.change(|state| state.is_cut = false);
    }

    /// Breaks all connections, once.
    pub fn drop_connections(&self) {
        let streams = std::mem::take(&mut self.shared.state.lock().streams);
        for stream in streams {
            // One that is broken already cannot be broken again.
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.shared.state.lock().connections
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.shared.state.lock());
        self.shared.changed.notify_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.change(|state| {
            state.is_over = true;
            state.is_stalled = false;
        });
        self.drop_connections();
        // The thread waits for a connection; this is its last one.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has ended too.
            drop(thread.join());
        }
    }
}

fn accept_all(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.state.lock().is_over {
            return;
        }
        let Ok(stream) = stream else { continue };
        // A connection that cannot be passed on ends here, as it would at the server.
        drop(pass_on(stream, shared));
    }
}

fn pass_on(client: TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    if shared.state.lock().is_cut {
        return client.shutdown(Shutdown::Both);
    }
    let server = TcpStream::connect_timeout(&shared.target, CONNECT_WITHIN)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    {
        let mut state = shared.state.lock();
        state.connections += 1;
        state.streams.push(client.try_clone()?);
        state.streams.push(server.try_clone()?);
    }
    for (from, to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
        let shared = Arc::clone(shared);
        std::thread::Builder::new()
            .name("broker-proxy-way".to_owned())
            .spawn(move || copy(from, to, &shared))?;
    }
    Ok(())
}

/// Passes on one way of a connection, until either end breaks.
fn copy(mut from: TcpStream, mut to: TcpStream, shared: &Shared) {
    let mut piece = [0; PIECE_BYTES];
    loop {
        let len = match from.read(&mut piece) {
            Ok(0) | Err(_) => break,
            Ok(len) => len,
        };
        let mut state = shared.state.lock();
        while state.is_stalled {
            shared.changed.wait(&mut state);
        }
        drop(state);
        if to.write_all(&piece[..len]).is_err() {
            break;
        }
    }
    // The other way ends with this one.
    drop(from.shutdown(Shutdown::Both));
    drop(to.shutdown(Shutdown::Both));
}
