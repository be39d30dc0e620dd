//! From what was said to envelopes: ids, lanes, nodes and times.
//!
//! Each node is a bus of its own. What is not about a case is on its lane 0; a case takes the
//! least lane that is free while it runs, so that lanes are what ran side by side.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, Event as _, EventId, Head, Lane, Timestamp,
};
use tidings_testrun::TestRun;

use super::found::Said;

/// Makes envelopes of what importers say.
#[derive(Debug)]
pub struct Stamper {
    run: Arc<str>,
    node: Arc<str>,
    attributes: Attributes,
    nodes: HashMap<Arc<str>, Node>,
    /// The time that the stream named last.
    said_last: Option<Timestamp>,
    first: Option<Timestamp>,
}

/// The lanes of one node.
#[derive(Debug)]
struct Node {
    bus: BusId,
    /// The next sequence of each lane.
    sequences: Vec<u64>,
    free: BTreeSet<usize>,
    cases: HashMap<Entity, usize>,
}

impl Stamper {
    /// Stamps events of a run; those of no node that the stream names are of `node`.
    pub fn new(run: &str, node: &str, attributes: Attributes) -> Self {
        Self {
            run: run.into(),
            node: node.into(),
            attributes,
            nodes: HashMap::new(),
            said_last: None,
            first: None,
        }
    }

    /// Makes the envelope of one event.
    ///
    /// Its time is the one that it says; of an event that says none, the last one said before
    /// it, and `now` in a stream without times.
    pub fn stamp(&mut self, said: Said, now: Timestamp) -> Arc<Envelope> {
        let Said { entity, node, event } = said;
        self.said_last = time_of(&event).or(self.said_last);
        let time = self.said_last.unwrap_or(now);
        let elapsed = time.saturating_since(*self.first.get_or_insert(time));
        let name = node.unwrap_or_else(|| Arc::clone(&self.node));
        let node = self.nodes.entry(Arc::clone(&name)).or_insert_with(Node::new);
        let id = node.next_id(&entity, &event);
        let context = Context::new(Arc::clone(&self.run), name, entity, self.attributes.clone());
        let head = Head::new(id, event.event_type().clone(), Arc::new(context), time, elapsed);
        Arc::new(Envelope::new(head, event))
    }
}

impl Node {
    fn new() -> Self {
        let bus = BusId::generate();
        Self { bus, sequences: vec![0], free: BTreeSet::new(), cases: HashMap::new() }
    }

    fn next_id(&mut self, entity: &Entity, event: &TestRun) -> EventId {
        let lane = match event {
            TestRun::CaseStarted(_) => self.take_lane(entity),
            TestRun::CaseFinished(_) | TestRun::CaseSkipped(_) => self.release_lane(entity),
            _ => self.lane_of(entity),
        };
        let sequence = self.sequences[lane];
        self.sequences[lane] += 1;
        let lane = u32::try_from(lane).expect("fewer cases run at once than fit into memory");
        EventId::new(self.bus, Lane::new(lane), sequence)
    }

    fn take_lane(&mut self, case: &Entity) -> usize {
        if let Some(lane) = self.cases.get(case) {
            return *lane;
        }
        let lane = self.free.pop_first().unwrap_or_else(|| {
            self.sequences.push(0);
            self.sequences.len() - 1
        });
        self.cases.insert(case.clone(), lane);
        lane
    }

    fn release_lane(&mut self, case: &Entity) -> usize {
        let Some(lane) = self.cases.remove(case) else { return 0 };
        self.free.insert(lane);
        lane
    }

    /// The lane of the case that something is about or within.
    fn lane_of(&self, entity: &Entity) -> usize {
        let mut around = std::iter::successors(Some(entity.clone()), Entity::parent);
        around.find_map(|entity| self.cases.get(&entity).copied()).unwrap_or(0)
    }
}

/// When something happened, if it says so.
fn time_of(event: &TestRun) -> Option<Timestamp> {
    match event {
        TestRun::RunStarted(event) => event.at,
        TestRun::RunFinished(event) => event.at,
        TestRun::SuiteStarted(event) => event.at,
        TestRun::SuiteFinished(event) => event.at,
        TestRun::GroupStarted(event) => event.at,
        TestRun::GroupFinished(event) => event.at,
        TestRun::CaseStarted(event) => event.at,
        TestRun::CaseFinished(event) => event.at,
        TestRun::CaseSkipped(event) => event.at,
        TestRun::StepStarted(event) => event.at,
        TestRun::StepFinished(event) => event.at,
        TestRun::ErrorItem(event) => event.at,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use tidings_testrun::{
        CaseFinished, CaseSkipped, CaseStarted, Output, Status, StepFinished, StepStarted,
        SuiteStarted,
    };

    use super::*;

    fn stamper() -> Stamper {
        Stamper::new("nightly", "lab-3", Attributes::new())
    }

    fn suite() -> Entity {
        Entity::new("run", "r").child("suite", "s")
    }

    fn case(name: &str) -> Entity {
        suite().child("case", name)
    }

    fn now() -> Timestamp {
        Timestamp::from_nanos(1_000)
    }

    /// Lane and sequence of what is said.
    fn place(stamper: &mut Stamper, said: Said) -> (u32, u64) {
        let envelope = stamper.stamp(said, now());
        (envelope.id().lane().number(), envelope.id().sequence())
    }

    fn started(name: &str) -> Said {
        Said::new(case(name), CaseStarted::new())
    }

    fn finished(name: &str) -> Said {
        Said::new(case(name), CaseFinished::new(Status::Success))
    }

    #[test]
    fn a_case_takes_the_least_free_lane_and_gives_it_back() {
        let mut stamper = stamper();
        let mut lane = |said| place(&mut stamper, said).0;
        assert_eq!(lane(Said::new(suite(), SuiteStarted::new())), 0);
        assert_eq!([lane(started("a")), lane(started("b")), lane(started("c"))], [1, 2, 3]);
        assert_eq!([lane(finished("b")), lane(finished("a"))], [2, 1]);
        assert_eq!([lane(started("d")), lane(started("e")), lane(started("f"))], [1, 2, 4]);
    }

    #[test]
    fn what_is_within_a_case_is_on_its_lane_and_all_else_on_the_first() {
        let mut stamper = stamper();
        let mut lane = |said| place(&mut stamper, said).0;
        lane(started("a"));
        lane(started("b"));
        let step = case("b").child("step", "x");
        assert_eq!(lane(Said::new(step.clone(), StepStarted::new())), 2);
        assert_eq!(lane(Said::new(step.child("step", "y"), Output::stdout("text"))), 2);
        assert_eq!(lane(Said::new(step, StepFinished::new(Status::Success))), 2);
        assert_eq!(lane(Said::new(suite(), Output::stdout("text"))), 0);
        assert_eq!(lane(Said::new(case("unknown"), Output::stdout("text"))), 0);
    }

    #[test]
    fn a_case_that_never_began_ends_on_the_first_lane_and_frees_none() {
        let mut stamper = stamper();
        let mut lane = |said| place(&mut stamper, said).0;
        assert_eq!(lane(finished("a")), 0);
        assert_eq!(lane(Said::new(case("b"), CaseSkipped::by_user("why"))), 0);
        assert_eq!(lane(started("c")), 1);
        assert_eq!(lane(Said::new(case("c"), CaseSkipped::by_user("why"))), 1);
        assert_eq!(lane(finished("c")), 0);
        assert_eq!([lane(started("d")), lane(started("e"))], [1, 2]);
    }

    #[test]
    fn a_case_that_begins_twice_keeps_its_lane() {
        let mut stamper = stamper();
        let mut lane = |said| place(&mut stamper, said).0;
        assert_eq!([lane(started("a")), lane(started("a")), lane(started("b"))], [1, 1, 2]);
        assert_eq!([lane(finished("a")), lane(started("c"))], [1, 1]);
    }

    #[test]
    fn sequences_have_no_gap_on_any_lane_of_any_node() {
        let mut stamper = stamper();
        let mut next = HashMap::new();
        for number in 0..60_usize {
            let name = (number % 7).to_string();
            let said = match number % 4 {
                0 | 1 => started(&name),
                2 => Said::new(suite(), Output::stdout("text")),
                _ => finished(&name),
            };
            let node: Option<Arc<str>> =
                (number % 3 > 0).then(|| format!("n{}", number % 3).into());
            let said = match node {
                Some(node) => said.on_node(node),
                None => said,
            };
            let envelope = stamper.stamp(said, now());
            let id = envelope.id();
            let expected = next.entry((id.bus(), id.lane())).or_insert(0);
            assert_eq!(id.sequence(), *expected, "{number}");
            *expected += 1;
        }
        let buses: HashSet<_> = next.keys().map(|(bus, _)| bus).collect();
        assert_eq!(buses.len(), 3);
    }

    #[test]
    fn a_node_is_a_bus_of_its_own_with_lanes_of_its_own() {
        let mut stamper = stamper();
        let here = stamper.stamp(started("a"), now());
        let there = stamper.stamp(started("a").on_node("gw1".into()), now());
        assert_eq!((here.node(), there.node()), ("lab-3", "gw1"));
        assert_eq!((here.run(), there.run()), ("nightly", "nightly"));
        assert_ne!(here.id().bus(), there.id().bus());
        assert_eq!((here.id().lane(), there.id().lane()), (Lane::new(1), Lane::new(1)));
        let again = stamper.stamp(started("b").on_node("lab-3".into()), now());
        assert_eq!(again.id().bus(), here.id().bus());
    }

    #[test]
    fn an_event_without_a_time_has_the_last_one_said_and_else_that_of_the_clock() {
        let mut stamper = stamper();
        let at = |nanos| Timestamp::from_nanos(nanos);
        let mut stamp = |said, now| {
            let envelope = stamper.stamp(said, at(now));
            (envelope.time().as_nanos(), envelope.elapsed().as_nanos())
        };
        assert_eq!(stamp(started("a"), 70), (70, 0));
        assert_eq!(stamp(started("b"), 90), (90, 20));
        let said = Said::new(case("b"), CaseFinished::new(Status::Success).at(at(100)));
        assert_eq!(stamp(said, 5_000), (100, 30));
        assert_eq!(stamp(finished("a"), 6_000), (100, 30));
        // What began before the first that was heard of has not been going on for less than
        // nothing.
        assert_eq!(stamp(Said::new(case("c"), CaseStarted::new().at(at(10))), 7_000), (10, 0));
    }
}
