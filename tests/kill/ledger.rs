//! What the children said, and what must therefore have arrived.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;
use tidings::{BusId, EventId, Lane};
use tidings_fault_server::Accepted;

use crate::child::data_of;

/// One thread of one child, which is one lane of one bus.
type Stream = (u32, u32);

/// How far each stream got, by its own words.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    intended: BTreeMap<Stream, u64>,
    flushed: BTreeMap<Stream, u64>,
}

impl Ledger {
    /// Takes down what a child said.
    pub(crate) fn note(&mut self, child: u32, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        let [what, thread, end, ..] = words[..] else { return };
        let streams = match what {
            "intends" => &mut self.intended,
            "flushed" => &mut self.flushed,
            _ => return,
        };
        let thread = thread.parse().expect("threads are numbered");
        let end = end.parse().expect("events are numbered");
        streams.insert((child, thread), end);
    }

    /// How many events were said to be flushed.
    pub(crate) fn flushed(&self) -> u64 {
        self.flushed.values().sum()
    }

    /// Compares what was said with what arrived, in the order it arrived; answers how many
    /// events arrived, doubles aside.
    pub(crate) fn check(&self, arrived: &[Accepted]) -> usize {
        let firsts = first_of_each(arrived);
        let mut next_of: BTreeMap<Stream, u64> = BTreeMap::new();
        let mut last_of: HashMap<(BusId, Lane), u64> = HashMap::new();
        for (id, json) in &firsts {
            let last = last_of.insert((id.bus(), id.lane()), id.sequence());
            assert!(last < Some(id.sequence()), "{id} came after {last:?} of its lane");
            let (stream, n) = self.place_of(json);
            // Only the end of a stream may be missing: it left in order.
            let next = next_of.entry(stream).or_default();
            assert_eq!(n, *next, "stream {stream:?} goes on with {n} instead of {next}");
            *next += 1;
        }
        for (stream, end) in &self.flushed {
            let arrived = next_of.get(stream).copied().unwrap_or_default();
            assert!(arrived >= *end, "{stream:?}: {end} were flushed, and {arrived} arrived");
        }
        firsts.len()
    }

    /// Which event it is: one that a child meant to emit, in every letter.
    fn place_of(&self, json: &str) -> (Stream, u64) {
        let event: Value = serde_json::from_str(json).expect("it was a JSON array");
        let data = &event["data"];
        let number = |name: &str| data[name].as_u64().expect("it is a number");
        let part = |name: &str| u32::try_from(number(name)).expect("it is small");
        let (stream, n) = ((part("child"), part("thread")), number("n"));
        assert_eq!(*data, data_of(stream.0, stream.1, n), "what arrived was never emitted");
        let end = self.intended.get(&stream).copied().unwrap_or_default();
        assert!(n < end, "event {n} of {stream:?} arrived, which meant to emit {end}");
        (stream, n)
    }
}

/// Drops doubles by event id, as a receiver does it.
fn first_of_each(arrived: &[Accepted]) -> Vec<(EventId, &str)> {
    let mut known = HashSet::new();
    let events = arrived.iter().map(|event| {
        let id: EventId = event.id.parse().expect("every event has an event id");
        (id, event.json.as_str())
    });
    events.filter(|(id, _)| known.insert(*id)).collect()
}
