//! The ids of events that were taken, per bus and lane.

use std::collections::{HashMap, HashSet};

use tidings_core::{BusId, EventId, Lane};

use super::stretches::Stretches;

/// The most stretches without a gap that are remembered, over all lanes: 16 MiB, and about
/// 100 bytes for each lane.
///
/// A lane that is heard completely is one stretch, however many events it has. One of which
/// every other event is filtered out has a stretch for each that is left.
pub const SEEN_STRETCHES_MAX: usize = 1 << 20;

/// The ids of all events that were taken so far.
///
/// Memory is bounded by [`SEEN_STRETCHES_MAX`]. Beyond it the oldest numbers of the lane with
/// the most gaps are forgotten, and counted: an event of so long ago would be taken for a new
/// one. An event that is new is never taken for an old one.
///
/// ```
/// use tidings_core::{BusId, EventId, Lane};
/// use tidings_nats::Seen;
///
/// let mut seen = Seen::new();
/// let id = EventId::new(BusId::from_u128(7), Lane::new(2), 41);
/// assert!(seen.insert(id));
/// assert!(!seen.insert(id));
/// assert!(seen.contains(id) && seen.knows_bus(id.bus()));
/// ```
#[derive(Debug, Clone)]
pub struct Seen {
    lanes: HashMap<(BusId, Lane), LaneIds>,
    buses: HashSet<BusId>,
    stretches: usize,
    stretches_max: usize,
    /// Counts what was put in, to know which lane was touched last.
    turn: u64,
    forgotten: u64,
}

#[derive(Debug, Clone, Default)]
struct LaneIds {
    sequences: Stretches,
    touched: u64,
}

impl Seen {
    /// Nothing was taken yet.
    pub fn new() -> Self {
        Self::with_limit(SEEN_STRETCHES_MAX)
    }

    fn with_limit(stretches_max: usize) -> Self {
        Self {
            lanes: HashMap::new(),
            buses: HashSet::new(),
            stretches: 0,
            stretches_max,
            turn: 0,
            forgotten: 0,
        }
    }

    /// Remembers an id; whether it is a new one.
    pub fn insert(&mut self, id: EventId) -> bool {
        self.turn += 1;
        self.buses.insert(id.bus());
        let lane = self.lanes.entry((id.bus(), id.lane())).or_default();
        lane.touched = self.turn;
        let before = lane.sequences.len();
        let is_new = lane.sequences.insert(id.sequence());
        self.stretches = self.stretches + lane.sequences.len() - before;
        if self.stretches > self.stretches_max {
            self.forget();
        }
        is_new
    }

    /// Whether an id was taken.
    pub fn contains(&self, id: EventId) -> bool {
        let lane = self.lanes.get(&(id.bus(), id.lane()));
        lane.is_some_and(|lane| lane.sequences.contains(id.sequence()))
    }

    /// Whether any event of a bus was taken.
    pub fn knows_bus(&self, bus: BusId) -> bool {
        self.buses.contains(&bus)
    }

    /// How many ids were forgotten, because there were too many gaps between them.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Makes room: half of the lane with the most stretches, or, when all lanes have but one,
    /// the lanes that were quiet for the longest time.
    fn forget(&mut self) {
        let largest = self.lanes.values_mut().max_by_key(|lane| lane.sequences.len());
        let Some(lane) = largest else { return };
        if lane.sequences.len() > 1 {
            let before = lane.sequences.len();
            self.forgotten = self.forgotten.saturating_add(lane.sequences.forget_half());
            self.stretches -= before - lane.sequences.len();
            return;
        }
        let mut turns: Vec<u64> = self.lanes.values().map(|lane| lane.touched).collect();
        let half = turns.len() / 2;
        let (_, newest_to_go, _) = turns.select_nth_unstable(half);
        let newest_to_go = *newest_to_go;
        let quiet = self.lanes.extract_if(|_, lane| lane.touched <= newest_to_go);
        for (_, mut lane) in quiet {
            self.stretches -= lane.sequences.len();
            self.forgotten = self.forgotten.saturating_add(lane.sequences.forget_half());
        }
        self.buses = self.lanes.keys().map(|(bus, _)| *bus).collect();
    }
}

impl Default for Seen {
    fn default() -> Self {
        Self::new()
    }
}

impl Extend<EventId> for Seen {
    fn extend<I: IntoIterator<Item = EventId>>(&mut self, ids: I) {
        for id in ids {
            self.insert(id);
        }
    }
}

impl FromIterator<EventId> for Seen {
    fn from_iter<I: IntoIterator<Item = EventId>>(ids: I) -> Self {
        let mut seen = Self::new();
        seen.extend(ids);
        seen
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(bus: u128, lane: u32, sequence: u64) -> EventId {
        EventId::new(BusId::from_u128(bus), Lane::new(lane), sequence)
    }

    #[test]
    fn a_million_events_of_a_lane_cost_one_stretch() {
        let mut seen: Seen = (0..1_000_000).map(|sequence| id(1, 0, sequence)).collect();
        assert_eq!((seen.stretches, seen.forgotten()), (1, 0));
        assert!(!seen.insert(id(1, 0, 999_999)) && seen.insert(id(1, 1, 0)));
    }

    #[test]
    fn beyond_the_limit_the_oldest_of_the_lane_with_most_gaps_go() {
        let mut seen = Seen::with_limit(10);
        seen.extend((0..3).map(|lane| id(2, lane, 5)));
        seen.extend((0..8).map(|sequence| id(1, 0, sequence * 2)));
        assert_eq!((seen.stretches, seen.forgotten()), (7, 4));
        assert!(!seen.contains(id(1, 0, 6)) && seen.contains(id(1, 0, 8)));
        assert!((0..3).all(|lane| seen.contains(id(2, lane, 5))));
    }

    #[test]
    fn beyond_the_limit_lanes_that_were_quiet_for_long_go() {
        let mut seen = Seen::with_limit(10);
        seen.extend((0..11).map(|bus| id(bus, 0, 5)));
        assert_eq!((seen.stretches, seen.forgotten()), (5, 6));
        assert!(!seen.knows_bus(BusId::from_u128(5)) && seen.contains(id(6, 0, 5)));
    }

    proptest! {
        #[test]
        fn it_knows_what_a_set_of_ids_knows(
            ids in prop::collection::vec((0..3_u128, 0..3_u32, 0..12_u64), 0..200),
        ) {
            let (mut seen, mut set) = (Seen::new(), HashSet::new());
            for (bus, lane, sequence) in ids {
                let id = id(bus, lane, sequence);
                prop_assert_eq!(seen.contains(id), set.contains(&id));
                prop_assert_eq!(seen.insert(id), set.insert(id));
            }
            prop_assert_eq!(seen.forgotten(), 0);
        }

        /// Whatever is forgotten: no event is ever lost for it.
        #[test]
        fn a_new_id_is_new_also_beyond_the_limit(
            ids in prop::collection::vec((0..3_u128, 0..3_u32, 0..40_u64), 0..200),
        ) {
            let (mut seen, mut set) = (Seen::with_limit(4), HashSet::new());
            for (bus, lane, sequence) in ids {
                let id = id(bus, lane, sequence);
                let is_new = seen.insert(id);
                prop_assert!(is_new || set.contains(&id), "{}", id);
                set.insert(id);
                prop_assert!(seen.stretches <= 4);
                let sum: usize = seen.lanes.values().map(|lane| lane.sequences.len()).sum();
                prop_assert_eq!(seen.stretches, sum);
            }
        }
    }
}
