//! Waiting until everything so far is finished.

use std::sync::Arc;
use std::time::Instant;

use thiserror::Error;

use super::Shared;
use super::close::Own;
use crate::entry::{Entry, Target};
use crate::lane::{LaneLocal, LaneShared, current_worker, with_lane};
use crate::sync::atomic::{Ordering, fence};
use crate::time::wait_until;

/// Why a barrier was not reached.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BarrierError {
    /// It was asked for inside an observer, which would wait for itself.
    #[error("a barrier cannot be waited for inside an observer")]
    InsideObserver,
    /// Something was not finished by the deadline.
    #[error("not finished by the deadline: {}", unfinished.join(", "))]
    #[non_exhaustive]
    Deadline {
        /// The observers that still hold events, and emits under way.
        unfinished: Vec<String>,
    },
    /// Everything was handed over, and an observer could not flush it.
    #[error("not everything could be flushed: {}", failed.join("; "))]
    #[non_exhaustive]
    Flush {
        /// The observers, each with its reason.
        failed: Vec<String>,
    },
}

impl Shared {
    /// Waits for everything accepted before the call, and what it caused.
    ///
    /// One pass waits for what has been accepted by its start. As long as events were
    /// caused during a pass there is another one; causes are at most
    /// [`chain_max`](Self::chain_max) deep, so there is an end to that.
    pub(super) fn barrier(&self, deadline: Instant) -> Result<(), BarrierError> {
        if self.is_inside_observer() {
            return Err(BarrierError::InsideObserver);
        }
        for _pass in 0..=self.chain_max {
            let caused = self.caused();
            self.wait_for_accepted(deadline)?;
            if self.caused() == caused {
                break;
            }
        }
        self.flush_all(deadline)
    }

    pub(super) fn is_inside_observer(&self) -> bool {
        let on_worker = current_worker().is_some_and(|worker| worker.bus_key == self.key);
        on_worker || with_lane(self, LaneLocal::is_dispatching)
    }

    fn caused(&self) -> u64 {
        self.all_lanes().iter().map(|lane| lane.caused()).sum()
    }

    fn wait_for_accepted(&self, deadline: Instant) -> Result<(), BarrierError> {
        fence(Ordering::SeqCst);
        let busy = self.wait_for_lanes(deadline, &self.own());
        let entries = self.present_entries();
        let targets: Vec<(&Arc<Entry>, Target)> =
            entries.iter().map(|entry| (entry, entry.target())).collect();
        let mut unfinished: Vec<String> = Vec::new();
        for (entry, target) in targets {
            if !wait_until(deadline, || entry.has_reached(target)) {
                unfinished.push(format!("observer `{}`", entry.name));
            }
        }
        if busy > 0 {
            unfinished.push(format!("{busy} emits under way"));
        }
        if unfinished.is_empty() { Ok(()) } else { Err(BarrierError::Deadline { unfinished }) }
    }

    /// Waits until every emit that is under way now is over; how many are not. What
    /// cannot go on before this thread does is neither waited for nor counted.
    pub(super) fn wait_for_lanes(&self, deadline: Instant, own: &Own) -> u32 {
        let mut waiting = self.emits_under_way();
        waiting.retain(|(lane, _)| !own.drives(lane));
        waiting.retain(|(lane, ticket)| {
            let is_over = || lane.gate.has_passed(*ticket) || own.holds_up(lane);
            !wait_until(deadline, is_over)
        });
        u32::try_from(waiting.len()).unwrap_or(u32::MAX)
    }

    /// The lanes that are emitting now, with what to wait for. The caller has made its own
    /// write and a full fence before.
    pub(super) fn emits_under_way(&self) -> Vec<(Arc<LaneShared>, u64)> {
        let lanes = self.all_lanes().into_iter();
        lanes.filter_map(|lane| lane.gate.ticket().map(|ticket| (lane, ticket))).collect()
    }

    /// Everybody who may still hold events, in the order of registration.
    pub(super) fn present_entries(&self) -> Vec<Arc<Entry>> {
        let registry = self.registry.lock();
        registry.entries.values().chain(&registry.retired).map(Arc::clone).collect()
    }

    fn flush_all(&self, deadline: Instant) -> Result<(), BarrierError> {
        let entries: Vec<Arc<Entry>> = self
            .present_entries()
            .into_iter()
            .filter(|entry| !entry.is_closing() && entry.needs_close())
            .collect();
        let unfinished = self.run_hooks(entries.clone(), deadline, |entry, bus, deadline| {
            entry.flush_observer(bus, deadline);
        });
        if unfinished.is_empty() {
            let told = |entry: &Arc<Entry>| {
                entry.flush_failed().map(|reason| format!("`{}`: {reason}", entry.name))
            };
            let failed: Vec<String> = entries.iter().filter_map(told).collect();
            return if failed.is_empty() { Ok(()) } else { Err(BarrierError::Flush { failed }) };
        }
        let unfinished =
            unfinished.iter().map(|entry| format!("observer `{}`", entry.name)).collect();
        Err(BarrierError::Deadline { unfinished })
    }
}
