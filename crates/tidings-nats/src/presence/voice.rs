//! Says what nobody else can say any more.
//!
//! The events of a voice have the ids of a bus of their own, on a lane that no bus leases, so
//! that they are told from those of the nodes they speak for, also when they are replayed.

use std::sync::Arc;
use std::time::Instant;

use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, Event as _, EventId, Head, Lane, Timestamp,
};
use tidings_registry::Bus;
use tidings_testrun::{
    CaseFinished, Failure, FailureKind, GroupFinished, NodeJoined, NodeLost, RunFinished, Status,
    StepFinished, SuiteFinished, TestRun,
};

use super::items::{Item, Level};
use super::watch::{Name, Saying};

/// The lane of all voices.
const LANE: Lane = Lane::new(u32::MAX);

/// Whether a voice said it.
pub(super) fn is_of_voice(id: EventId) -> bool {
    id.lane() == LANE
}

/// Says things on a bus.
#[derive(Debug)]
pub(super) struct Voice {
    bus: Bus,
    id: BusId,
    next: u64,
    began: Instant,
    /// The last node that was said to be lost, and by which event.
    lost: Option<(Name, EventId)>,
}

impl Voice {
    pub(super) fn on(bus: &Bus) -> Self {
        let (bus, id) = (bus.clone(), BusId::generate());
        Self { bus, id, next: 0, began: Instant::now(), lost: None }
    }

    pub(super) fn say(&mut self, saying: Saying) {
        match saying {
            Saying::Joined(name) => {
                self.say_of_node(name, NodeJoined::new().into());
            }
            Saying::Lost(name, reason) => {
                let id = self.say_of_node(name.clone(), NodeLost::new(reason).into());
                self.lost = Some((name, id));
            }
            Saying::Aborted(name, items) => {
                let cause = self.lost.as_ref().filter(|(lost, _)| *lost == name).map(|(_, id)| *id);
                for item in items {
                    let event = aborted(&item);
                    self.send(name.clone(), item.entity, event, cause);
                }
            }
        }
    }

    fn say_of_node(&mut self, (run, node): Name, event: TestRun) -> EventId {
        let entity = Entity::new("node", &node);
        let by = self.bus.node().to_owned();
        self.send((run, by), entity, event, None)
    }

    fn send(
        &mut self,
        (run, node): Name,
        entity: Entity,
        event: TestRun,
        cause: Option<EventId>,
    ) -> EventId {
        let id = EventId::new(self.id, LANE, self.next);
        self.next += 1;
        let context = Context::new(run.into(), node.into(), entity, Attributes::new());
        let event_type = event.event_type().clone();
        let elapsed = self.began.elapsed();
        let head = Head::new(id, event_type, Arc::new(context), Timestamp::now(), elapsed);
        let envelope = Arc::new(Envelope::new(head.with_cause(cause), event));
        // On a closed bus nobody listens.
        let _receipt = self.bus.republish(envelope);
        id
    }
}

fn aborted(item: &Item) -> TestRun {
    let message = "not ended: its node is not heard any more";
    let failure = Failure::new(FailureKind::Error, message);
    macro_rules! aborted {
        ($event:ident) => {
            $event::new(Status::Aborted)
                .with_failure(failure)
                .with_attempt(item.attempt)
                .synthetic()
                .into()
        };
    }
    match item.level {
        Level::Run => aborted!(RunFinished),
        Level::Suite => aborted!(SuiteFinished),
        Level::Group => aborted!(GroupFinished),
        Level::Case => aborted!(CaseFinished),
        Level::Step => aborted!(StepFinished),
    }
}
