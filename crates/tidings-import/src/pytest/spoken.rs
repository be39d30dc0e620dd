//! What a test wrote, once.
//!
//! A report repeats all that was captured in the phases before it, and, where attempts share
//! what they keep, in the attempts before it. New is what comes more often than it was told.
//! Texts are remembered by their hashes.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use tidings_testrun::{Output, OutputStream};

/// What was told of a test.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    told: HashMap<u64, usize>,
    hashes: RandomState,
    /// Whether all that was told belongs to attempts before the present one.
    is_new_attempt: bool,
}

impl Spoken {
    /// Says that another attempt begins.
    pub(super) fn next_attempt(&mut self) {
        self.is_new_attempt = true;
    }

    /// What a report has that was not told yet.
    pub(super) fn fresh(&mut self, sections: &[(String, String)]) -> Vec<Output> {
        let (outputs, seen) = self.compare(sections);
        for (hash, count) in seen {
            let told = self.told.entry(hash).or_default();
            *told = count.max(*told);
        }
        outputs
    }

    /// What a subtest has that its test did not say; another may say the same.
    pub(super) fn fresh_of_subtest(&mut self, sections: &[(String, String)]) -> Vec<Output> {
        self.compare(sections).0
    }

    fn compare(&mut self, sections: &[(String, String)]) -> (Vec<Output>, HashMap<u64, usize>) {
        let hash = |section: &(String, String)| self.hashes.hash_one(section);
        let hashed: Vec<u64> = sections.iter().map(hash).collect();
        let mut seen: HashMap<u64, usize> = HashMap::new();
        for hash in &hashed {
            *seen.entry(*hash).or_default() += 1;
        }
        if std::mem::take(&mut self.is_new_attempt) {
            let repeats = |(hash, count): (&u64, &usize)| seen.get(hash) >= Some(count);
            if !self.told.iter().all(repeats) {
                self.told.clear();
            }
        }
        let mut come: HashMap<u64, usize> = HashMap::new();
        let mut outputs = Vec::new();
        for ((title, text), hash) in sections.iter().zip(hashed) {
            let count = come.entry(hash).or_default();
            *count += 1;
            if *count > self.told.get(&hash).copied().unwrap_or(0) && !text.is_empty() {
                outputs.push(output(title, text));
            }
        }
        (outputs, seen)
    }
}

fn output(title: &str, text: &str) -> Output {
    match title {
        title if title.starts_with("Captured stdout") => Output::stdout(text),
        title if title.starts_with("Captured stderr") => Output::stderr(text),
        title if title.starts_with("Captured log") => Output::new(OutputStream::Log, text),
        title => Output::new(OutputStream::Log, format!("{title}:\n{text}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections(texts: &[&str]) -> Vec<(String, String)> {
        texts.iter().map(|text| ("Captured stdout call".to_owned(), (*text).to_owned())).collect()
    }

    fn texts(outputs: &[Output]) -> Vec<&str> {
        outputs.iter().map(|output| output.text.as_str()).collect()
    }

    #[test]
    fn what_phases_repeat_is_told_once() {
        let mut spoken = Spoken::default();
        assert_eq!(texts(&spoken.fresh(&sections(&["a"]))), ["a"]);
        assert_eq!(texts(&spoken.fresh(&sections(&["a", "b"]))), ["b"]);
        assert_eq!(texts(&spoken.fresh(&sections(&["b"]))), [""; 0]);
        assert_eq!(texts(&spoken.fresh(&sections(&["a", "b", "b"]))), ["b"]);
    }

    #[test]
    fn an_attempt_that_repeats_what_came_before_tells_only_what_is_new() {
        let mut spoken = Spoken::default();
        spoken.fresh(&sections(&["same"]));
        spoken.next_attempt();
        assert_eq!(texts(&spoken.fresh(&sections(&["same"]))), [""; 0]);
        assert_eq!(texts(&spoken.fresh(&sections(&["same", "same"]))), ["same"]);
    }

    #[test]
    fn an_attempt_that_starts_afresh_may_say_the_same() {
        let mut spoken = Spoken::default();
        spoken.fresh(&sections(&["same"]));
        spoken.next_attempt();
        assert_eq!(texts(&spoken.fresh(&sections(&[]))), [""; 0]);
        assert_eq!(texts(&spoken.fresh(&sections(&["same"]))), ["same"]);
    }

    #[test]
    fn two_subtests_may_say_the_same() {
        let mut spoken = Spoken::default();
        spoken.fresh(&sections(&["setup"]));
        for _ in 0..2 {
            assert_eq!(texts(&spoken.fresh_of_subtest(&sections(&["setup", "x"]))), ["x"]);
        }
    }
}
