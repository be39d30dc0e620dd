//! `tidings import`: lines of some format, dispatched as they arrive.

use super::delivering::{Delivering, Reading, Task};
use super::importing;
use super::summing::Summing;
use crate::args::ImportArgs;
use crate::failure::{Failure, Verdict};
use crate::feed::Input;
use crate::import::importer;
use crate::interrupt::Interrupt;
use crate::live::Observers;
use crate::output::{Screen, counted};

/// Imports the events of a file or of standard input.
///
/// # Errors
///
/// [`Failure`] before anything is delivered, or when a report cannot be written.
pub(crate) fn import(
    args: &ImportArgs,
    screen: &Screen,
    interrupt: &Interrupt,
) -> Result<Verdict, Failure> {
    let summing = Summing::at(&args.summary)?;
    let is_report_printed =
        args.ending.report.as_deref().is_some_and(|path| path.as_os_str() == "-");
    if summing.is_printed() && is_report_printed {
        return Err(Failure::OneOutput { first: "the report", second: "the summary" });
    }
    let observers = match &args.config {
        Some(path) => Observers::Configured(path),
        // What is printed is for a program.
        None if summing.is_printed() || is_report_printed => Observers::Nobody,
        None => Observers::Console,
    };
    let input = Input::open(&args.file, interrupt)?;
    let stall_timeout = args.stalling.stall_timeout;
    let mut delivering =
        Delivering::begin(&observers, stall_timeout, &args.ending, screen, interrupt)?;
    let meter = delivering.feeder.meter().clone();
    if let Some(bytes) = input.bytes {
        meter.set_bytes_total(bytes);
    }
    let mut format = importer(args.from, delivering.bus());
    let name = input.name.clone();
    let imported = importing::run(input, &mut *format, &mut delivering.feeder, screen, interrupt);
    let what = format!("imported {} from {name}", counted(meter.events(), "event"));
    let task = Task::Read(what + &Summing::told(&imported.summary));
    let verdict = delivering.end(&Reading {
        task,
        upto: interrupt.is_set().then(|| format!("line {}", imported.line)),
        bad_lines: imported.bad_lines,
        foreign_lines: imported.foreign_lines,
        failure: imported.failure,
        is_ended_by_signals: false,
    })?;
    summing.end(&imported.summary, verdict)
}
