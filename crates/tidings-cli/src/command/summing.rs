//! What commands do with the summary of a run: print it, write it, fail with it.

use tidings_testrun::RunSummary;

use crate::args::SummaryJsonArgs;
use crate::failure::{Failure, Verdict};
use crate::output::{Destination, grouped};

/// Where the summary goes, and what it says of the exit status.
#[derive(Debug)]
pub(super) struct Summing {
    place: Option<Destination>,
    fails_on_failure: bool,
}

impl Summing {
    /// As the command line says.
    ///
    /// # Errors
    ///
    /// [`Failure::Place`] when the summary has none.
    pub(super) fn at(args: &SummaryJsonArgs) -> Result<Self, Failure> {
        let at = |path| Destination::at("summary", path);
        let place = args.summary_json.as_deref().map(at).transpose()?;
        Ok(Self { place, fails_on_failure: args.fail_on_failure })
    }

    /// To standard output, if so.
    pub(super) fn or_printed(self, is_printed: bool) -> Self {
        let place = if is_printed { Some(Destination::stdout("summary")) } else { self.place };
        Self { place, ..self }
    }

    /// Whether it goes to standard output.
    pub(super) fn is_printed(&self) -> bool {
        self.place.as_ref().is_some_and(Destination::is_stdout)
    }

    /// Writes the summary, and turns the verdict if anything failed and that was asked for.
    ///
    /// # Errors
    ///
    /// [`Failure`] when it cannot be written.
    pub(super) fn end(&self, summary: &RunSummary, verdict: Verdict) -> Result<Verdict, Failure> {
        if let Some(place) = &self.place {
            place.write_json(&summary.to_json())?;
        }
        let has_failed = self.fails_on_failure && summary.counts().failed() > 0;
        Ok(if has_failed { verdict.max(Verdict::Incomplete) } else { verdict })
    }

    /// The totals for people, with a comma before them; nothing of what is no test run.
    pub(super) fn told(summary: &RunSummary) -> String {
        let counts = summary.counts();
        if counts.total() == 0 && summary.never_ran() == 0 {
            return String::new();
        }
        let numbers = [
            (counts.passed(), "passed"),
            (counts.failed(), "failed"),
            (counts.skipped(), "skipped"),
            (counts.flaky, "flaky"),
            (summary.never_ran(), "never ran"),
        ];
        let mut told = String::new();
        for (number, what) in numbers {
            if number > 0 || what == "passed" {
                told.extend([", ", &grouped(number), " ", what]);
            }
        }
        told
    }
}
