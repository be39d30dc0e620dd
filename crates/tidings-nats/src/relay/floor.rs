//! How far a stream may be acknowledged: up to before the first event that is held.
//!
//! Pure. Places of a stream come in ascending order, but for those that come again.

use std::collections::BTreeMap;

use crate::source::Place;

/// What was taken of a stream and is not finished yet.
#[derive(Debug, Default)]
pub(super) struct Floor {
    last: Option<Place>,
    /// Held events, each with the place of the one before it.
    held: BTreeMap<u64, Option<Place>>,
}

impl Floor {
    /// Takes a place, of an event that is held until [`release`](Self::release).
    pub(super) fn take(&mut self, place: Place) {
        self.held.entry(place.sequence).or_insert(self.last);
        self.pass(place);
    }

    /// Takes a place of which nothing is to be done.
    pub(super) fn pass(&mut self, place: Place) {
        self.last = Some(place);
    }

    pub(super) fn release(&mut self, place: Place) {
        self.held.remove(&place.sequence);
    }

    /// The last place up to which nothing is held.
    pub(super) fn place(&self) -> Option<Place> {
        match self.held.first_key_value() {
            Some((_, before)) => *before,
            None => self.last,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sequence: u64) -> Place {
        Place { epoch: 1, sequence, delivery: sequence }
    }

    #[test]
    fn nothing_behind_a_held_event_is_acknowledged() {
        let mut floor = Floor::default();
        assert_eq!(floor.place(), None);
        floor.take(at(4));
        assert_eq!(floor.place(), None);
        floor.release(at(4));
        assert_eq!(floor.place(), Some(at(4)));
        for sequence in [7, 8, 9] {
            floor.take(at(sequence));
        }
        floor.release(at(8));
        floor.pass(at(12));
        assert_eq!(floor.place(), Some(at(4)));
        floor.release(at(7));
        assert_eq!(floor.place(), Some(at(8)));
        floor.release(at(9));
        assert_eq!(floor.place(), Some(at(12)));
    }

    #[test]
    fn what_comes_again_holds_nothing_up_and_lets_nothing_through() {
        let mut floor = Floor::default();
        floor.take(at(1));
        floor.release(at(1));
        floor.take(at(2));
        // The stream is read again from 1 on: all of it was seen.
        for sequence in [1, 2, 3] {
            floor.pass(Place { epoch: 2, ..at(sequence) });
        }
        assert_eq!(floor.place(), Some(at(1)));
        floor.release(at(2));
        assert_eq!(floor.place(), Some(Place { epoch: 2, ..at(3) }));
    }
}
