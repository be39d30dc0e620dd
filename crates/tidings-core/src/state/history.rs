//! The last entries of something, and how many there were.

use std::collections::VecDeque;

/// Keeps the last `max` entries; the count stays exact.
#[derive(Debug, Clone)]
pub(super) struct Last<T> {
    entries: VecDeque<T>,
    max: usize,
    total: u64,
}

impl<T: Clone> Last<T> {
    pub(super) fn new(max: usize) -> Self {
        Self { entries: VecDeque::new(), max, total: 0 }
    }

    pub(super) fn push(&mut self, entry: T) {
        self.total += 1;
        if self.max == 0 {
            return;
        }
        if self.entries.len() >= self.max {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    /// Returns how many were ever pushed.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// Returns the kept entries, oldest first.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.entries.iter()
    }

    /// Returns at most `count` of the last entries, oldest first.
    pub(super) fn tail(&self, count: usize) -> impl ExactSizeIterator<Item = &T> {
        self.entries.range(self.entries.len().saturating_sub(count)..)
    }
}
