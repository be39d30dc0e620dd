//! The log of a test run: the cases of a suite in one block, when it has ended.
//!
//! Suites that run side by side never mix their lines: each block is one write. Nothing is
//! held back for it, because the summary of the run has the cases anyway.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use tidings_core::{Entity, Envelope, Event as _, Interest};
use tidings_registry::{Observer, ObserverError};
use tidings_testrun::{CaseView, LiveSummary, RunSummary, TestRun};

use crate::duration::{Precision, format_duration};
use crate::escape::{disarm, escape};
use crate::text::cut_bytes;

/// Writes `[level] text` lines of a test run, as build tools do.
///
/// When a suite or a group has ended, its name and the cases right in it: how, how long if
/// that is known, why one failed and what led to that. Before, nothing of them is written, and
/// each run of a case once. Output is written at once, line by line, with the name of what it
/// is about. The level of output is its own or `info`, that of a case `error` if it failed.
/// What is never ended is written when the bus is closed.
///
/// The summary has to be subscribed to the same bus, and be called inline, as
/// [`LiveSummary::on`] is. Texts are [escaped](crate::escape) and cut to
/// [`TEXT_BYTES_MAX`](crate::TEXT_BYTES_MAX); there are no colours. A reader that goes away
/// ends the writing and nothing else; any other fault of the writer is one of the observer.
///
/// ```
/// use tidings_console::SuiteLog;
/// use tidings_registry::Bus;
/// use tidings_testrun::{CaseSkipped, LiveSummary, Output, RunEmitter};
/// # use tidings_testrun::{RunStarted, Timing};
/// # use std::io::Write;
/// # use std::sync::{Arc, Mutex};
/// # #[derive(Clone, Default)]
/// # struct Page(Arc<Mutex<Vec<u8>>>);
/// # impl Write for Page {
/// #     fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
/// #         self.0.lock().unwrap().write(bytes)
/// #     }
/// #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
/// # }
/// # let page = Page::default();
/// # let writer = page.clone();
///
/// let bus = Bus::new();
/// // `std::io::stdout()` in a program; here it writes to a page of ours.
/// bus.subscribe(SuiteLog::to(writer, LiveSummary::on(&bus))).detach();
///
/// let run = RunEmitter::start(&bus, "nightly");
/// # let run = RunEmitter::start_as(&bus, "nightly", RunStarted::new(), Timing::AsSaid);
/// let suite = run.suite("sums");
/// suite.output(Output::log("warn", "the cache is cold"));
/// suite.case("adds").success();
/// suite.case("takes roots").skipped(CaseSkipped::by_user("not yet"));
/// suite.success();
/// run.success();
/// # let text = String::from_utf8(page.0.lock().unwrap().clone())?;
/// assert_eq!(
///     text,
///     "[warn] sums: the cache is cold\n\
///      [info] sums\n\
///      [info] - adds: success\n\
///      [info] - takes roots: skipped\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SuiteLog<W> {
    summary: LiveSummary,
    out: Mutex<Out<W>>,
}

struct Out<W> {
    /// None when its reader has gone away.
    writer: Option<W>,
    /// The numbers of the cases that were written.
    written: HashSet<usize>,
}

impl<W: Write + Send + 'static> SuiteLog<W> {
    /// A log of what `summary` knows.
    pub fn to(writer: W, summary: LiveSummary) -> Self {
        let out = Out { writer: Some(writer), written: HashSet::new() };
        Self { summary, out: Mutex::new(out) }
    }

    /// Writes the cases right in a place, with its name above them even if there are none.
    fn write_block(&self, place: &Entity) -> io::Result<()> {
        let out = &mut *self.out.lock();
        let block = self.summary.with(|summary| block(summary, place, &mut out.written));
        out.write(&block)
    }

    /// The places of cases that ended and are not written: in no suite, or in one that never
    /// ended.
    fn left(&self) -> Vec<Entity> {
        let written = &self.out.lock().written;
        let is_left =
            |case: &CaseView<'_>| case.status.is_some() && !written.contains(&case.number);
        let mut told = HashSet::new();
        self.summary.with(|summary| {
            let cases = summary.cases();
            let left = cases.iter().filter(|case| is_left(case));
            let places = left.filter_map(|case| case.entity.parent());
            places.filter(|place| told.insert(place.clone())).collect()
        })
    }
}

impl<W: Write> Out<W> {
    fn write(&mut self, text: &str) -> io::Result<()> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        match writer.write_all(text.as_bytes()).and_then(|()| writer.flush()) {
            Err(fault) if fault.kind() == ErrorKind::BrokenPipe => {
                self.writer = None;
                Ok(())
            }
            outcome => outcome,
        }
    }
}

impl<W: Write + Send + 'static> Observer for SuiteLog<W> {
    fn name(&self) -> String {
        "SuiteLog".into()
    }

    fn kind(&self) -> &'static str {
        "console"
    }

    fn interest(&self) -> Interest {
        Interest::types(TestRun::TYPES.iter().copied())
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        let entity = envelope.entity();
        match envelope.event::<TestRun>()?.as_deref() {
            Some(TestRun::SuiteFinished(_) | TestRun::GroupFinished(_)) => {
                self.write_block(entity)?;
            }
            Some(TestRun::Output(output)) => {
                let level = output.level.as_deref().unwrap_or("info");
                let place = Some(name(entity)).filter(|place| !place.is_empty());
                let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
                let lines = output.text.lines();
                let lines: String = lines.map(|it| line(level, &format!("{place}{it}"))).collect();
                self.out.lock().write(&lines)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&self, _deadline: Instant) -> Result<(), ObserverError> {
        Ok(self.left().iter().try_for_each(|place| self.write_block(place))?)
    }

    /// Not when all that ended is written: nobody then waits for a log that has nothing to say.
    fn needs_close(&self) -> bool {
        !self.left().is_empty()
    }
}

impl<W> fmt::Debug for SuiteLog<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuiteLog").finish_non_exhaustive()
    }
}

fn block(summary: &RunSummary, place: &Entity, written: &mut HashSet<usize>) -> String {
    let mut text =
        line("info", Some(&*name(place)).filter(|it| !it.is_empty()).unwrap_or(place.id()));
    for case in summary.cases_about(|case| case.parent().as_ref() == Some(place)) {
        let Some(status) = case.status else { continue };
        if !written.insert(case.number) {
            continue;
        }
        let duration = case.duration.map(|it| format_duration(it, Precision::Milliseconds));
        let duration = duration.map(|duration| format!(", {duration}")).unwrap_or_default();
        let failure = case.failure().filter(|_| status.is_failed());
        let failure = failure.map(|failure| format!(": {failure:#}")).unwrap_or_default();
        let level = if status.is_failed() { "error" } else { "info" };
        text += &line(level, &format!("- {}: {status}{duration}{failure}", case.name));
    }
    text
}

/// The ids of an entity without its run; none of a run itself.
fn name(entity: &Entity) -> String {
    entity.pairs().skip(1).map(|(_, id)| id).collect::<Vec<_>>().join("/")
}

fn line(level: &str, text: &str) -> String {
    let line = format!("[{level}] {}", cut_bytes(text.to_owned()));
    format!("{}\n", disarm(&escape(&line)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tidings_registry::Bus;
    use tidings_testrun::{
        CaseFinished, Cause, Failure, Output, RunEmitter, RunStarted, Status, Timing,
    };

    use super::*;

    /// A writer whose text can be read, and which fails as it is told to.
    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<(String, Option<ErrorKind>)>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let (text, fault) = &mut *self.0.lock();
            text.push_str(std::str::from_utf8(bytes).expect("whole lines"));
            fault.map_or(Ok(bytes.len()), |fault| Err(fault.into()))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Page {
        fn of(bus: &Bus) -> Self {
            let page = Self::default();
            bus.subscribe(SuiteLog::to(page.clone(), LiveSummary::on(bus))).detach();
            page
        }

        fn take(&self) -> String {
            std::mem::take(&mut self.0.lock().0)
        }
    }

    fn begin(bus: &Bus) -> RunEmitter {
        RunEmitter::start_as(bus, "r", RunStarted::new(), Timing::AsSaid)
    }

    #[test]
    fn a_suite_is_written_when_it_has_ended_and_each_case_once() {
        let bus = Bus::new();
        let page = Page::of(&bus);
        let run = begin(&bus);
        let (left, right) = (run.suite("left"), run.suite("right"));
        left.case("a").success();
        let failure = Failure::assertion("1 is not 2").with_cause(Cause::new("1 is odd"));
        right.case("b").failure(failure);
        let within = left.suite("within");
        let end = CaseFinished::new(Status::Success);
        within.case("c").finish(end.with_duration(Duration::from_millis(12)));
        assert_eq!(page.take(), "", "nothing before a suite ends");
        within.success();
        assert_eq!(page.take(), "[info] left/within\n[info] - c: success, 12ms\n");
        right.success();
        assert_eq!(page.take(), "[info] right\n[error] - b: failure: 1 is not 2: 1 is odd\n");
        let again = run.suite("right");
        again.case("b").success();
        again.success();
        assert_eq!(page.take(), "[info] right\n[info] - b: success\n");
        left.success();
        assert_eq!(page.take(), "[info] left\n[info] - a: success\n");
        run.success();
        bus.close(Duration::from_mins(1)).expect("not strict");
        assert_eq!(page.take(), "");
    }

    #[test]
    fn what_no_suite_ends_is_written_at_the_close() {
        let bus = Bus::new();
        let page = Page::of(&bus);
        let run = begin(&bus);
        let suite = run.suite("s");
        suite.case("a").success();
        run.case("alone").success();
        let _still_runs = suite.case("b");
        bus.close(Duration::from_mins(1)).expect("not strict");
        let expected = "[info] s\n[info] - a: success\n[info] r\n[info] - alone: success\n";
        assert_eq!(page.take(), expected);
    }

    #[test]
    fn what_an_event_says_acts_on_nothing() {
        let bus = Bus::new();
        let page = Page::of(&bus);
        let run = begin(&bus);
        let output = Output::log("\u{1b}[2J##[x]", "one\u{202e}\n[info] - b: success");
        run.output(output);
        let suite = run.suite("s\n");
        suite.case("a\n[info] - c: success").failure(Failure::from_text("##[error]"));
        suite.success();
        let expected = "[\\u{1b}[2J#\\u{23}[x]] one\\u{202e}\n\
                        [\\u{1b}[2J#\\u{23}[x]] [info] - b: success\n\
                        [info] s\\n\n\
                        [error] - a\\n[info] - c: success: error: #\\u{23}[error]\n";
        assert_eq!(page.take(), expected);
        run.success();
    }

    #[test]
    fn a_reader_that_goes_away_is_no_fault_and_a_full_disk_is_one() {
        for (fault, failed) in [(ErrorKind::BrokenPipe, 0), (ErrorKind::StorageFull, 1)] {
            let bus = Bus::new();
            let page = Page::of(&bus);
            page.0.lock().1 = Some(fault);
            let run = begin(&bus);
            run.stdout("text");
            let report = bus.report();
            let log = report.observer("SuiteLog").expect("registered");
            assert_eq!(log.counts.failed, failed, "{fault}");
            page.take();
            run.stdout("more");
            assert_eq!(page.take().is_empty(), failed == 0, "{fault}");
        }
    }
}
