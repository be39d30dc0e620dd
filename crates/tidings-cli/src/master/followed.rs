//! How a run of many nodes is going: its totals, and whether it is over.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tidings_core::{Envelope, Event as _, Interest};
use tidings_registry::{Observer, ObserverError};
use tidings_testrun::{RunSummary, TestRun};

use crate::output::FOLLOWED_KIND;

/// An observer that follows runs; clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Followed {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    summary: RunSummary,
    /// By run and name, those of which a run has begun or ended.
    nodes: HashSet<(String, String)>,
    last: Instant,
}

impl Followed {
    pub(crate) fn new() -> Self {
        let (summary, nodes) = (RunSummary::new(), HashSet::new());
        Self { state: Arc::new(Mutex::new(State { summary, nodes, last: Instant::now() })) }
    }

    /// Whether the runs of at least so many nodes have ended, and none goes on.
    pub(crate) fn is_over(&self, nodes: u32) -> bool {
        let state = self.state();
        state.nodes.len() >= usize::try_from(nodes).unwrap_or(usize::MAX) && state.summary.is_over()
    }

    /// How many nodes there are.
    pub(crate) fn nodes(&self) -> u64 {
        u64::try_from(self.state().nodes.len()).unwrap_or(u64::MAX)
    }

    /// When something of a run came last.
    pub(crate) fn last(&self) -> Instant {
        self.state().last
    }

    /// The totals, at the end.
    pub(crate) fn finish(&self) -> RunSummary {
        let mut summary = std::mem::take(&mut self.state().summary);
        summary.finish();
        summary
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic in the reducer leaves totals of what came before it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Followed {
    fn name(&self) -> String {
        "command line".to_owned()
    }

    fn kind(&self) -> &'static str {
        FOLLOWED_KIND
    }

    fn interest(&self) -> Interest {
        Interest::types(TestRun::TYPES.iter().copied())
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        let mut state = self.state();
        state.summary.apply(envelope);
        state.last = Instant::now();
        if envelope.event_type().as_str().starts_with("test.run.") {
            let node = (envelope.run().to_owned(), envelope.node().to_owned());
            state.nodes.insert(node);
        }
        Ok(())
    }

    fn needs_close(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use tidings_registry::Bus;
    use tidings_testrun::RunEmitter;

    use super::*;

    #[test]
    fn a_run_is_over_when_it_has_ended_on_enough_nodes_and_goes_on_on_none() {
        let followed = Followed::new();
        let node = |name| {
            let bus = Bus::builder().run("nightly").node(name).build();
            bus.subscribe(followed.clone()).detach();
            bus
        };
        let (a, b) = (node("a"), node("b"));
        assert!(!followed.is_over(1));
        let on_a = RunEmitter::start(&a, "nightly");
        assert!(!followed.is_over(1));
        on_a.success();
        assert!(followed.is_over(1) && !followed.is_over(2));
        let on_b = RunEmitter::start(&b, "nightly");
        assert!(!followed.is_over(1));
        on_b.success();
        assert!(followed.is_over(2) && !followed.is_over(3));
        assert_eq!(followed.nodes(), 2);
    }
}
