//! Names that tell apart what they name.
//!
//! CI systems know a test by its class and name: of two that are called the same, some keep
//! only one.

use std::collections::{HashMap, HashSet};

use crate::text::clean;

/// Names that are taken.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// The number that comes next, by the name it is put behind.
    next: HashMap<String, u32>,
}

impl Names {
    /// A name that was not given before: the one asked for, or with a number behind it.
    pub(super) fn unique(&mut self, name: &str) -> String {
        let base = legible(name);
        if self.taken.insert(base.clone()) { base } else { self.numbered(base, "", 2) }
    }

    /// The name of a run of a case: plain for the first, with its number for a later one.
    pub(super) fn of_run(&mut self, name: &str, repeat: u32) -> String {
        let base = legible(name);
        if repeat <= 1 && self.taken.insert(base.clone()) {
            return base;
        }
        self.numbered(base, "run ", repeat.max(2))
    }

    fn numbered(&mut self, base: String, word: &str, from: u32) -> String {
        let mut number = self.next.get(&base).copied().unwrap_or_default().max(from);
        let mut name = format!("{base} ({word}{number})");
        while !self.taken.insert(name.clone()) {
            number = number.saturating_add(1);
            name = format!("{base} ({word}{number})");
        }
        self.next.insert(base, number.saturating_add(1));
        name
    }
}

/// The name as readers will see it: those that differ only in what is not shown are equal.
fn legible(name: &str) -> String {
    let cleaned = clean(name);
    if cleaned.trim().is_empty() { "(no name)".to_owned() } else { cleaned }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_given_twice() {
        let mut names = Names::default();
        assert_eq!(names.unique("a"), "a");
        assert_eq!(names.unique("a (2)"), "a (2)");
        assert_eq!(names.unique("a"), "a (3)");
        assert_eq!(names.unique("\u{1b}[1ma"), "a (4)");
        assert_eq!(
            (names.unique(""), names.unique(" ")),
            ("(no name)".into(), "(no name) (2)".into())
        );
    }

    #[test]
    fn a_later_run_has_its_number() {
        let mut names = Names::default();
        assert_eq!(names.of_run("a", 1), "a");
        assert_eq!(names.of_run("a", 3), "a (run 3)");
        assert_eq!(names.of_run("a", 1), "a (run 4)");
    }
}
