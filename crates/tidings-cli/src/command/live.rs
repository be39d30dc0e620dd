//! `tidings live`: the page of a run in a browser, while the run goes on.

use std::thread;
use std::time::Duration;

use tidings_report::Live;

use super::delivering::{Delivering, Reading, Task};
use super::importing;
use super::summing::Summing;
use crate::args::{EndingArgs, LiveArgs};
use crate::failure::{Failure, Verdict};
use crate::feed::Input;
use crate::import::importer;
use crate::interrupt::Interrupt;
use crate::live::Observers;
use crate::output::{Screen, counted};

/// From one look for an interruption to the next.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Follows an input and serves its page until the command is interrupted.
///
/// # Errors
///
/// [`Failure`] when the input cannot be opened or the address cannot be listened on.
pub(crate) fn live(
    args: &LiveArgs,
    screen: &Screen,
    interrupt: &Interrupt,
) -> Result<Verdict, Failure> {
    let input = Input::follow(&args.file, interrupt)?;
    let page = Live::builder().listen(args.listen.to_string()).start();
    let page = page.map_err(|fault| Failure::Serve(Box::new(fault)))?;
    let ending = EndingArgs { report: None, close_timeout: None };
    let mut delivering =
        Delivering::begin(&Observers::Nobody, Duration::ZERO, &ending, screen, interrupt)?;
    let url = page.url();
    screen.say(&format!("live at {url} until Ctrl-C"));
    if !args.listen.is_loopback() {
        screen.say("warning: there is no password: whoever can connect can read");
    }
    delivering.bus().subscribe(page.clone()).detach();
    let mut format = importer(args.from, delivering.bus());
    let name = input.name.clone();
    let imported = importing::run(input, &mut *format, &mut delivering.feeder, screen, interrupt);
    page.finish();
    if !interrupt.is_set() {
        screen.say(&format!("{name} has ended; {url} stays until Ctrl-C"));
    }
    while !interrupt.is_set() {
        thread::park_timeout(LOOK_EVERY);
    }
    let events = delivering.feeder.meter().events();
    let what = format!("showed {} from {name}", counted(events, "event"));
    let is_read = imported.failure.is_none() && imported.bad_lines == 0;
    delivering.end(&Reading {
        task: Task::Read(what + &Summing::told(&imported.summary)),
        upto: None,
        bad_lines: imported.bad_lines,
        foreign_lines: imported.foreign_lines,
        failure: imported.failure,
        is_ended_by_signals: false,
    })?;
    // A signal is how it ends.
    Ok(if is_read { Verdict::Complete } else { Verdict::Incomplete })
}
