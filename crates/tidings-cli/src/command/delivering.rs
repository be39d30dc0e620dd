//! What all commands share that deliver events: begin, end, report, and the verdict.
//!
//! However the reading ends, the bus is drained and closed and the report written.

use std::time::Duration;

use tidings_registry::{Bus, CloseReport};

use crate::args::EndingArgs;
use crate::failure::{Failure, Verdict};
use crate::feed::{Feeder, Patience, Window};
use crate::interrupt::Interrupt;
use crate::live::{Live, Observers};
use crate::output::{
    Destination, Diagnostics, Progress, Screen, counted, say_what_is_missing, summary,
};

/// A bus with the observers of a configuration, ready to be fed.
#[derive(Debug)]
pub(super) struct Delivering {
    live: Live,
    pub(super) feeder: Feeder,
    close_timeout: Duration,
    report_file: Option<Destination>,
    progress: Progress,
    screen: Screen,
    interrupt: Interrupt,
}

/// What a command did, for the summary.
#[derive(Debug)]
pub(super) enum Task {
    /// It read something: `replayed 5 events from 1 journal`.
    Read(String),
    /// It sent what was in spools, which the reports of earlier runs have counted.
    Drain,
}

/// What a command read, and how that ended.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) task: Task,
    /// Where an interruption ended it: `line 7`.
    pub(super) upto: Option<String>,
    /// Lines that were no events.
    pub(super) bad_lines: u64,
    /// Lines that are not of the format, and were kept as output.
    pub(super) foreign_lines: u64,
    /// Why it did not get to the end.
    pub(super) failure: Option<Failure>,
    /// Whether a signal is how it is meant to end.
    pub(super) is_ended_by_signals: bool,
}

impl Delivering {
    /// Starts the observers of the configuration. From then on signals are listened to: who
    /// ends it before loses nothing, as nothing was read.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the report has no place, or the configuration is wrong.
    pub(super) fn begin(
        observers: &Observers<'_>,
        stall_timeout: Duration,
        ending: &EndingArgs,
        screen: &Screen,
        interrupt: &Interrupt,
    ) -> Result<Self, Failure> {
        let report_file = report_file(ending)?;
        let live = Live::start(observers, screen)?;
        listen(screen, interrupt);
        Ok(Self::of(live, stall_timeout, (ending, report_file), screen, interrupt))
    }

    /// The same with observers that run already, and the place of a report that was looked
    /// at.
    pub(super) fn of(
        live: Live,
        stall_timeout: Duration,
        (ending, report_file): (&EndingArgs, Option<Destination>),
        screen: &Screen,
        interrupt: &Interrupt,
    ) -> Self {
        let close_timeout = ending.close_timeout.unwrap_or(live.close_timeout());
        // Half of the time for events that no longer move, half for putting them away.
        let patience = Patience { stall: stall_timeout, end: close_timeout / 2 };
        let feeder = Feeder::new(live.bus(), live.window(), patience, screen, interrupt);
        let progress = Progress::start(screen, feeder.meter(), live.bus());
        let (screen, interrupt) = (screen.clone(), interrupt.clone());
        Self { live, feeder, close_timeout, report_file, progress, screen, interrupt }
    }

    /// The bus with the observers.
    pub(super) fn bus(&self) -> &Bus {
        self.live.bus()
    }

    /// What the least of all queues holds.
    pub(super) fn window(&self) -> Window {
        self.live.window()
    }

    /// How long the end may take without an event getting through.
    pub(super) fn close_timeout(&self) -> Duration {
        self.close_timeout
    }

    /// Drains and closes the bus, writes the report and the summary.
    ///
    /// # Errors
    ///
    /// [`Failure`] when the report cannot be written.
    pub(super) fn end(mut self, reading: &Reading) -> Result<Verdict, Failure> {
        let is_drained = self.feeder.drain();
        let mut report = close(self.live.bus(), self.time_to_close(is_drained));
        drop(self.progress);
        self.live.diagnostics().end();
        Diagnostics::leave(&mut report);
        let written = self.report_file.map_or(Ok(()), |file| file.write_json(&report));
        say_what_is_missing(&self.screen, &report);
        if let Some(failure) = &reading.failure {
            self.screen.fault(failure);
        }
        let status = self.interrupt.exit_status();
        let is_interrupted = status.is_some() && !reading.is_ended_by_signals;
        let interrupted = if is_interrupted { "interrupted: " } else { "" };
        self.screen.say(&format!("{interrupted}{}", reading.told(&report)));
        written?;
        if let Some(status) = status
            && !reading.is_ended_by_signals
        {
            return Ok(Verdict::Interrupted(status));
        }
        let is_read = reading.failure.is_none() && reading.bad_lines == 0;
        Ok(if report.complete && is_read { Verdict::Complete } else { Verdict::Incomplete })
    }

    fn time_to_close(&self, is_drained: bool) -> Duration {
        let half = self.close_timeout / 2;
        match self.interrupt.since() {
            Some(since) => self.close_timeout.saturating_sub(since).max(half),
            None if is_drained => self.close_timeout,
            None => half,
        }
    }
}

impl Reading {
    /// All was read, and all of it was events.
    pub(super) fn of(task: Task) -> Self {
        Self {
            task,
            upto: None,
            bad_lines: 0,
            foreign_lines: 0,
            failure: None,
            is_ended_by_signals: false,
        }
    }

    fn told(&self, report: &CloseReport) -> String {
        let mut text = match &self.task {
            Task::Read(what) => what.clone(),
            Task::Drain if report.complete => return "drained the spools".to_owned(),
            Task::Drain => return "not all spools were drained".to_owned(),
        };
        if let Some(upto) = &self.upto {
            text.push_str(", up to ");
            text.push_str(upto);
        }
        if self.bad_lines > 0 {
            text.push_str("; ");
            text.push_str(&counted(self.bad_lines, "line"));
            text.push_str(" could not be read");
        }
        if self.foreign_lines > 0 {
            text.push_str("; ");
            text.push_str(&counted(self.foreign_lines, "foreign line"));
            text.push_str(" kept as output");
        }
        summary(&text, report)
    }
}

/// Where the report goes.
///
/// # Errors
///
/// [`Failure::Place`].
pub(super) fn report_file(ending: &EndingArgs) -> Result<Option<Destination>, Failure> {
    let at = |path| Destination::at("report", path);
    ending.report.as_deref().map(at).transpose()
}

/// Has signals end the reading from now on.
pub(super) fn listen(screen: &Screen, interrupt: &Interrupt) {
    if let Err(fault) = interrupt.listen() {
        screen.say(&format!("warning: a signal will end this without a report: {fault}"));
    }
}

fn close(bus: &Bus, within: Duration) -> CloseReport {
    // A strict bus says by an error what the report says anyway.
    bus.close(within).unwrap_or_else(|error| error.report().clone())
}
