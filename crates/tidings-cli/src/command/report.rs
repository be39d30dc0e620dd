//! `tidings report`: the page of a recorded run.

use tidings_report::{Lifecycles, Model, Page};
use tidings_testrun::RunSummary;

use super::recorded::Recorded;
use super::summing::Summing;
use crate::args::ReportArgs;
use crate::failure::{Failure, Verdict};
use crate::interrupt::Interrupt;
use crate::output::{Destination, Screen};

/// Writes the page of journals.
///
/// # Errors
///
/// [`Failure`] when a journal cannot be opened, or the page cannot be written.
pub(crate) fn report(
    args: &ReportArgs,
    screen: &Screen,
    interrupt: &Interrupt,
) -> Result<Verdict, Failure> {
    let place = Destination::at("page", &args.output)?;
    let recorded = Recorded::open(&args.logs, interrupt)?;
    let mut summary = RunSummary::new();
    let mut lifecycles = Lifecycles::new();
    let verdict = recorded.read(screen, interrupt, |envelope| {
        summary.apply(envelope);
        lifecycles.apply(envelope);
    });
    summary.finish();
    place.write(&Page::html(&Model::of(&summary, &lifecycles)))?;
    let at = args.output.display();
    screen.say(&format!("wrote {at}{}", Summing::told(&summary)));
    Ok(verdict)
}
