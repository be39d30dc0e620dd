//! Who is there, as a state machine.
//!
//! Pure: `now` is told, and counts only while there is a connection. A node is one name in
//! one run; it lives as long as one of its buses does. A node that was restarted has another
//! bus: what was running on the old one ends when that has been silent for long enough.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tidings_core::{BusId, Envelope};

use super::handle::INTERVALS_UNTIL_LOST;
use super::items::{Change, Item, Items, change_of};
use super::voice::is_of_voice;

/// The most buses that are watched.
const LIVES_MAX: usize = 65_536;
/// What is believed of the interval of a heartbeat.
const INTERVAL_MIN: Duration = Duration::from_millis(10);
const INTERVAL_MAX: Duration = Duration::from_hours(1);

/// A node of a run.
pub(super) type Name = (String, String);

/// Something to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Saying {
    Joined(Name),
    Lost(Name, String),
    /// These were running there, and nobody is left to end them.
    Aborted(Name, Vec<Item>),
}

/// What is known of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NodeState {
    /// Its run.
    pub run: String,
    /// Its name.
    pub node: String,
    /// Whether it is not heard any more.
    pub is_lost: bool,
}

/// A heartbeat, as far as it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Beat {
    pub(super) name: Name,
    pub(super) bus: BusId,
    pub(super) interval: Duration,
    pub(super) is_leaving: bool,
}

/// One bus of a node.
#[derive(Debug)]
struct Life {
    name: Name,
    heard: Duration,
    interval: Duration,
    has_beat: bool,
    has_left: bool,
    /// Whether a run began and ended there.
    is_done: bool,
    items: Items,
}

/// Who is there.
#[derive(Debug)]
pub(super) struct Watch {
    interval: Duration,
    run: Option<String>,
    now: Duration,
    lives: HashMap<BusId, Life>,
    nodes: BTreeMap<Name, bool>,
    sayings: Vec<Saying>,
}

impl Watch {
    /// Nobody is there yet. Without a heartbeat this interval is assumed.
    pub(super) fn new(interval: Duration, run: Option<String>) -> Self {
        let (lives, nodes, sayings) = (HashMap::new(), BTreeMap::new(), Vec::new());
        Self { interval, run, now: Duration::ZERO, lives, nodes, sayings }
    }

    /// Assumes this interval, and watches this run only, also of what it learned before.
    pub(super) fn narrow(&mut self, interval: Duration, run: Option<String>) {
        (self.interval, self.run) = (interval, run);
        self.lives.values_mut().for_each(|life| life.interval = interval);
        if let Some(run) = &self.run {
            self.lives.retain(|_, life| life.name.0 == *run);
            self.nodes.retain(|name, _| name.0 == *run);
        }
    }

    /// Learns from an event of before a restart.
    pub(super) fn remember(&mut self, envelope: &Envelope) {
        let name = || (envelope.run().to_owned(), envelope.entity().id().to_owned());
        match envelope.event_type().as_str() {
            "node.joined" => drop(self.nodes.insert(name(), false)),
            "node.lost" => drop(self.nodes.insert(name(), true)),
            _ => self.follow(envelope),
        }
    }

    /// Hears an event of the bus.
    pub(super) fn hear(&mut self, envelope: &Envelope) {
        let id = envelope.id();
        self.follow(envelope);
        let Some(life) = self.lives.get_mut(&id.bus()).filter(|_| !is_of_voice(id)) else { return };
        life.heard = self.now;
        // Events of one that has left may still be on their way.
        if !life.has_left {
            let name = life.name.clone();
            self.join(name);
        }
    }

    /// Hears a heartbeat.
    pub(super) fn hear_beat(&mut self, beat: &Beat) {
        if self.run.as_ref().is_some_and(|run| *run != beat.name.0) {
            return;
        }
        if beat.is_leaving && !self.lives.contains_key(&beat.bus) {
            return;
        }
        let now = self.now;
        let Some(life) = self.life(beat.bus, &beat.name) else { return };
        life.heard = now;
        life.interval = beat.interval.clamp(INTERVAL_MIN, INTERVAL_MAX);
        (life.has_beat, life.has_left) = (true, beat.is_leaving);
        if !beat.is_leaving {
            self.join(beat.name.clone());
        }
    }

    /// Goes on to this moment.
    pub(super) fn set_now(&mut self, now: Duration) {
        self.now = now;
    }

    /// Begins to wait anew for everybody: nobody could be heard.
    pub(super) fn begin_anew(&mut self) {
        for life in self.lives.values_mut() {
            life.heard = self.now;
        }
    }

    /// Whether somebody has been silent for too long.
    pub(super) fn is_anybody_overdue(&self) -> bool {
        self.lives.values().any(|life| life.is_overdue(self.now))
    }

    /// Gives up who has been silent for too long.
    pub(super) fn give_up(&mut self) {
        let now = self.now;
        let gone: Vec<Life> =
            self.lives.extract_if(|_, life| life.is_overdue(now)).map(|(_, life)| life).collect();
        for mut life in gone {
            let is_missed = life.is_missed();
            let has_others =
                self.lives.values().any(|other| other.name == life.name && !other.has_left);
            let is_lost = self.nodes.get(&life.name).copied().unwrap_or(false);
            if is_missed && !has_others && !is_lost {
                self.nodes.insert(life.name.clone(), true);
                let silence = INTERVALS_UNTIL_LOST * life.interval;
                let reason = format!("neither a heartbeat nor an event for {silence:?}");
                self.sayings.push(Saying::Lost(life.name.clone(), reason));
            }
            let items = life.items.take();
            if !items.is_empty() {
                self.sayings.push(Saying::Aborted(life.name, items));
            }
        }
    }

    /// What is to be said now.
    pub(super) fn take_sayings(&mut self) -> Vec<Saying> {
        std::mem::take(&mut self.sayings)
    }

    pub(super) fn nodes(&self) -> Vec<NodeState> {
        let nodes = self.nodes.iter().map(|((run, node), is_lost)| NodeState {
            run: run.clone(),
            node: node.clone(),
            is_lost: *is_lost,
        });
        nodes.collect()
    }

    fn join(&mut self, name: Name) {
        if self.nodes.get(&name) == Some(&false) || self.nodes.len() >= LIVES_MAX {
            return;
        }
        self.nodes.insert(name.clone(), false);
        self.sayings.push(Saying::Joined(name));
    }

    /// Follows what is running.
    fn follow(&mut self, envelope: &Envelope) {
        if self.run.as_ref().is_some_and(|run| *run != envelope.run()) {
            return;
        }
        let (entity, id) = (envelope.entity(), envelope.id());
        let name = (envelope.run().to_owned(), envelope.node().to_owned());
        let change = change_of(envelope);
        if change.is_some() {
            // Whatever begins or ends again has ended on an earlier bus of the node.
            let others = self.lives.values_mut().filter(|life| life.name == name);
            others.for_each(|life| life.items.end(entity));
        }
        if is_of_voice(id) {
            return;
        }
        let Some(life) = self.life(id.bus(), &name) else { return };
        match change {
            Some(Change::Begins(level, attempt)) => {
                life.items.begin(entity, level, attempt);
                life.is_done = false;
            }
            Some(Change::EndsRun) => life.is_done = true,
            Some(Change::Ends) | None => {}
        }
    }

    fn life(&mut self, bus: BusId, name: &Name) -> Option<&mut Life> {
        if self.lives.len() >= LIVES_MAX && !self.lives.contains_key(&bus) {
            return None;
        }
        let (heard, interval) = (self.now, self.interval);
        Some(self.lives.entry(bus).or_insert_with(|| Life {
            name: name.clone(),
            heard,
            interval,
            has_beat: false,
            has_left: false,
            is_done: false,
            items: Items::default(),
        }))
    }
}

impl Life {
    fn is_overdue(&self, now: Duration) -> bool {
        now.saturating_sub(self.heard) > INTERVALS_UNTIL_LOST * self.interval
    }

    /// Whether its silence means anything: something runs there, or it should be heard.
    fn is_missed(&self) -> bool {
        !self.has_left && (!self.items.is_empty() || (self.has_beat && !self.is_done))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parking_lot::Mutex;
    use tidings_registry::Bus;
    use tidings_testrun::RunEmitter;

    use super::*;

    const INTERVAL: Duration = Duration::from_secs(1);

    /// A bus of a node, and what was emitted on it.
    struct Node {
        bus: Bus,
        said: Arc<Mutex<Vec<Arc<Envelope>>>>,
    }

    impl Node {
        fn new(name: &str) -> Self {
            let bus = Bus::builder().run("r").node(name).build();
            let said: Arc<Mutex<Vec<Arc<Envelope>>>> = Arc::default();
            let kept = Arc::clone(&said);
            let keeping = move |envelope: &Arc<Envelope>| kept.lock().push(Arc::clone(envelope));
            bus.observe("**", keeping).expect("a prefix").detach();
            Self { bus, said }
        }

        fn beat(&self) -> Beat {
            let name = (self.bus.run().to_owned(), self.bus.node().to_owned());
            Beat { name, bus: self.bus.id(), interval: INTERVAL, is_leaving: false }
        }

        fn heard_by(&self, watch: &mut Watch) {
            self.said.lock().drain(..).for_each(|envelope| watch.hear(&envelope));
        }
    }

    fn named(node: &str) -> Name {
        ("r".to_owned(), node.to_owned())
    }

    fn watch() -> Watch {
        Watch::new(INTERVAL, None)
    }

    fn after(watch: &mut Watch, millis: u64) -> Vec<Saying> {
        watch.set_now(watch.now + Duration::from_millis(millis));
        watch.give_up();
        watch.take_sayings()
    }

    fn aborted(sayings: &[Saying]) -> Vec<String> {
        let items = sayings.iter().filter_map(|saying| match saying {
            Saying::Aborted(_, items) => Some(items),
            _ => None,
        });
        items.flatten().map(|item| item.entity.id().to_owned()).collect()
    }

    #[test]
    fn a_silent_node_is_lost_and_what_runs_there_ends_innermost_first() {
        let (mut watch, node) = (watch(), Node::new("a"));
        watch.hear_beat(&node.beat());
        let run = RunEmitter::start(&node.bus, "nightly");
        let suite = run.suite("s");
        suite.case("ended").success();
        let case = suite.case("open");
        node.heard_by(&mut watch);
        assert_eq!(watch.take_sayings(), [Saying::Joined(named("a"))]);
        assert_eq!(after(&mut watch, 3_000), []);
        let sayings = after(&mut watch, 1);
        assert!(matches!(&sayings[0], Saying::Lost(name, _) if *name == named("a")));
        assert_eq!(aborted(&sayings), ["open", "s", "nightly"]);
        // It comes back, ends late, and is lost no second time for it.
        watch.hear_beat(&node.beat());
        assert_eq!(watch.take_sayings(), [Saying::Joined(named("a"))]);
        case.success();
        node.heard_by(&mut watch);
        assert!(!watch.nodes()[0].is_lost);
        drop((suite, run));
    }

    #[test]
    fn one_that_leaves_or_is_done_is_not_lost() {
        let (mut watch, leaving, done) = (watch(), Node::new("a"), Node::new("b"));
        watch.hear_beat(&leaving.beat());
        watch.hear_beat(&done.beat());
        RunEmitter::start(&done.bus, "nightly").success();
        done.heard_by(&mut watch);
        let run = RunEmitter::start(&leaving.bus, "nightly");
        leaving.heard_by(&mut watch);
        watch.take_sayings();
        watch.hear_beat(&Beat { is_leaving: true, ..leaving.beat() });
        // Its last events come behind its farewell.
        run.success();
        leaving.heard_by(&mut watch);
        assert_eq!(after(&mut watch, 9_000), []);
        assert!(watch.nodes().iter().all(|node| !node.is_lost));
    }

    #[test]
    fn an_outage_of_the_broker_begins_the_waiting_anew() {
        let (mut watch, node) = (watch(), Node::new("a"));
        watch.hear_beat(&node.beat());
        watch.take_sayings();
        watch.set_now(Duration::from_millis(2_900));
        watch.begin_anew();
        assert_eq!(after(&mut watch, 2_900), []);
        assert_eq!(after(&mut watch, 200).len(), 1);
    }

    #[test]
    fn what_ran_on_a_bus_of_before_a_restart_of_the_node_ends_and_the_node_stays() {
        let (mut watch, before, now) = (watch(), Node::new("a"), Node::new("a"));
        watch.hear_beat(&before.beat());
        let run = RunEmitter::start(&before.bus, "nightly");
        let (again, only_there) = (run.case("again"), run.case("only there"));
        before.heard_by(&mut watch);
        watch.take_sayings();
        watch.set_now(Duration::from_secs(2));
        watch.hear_beat(&now.beat());
        let restarted = RunEmitter::start(&now.bus, "nightly");
        let case = restarted.case("again");
        now.heard_by(&mut watch);
        assert_eq!(aborted(&after(&mut watch, 1_500)), ["only there"]);
        assert_eq!(watch.nodes().iter().filter(|node| node.is_lost).count(), 0);
        drop((again, only_there, run, case, restarted));
    }

    #[test]
    fn a_restarted_master_knows_what_ran_and_who_was_lost() {
        let (mut first, node, lost) = (watch(), Node::new("a"), Node::new("b"));
        let run = RunEmitter::start(&node.bus, "nightly");
        let case = run.case("open");
        let mut second = watch();
        node.said.lock().iter().for_each(|envelope| second.remember(envelope));
        assert_eq!(aborted(&after(&mut second, 3_001)), ["open", "nightly"]);
        // Who was lost before is not lost again.
        run.node_lost("b", tidings_testrun::NodeLost::new("silent"));
        node.said.lock().iter().for_each(|envelope| first.remember(envelope));
        assert!(first.nodes()[0].is_lost);
        first.hear_beat(&lost.beat());
        assert_eq!(first.take_sayings(), [Saying::Joined(named("b"))]);
        drop((case, run));
    }

    #[test]
    fn nodes_of_other_runs_are_not_watched() {
        let (mut watch, node) = (Watch::new(INTERVAL, Some("other".to_owned())), Node::new("a"));
        watch.hear_beat(&node.beat());
        let run = RunEmitter::start(&node.bus, "nightly");
        node.heard_by(&mut watch);
        assert_eq!(after(&mut watch, 9_000), []);
        assert_eq!(watch.nodes(), []);
        drop(run);
    }
}
