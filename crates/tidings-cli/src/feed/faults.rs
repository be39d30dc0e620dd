//! Lines that are no events: all are counted, the first ones are told.

use crate::output::{Screen, counted};

/// So many lines are told one by one.
const TOLD_MAX: u64 = 10;

/// The lines that could not be used.
#[derive(Debug)]
pub(crate) struct LineFaults {
    screen: Screen,
    count: u64,
}

impl LineFaults {
    pub(crate) fn new(screen: &Screen) -> Self {
        Self { screen: screen.clone(), count: 0 }
    }

    /// Counts a line; `fault` says which it is and what is wrong with it.
    pub(crate) fn add(&mut self, fault: impl std::fmt::Display) {
        self.count += 1;
        if self.count <= TOLD_MAX {
            self.screen.say(&format!("error: {fault}"));
        }
    }

    /// How many there are. Says how many were not told one by one.
    pub(crate) fn end(&self) -> u64 {
        let untold = self.count.saturating_sub(TOLD_MAX);
        if untold > 0 {
            self.screen.say(&format!("error: {} could not be used", counted(untold, "more line")));
        }
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Memory;

    #[test]
    fn the_first_faults_are_told_and_the_rest_counted() {
        let memory = Memory::default();
        let mut faults = LineFaults::new(&memory.screen(false));
        for line in 1..=12 {
            faults.add(format_args!("log:{line}: no event"));
        }
        assert_eq!(faults.end(), 12);
        let text = memory.text();
        assert_eq!(text.lines().count(), 11, "{text}");
        assert!(text.starts_with("error: log:1: no event\n"), "{text}");
        assert!(text.ends_with("error: 2 more lines could not be used\n"), "{text}");
    }
}
