//! Prefixes in a tree of segments.

use std::collections::{HashMap, HashSet};

use tidings_core::{EventType, Interest, Segment};

/// Which registrations want which types, by key.
#[derive(Debug, Default)]
pub(crate) struct Index {
    everything: Vec<u64>,
    exact: HashMap<EventType, Vec<u64>>,
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    here: Vec<u64>,
    literal: HashMap<Box<str>, Node>,
    one: Option<Box<Node>>,
    any: Option<Box<Node>>,
}

impl Index {
    pub(crate) fn insert(&mut self, key: u64, interest: &Interest) {
        if interest.wants_everything() {
            self.everything.push(key);
        }
        for exact in interest.exact_types() {
            self.exact.entry(exact.clone()).or_default().push(key);
        }
        for prefix in interest.prefixes() {
            self.root.insert(prefix.segments(), key);
        }
    }

    pub(crate) fn remove(&mut self, key: u64, interest: &Interest) {
        self.everything.retain(|other| *other != key);
        for exact in interest.exact_types() {
            if let Some(keys) = self.exact.get_mut(exact) {
                keys.retain(|other| *other != key);
                if keys.is_empty() {
                    self.exact.remove(exact);
                }
            }
        }
        for prefix in interest.prefixes() {
            self.root.remove(prefix.segments(), key);
        }
    }

    /// The keys of all whose prefixes match, exclusions not yet looked at; sorted, each
    /// once.
    pub(crate) fn matching(&self, event_type: &EventType) -> Vec<u64> {
        let mut keys = Vec::new();
        let segments: Vec<&str> = event_type.segments().collect();
        if event_type.is_reserved() {
            // Only a prefix that names `tidings` reaches these.
            if let Some(node) = self.root.literal.get(segments[0]) {
                node.collect(&segments[1..], &mut keys, &mut HashSet::new());
            }
        } else {
            keys.extend_from_slice(&self.everything);
            self.root.collect(&segments, &mut keys, &mut HashSet::new());
        }
        if let Some(exact) = self.exact.get(event_type) {
            keys.extend_from_slice(exact);
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

impl Node {
    fn insert(&mut self, segments: &[Segment], key: u64) {
        let Some((head, rest)) = segments.split_first() else {
            self.here.push(key);
            return;
        };
        let child = match head {
            Segment::One => &mut **self.one.get_or_insert_default(),
            Segment::Any => &mut **self.any.get_or_insert_default(),
            Segment::Literal(text) => self.literal.entry(text.clone()).or_default(),
            _ => return,
        };
        child.insert(rest, key);
    }

    fn remove(&mut self, segments: &[Segment], key: u64) {
        let Some((head, rest)) = segments.split_first() else {
            if let Some(place) = self.here.iter().position(|other| *other == key) {
                self.here.remove(place);
            }
            return;
        };
        match head {
            Segment::One => remove_below(&mut self.one, rest, key),
            Segment::Any => remove_below(&mut self.any, rest, key),
            Segment::Literal(text) => {
                if let Some(child) = self.literal.get_mut(text) {
                    child.remove(rest, key);
                    if child.is_empty() {
                        self.literal.remove(text);
                    }
                }
            }
            _ => {}
        }
    }

    fn is_empty(&self) -> bool {
        self.here.is_empty() && self.literal.is_empty() && self.one.is_none() && self.any.is_none()
    }

    /// `seen` keeps a name with many `**` in its patterns from being walked in every way
    /// there is: each node is entered once per place in the name.
    fn collect(&self, segments: &[&str], keys: &mut Vec<u64>, seen: &mut HashSet<(usize, usize)>) {
        keys.extend_from_slice(&self.here);
        if let Some((head, rest)) = segments.split_first() {
            if let Some(child) = self.literal.get(*head) {
                child.collect(rest, keys, seen);
            }
            if let Some(child) = &self.one {
                child.collect(rest, keys, seen);
            }
        }
        if let Some(child) = &self.any {
            for skipped in 0..=segments.len() {
                let rest = &segments[skipped..];
                let address = std::ptr::from_ref::<Self>(child).addr();
                if seen.insert((address, rest.len())) {
                    child.collect(rest, keys, seen);
                }
            }
        }
    }
}

fn remove_below(place: &mut Option<Box<Node>>, rest: &[Segment], key: u64) {
    if let Some(child) = place {
        child.remove(rest, key);
        if child.is_empty() {
            *place = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: [&str; 14] = [
        "a",
        "a.b",
        "a.b.",
        "*",
        "*.b",
        "**",
        "**.c",
        "a.**.c",
        "**.**.b",
        "b",
        "tidings",
        "tidings.*.c",
        "c.b.a",
        "*.*",
    ];

    #[test]
    fn the_index_agrees_with_asking_every_interest() {
        let interests: Vec<Interest> = PATTERNS
            .iter()
            .map(|pattern| Interest::parse([pattern]).expect("a good pattern"))
            .chain([Interest::everything(), Interest::nothing()])
            .chain([Interest::types([&EventType::from_static("a.b")])])
            .collect();
        let mut index = Index::default();
        for (key, interest) in interests.iter().enumerate() {
            index.insert(key as u64, interest);
        }
        for name in ["a", "b", "c", "a.b", "a.b.c", "a.x.y.c", "b.a.b", "tidings.a.c", "c.b.a.z"] {
            let event_type = EventType::foreign(name).expect("a good name");
            let wanted: Vec<u64> = interests
                .iter()
                .enumerate()
                .filter(|(_, interest)| interest.matches(&event_type))
                .map(|(key, _)| key as u64)
                .collect();
            assert_eq!(index.matching(&event_type), wanted, "{name}");
        }
        for (key, interest) in interests.iter().enumerate() {
            index.remove(key as u64, interest);
        }
        assert!(index.root.is_empty() && index.exact.is_empty() && index.everything.is_empty());
    }

    #[test]
    fn many_double_stars_are_no_trap() {
        let mut index = Index::default();
        let pattern = vec!["**"; 60].join(".");
        index.insert(7, &Interest::parse([pattern.as_str()]).expect("a good pattern"));
        let name = EventType::foreign(&vec!["a"; 90].join(".")).expect("a good name");
        assert_eq!(index.matching(&name), [7]);
    }
}
