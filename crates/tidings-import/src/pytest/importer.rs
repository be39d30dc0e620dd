//! From reports to the events of a run.

use std::collections::HashMap;
use std::sync::Arc;

use tidings_core::Timestamp;
use tidings_testrun::{
    CaseFinished, CaseSkipped, CaseStarted, ErrorItem, Failure, FailureKind, Output, OutputStream,
    RunStarted, Status, StepFinished, StepStarted,
};

use crate::found::Found;
use crate::importer::{End, Importer, Line};
use crate::json_line::{JsonLine, Object};
use crate::teller::{Teller, Took};

use super::lenient;
use super::longrepr::{failure_of, reason_of};
use super::nodeid::Place;
use super::outcome::{Outcome, of_kind};
use super::report::{Entry, RECOGNISE, Report};
use super::scopes::Scopes;
use super::session::Session;
use super::test::{Test, attempt_of, span};

/// Reads report logs of pytest.
#[derive(Debug)]
pub(crate) struct PytestReportlog {
    teller: Teller,
    session: Session,
    tests: HashMap<Key, Test>,
    scopes: Scopes,
    begun: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// Which is a fault, unless it was cut by whoever reads.
    is_last_line_cut: bool,
}

/// A test by its node id, and the worker that runs it.
type Key = (String, Option<Arc<str>>);

impl PytestReportlog {
    pub(crate) fn new(run: &str) -> Self {
        Self {
            teller: Teller::new(run),
            session: Session::default(),
            tests: HashMap::new(),
            scopes: Scopes::default(),
            begun: 0,
            first: None,
            last: None,
            is_last_line_cut: false,
        }
    }
}

impl Importer for PytestReportlog {
    fn line(&mut self, line: Line<'_>, found: &mut Found) {
        if line.text.trim().is_empty() {
            return;
        }
        match read(line.text) {
            JsonLine::Ours { before, objects, after } => {
                found.count_understood();
                self.output(&before, found);
                for object in objects {
                    self.object(object, found);
                }
                self.output(&after, found);
            }
            JsonLine::Broken(_) if !line.is_whole => {
                self.is_last_line_cut = true;
            }
            JsonLine::Broken(why) => {
                found.fault(format!("a report that is no JSON ({why}); it is left out"));
            }
            JsonLine::Foreign if !line.is_whole && line.text.trim_start().starts_with('{') => {
                self.is_last_line_cut = true;
            }
            JsonLine::Foreign => self.teller.foreign(line, found),
        }
    }

    fn end(&mut self, end: End, found: &mut Found) {
        let mut known: Vec<(u64, Key)> = Vec::new();
        for (key, test) in &self.tests {
            if test.has_outcome() && !test.is_waiting {
                known.push((test.order, key.clone()));
            }
        }
        known.sort_unstable_by_key(|(order, _)| *order);
        for (_, key) in known {
            self.finish(&key, false, found);
        }
        self.teller.set_node(None);
        if found.understood() > 0 {
            self.begin_run(None, found);
        }
        let is_cut = !self.session.has_ended();
        if end == End::OfInput && self.is_last_line_cut {
            found.fault("the last line was cut off in the middle of a report");
        }
        if end == End::OfInput
            && !Teller::fault_none_understood("a report log of pytest", found)
            && is_cut
        {
            self.teller.fault_cut("pytest says that its session is over", found);
        }
        let took = Took { at: self.last, duration: span(self.first, self.last) };
        if is_cut {
            self.teller.end(end, true, took, found);
        } else {
            self.teller.end_items(end, took, found);
            let has_failed = self.teller.has_failed(&self.teller.run().clone());
            let mut finished = self.session.finished(has_failed);
            (finished.at, finished.duration) = (took.at, took.duration);
            self.teller.say(&self.teller.run().clone(), finished, found);
        }
    }
}

impl PytestReportlog {
    fn object(&mut self, object: Object, found: &mut Found) {
        match Entry::read(object) {
            Ok(Entry::Began(version)) => self.session.begin(version),
            Ok(Entry::Ended(status)) => {
                if let Some(error) = self.session.end(status) {
                    self.begin_run(None, found);
                    self.teller.say(&self.teller.run().clone(), error, found);
                }
            }
            Ok(Entry::Collected(report)) => self.collected(&report, found),
            Ok(Entry::Test(report)) => self.phase(&report, found),
            Ok(Entry::Subtest(report, name)) => self.subtest(&report, &name, found),
            Ok(Entry::Warning(text)) => {
                self.begin_run(None, found);
                let output = Output::new(OutputStream::Log, text);
                self.teller.say(&self.teller.run().clone(), output, found);
            }
            Ok(Entry::Unknown) => {}
            Err(why) => found.fault(format!("a report cannot be understood: {why}")),
        }
    }

    /// Keeps text around reports as output of the run.
    fn output(&mut self, text: &str, found: &mut Found) {
        if !text.trim().is_empty() {
            self.begin_run(None, found);
            let output = Output::stdout(format!("{text}\n"));
            self.teller.say(&self.teller.run().clone(), output, found);
        }
    }

    /// Begins the run with the first that is said of it, as the session does not say when.
    fn begin_run(&mut self, at: Option<Timestamp>, found: &mut Found) {
        let mut started = RunStarted::new();
        started.at = at;
        if let Some(version) = self.session.version() {
            started = started.with_property("pytest", version);
        }
        self.teller.begin_run(started, found);
    }

    fn collected(&mut self, report: &Report, found: &mut Found) {
        if report.outcome == "passed" {
            return;
        }
        self.begin_run(None, found);
        self.teller.set_node(report.worker.clone());
        let run = self.teller.run().clone();
        let place = Place::of_collector(&run, &report.nodeid);
        self.enter(report.worker.as_ref(), &place, self.last, found);
        let around = place.around(&run).clone();
        for (title, text) in &report.sections {
            let output = Output::new(OutputStream::Log, format!("{title}:\n{text}"));
            self.teller.say(&around, output, found);
        }
        if report.outcome == "skipped" {
            let skipped = CaseSkipped::by_user(reason_of(&report.longrepr));
            self.teller.say(&place.case, skipped, found);
        } else {
            self.session.has_collection_errors = true;
            let failure = of_kind(FailureKind::Error, failure_of(&report.longrepr));
            self.teller.say(&around, ErrorItem::named("collection", failure), found);
        }
        self.scopes.leave(report.worker.as_ref(), &place, None);
        self.teller.set_node(None);
    }

    fn phase(&mut self, report: &Report, found: &mut Found) {
        let key = (report.nodeid.clone(), report.worker.clone());
        if self.tests.get(&key).is_some_and(|test| test.is_past(report)) {
            return;
        }
        let key = self.present(report, false, found);
        let Some(test) = self.tests.get_mut(&key) else { return };
        let (case, attempt) = (test.place.case.clone(), test.attempt);
        test.add(report);
        let outputs = test.spoken.fresh(&report.sections);
        let is_complete = test.is_complete();
        for output in outputs {
            self.teller.say(&case, output.with_attempt(attempt), found);
        }
        if is_complete {
            self.finish(&key, false, found);
        }
        self.teller.set_node(None);
    }

    fn subtest(&mut self, report: &Report, name: &str, found: &mut Found) {
        let key = self.present(report, true, found);
        let Some(test) = self.tests.get_mut(&key) else { return };
        let (step, attempt) = (test.place.case.child("step", name), test.attempt);
        let outcome = Outcome::of(report);
        if let Outcome::Failed(failure) = &outcome {
            test.add_failed_subtest(name, failure);
        }
        let outputs = test.spoken.fresh_of_subtest(&report.sections);
        let mut started = StepStarted::new().with_attempt(attempt);
        started.at = report.start;
        self.teller.say(&step, started, found);
        for output in outputs {
            self.teller.say(&step, output.with_attempt(attempt), found);
        }
        let mut finished = match outcome {
            Outcome::Passed(_) => StepFinished::new(Status::Success),
            Outcome::Failed(failure) | Outcome::Rerun(failure) => {
                StepFinished::new(Status::Failure).with_failure(failure)
            }
            Outcome::Skipped(skip) => {
                StepFinished::new(Status::Skipped).with_property("reason", skip.reason)
            }
        };
        finished.attempt = attempt;
        (finished.at, finished.duration) = (report.stop, report.duration);
        self.teller.say(&step, finished, found);
        self.teller.set_node(None);
    }

    /// The test that a report is about, begun if need be; from here on, its worker speaks.
    fn present(&mut self, report: &Report, is_subtest: bool, found: &mut Found) -> Key {
        self.begin_run(report.start, found);
        self.first = [self.first, report.start].into_iter().flatten().min();
        self.last = self.last.max(report.stop);
        let key = (report.nodeid.clone(), report.worker.clone());
        if self.tests.get(&key).is_none_or(|test| !test.takes(report, is_subtest)) {
            self.begin(&key, report, found);
        }
        self.teller.set_node(key.1.clone());
        key
    }

    fn begin(&mut self, key: &Key, report: &Report, found: &mut Found) {
        let said = attempt_of(report);
        if let Some(test) = self.tests.get(key).filter(|test| !test.is_waiting) {
            let is_retried = said.is_some_and(|said| said > test.attempt);
            self.finish(key, is_retried, found);
        }
        // What waits to be run again, and is run for the first time, is another run.
        if let Some(test) = self.tests.get(key).filter(|test| test.is_waiting)
            && said.is_some_and(|said| said <= test.attempt)
        {
            self.tests.remove(key);
        }
        self.teller.set_node(key.1.clone());
        let (run, order) = (self.teller.run().clone(), self.begun);
        self.begun += 1;
        let test = self
            .tests
            .entry(key.clone())
            .or_insert_with(|| Test::new(Place::of_test(&run, &key.0), key.1.clone(), order));
        if test.is_waiting {
            let next = test.attempt.saturating_add(1);
            test.next_attempt(said.unwrap_or(next).max(next));
        } else {
            test.attempt = said.unwrap_or(1);
        }
        test.order = order;
        let place = test.place.clone();
        let mut started = CaseStarted::new().with_attempt(test.attempt);
        (started.at, started.location) = (report.start, report.location.clone());
        self.enter(key.1.as_ref(), &place, report.start, found);
        self.teller.say(&place.case, started, found);
    }

    /// Begins what is around a place, and ends what is over; the node must be the worker.
    fn enter(
        &mut self,
        worker: Option<&Arc<str>>,
        place: &Place,
        at: Option<Timestamp>,
        found: &mut Found,
    ) {
        let entered = self.scopes.enter(worker, place);
        for scope in &entered.over {
            let took = Took { at: entered.over_at, duration: None };
            self.teller.finish(scope, took, found);
        }
        for scope in &entered.begun {
            self.teller.begin(scope, at, found);
        }
    }

    /// Ends the present attempt of a test as far as it is known how.
    fn finish(&mut self, key: &Key, is_retried: bool, found: &mut Found) {
        let Some(test) = self.tests.get_mut(key) else { return };
        self.teller.set_node(test.worker.clone());
        let (case, stop) = (test.place.case.clone(), test.stop());
        let goes_on = test.is_rerun() || is_retried;
        if test.has_outcome() {
            let (error, event) = test.end();
            if let Some(error) = error {
                self.teller.say(&case, error, found);
            }
            self.teller.say(&case, event, found);
        } else {
            self.teller.say(&case, lost(test.attempt, goes_on), found);
        }
        test.is_waiting = goes_on;
        self.scopes.leave(test.worker.as_ref(), &test.place, stop);
        if !goes_on {
            self.tests.remove(key);
        }
    }
}

/// Reads a line, also one that only Python takes for JSON.
fn read(line: &str) -> JsonLine {
    let read = JsonLine::read(line, RECOGNISE);
    if matches!(read, JsonLine::Ours { .. }) || !line.contains("report_type\"") {
        return read;
    }
    lenient::repaired(line).map_or(read, |line| JsonLine::read(&line, RECOGNISE))
}

/// The end of a test that began again before anybody said how it ended.
fn lost(attempt: u32, goes_on: bool) -> CaseFinished {
    let failure = Failure::new(FailureKind::Error, "began again before it ended");
    let mut event = CaseFinished::new(Status::Aborted).with_failure(failure).synthetic();
    (event.attempt, event.superseded) = (attempt, goes_on);
    event
}
