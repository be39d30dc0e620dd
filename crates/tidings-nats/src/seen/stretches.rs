//! A set of numbers, kept as stretches without a gap.

/// Numbers that were put in, mostly in ascending order.
///
/// The stretches are ascending, and between two of them a number is missing.
#[derive(Debug, Clone, Default)]
pub(super) struct Stretches {
    /// First and last number of each.
    stretches: Vec<(u64, u64)>,
}

impl Stretches {
    /// Whether the number was not there.
    pub(super) fn insert(&mut self, number: u64) -> bool {
        // New numbers come at the end, but for what arrives late.
        let place = match self.stretches.last() {
            Some((first, _)) if number < *first => {
                self.stretches.partition_point(|(first, _)| *first <= number)
            }
            _ => self.stretches.len(),
        };
        let before = place.checked_sub(1).map(|index| self.stretches[index]);
        if before.is_some_and(|(_, last)| number <= last) {
            return false;
        }
        let extends = before.is_some_and(|(_, last)| last.checked_add(1) == Some(number));
        let after = self.stretches.get(place).copied();
        let meets = after.is_some_and(|(first, _)| number.checked_add(1) == Some(first));
        match (extends, meets) {
            (true, true) => {
                let (_, last) = self.stretches.remove(place);
                self.stretches[place - 1].1 = last;
            }
            (true, false) => self.stretches[place - 1].1 = number,
            (false, true) => self.stretches[place].0 = number,
            (false, false) => self.stretches.insert(place, (number, number)),
        }
        true
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        let place = self.stretches.partition_point(|(first, _)| *first <= number);
        place.checked_sub(1).is_some_and(|index| number <= self.stretches[index].1)
    }

    /// How many stretches there are: what the set costs.
    pub(super) fn len(&self) -> usize {
        self.stretches.len()
    }

    /// Forgets the lower half of the stretches; how many numbers these were.
    pub(super) fn forget_half(&mut self) -> u64 {
        let half = self.stretches.len().div_ceil(2);
        let forgotten = self.stretches.drain(..half);
        forgotten.map(|(first, last)| (last - first).saturating_add(1)).fold(0, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_largest_numbers_are_numbers_too() {
        let mut stretches = Stretches::default();
        for (number, is_new) in
            [(u64::MAX, true), (u64::MAX, false), (u64::MAX - 1, true), (0, true), (0, false)]
        {
            assert_eq!(stretches.insert(number), is_new, "{number}");
        }
        assert_eq!(stretches.len(), 2);
    }

    proptest! {
        #[test]
        fn it_knows_what_a_set_knows(numbers in prop::collection::vec(0..40_u64, 0..80)) {
            let (mut stretches, mut set) = (Stretches::default(), BTreeSet::new());
            for number in numbers {
                prop_assert_eq!(stretches.contains(number), set.contains(&number));
                prop_assert_eq!(stretches.insert(number), set.insert(number));
                let begins = set.iter().filter(|one| **one == 0 || !set.contains(&(**one - 1)));
                prop_assert_eq!(stretches.len(), begins.count(), "{:?}", stretches);
            }
        }

        #[test]
        fn what_is_forgotten_is_the_lower_part(numbers in prop::collection::vec(0..99_u64, 1..80)) {
            let mut stretches = Stretches::default();
            let set: BTreeSet<u64> = numbers.into_iter().filter(|n| stretches.insert(*n)).collect();
            let forgotten = usize::try_from(stretches.forget_half()).expect("small");
            prop_assert!(forgotten > 0);
            for (place, number) in set.iter().enumerate() {
                prop_assert_eq!(stretches.contains(*number), place >= forgotten);
            }
        }
    }
}
