//! A server behind a proxy that understands what it passes on, as a receiver of the
//! conformance suite.
//!
//! A message that is refused is refused as the server would: with the same answer. A batch
//! is what a connection brings from when trouble begins until it ends: a sink that was
//! refused makes another one.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tidings_assert::conformance::{Receiver, Support, Trouble};
use tidings_fault_server::broker::{Broker, BrokerVersion};

use super::View;

/// How a slow connection pauses at each message.
const SLOW_PAUSE: Duration = Duration::from_millis(2);

/// A real server, and the trouble in front of it.
pub(crate) struct FaultyBroker {
    broker: Arc<Broker>,
    shared: Arc<Shared>,
    address: SocketAddr,
    stream: &'static str,
}

struct Shared {
    target: SocketAddr,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    troubles: VecDeque<Trouble>,
    poison: Option<String>,
    is_refusing: bool,
    is_over: bool,
    /// What the server repeats when it refuses.
    echo: &'static str,
    streams: Vec<TcpStream>,
}

impl FaultyBroker {
    pub(crate) fn start(version: BrokerVersion, stream: &'static str, echo: &'static str) -> Self {
        let broker = Arc::new(Broker::start(version).expect("a server"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("a port");
        let shared = Arc::new(Shared {
            target: broker.address(),
            state: Mutex::new(State { echo, ..State::default() }),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.state.lock().is_over {
                    return;
                }
                if let Ok(client) = client {
                    drop(serve(client, &accepting));
                }
            }
        });
        Self { broker, shared, address, stream }
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    fn break_all(&self) {
        let streams = std::mem::take(&mut self.shared.state.lock().streams);
        for stream in streams {
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}

impl Drop for FaultyBroker {
    fn drop(&mut self) {
        self.shared.state.lock().is_over = true;
        self.break_all();
        drop(TcpStream::connect(self.address));
    }
}

impl Receiver for FaultyBroker {
    fn accepted(&self) -> Vec<String> {
        self.broker.restart().expect("the port is free");
        View::of(&self.broker.url()).ids(self.stream)
    }

    fn inject(&self, trouble: Trouble) -> Support {
        let mut state = self.shared.state.lock();
        match trouble {
            Trouble::Unavailable { times } => {
                state.troubles.extend((0..times).map(|_| Trouble::Unavailable { times: 1 }));
            }
            Trouble::RetryAfter { .. } => return Support::no("the server asks for no pauses"),
            Trouble::TooLarge { .. } => return Support::no("events go one by one"),
            Trouble::Poison { marker } => state.poison = Some(marker),
            Trouble::Refuse => {
                state.is_refusing = true;
                drop(state);
                self.break_all();
            }
            Trouble::Down => {
                drop(state);
                self.broker.kill();
            }
            other => state.troubles.push_back(other),
        }
        Support::Supported
    }

    fn clear(&self) {
        {
            let mut state = self.shared.state.lock();
            state.troubles.clear();
            state.poison = None;
            state.is_refusing = false;
        }
        self.broker.restart().expect("the port is free");
    }

    fn reset(&self) {
        self.clear();
        self.break_all();
        let view = View::of(&self.broker.url());
        if !view.ids(self.stream).is_empty() {
            view.delete(self.stream);
        }
    }
}

fn serve(client: TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    let server = match TcpStream::connect(shared.target) {
        Ok(server) => server,
        Err(fault) => {
            drop(client.shutdown(Shutdown::Both));
            return Err(fault);
        }
    };
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let way = Arc::new(Way {
        client: Mutex::new(client.try_clone()?),
        ends: [client.try_clone()?, server.try_clone()?],
        answers: Mutex::new(Answers::Pass),
    });
    {
        let mut state = shared.state.lock();
        state.streams.push(client.try_clone()?);
        state.streams.push(server.try_clone()?);
    }
    let (answers, to_client) = (server.try_clone()?, Arc::clone(&way));
    std::thread::spawn(move || pass_answers(answers, &to_client));
    let shared = Arc::clone(shared);
    std::thread::spawn(move || {
        // A connection that breaks ends here.
        drop(pass_commands(client, server, &way, &shared));
        way.end();
    });
    Ok(())
}

/// Both ends of a connection.
struct Way {
    client: Mutex<TcpStream>,
    ends: [TcpStream; 2],
    answers: Mutex<Answers>,
}

/// What becomes of what the server says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answers {
    Pass,
    KeepBack,
    /// The next one, which says that an event was taken, breaks the connection.
    Break,
}

impl Way {
    fn end(&self) {
        for end in &self.ends {
            drop(end.shutdown(Shutdown::Both));
        }
    }
}

fn pass_answers(mut server: TcpStream, way: &Way) {
    let mut piece = [0; 4096];
    while let Ok(len @ 1..) = server.read(&mut piece) {
        match *way.answers.lock() {
            Answers::Pass => {}
            Answers::KeepBack => continue,
            Answers::Break => break,
        }
        if way.client.lock().write_all(&piece[..len]).is_err() {
            break;
        }
    }
    way.end();
}

/// What is to become of the messages of a connection.
enum Now {
    Pass,
    /// So many more are taken, the others refused.
    Take(usize),
    /// Nothing is taken, and nothing answered.
    Swallow,
    /// All is taken, and nothing answered.
    Hush,
    /// All is taken slowly.
    Slow(usize),
}

fn pass_commands(
    client: TcpStream,
    mut server: TcpStream,
    way: &Way,
    shared: &Shared,
) -> io::Result<()> {
    let mut now = Now::Pass;
    // The number of the subscription for answers.
    let mut subscription = String::new();
    let mut reader = BufReader::new(client);
    let mut line = Vec::new();
    loop {
        line.clear();
        if reader.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&line).into_owned();
        let parts: Vec<&str> = text.split_whitespace().collect();
        match parts.first().copied() {
            Some("CONNECT") => {
                let state = shared.state.lock();
                if state.is_refusing {
                    let echo = state.echo;
                    drop(state);
                    let said = format!("-ERR 'Authorization Violation {echo}'\r\n");
                    return way.client.lock().write_all(said.as_bytes());
                }
            }
            Some("SUB") => parts.last().copied().unwrap_or_default().clone_into(&mut subscription),
            Some("HPUB" | "PUB") => {
                let bytes: usize = parts.last().and_then(|bytes| bytes.parse().ok()).unwrap_or(0);
                let start = line.len();
                line.resize(start + bytes + 2, 0);
                reader.read_exact(&mut line[start..])?;
                let is_event = parts[0] == "HPUB";
                if is_event {
                    let reply = parts[2];
                    let body = String::from_utf8_lossy(&line[start..]).into_owned();
                    if matches!(now, Now::Pass) {
                        now = begin(shared, way);
                    }
                    match judge(&mut now, &body, shared) {
                        Verdict::Pass => {}
                        Verdict::Skip => continue,
                        Verdict::Refuse(error) => {
                            refuse(way, (reply, &subscription), &error)?;
                            continue;
                        }
                    }
                }
            }
            _ => {}
        }
        server.write_all(&line)?;
    }
}

enum Verdict {
    Pass,
    Skip,
    Refuse(String),
}

/// Takes the next trouble, if there is one.
fn begin(shared: &Shared, way: &Way) -> Now {
    match shared.state.lock().troubles.pop_front() {
        None => Now::Pass,
        Some(Trouble::Unavailable { .. }) => Now::Take(0),
        Some(Trouble::TakeSome { events }) => Now::Take(events),
        Some(Trouble::HangBefore) => Now::Swallow,
        Some(Trouble::HangAfter) => {
            *way.answers.lock() = Answers::KeepBack;
            Now::Hush
        }
        Some(Trouble::SlowRead) => Now::Slow(10),
        Some(Trouble::ResetBefore) => {
            way.end();
            Now::Swallow
        }
        Some(Trouble::ResetAfter) => {
            *way.answers.lock() = Answers::Break;
            Now::Hush
        }
        Some(other) => unreachable!("{other:?} is not put in line"),
    }
}

fn judge(now: &mut Now, body: &str, shared: &Shared) -> Verdict {
    let echo = {
        let state = shared.state.lock();
        if state.poison.as_ref().is_some_and(|marker| body.contains(marker.as_str())) {
            return Verdict::Refuse(answer(10054, 400, "message size exceeds maximum allowed"));
        }
        state.echo
    };
    match now {
        Now::Pass | Now::Hush | Now::Slow(0) => Verdict::Pass,
        Now::Take(0) => {
            let said = format!("maximum messages exceeded {echo}");
            Verdict::Refuse(answer(10077, 503, &said))
        }
        Now::Take(left) => {
            *left -= 1;
            Verdict::Pass
        }
        Now::Swallow => Verdict::Skip,
        Now::Slow(left) => {
            *left -= 1;
            std::thread::park_timeout(SLOW_PAUSE);
            Verdict::Pass
        }
    }
}

fn answer(code: u32, status: u32, said: &str) -> String {
    format!(
        r#"{{"error":{{"code":{status},"err_code":{code},"description":"{said}"}},"stream":"s","seq":0}}"#
    )
}

fn refuse(way: &Way, (reply, subscription): (&str, &str), error: &str) -> io::Result<()> {
    let len = error.len();
    let message = format!("MSG {reply} {subscription} {len}\r\n{error}\r\n");
    way.client.lock().write_all(message.as_bytes())
}
