//! `tidings drain`: what waits in spools, and nothing else.

use std::time::Duration;

use super::delivering::{Delivering, Reading, Task};
use crate::args::ObserversArgs;
use crate::failure::{Failure, Verdict};
use crate::interrupt::Interrupt;
use crate::live::Observers;
use crate::output::Screen;

/// Delivers what waits in the spools of a configuration.
///
/// # Errors
///
/// [`Failure`] when the configuration is wrong, or the report cannot be written.
pub(crate) fn drain(
    args: &ObserversArgs,
    screen: &Screen,
    interrupt: &Interrupt,
) -> Result<Verdict, Failure> {
    // Nothing is read, so no reading waits for anybody.
    let observers = Observers::Configured(&args.config);
    let delivering =
        Delivering::begin(&observers, Duration::ZERO, &args.ending, screen, interrupt)?;
    delivering.end(&Reading::of(Task::Drain))
}
