//! Reports: where every accepted event is.
//!
//! For each observer, accepted = delivered + failed + rejected + dropped + suppressed +
//! spooled + pending, at any time and above all after close.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use thiserror::Error;
use tidings_core::BusId;

/// How many events met which fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Events that were the observer's to take.
    pub accepted: u64,
    /// Taken and finished with.
    pub delivered: u64,
    /// Answered with an error or a panic.
    pub failed: u64,
    /// Refused one by one: without a JSON form, too large.
    pub rejected: u64,
    /// Left out by an overflow policy.
    pub dropped: u64,
    /// Left out by content dedup.
    pub suppressed: u64,
    /// Kept on disk for the next time.
    pub spooled: u64,
    /// Neither yet: in a queue or in the observer's hands.
    pub pending: u64,
    /// Attempts beyond the first.
    pub retries: u64,
}

/// What became of the events of one observer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ObserverReport {
    /// The observer's name.
    pub name: String,
    /// What sort of place it is.
    pub kind: String,
    /// The fates of its events.
    #[serde(flatten)]
    pub counts: Counts,
    /// Whether it has ever been too slow for what was asked of it: a wait ran out, a queue
    /// stayed full, or it had not finished when its bus closed. Nothing need be lost by it.
    pub stalled: bool,
    /// The last thing that went wrong.
    pub last_error: Option<String>,
    /// How long the event that it is in now has been under way, the longest if several.
    #[serde(
        rename = "busy_s",
        skip_serializing_if = "Option::is_none",
        serialize_with = "as_seconds"
    )]
    pub busy: Option<Duration>,
}

#[expect(clippy::ref_option, reason = "the signature is serde's")]
fn as_seconds<S: serde::Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    duration.map(|duration| duration.as_secs_f64()).serialize(serializer)
}

impl ObserverReport {
    /// The first of several that are added up in one line.
    pub(crate) fn folded(mut self) -> Self {
        "(earlier observers)".clone_into(&mut self.name);
        self
    }

    /// This line with another observer added to it.
    pub(crate) fn plus(mut self, other: &Self) -> Self {
        let (sum, more) = (&mut self.counts, other.counts);
        sum.accepted += more.accepted;
        sum.delivered += more.delivered;
        sum.failed += more.failed;
        sum.rejected += more.rejected;
        sum.dropped += more.dropped;
        sum.suppressed += more.suppressed;
        sum.spooled += more.spooled;
        sum.pending += more.pending;
        sum.retries += more.retries;
        self.stalled |= other.stalled;
        self.last_error = other.last_error.clone().or(self.last_error);
        self
    }

    /// Whether every accepted event was delivered, or suppressed as asked.
    pub fn is_complete(&self) -> bool {
        self.counts.delivered + self.counts.suppressed == self.counts.accepted
            && self.last_error.is_none()
    }
}

/// What became of all events of a bus so far.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// Whether every observer is finished with everything, and nothing went wrong.
    pub complete: bool,
    /// One entry per registered observer, in the order they are called; those that were
    /// cancelled are at the end.
    pub observers: Vec<ObserverReport>,
    /// The bus.
    #[serde(rename = "busid")]
    pub bus: BusId,
    /// Events that content dedup of the bus suppressed.
    pub suppressed: u64,
    /// Events that a processor of the bus dropped.
    pub filtered: u64,
    /// Events that were cut off because too many events caused each other.
    pub cut_off: u64,
    /// Events that met a processor that panicked; they went on as that processor left them.
    pub processor_failures: u64,
    /// Threads that were still emitting when a close ran out of time.
    pub unfinished_emitters: u32,
}

/// What [`Bus::close`](crate::Bus::close) returns: the report that nothing follows.
pub type CloseReport = Report;

impl Report {
    /// The first observer of this name.
    pub fn observer(&self, name: &str) -> Option<&ObserverReport> {
        self.observers.iter().find(|observer| observer.name == name)
    }

    /// Every observer to which something did not get, or that did not finish.
    pub fn incomplete(&self) -> impl Iterator<Item = &ObserverReport> {
        self.observers.iter().filter(|observer| !observer.is_complete())
    }

    /// What is missing, in words; empty when the report is complete.
    fn faults(&self) -> Vec<String> {
        let of_bus = [
            (self.cut_off, "events were cut off, because too many caused each other"),
            (self.processor_failures, "times a processor panicked"),
            (u64::from(self.unfinished_emitters), "threads were still emitting"),
        ];
        let of_bus = of_bus.into_iter().filter(|(number, _)| *number > 0);
        let observers = self.incomplete().map(ToString::to_string);
        observers.chain(of_bus.map(|(number, what)| format!("{number} {what}"))).collect()
    }
}

impl fmt::Display for Report {
    /// A line for the bus, and one for each observer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.complete { "complete" } else { "incomplete" })?;
        for (number, what) in [
            (self.suppressed, "suppressed"),
            (self.filtered, "filtered"),
            (self.cut_off, "cut off"),
            (self.processor_failures, "left by a processor that panicked"),
            (u64::from(self.unfinished_emitters), "emits unfinished"),
        ] {
            if number > 0 {
                write!(f, ", {number} {what}")?;
            }
        }
        self.observers.iter().try_for_each(|observer| write!(f, "\n  {observer}"))
    }
}

impl fmt::Display for ObserverReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        write!(f, "`{}`: {} of {} delivered", self.name, counts.delivered, counts.accepted)?;
        for (number, fate) in [
            (counts.failed, "failed"),
            (counts.rejected, "rejected"),
            (counts.dropped, "dropped"),
            (counts.suppressed, "suppressed"),
            (counts.spooled, "spooled"),
            (counts.pending, "pending"),
        ] {
            if number > 0 {
                write!(f, ", {number} {fate}")?;
            }
        }
        if self.stalled {
            f.write_str(", stalled")?;
        }
        if let Some(busy) = self.busy {
            write!(f, ", busy for {:.1} s", busy.as_secs_f64())?;
        }
        if let Some(error) = &self.last_error {
            write!(f, " (last error: {error})")?;
        }
        Ok(())
    }
}

/// A strict bus was closed, and not everything had been delivered.
#[derive(Debug, Clone, Error)]
#[error("the bus closed incomplete: {}", shown(report))]
pub struct CloseError {
    report: Box<CloseReport>,
}

impl CloseError {
    pub(crate) fn new(report: CloseReport) -> Self {
        Self { report: Box::new(report) }
    }

    /// The whole report.
    pub fn report(&self) -> &CloseReport {
        &self.report
    }
}

fn shown(report: &CloseReport) -> String {
    report.faults().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(unit: u64, last_error: Option<&str>) -> ObserverReport {
        let counts = Counts {
            accepted: unit,
            delivered: 2 * unit,
            failed: 3 * unit,
            rejected: 4 * unit,
            dropped: 5 * unit,
            suppressed: 6 * unit,
            spooled: 7 * unit,
            pending: 8 * unit,
            retries: 9 * unit,
        };
        ObserverReport {
            name: format!("observer {unit}"),
            kind: "custom".to_owned(),
            counts,
            stalled: last_error.is_some(),
            last_error: last_error.map(str::to_owned),
            busy: None,
        }
    }

    #[test]
    fn lines_that_are_added_up_lose_no_number() {
        let sum = line(1, Some("first")).folded().plus(&line(10, None)).plus(&line(100, None));
        assert_eq!(sum.counts, line(111, None).counts);
        assert_eq!(sum.name, "(earlier observers)");
        assert!(sum.stalled, "one of them was");
        assert_eq!(sum.last_error.as_deref(), Some("first"));
        assert_eq!(sum.plus(&line(1, Some("last"))).last_error.as_deref(), Some("last"));
    }

    #[test]
    fn a_line_is_complete_when_all_was_delivered_or_suppressed_and_nothing_went_wrong() {
        let counts = Counts { accepted: 5, delivered: 3, suppressed: 2, ..Counts::default() };
        let complete = ObserverReport { counts, ..line(0, None) };
        assert!(complete.is_complete());
        assert!(
            !ObserverReport { last_error: Some("x".to_owned()), ..complete.clone() }.is_complete()
        );
        let counts = Counts { pending: 1, delivered: 2, ..counts };
        assert!(!ObserverReport { counts, ..complete }.is_complete());
    }

    #[test]
    fn a_line_shows_only_what_there_is() {
        assert_eq!(
            line(1, None).to_string(),
            "`observer 1`: 2 of 1 delivered, 3 failed, 4 rejected, 5 dropped, 6 suppressed, \
             7 spooled, 8 pending"
        );
        assert_eq!(line(0, None).to_string(), "`observer 0`: 0 of 0 delivered");
    }

    #[test]
    fn what_is_missing_is_said_without_zeros() {
        let report = Report {
            complete: false,
            observers: vec![line(0, None), line(1, Some("no"))],
            bus: BusId::from_u128(7),
            suppressed: 1,
            filtered: 1,
            cut_off: 0,
            processor_failures: 2,
            unfinished_emitters: 0,
        };
        let faults = report.faults();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].starts_with("`observer 1`: 2 of 1 delivered"), "{faults:?}");
        assert_eq!(faults[1], "2 times a processor panicked");
    }
}
