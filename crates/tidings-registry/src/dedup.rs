//! Content dedup: a policy that the user asks for, never a default.
//!
//! What is remembered is what was delivered. A suppressed event does not prolong the
//! window, and an event that failed is forgotten again.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use tidings_core::ContentId;

/// Suppresses events whose content was delivered a short while ago.
///
/// Fields that are `volatile` are no part of the content: two events that differ in
/// nothing else are equal, and the later one is suppressed. An event counts as delivered as
/// long as an observer may yet take it from its queue; if all fail it is forgotten, and may
/// be said again. Events without a content id (NaN in the payload) and transitions of state machines are never suppressed.
///
/// ```
/// use std::time::Duration;
/// use tidings_core::Receipt;
/// use tidings_registry::{Bus, Dedup};
///
/// let bus = Bus::builder().dedup(Dedup::by_content(1_000, Duration::from_secs(60))).build();
/// let _all = bus.observe("**", |_| ())?;
/// let emitter = bus.raw_emitter("case", "t1");
/// assert_eq!(emitter.emit("case.started", serde_json::json!({"n": 1}))?.delivered(), 1);
/// assert_eq!(emitter.emit("case.started", serde_json::json!({"n": 1}))?, Receipt::Duplicate);
/// assert_eq!(emitter.emit("case.started", serde_json::json!({"n": 2}))?.delivered(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dedup {
    capacity: usize,
    window: Duration,
}

impl Dedup {
    /// Remembers the content of at most `capacity` events (at least one), the oldest going
    /// first, each for `window` from its delivery on.
    pub fn by_content(capacity: usize, window: Duration) -> Self {
        Self { capacity: capacity.max(1), window }
    }
}

/// What a policy remembers.
#[derive(Debug)]
pub(crate) struct DedupMemory {
    policy: Dedup,
    since: HashMap<ContentId, Duration>,
    /// In the order of time; entries that were forgotten since are skipped.
    order: VecDeque<(ContentId, Duration)>,
}

impl DedupMemory {
    pub(crate) fn new(policy: Dedup) -> Self {
        Self { policy, since: HashMap::new(), order: VecDeque::new() }
    }

    /// Remembers `id`, unless it is remembered already: then the event is a duplicate.
    pub(crate) fn admit(&mut self, id: ContentId, now: Duration) -> bool {
        self.expire(now);
        if self.since.contains_key(&id) {
            return false;
        }
        if self.since.len() >= self.policy.capacity {
            self.forget_oldest();
        }
        self.since.insert(id, now);
        self.order.push_back((id, now));
        true
    }

    /// Takes back what [`admit`](Self::admit) remembered at `then`.
    pub(crate) fn forget(&mut self, id: ContentId, then: Duration) {
        if self.since.get(&id) == Some(&then) {
            self.since.remove(&id);
        }
        // Failures alone must not make the order grow.
        if self.order.len() > self.policy.capacity.saturating_mul(2) {
            let since = &self.since;
            self.order.retain(|(id, then)| since.get(id) == Some(then));
        }
    }

    fn expire(&mut self, now: Duration) {
        while let Some((_, then)) = self.order.front() {
            // Threads may come a little out of order. A clock that was set back, though, must
            // not stretch the window by as much.
            if now.abs_diff(*then) < self.policy.window {
                break;
            }
            self.forget_first();
        }
    }

    fn forget_oldest(&mut self) {
        while !self.order.is_empty() && !self.forget_first() {}
    }

    /// Takes the first place of the order; false when it was forgotten before.
    fn forget_first(&mut self) -> bool {
        let Some((id, then)) = self.order.pop_front() else {
            return false;
        };
        let remembered = self.since.get(&id) == Some(&then);
        if remembered {
            self.since.remove(&id);
        }
        remembered
    }
}

#[cfg(test)]
mod tests {
    use tidings_core::{Entity, RawJson, RawPayload};

    use super::*;

    fn id(number: u32) -> ContentId {
        let payload = RawPayload::new(RawJson::parse(&number.to_string()).expect("JSON"));
        let event_type = tidings_core::EventType::from_static("t");
        tidings_core::envelope::Encoded::new(&payload, &event_type, &Entity::new("k", "i"))
            .expect("a number has a JSON form")
            .content_id()
    }

    fn memory(capacity: usize, window_s: u64) -> DedupMemory {
        DedupMemory::new(Dedup::by_content(capacity, Duration::from_secs(window_s)))
    }

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_duplicate_does_not_prolong_the_window() {
        let mut memory = memory(10, 5);
        assert!(memory.admit(id(1), at(0)));
        assert!(!memory.admit(id(1), at(4)));
        assert!(memory.admit(id(1), at(5)));
    }

    #[test]
    fn the_oldest_goes_first_when_it_is_full() {
        let mut memory = memory(2, 100);
        assert!(memory.admit(id(1), at(0)) && memory.admit(id(2), at(1)));
        assert!(memory.admit(id(3), at(2)));
        assert!(!memory.admit(id(2), at(3)), "the second is still there");
        assert!(memory.admit(id(1), at(4)), "the first went");
    }

    #[test]
    fn what_failed_is_forgotten_and_costs_no_memory() {
        let mut memory = memory(4, 1_000);
        for second in 0..1_000 {
            assert!(memory.admit(id(1), at(second)));
            memory.forget(id(1), at(second));
        }
        assert!(memory.order.len() <= 9, "{}", memory.order.len());
        assert!(memory.admit(id(1), at(1_000)));
        assert!(!memory.admit(id(1), at(1_001)));
    }

    #[test]
    fn a_capacity_without_an_end_is_none_too_large() {
        let mut memory = memory(usize::MAX, 1_000);
        assert!(memory.admit(id(1), at(0)));
        memory.forget(id(1), at(0));
        assert!(memory.admit(id(1), at(1)) && !memory.admit(id(1), at(2)));
    }

    #[test]
    fn what_is_remembered_stays_when_the_order_is_cleared_of_what_failed() {
        let mut memory = memory(4, 1_000);
        assert!(memory.admit(id(0), at(0)));
        for second in 1..=20 {
            assert!(memory.admit(id(1), at(second)));
            memory.forget(id(1), at(second));
            assert!(!memory.admit(id(0), at(second)), "it was delivered");
        }
        assert!(memory.order.len() > 1, "not at every failure: that would cost a look at all");
    }
}
