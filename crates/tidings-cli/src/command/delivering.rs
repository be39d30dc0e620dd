//! What all commands share that deliver events: begin, end, report, and the verdict.
//!
//! However the reading ends, the bus is drained and closed and the report written.

use std::time::Duration;

use tidings_registry::{Bus, CloseReport};

use crate::args::DeliveringArgs;
use crate::failure::{Failure, Verdict};
use crate::feed::Feeder;
use crate::live::Live;
use crate::output::{
    Diagnostics, Progress, ReportFile, Screen, counted, say_what_is_missing, summary,
};

/// A bus with the observers of a configuration, ready to be fed.
#[derive(Debug)]
pub(super) struct Delivering {
    live: Live,
    pub(super) feeder: Feeder,
    close_timeout: Duration,
    report_file: Option<ReportFile>,
    progress: Progress,
    screen: Screen,
}

/// What a command read, and how that ended.
#[derive(Debug)]
pub(super) struct Reading {
    /// For the summary: `replayed 5 events from 1 journal`.
    pub(super) what: String,
    /// Lines that were no events.
    pub(super) bad_lines: u64,
    /// Why it did not get to the end.
    pub(super) failure: Option<Failure>,
}

impl Delivering {
    /// Starts the observers of the configuration.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the report has no place, or the configuration is wrong.
    pub(super) fn begin(args: &DeliveringArgs, screen: &Screen) -> Result<Self, Failure> {
        let report_file = args.report.as_deref().map(ReportFile::at).transpose()?;
        let live = Live::start(&args.config, screen)?;
        let feeder = Feeder::new(live.bus(), live.window(), args.stall_timeout, screen);
        let progress = Progress::start(screen, feeder.meter(), live.bus());
        let close_timeout = args.close_timeout.unwrap_or(live.close_timeout());
        let screen = screen.clone();
        Ok(Self { live, feeder, close_timeout, report_file, progress, screen })
    }

    /// Drains and closes the bus, writes the report and the summary.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the report cannot be written.
    pub(super) fn end(mut self, reading: &Reading) -> Result<Verdict, Failure> {
        // Half of the time for events that no longer move, half for putting them away.
        let is_drained = self.feeder.drain(self.close_timeout / 2);
        let close_timeout = if is_drained { self.close_timeout } else { self.close_timeout / 2 };
        let mut report = close(self.live.bus(), close_timeout);
        drop(self.progress);
        self.live.diagnostics().end();
        Diagnostics::leave(&mut report);
        let written = self.report_file.map_or(Ok(()), |file| file.write(&report));
        say_what_is_missing(&self.screen, &report);
        if let Some(failure) = &reading.failure {
            self.screen.fault(failure);
        }
        self.screen.say(&summary(&reading.told(), &report));
        written?;
        let is_read = reading.failure.is_none() && reading.bad_lines == 0;
        Ok(if report.complete && is_read { Verdict::Complete } else { Verdict::Incomplete })
    }
}

impl Reading {
    fn told(&self) -> String {
        match self.bad_lines {
            0 => self.what.clone(),
            bad => format!("{}, not {} that could not be read", self.what, counted(bad, "line")),
        }
    }
}

fn close(bus: &Bus, within: Duration) -> CloseReport {
    // A strict bus says by an error what the report says anyway.
    bus.close(within).unwrap_or_else(|error| error.report().clone())
}
