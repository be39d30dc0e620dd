//! `tidings summary`: how a recorded run went, for people or for programs.

use tidings_testrun::RunSummary;

use super::recorded::Recorded;
use super::summing::Summing;
use crate::args::SummaryArgs;
use crate::failure::{Failure, Verdict};
use crate::interrupt::Interrupt;
use crate::output::{Screen, print_run};

/// Sums up journals.
///
/// # Errors
///
/// [`Failure`] when a journal cannot be opened, or the summary cannot be written.
pub(crate) fn summary(
    args: &SummaryArgs,
    screen: &Screen,
    interrupt: &Interrupt,
) -> Result<Verdict, Failure> {
    let summing = Summing::at(&args.summary)?.or_printed(args.json);
    let recorded = Recorded::open(&args.logs, interrupt)?;
    let mut summary = RunSummary::new();
    let verdict = recorded.read(screen, interrupt, |envelope| summary.apply(envelope));
    summary.finish();
    if !summing.is_printed() {
        print_run(&summary)?;
    }
    summing.end(&summary, verdict)
}
