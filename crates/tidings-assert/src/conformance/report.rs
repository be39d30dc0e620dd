//! What a suite found out.

use std::fmt;

/// What a suite found out, check by check.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a report says what failed; `assert` panics if something did"]
#[non_exhaustive]
pub struct Report {
    /// The name of the sink.
    pub sink: String,
    /// The checks, in the order they ran.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Check {
    /// The fact that holds when it passes.
    pub name: String,
    /// Whether it does.
    pub verdict: Verdict,
}

/// Whether a fact holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It does.
    Passed,
    /// It does not.
    Failed {
        /// What was seen instead.
        reason: String,
    },
    /// Nobody knows: the receiver does not support the trouble.
    Skipped {
        /// Why not.
        reason: String,
    },
}

impl Report {
    /// Panics with the table unless every check was made and passed.
    ///
    /// # Panics
    ///
    /// If a check failed or was skipped, or there is none.
    #[track_caller]
    pub fn assert(&self) {
        self.assert_with_skipped(0);
    }

    /// As [`assert`](Self::assert), with exactly so many checks skipped because the receiver
    /// cannot make their trouble. What was not tried stands in the test then, for all to see.
    ///
    /// # Panics
    ///
    /// If a check failed, more or fewer were skipped, or none was made.
    #[track_caller]
    pub fn assert_with_skipped(&self, skipped: usize) {
        let passed = self.checks.iter().filter(|check| check.verdict == Verdict::Passed);
        let is_well = self.failed().count() == 0 && passed.count() > 0;
        assert!(is_well && self.skipped().count() == skipped, "{self}");
    }

    /// The names of the checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &str> {
        let failed = |check: &&Check| matches!(check.verdict, Verdict::Failed { .. });
        self.checks.iter().filter(failed).map(|check| check.name.as_str())
    }

    /// The names of the checks that were not made.
    pub fn skipped(&self) -> impl Iterator<Item = &str> {
        let skipped = |check: &&Check| matches!(check.verdict, Verdict::Skipped { .. });
        self.checks.iter().filter(skipped).map(|check| check.name.as_str())
    }
}

/// A table: ✓ passed, ✗ failed, – skipped, with reasons.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (failed, skipped) = (self.failed().count(), self.skipped().count());
        writeln!(
            f,
            "conformance of `{}`: {} checks, {failed} failed, {skipped} skipped\n",
            self.sink,
            self.checks.len(),
        )?;
        for Check { name, verdict } in &self.checks {
            match verdict {
                Verdict::Passed => writeln!(f, "  ✓ {name}")?,
                Verdict::Failed { reason } => {
                    writeln!(f, "  ✗ {name}")?;
                    for line in reason.lines() {
                        writeln!(f, "      {line}")?;
                    }
                }
                Verdict::Skipped { reason } => writeln!(f, "  – {name} (skipped: {reason})")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(verdicts: Vec<Verdict>) -> Report {
        let check = |verdict| Check { name: "something holds".to_owned(), verdict };
        Report { sink: "Shelf".to_owned(), checks: verdicts.into_iter().map(check).collect() }
    }

    #[test]
    fn the_table_says_what_failed_and_what_was_skipped() {
        let report = report(vec![
            Verdict::Passed,
            Verdict::Failed { reason: "two lines\nof it".to_owned() },
            Verdict::Skipped { reason: "no such thing".to_owned() },
        ]);
        expect_test::expect![[r"
            conformance of `Shelf`: 3 checks, 1 failed, 1 skipped

              ✓ something holds
              ✗ something holds
                  two lines
                  of it
              – something holds (skipped: no such thing)
        "]]
        .assert_eq(&report.to_string());
    }

    #[test]
    #[should_panic(expected = "1 checks, 0 failed, 1 skipped")]
    fn a_suite_that_checked_nothing_does_not_pass() {
        report(vec![Verdict::Skipped { reason: "no such thing".to_owned() }]).assert();
    }
}
