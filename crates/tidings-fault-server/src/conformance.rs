//! A server as a receiver of the conformance suite.

use std::time::Duration;

use tidings_assert::conformance::{Names, Receiver, Support, Trouble};

use crate::{Fault, FaultServer, Rules};

/// Slow, but far within the time-out of any sink.
const SLOW_READ: Fault =
    Fault::SlowRead { piece_bytes: 256, pause: Duration::from_millis(1), pieces_max: 8 };

/// A server as a receiver of the suite in `tidings_assert::conformance`.
///
/// ```
/// use tidings_fault_server::{CloudEvents, FaultReceiver, FaultServer, Hec};
///
/// let receiver = FaultReceiver::new(FaultServer::start(CloudEvents::new())?);
/// let receiver = FaultReceiver::hec(FaultServer::start(Hec::new().token("secret"))?).echo("secret");
/// let url = receiver.server().url(); // Where `Harness::sink` leads to.
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct FaultReceiver {
    server: FaultServer,
    is_hec: bool,
    echo: String,
    names: Option<Names>,
}

impl FaultReceiver {
    /// A server that refuses by status alone: 503, 429, 403. It cannot say what it took.
    pub fn new(server: FaultServer) -> Self {
        Self { server, is_hec: false, echo: String::new(), names: None }
    }

    /// A server that speaks [`Hec`](crate::Hec), and refuses by its codes.
    pub fn hec(server: FaultServer) -> Self {
        Self { is_hec: true, ..Self::new(server) }
    }

    /// Repeats this text in each refusal, as careless servers do with tokens.
    #[must_use]
    pub fn echo(mut self, text: impl Into<String>) -> Self {
        self.echo = text.into();
        self
    }

    /// Looks up the ids of events by their text, for bodies that have none.
    #[must_use]
    pub fn names(mut self, names: Names) -> Self {
        self.names = Some(names);
        self
    }

    /// The server.
    pub fn server(&self) -> &FaultServer {
        &self.server
    }

    fn refusal(&self, status: u16, code: u32, text: &str) -> Fault {
        let text = format!("{text} {}", self.echo);
        if self.is_hec { Fault::hec(status, code, &text) } else { Fault::refusal(status, text) }
    }

    fn inject_rule(&self, change: impl FnOnce(&mut Rules)) -> Support {
        let change = |rules: &mut Rules| {
            rules.remark(self.echo.as_str());
            change(rules);
        };
        match self.server.rules(change) {
            Some(()) => Support::Supported,
            None => Support::no("the protocol has no rules"),
        }
    }
}

impl Receiver for FaultReceiver {
    fn accepted(&self) -> Vec<String> {
        match &self.names {
            None => self.server.accepted_ids(),
            Some(names) => {
                let events = self.server.accepted().into_iter();
                events.map(|event| names.id_of(&event.json).unwrap_or(event.id)).collect()
            }
        }
    }

    fn inject(&self, trouble: Trouble) -> Support {
        let fault = match trouble {
            Trouble::Unavailable { times } => {
                self.server.inject_times(times, self.refusal(503, 9, "Server is busy"));
                return Support::Supported;
            }
            Trouble::Refuse => {
                self.server.inject_always(self.refusal(403, 4, "Invalid token"));
                return Support::Supported;
            }
            Trouble::Poison { marker } => {
                return self.inject_rule(|rules| rules.poison(move |json| json.contains(&marker)));
            }
            Trouble::TooLarge { bytes } => {
                return self.inject_rule(|rules| rules.body_bytes_max(bytes));
            }
            Trouble::Down => {
                self.server.stop();
                return Support::Supported;
            }
            Trouble::TakeSome { .. } if !self.is_hec => {
                return Support::no("the protocol cannot say what was taken");
            }
            Trouble::TakeSome { events } => Fault::TakeSome { events, status: 503 },
            Trouble::RetryAfter { pause } => Fault::retry_after(429, pause.as_secs()),
            Trouble::HangBefore => Fault::HangBefore,
            Trouble::HangAfter => Fault::HangAfter,
            Trouble::ResetBefore => Fault::ResetBefore,
            Trouble::ResetAfter => Fault::ResetAfter,
            Trouble::SlowRead => SLOW_READ,
            other => return Support::no(format!("the server does not know {other:?}")),
        };
        self.server.inject(fault);
        Support::Supported
    }

    /// Also forgets what the protocol was set up to refuse.
    ///
    /// # Panics
    ///
    /// If somebody else took the port of a server that was down.
    fn clear(&self) {
        self.server.clear_faults();
        self.server.rules(Rules::clear);
        self.server.release();
        self.server.restart().expect("nobody else took the port meanwhile");
    }

    fn reset(&self) {
        self.clear();
        self.server.forget();
    }
}
