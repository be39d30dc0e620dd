//! What a relay did so far.

use std::collections::HashMap;

use tidings_core::BusId;

/// The most buses whose numbers are kept.
const NODES_MAX: usize = 65_536;

/// What a relay did so far, as of a moment ago.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayReport {
    /// Events that were republished.
    pub relayed: u64,
    /// Events that came again, and were not.
    pub repeated: u64,
    /// Of those that were republished, the ones that came after their turn.
    pub late: u64,
    /// Messages that are no events.
    pub unreadable: u64,
    /// Events that wait for one before them.
    pub held: u64,
    /// Positions that did not come in time.
    pub missing: u64,
    /// Messages up to this one in the stream are acknowledged.
    pub acknowledged: u64,
    /// Whether something came that is not acknowledged yet.
    pub unacknowledged: bool,
    /// How many messages the stream had beyond the last that came, when that came.
    pub pending: u64,
    /// How often a connection was made.
    pub sessions: u64,
    /// Whether there is a connection.
    pub connected: bool,
    /// Whether it has ended: it was stopped, or the bus is closed.
    pub ended: bool,
    /// Why nothing can be acknowledged, if so.
    pub not_safe: Option<String>,
    /// What went wrong last.
    pub last_error: Option<String>,
    pub(super) nodes: HashMap<BusId, NodeRelayed>,
}

/// What was relayed of one bus of one node. A node that was restarted has another bus.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeRelayed {
    /// The run.
    pub run: String,
    /// The name of the node.
    pub node: String,
    /// The bus.
    pub bus: BusId,
    /// Events that were republished.
    pub relayed: u64,
    /// The lowest position among them.
    pub first_position: Option<u64>,
    /// The highest position among them.
    pub last_position: Option<u64>,
    /// Positions that did not come in time.
    pub missing: u64,
}

impl RelayReport {
    /// What was relayed of each node, by run and name; of the first 65,536 buses.
    pub fn nodes(&self) -> Vec<&NodeRelayed> {
        let mut nodes: Vec<&NodeRelayed> = self.nodes.values().collect();
        nodes.sort_unstable_by_key(|node| (&node.run, &node.node, node.bus));
        nodes
    }

    /// What is known of a bus; none for one more than are kept.
    pub(super) fn node(&mut self, run: &str, node: &str, bus: BusId) -> Option<&mut NodeRelayed> {
        if self.nodes.len() >= NODES_MAX && !self.nodes.contains_key(&bus) {
            return None;
        }
        Some(self.nodes.entry(bus).or_insert_with(|| NodeRelayed {
            run: run.to_owned(),
            node: node.to_owned(),
            bus,
            relayed: 0,
            first_position: None,
            last_position: None,
            missing: 0,
        }))
    }
}
