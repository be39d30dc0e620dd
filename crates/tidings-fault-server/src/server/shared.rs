//! What the threads of a server share.
//!
//! Every change of [`Observed`] wakes whoever waits for one. The protocol has a lock of its
//! own, taken first, so that events are listed in the order they were taken.

use std::collections::{HashMap, VecDeque};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};
use rustls::ServerConfig;

use crate::{Accepted, Fault, Protocol, ProtocolReply, Recorded, Taking};

/// What a test sees of a server.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Observed {
    /// The requests that were read to their end, in order.
    pub requests: Vec<Recorded>,
    /// The events that were taken, in order, doubles included.
    pub accepted: Vec<Accepted>,
    /// How many connections were made so far.
    pub connections: u64,
    /// How many of them are open.
    pub open: usize,
    /// How many TLS handshakes failed.
    pub handshakes_failed: u64,
    /// How many requests hang now, or wait for their late reply.
    pub hanging: usize,
    /// How many faults are in line.
    pub faults_left: usize,
}

/// A fault in line.
#[derive(Debug)]
struct Planned {
    fault: Fault,
    /// For requests to this path only; none for those that bring events.
    path: Option<String>,
    /// How often it happens; none for always.
    times: Option<usize>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    observed: Observed,
    planned: VecDeque<Planned>,
    open: HashMap<u64, Arc<TcpStream>>,
    /// How often the server was stopped: a connection of an earlier time is over.
    stops: u64,
    /// How often hanging requests were released.
    releases: u64,
}

/// What the threads of a server share.
pub(super) struct Shared {
    protocol: Mutex<Box<dyn Protocol>>,
    state: Mutex<State>,
    changed: Condvar,
    pub(super) tls: Option<Arc<ServerConfig>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("state", &self.state).finish_non_exhaustive()
    }
}

/// A connection that is listed as open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visit {
    pub(super) connection: u64,
    stops: u64,
}

impl Shared {
    pub(super) fn new(protocol: Box<dyn Protocol>, tls: Option<Arc<ServerConfig>>) -> Self {
        Self {
            protocol: Mutex::new(protocol),
            state: Mutex::default(),
            changed: Condvar::new(),
            tls,
        }
    }

    pub(super) fn protocol(&self) -> MutexGuard<'_, Box<dyn Protocol>> {
        self.protocol.lock()
    }

    pub(super) fn observe<R>(&self, look: impl FnOnce(&Observed) -> R) -> R {
        look(&self.state.lock().observed)
    }

    pub(super) fn wait_for(
        &self,
        within: Duration,
        mut holds: impl FnMut(&Observed) -> bool,
    ) -> bool {
        let deadline = Instant::now() + within;
        let mut state = self.state.lock();
        loop {
            if holds(&state.observed) {
                return true;
            }
            if self.changed.wait_until(&mut state, deadline).timed_out() {
                return holds(&state.observed);
            }
        }
    }

    fn change<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let result = change(&mut self.state.lock());
        self.changed.notify_all();
        result
    }

    pub(super) fn plan(&self, fault: Fault, times: Option<usize>, path: Option<String>) {
        if times == Some(0) {
            return;
        }
        self.change(|state| {
            state.planned.push_back(Planned { fault, path, times });
            state.count_faults();
        });
    }

    pub(super) fn clear_faults(&self) {
        self.change(|state| {
            state.planned.clear();
            state.count_faults();
        });
    }

    /// Takes the next fault for a request out of the line.
    pub(super) fn fault_for(&self, method: &str, path: &str) -> Option<Fault> {
        let brings_events = self.protocol().brings_events(method, path);
        let path = path.split('?').next().unwrap_or_default();
        self.change(|state| {
            let index = state.planned.iter().position(|planned| {
                planned.path.as_deref().map_or(brings_events, |asked| asked == path)
            })?;
            let planned = &mut state.planned[index];
            let fault = planned.fault.clone();
            if let Some(times) = &mut planned.times {
                *times -= 1;
                if *times == 0 {
                    state.planned.remove(index);
                }
            }
            state.count_faults();
            Some(fault)
        })
    }

    pub(super) fn record(&self, request: Recorded) {
        self.change(|state| state.observed.requests.push(request));
    }

    /// Lets the protocol answer a request, and lists what it took.
    pub(super) fn handle(&self, request: &Recorded, taking: Taking) -> ProtocolReply {
        let mut protocol = self.protocol.lock();
        let mut reply = protocol.handle(request, taking);
        let accepted = std::mem::take(&mut reply.accepted);
        self.change(|state| state.observed.accepted.extend(accepted));
        reply
    }

    /// Lists a connection as open.
    pub(super) fn enter(&self, stream: &Arc<TcpStream>) -> Visit {
        self.change(|state| {
            state.observed.connections += 1;
            let visit = Visit { connection: state.observed.connections, stops: state.stops };
            state.open.insert(visit.connection, Arc::clone(stream));
            state.observed.open = state.open.len();
            visit
        })
    }

    /// Lists a connection as closed, which it is once its thread drops it.
    pub(super) fn leave(&self, visit: Visit) {
        self.change(|state| {
            state.open.remove(&visit.connection);
            state.observed.open = state.open.len();
        });
    }

    pub(super) fn note_failed_handshake(&self) {
        self.change(|state| state.observed.handshakes_failed += 1);
    }

    /// Waits until hanging requests are released, so long has passed, or the server stops.
    pub(super) fn hang(&self, visit: Visit, within: Option<Duration>) {
        self.pause(visit, within, |observed, by| {
            observed.hanging = observed.hanging.saturating_add_signed(by);
        });
    }

    /// Waits so long, or until hanging requests are released or the server stops.
    pub(super) fn pause(
        &self,
        visit: Visit,
        within: Option<Duration>,
        count: impl Fn(&mut Observed, isize),
    ) {
        let deadline = within.map(|within| Instant::now() + within);
        let mut state = self.state.lock();
        let releases = state.releases;
        count(&mut state.observed, 1);
        self.changed.notify_all();
        while state.stops == visit.stops && state.releases == releases {
            match deadline {
                Some(deadline) if self.changed.wait_until(&mut state, deadline).timed_out() => {
                    break;
                }
                Some(_) => {}
                None => self.changed.wait(&mut state),
            }
        }
        count(&mut state.observed, -1);
        drop(state);
        self.changed.notify_all();
    }

    pub(super) fn forget(&self) {
        self.change(|state| {
            state.observed.requests.clear();
            state.observed.accepted.clear();
        });
    }

    pub(super) fn release(&self) {
        self.change(|state| state.releases += 1);
    }

    /// Ends all connections.
    pub(super) fn disconnect(&self) {
        self.change(|state| {
            state.stops += 1;
            for stream in state.open.values() {
                // A connection that the client has ended already is what is wanted.
                drop(stream.shutdown(Shutdown::Both));
            }
        });
    }

    pub(super) fn is_over(&self, visit: Visit) -> bool {
        self.state.lock().stops != visit.stops
    }
}

impl State {
    fn count_faults(&mut self) {
        let times = self.planned.iter().map(|planned| planned.times.unwrap_or(usize::MAX));
        self.observed.faults_left = times.fold(0, usize::saturating_add);
    }
}
