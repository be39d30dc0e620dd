//! Who has nobody left to end it: cases of a run that is over, of a node that was lost, of a
//! stream that ended.
//!
//! Nothing is written into a case. Whether it is aborted follows from what is known of its
//! run and its node, so that it does not matter which of them was heard of first, and a late
//! result only has to be there.

use tidings_core::Timestamp;

use super::reducer::{Origin, RunSummary};
use super::scope::Level;

/// Why nobody is left who could end a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    StreamEnded,
    RunOver,
    NodeLost,
}

impl Cut {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::StreamEnded => "the stream ended before it did",
            Self::RunOver => "the run ended before it did",
            Self::NodeLost => "its node was lost before it ended",
        }
    }
}

/// What is known of one node of one run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Fate {
    stream_ended: bool,
    run_is_over: bool,
    run_ended_at: Option<Timestamp>,
    node_is_lost: bool,
    node_lost_at: Option<Timestamp>,
}

impl Fate {
    /// Whether what has begun at this moment and was not ended is aborted.
    pub(super) fn cut(&self, started_at: Timestamp) -> Option<Cut> {
        let is_before = |end: Option<Timestamp>| end.is_some_and(|end| started_at <= end);
        if self.node_is_lost || is_before(self.node_lost_at) {
            Some(Cut::NodeLost)
        } else if self.run_is_over || is_before(self.run_ended_at) {
            Some(Cut::RunOver)
        } else {
            self.stream_ended.then_some(Cut::StreamEnded)
        }
    }

    /// Whether an end at this moment came after the item had been given up.
    pub(super) fn is_late(&self, started_at: Timestamp, ended_at: Timestamp) -> bool {
        let is_between = |moment: &Timestamp| (started_at..ended_at).contains(moment);
        [self.node_lost_at, self.run_ended_at].iter().flatten().any(is_between)
    }
}

impl RunSummary {
    /// The fates of all origins, by their numbers.
    ///
    /// A run is over when all nodes that began it have ended it. What names no run belongs to
    /// all of them.
    pub(super) fn fates(&self) -> Vec<Fate> {
        self.origins.iter().map(|origin| self.fate(origin)).collect()
    }

    fn fate(&self, origin: &Origin) -> Fate {
        let mut fate = Fate { stream_ended: self.stream_ended, ..Fate::default() };
        if let Some(node) = self.nodes.get(&(origin.run.clone(), origin.node.clone())) {
            (fate.node_is_lost, fate.node_lost_at) = (node.is_lost, node.lost_at);
        }
        let (mut is_any, mut is_any_open) = (false, false);
        for ((_, number), scope) in &self.scopes {
            let other = &self.origins[*number as usize];
            let is_around =
                other.run == origin.run && (origin.root.is_none() || other.root == origin.root);
            if scope.level != Level::Run || !is_around {
                continue;
            }
            is_any = true;
            is_any_open |= scope.is_open;
            if other.node == origin.node {
                fate.run_ended_at = fate.run_ended_at.max(scope.ended_at);
            }
        }
        fate.run_is_over = is_any && !is_any_open;
        fate
    }
}
