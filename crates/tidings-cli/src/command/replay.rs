//! `tidings replay`: journals through the live dispatch path.
//!
//! Every journal is opened before the configuration is: a wrong name delivers nothing.

use super::delivering::{Delivering, Reading, Task};
use crate::args::ReplayArgs;
use crate::failure::{Failure, Verdict};
use crate::feed::{Input, Journals, LineFaults};
use crate::interrupt::Interrupt;
use crate::live::Observers;
use crate::output::{Screen, counted};

/// Replays journals into the observers of a configuration.
///
/// # Errors
///
/// [`Failure`] before anything is delivered, or when the report cannot be written.
pub(crate) fn replay(
    args: &ReplayArgs,
    screen: &Screen,
    interrupt: &Interrupt,
) -> Result<Verdict, Failure> {
    let opened = args.logs.iter().map(|path| Input::open_file(path, interrupt));
    let inputs = opened.collect::<Result<Vec<Input>, Failure>>()?;
    let configured = &args.delivering.observers;
    let observers = Observers::Configured(&configured.config);
    let stall_timeout = args.delivering.stalling.stall_timeout;
    let mut delivering =
        Delivering::begin(&observers, stall_timeout, &configured.ending, screen, interrupt)?;
    let meter = delivering.feeder.meter().clone();
    if let Some(bytes) = inputs.iter().map(|input| input.bytes).sum() {
        meter.set_bytes_total(bytes);
    }
    let mut faults = LineFaults::new(screen);
    let journals = counted(u64::try_from(inputs.len()).unwrap_or(u64::MAX), "journal");
    let mut reading =
        Journals { meter: &meter, screen, interrupt, faults: &mut faults, upto: None };
    let feeder = &mut delivering.feeder;
    let mut feed = |envelope, bytes| feeder.feed(envelope, bytes);
    let failure = inputs.into_iter().try_for_each(|input| reading.read(input, &mut feed)).err();
    let upto = reading.upto;
    let bad_lines = faults.end();
    let events = counted(meter.events(), "event");
    let task = Task::Read(format!("replayed {events} from {journals}"));
    delivering.end(&Reading { upto, bad_lines, failure, ..Reading::of(task) })
}
