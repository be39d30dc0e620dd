//! The order of each node's events, restored by their positions.
//!
//! Pure: `now` is told, and counts only while events can arrive. A delivery counts what it
//! accepts without a gap, so an event whose predecessor is missing is early: it is held until
//! the predecessor comes, for a bounded time and in bounded number, and then let through.
//! Nothing that is taken is ever left out.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tidings_core::BusId;

/// How long an event waits at most for those before it when nothing is known of its bus yet:
/// the stream need not begin where the bus did.
const SETTLE_MAX: Duration = Duration::from_millis(500);

/// How often the wait for a missing event is halved when it never comes.
const HALVINGS_MAX: u32 = 8;

/// The most buses whose positions are remembered.
const BUSES_MAX: usize = 65_536;

/// What is held at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// How long an event waits for one that is missing.
    pub(super) wait: Duration,
    /// How many wait, of all buses.
    pub(super) events: usize,
}

/// Where an event stands: its bus, and its place in the delivery of that bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) bus: BusId,
    pub(super) position: Option<u64>,
}

/// What leaves, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step<T> {
    /// An event, whose turn it is.
    Let(T),
    /// An event that came after its turn.
    Late(T),
    /// Those from the first of these positions to before the second did not come in time.
    Gap { bus: BusId, from: u64, to: u64 },
    /// The first that came of a bus follow; what lies before them did not come.
    Begins,
}

/// Events on their way, and what is known of their order.
#[derive(Debug)]
pub(super) struct Order<T> {
    limits: Limits,
    lines: HashMap<BusId, Line<T>>,
    held: usize,
}

/// What is known of one bus.
#[derive(Debug)]
struct Line<T> {
    /// The position whose turn it is; none before the beginning is known.
    next: Option<u64>,
    held: BTreeMap<u64, T>,
    /// Since when the one whose turn it is has been waited for.
    since: Duration,
    /// How many times in a row it was waited for in vain.
    in_vain: u32,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self { next: None, held: BTreeMap::new(), since: Duration::ZERO, in_vain: 0 }
    }
}

impl<T> Order<T> {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, lines: HashMap::new(), held: 0 }
    }

    /// Takes an event, and appends what may leave now.
    pub(super) fn take(
        &mut self,
        standing: Standing,
        item: T,
        now: Duration,
        steps: &mut Vec<Step<T>>,
    ) {
        let Some(position) = standing.position else {
            steps.push(Step::Let(item));
            return;
        };
        self.make_room_for(standing.bus);
        let line = self.lines.entry(standing.bus).or_default();
        match line.next {
            Some(next) if position < next => steps.push(Step::Late(item)),
            // A bus that began a second delivery counts anew.
            _ if line.held.contains_key(&position) => steps.push(Step::Late(item)),
            Some(next) if position > next => self.hold((standing.bus, position), item, now, steps),
            None if position > 0 => self.hold((standing.bus, position), item, now, steps),
            _ => {
                line.in_vain = 0;
                line.next = Some(position.saturating_add(1));
                steps.push(Step::Let(item));
                self.held -= line.drain(now, steps);
            }
        }
    }

    fn hold(
        &mut self,
        (bus, position): (BusId, u64),
        item: T,
        now: Duration,
        steps: &mut Vec<Step<T>>,
    ) {
        let line = self.lines.entry(bus).or_default();
        if line.held.is_empty() {
            line.since = now;
        }
        line.held.insert(position, item);
        self.held += 1;
        while self.held > self.limits.events {
            let waiting = self.lines.iter_mut().filter(|(_, line)| !line.held.is_empty());
            let Some((bus, line)) = waiting.min_by_key(|(_, line)| line.since) else { break };
            self.held -= line.go_on(*bus, now, steps);
        }
    }

    /// Lets go what has waited for long enough.
    pub(super) fn expire(&mut self, now: Duration, steps: &mut Vec<Step<T>>) {
        let wait = self.limits.wait;
        for (bus, line) in &mut self.lines {
            while line.deadline(wait).is_some_and(|deadline| deadline <= now) {
                self.held -= line.go_on(*bus, now, steps);
            }
        }
    }

    /// Lets everything go: nothing more will come.
    pub(super) fn release(&mut self, now: Duration, steps: &mut Vec<Step<T>>) {
        for (bus, line) in &mut self.lines {
            while !line.held.is_empty() {
                self.held -= line.go_on(*bus, now, steps);
            }
        }
    }

    /// When [`expire`](Self::expire) has something to do.
    pub(super) fn deadline(&self) -> Option<Duration> {
        if self.held == 0 {
            return None;
        }
        self.lines.values().filter_map(|line| line.deadline(self.limits.wait)).min()
    }

    /// How many events wait.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Forgets buses of which nothing waits, when there are very many.
    fn make_room_for(&mut self, bus: BusId) {
        if self.lines.len() >= BUSES_MAX && !self.lines.contains_key(&bus) {
            self.lines.retain(|_, line| !line.held.is_empty());
        }
    }
}

impl<T> Line<T> {
    fn deadline(&self, wait: Duration) -> Option<Duration> {
        if self.held.is_empty() {
            return None;
        }
        // Of a bus whose positions are not its own, none is worth waiting for.
        let wait = wait / 2_u32.pow(self.in_vain.min(HALVINGS_MAX));
        let wait = if self.next.is_none() { wait.min(SETTLE_MAX) } else { wait };
        Some(self.since.saturating_add(wait))
    }

    /// Lets those go whose turn it is; how many.
    fn drain(&mut self, now: Duration, steps: &mut Vec<Step<T>>) -> usize {
        let before = self.held.len();
        while let Some((position, item)) = self.held.pop_first() {
            if self.next != Some(position) {
                self.held.insert(position, item);
                break;
            }
            self.next = Some(position.saturating_add(1));
            steps.push(Step::Let(item));
        }
        self.since = now;
        before - self.held.len()
    }

    /// Waits no longer for the one whose turn it is; how many leave.
    fn go_on(&mut self, bus: BusId, now: Duration, steps: &mut Vec<Step<T>>) -> usize {
        let Some((first, _)) = self.held.first_key_value() else { return 0 };
        let first = *first;
        steps.push(match self.next {
            Some(from) => {
                self.in_vain = self.in_vain.saturating_add(1);
                Step::Gap { bus, from, to: first }
            }
            None => Step::Begins,
        });
        self.next = Some(first);
        self.drain(now, steps)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WAIT: Duration = Duration::from_secs(4);
    const LIMITS: Limits = Limits { wait: WAIT, events: 100 };

    fn bus(number: u128) -> BusId {
        BusId::from_u128(number)
    }

    fn at(position: u64) -> Standing {
        Standing { bus: bus(1), position: Some(position) }
    }

    fn take(order: &mut Order<u64>, position: u64, now: Duration) -> Vec<Step<u64>> {
        let mut steps = Vec::new();
        order.take(at(position), position, now, &mut steps);
        steps
    }

    fn expire(order: &mut Order<u64>, now: Duration) -> Vec<Step<u64>> {
        let mut steps = Vec::new();
        order.expire(now, &mut steps);
        steps
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_wait_without_end_is_one() {
        let mut order = Order::new(Limits { wait: Duration::MAX, ..LIMITS });
        assert_eq!(take(&mut order, 0, seconds(0)), [Step::Let(0)]);
        assert_eq!(take(&mut order, 2, seconds(9)), []);
        assert_eq!(order.deadline(), Some(Duration::MAX));
    }

    #[test]
    fn an_early_event_waits_for_the_one_before_it() {
        let mut order = Order::new(LIMITS);
        assert_eq!(take(&mut order, 0, seconds(0)), [Step::Let(0)]);
        assert_eq!(take(&mut order, 3, seconds(1)), []);
        assert_eq!(take(&mut order, 2, seconds(2)), []);
        assert_eq!((order.held(), order.deadline()), (2, Some(seconds(5))));
        assert_eq!(take(&mut order, 1, seconds(3)), [Step::Let(1), Step::Let(2), Step::Let(3)]);
        assert_eq!((order.held(), order.deadline()), (0, None));
    }

    #[test]
    fn what_does_not_come_in_time_is_named_and_may_come_late() {
        let mut order = Order::new(LIMITS);
        take(&mut order, 0, seconds(0));
        assert_eq!(take(&mut order, 5, seconds(1)), []);
        assert_eq!(expire(&mut order, seconds(4)), []);
        let gap = Step::Gap { bus: bus(1), from: 1, to: 5 };
        assert_eq!(expire(&mut order, seconds(5)), [gap, Step::Let(5)]);
        assert_eq!(take(&mut order, 6, seconds(5)), [Step::Let(6)]);
        assert_eq!(take(&mut order, 2, seconds(6)), [Step::Late(2)]);
    }

    #[test]
    fn events_that_never_come_are_waited_for_ever_more_briefly() {
        let mut order = Order::new(LIMITS);
        take(&mut order, 0, seconds(0));
        let mut now = seconds(0);
        for number in 1..200 {
            take(&mut order, number * 2, now);
            now = order.deadline().expect("one waits");
            assert_eq!(expire(&mut order, now).len(), 2);
        }
        assert!(now < 2 * WAIT + 200 * (WAIT / 256), "{now:?}");
        // The first that is there again makes it patient again.
        take(&mut order, 399, now);
        take(&mut order, 401, now);
        assert_eq!(order.deadline(), Some(now + WAIT));
    }

    #[test]
    fn of_an_unknown_bus_the_beginning_is_waited_for_briefly() {
        let mut order = Order::new(LIMITS);
        assert_eq!(take(&mut order, 8, seconds(1)), []);
        assert_eq!(take(&mut order, 7, seconds(1)), []);
        assert_eq!(order.deadline(), Some(seconds(1) + SETTLE_MAX));
        assert_eq!(expire(&mut order, seconds(2)), [Step::Begins, Step::Let(7), Step::Let(8)]);
        let mut order = Order::new(LIMITS);
        take(&mut order, 1, seconds(1));
        assert_eq!(take(&mut order, 0, seconds(1)), [Step::Let(0), Step::Let(1)]);
    }

    #[test]
    fn there_are_never_more_held_than_may_be() {
        let mut order = Order::new(Limits { wait: WAIT, events: 3 });
        take(&mut order, 0, seconds(0));
        for position in [10, 9, 8] {
            assert_eq!(take(&mut order, position, seconds(1)), []);
        }
        let gap = Step::Gap { bus: bus(1), from: 1, to: 8 };
        let steps = take(&mut order, 20, seconds(1));
        assert_eq!(steps, [gap, Step::Let(8), Step::Let(9), Step::Let(10)]);
        assert_eq!(order.held(), 1);
    }

    #[test]
    fn a_second_delivery_of_a_bus_loses_nothing() {
        let mut order = Order::new(LIMITS);
        for position in [0, 1, 2] {
            assert_eq!(take(&mut order, position, seconds(0)), [Step::Let(position)]);
        }
        for position in [0, 1, 2] {
            assert_eq!(take(&mut order, position, seconds(0)), [Step::Late(position)]);
        }
        assert_eq!(take(&mut order, 3, seconds(0)), [Step::Let(3)]);
        take(&mut order, 9, seconds(0));
        assert_eq!(take(&mut order, 9, seconds(0)), [Step::Late(9)]);
        let mut steps = Vec::new();
        order.release(seconds(0), &mut steps);
        assert_eq!(steps, [Step::Gap { bus: bus(1), from: 4, to: 9 }, Step::Let(9)]);
    }

    #[test]
    fn the_largest_position_is_one_too() {
        let mut order = Order::new(LIMITS);
        take(&mut order, u64::MAX, seconds(0));
        assert_eq!(expire(&mut order, seconds(9)).len(), 2);
        assert_eq!(order.held(), 0);
    }

    proptest! {
        /// Each leaves exactly once, and in order when nothing is missing.
        #[test]
        fn whatever_the_order_all_leave_once(
            order_of in Just((0..60_u64).collect::<Vec<_>>()).prop_shuffle(),
            missing in prop::collection::hash_set(0..60_u64, 0..5),
            events in 1..70_usize,
        ) {
            let mut order = Order::new(Limits { wait: WAIT, events });
            let mut steps = Vec::new();
            for position in order_of.iter().filter(|position| !missing.contains(position)) {
                order.take(at(*position), *position, seconds(0), &mut steps);
                prop_assert!(order.held() <= events);
            }
            order.release(seconds(0), &mut steps);
            prop_assert_eq!(order.held(), 0);
            let left = steps.iter().filter_map(|step| match step {
                Step::Let(position) | Step::Late(position) => Some(*position),
                _ => None,
            });
            let left: Vec<u64> = left.collect();
            let mut sorted = left.clone();
            sorted.sort_unstable();
            let expected: Vec<u64> = (0..60).filter(|position| !missing.contains(position)).collect();
            prop_assert_eq!(&sorted, &expected);
            if events >= 60 {
                prop_assert_eq!(left, expected);
            }
        }
    }
}
