//! Lines of libtest and nextest as events.

use serde_json::Value;
use tidings_testrun::{
    CaseFinished, CaseSkipped, ErrorItem, Failure, FailureKind, Output, OutputStream, Property,
    RunStarted, Status,
};

use crate::found::Found;
use crate::importer::{End, Importer, Line};
use crate::json_line::{JsonLine, Object, Recognise, count_of, seconds_of, text_of};
use crate::teller::{Teller, Took};

use super::cargo::{Build, death_of, says_that_a_binary_failed};
use super::names::suite_of_cargo;
use super::panic::{self, Said};
use super::suite::{Ending, SuiteEnd};
use super::suites::{Moment, Place, Suites};

const RECOGNISE: Recognise = Recognise { is_ours, was_ours };

/// What nextest has for the output of a failed test with `--no-capture`. It ends the line there,
/// in the middle of the text; the next line has the quote and the brace that are missing.
const NOT_CAPTURED: &str = r"(stdout not captured)\n(stderr not captured)";
const NOT_CAPTURED_REST: &str = "\"}";

/// Reads `libtest-json`.
#[derive(Debug)]
pub(crate) struct LibtestJson {
    teller: Teller,
    suites: Suites,
    build: Build,
    has_failed: bool,
    /// Whether the line before this one ended at [`NOT_CAPTURED`].
    is_split: bool,
}

impl LibtestJson {
    pub(crate) fn new(run: &str) -> Self {
        let teller = Teller::new(run);
        let suites = Suites::new(teller.run());
        Self { teller, suites, build: Build::default(), has_failed: false, is_split: false }
    }

    /// Takes text that is not of the format: what cargo says, and what tests print.
    fn text(&mut self, text: &str, is_whole: bool, found: &mut Found) {
        if let Some(name) = suite_of_cargo(text) {
            self.suites.name_next(name);
        }
        if says_that_a_binary_failed(text) {
            self.teller.begin_run(RunStarted::new(), found);
            self.suites.binary_failed(&mut self.teller, found);
        }
        if let Some(how) = death_of(text) {
            self.suites.binary_died(how);
        }
        let line = if is_whole { Line::whole(text) } else { Line::unfinished(text) };
        self.teller.foreign(line, found);
        if let Some(item) = self.build.text(text).or_else(|| self.build.message_in(text)) {
            self.build_failed(item, found);
        }
    }

    fn build_failed(&mut self, item: ErrorItem, found: &mut Found) {
        found.count_understood();
        self.has_failed = true;
        self.teller.begin_run(RunStarted::new(), found);
        self.teller.say(&self.teller.run().clone(), item, found);
    }

    fn object(&mut self, object: &Object, found: &mut Found) {
        found.count_understood();
        self.teller.begin_run(RunStarted::new(), found);
        match (text_of(object, "type"), text_of(object, "event")) {
            (Some("suite"), Some(event)) => self.suite(event, object, found),
            (Some("bench"), _) => self.test("bench", object, found),
            (Some("test"), Some(event)) => self.test(event, object, found),
            // The times of a report, and what a newer version says.
            _ => {}
        }
    }

    fn suite(&mut self, event: &str, object: &Object, found: &mut Found) {
        let nextest = object.get("nextest").and_then(Value::as_object);
        let name = nextest.and_then(|nextest| {
            Some(format!("{}::{}", text_of(nextest, "crate")?, text_of(nextest, "test_binary")?))
        });
        let (suites, teller) = (&mut self.suites, &mut self.teller);
        match event {
            "started" => {
                self.build.reset();
                let count = count_of(object, "test_count");
                let kind = nextest.and_then(|nextest| text_of(nextest, "kind"));
                match &name {
                    Some(name) => suites.announce_named(name, (count, kind), teller, found),
                    None => suites.announce(count, teller, found),
                }
            }
            "ok" | "failed" => {
                let end = SuiteEnd {
                    ignored: count_of(object, "ignored").unwrap_or(0),
                    filtered_out: count_of(object, "filtered_out").unwrap_or(0),
                    duration: seconds_of(object, "exec_time"),
                };
                suites.end_suite(name.as_deref(), end, teller, found);
            }
            _ => {}
        }
    }

    fn test(&mut self, event: &str, object: &Object, found: &mut Found) {
        let moment = match event {
            "started" => Moment::Begins,
            "timeout" => Moment::Runs,
            "ok" | "failed" | "ignored" | "allowed_failure" | "bench" => Moment::Ends,
            _ => return,
        };
        let Some(name) = text_of(object, "name") else {
            found.fault(format!(
                "the `name` of a test that is `{}` is no text; the line is left out",
                event.escape_debug()
            ));
            return;
        };
        let place = self.suites.place(name, moment, &mut self.teller, found);
        match moment {
            Moment::Begins => self.begin(place, found),
            Moment::Runs => {
                let case = self.suites.at(place.suite).case(place.test);
                let text = "libtest: it has been running for longer than usual\n";
                self.teller.say(&case, Output::new(OutputStream::Log, text), found);
            }
            Moment::Ends => self.end(place, event, object, found),
        }
    }

    fn begin(&mut self, place: Place<'_>, found: &mut Found) {
        let suite = self.suites.at(place.suite);
        if suite.is_running(place.test) && place.attempt > 1 {
            suite.catch_up(place.test, place.attempt, &mut self.teller, found);
        } else {
            suite.start(place.test, place.attempt, &mut self.teller, found);
        }
    }

    fn end(&mut self, place: Place<'_>, event: &str, object: &Object, found: &mut Found) {
        let (suite, teller) = (self.suites.at(place.suite), &mut self.teller);
        suite.catch_up(place.test, place.attempt, teller, found);
        if let Some(text) = text_of(object, "stdout").filter(|text| !text.is_empty()) {
            let mut output = Output::stdout(text);
            output.attempt = Some(place.attempt).filter(|attempt| *attempt > 1);
            teller.say(&suite.case(place.test), output, found);
        }
        let ending = ending(event, place, object);
        let has_failed =
            matches!(&ending, Ending::Finished(finished) if finished.status.is_failed());
        suite.end_test(place.test, ending, teller, found);
        if has_failed {
            self.has_failed = true;
            self.suites.failed(place);
        }
    }
}

impl Importer for LibtestJson {
    fn line(&mut self, line: Line<'_>, found: &mut Found) {
        if std::mem::take(&mut self.is_split) && line.text.trim() == NOT_CAPTURED_REST {
            return;
        }
        let mut read = JsonLine::read(line.text, RECOGNISE);
        if let (JsonLine::Broken(_), Some(mended)) = (&read, mended(line.text)) {
            read = JsonLine::read(&mended, RECOGNISE);
            self.is_split = true;
        }
        match read {
            JsonLine::Ours { before, objects, after } => {
                if !before.is_empty() {
                    self.text(&before, false, found);
                }
                for object in &objects {
                    self.object(object, found);
                }
                if !after.is_empty() {
                    self.text(&after, line.is_whole, found);
                }
            }
            JsonLine::Foreign if !line.is_whole && line.text.trim_start().starts_with('{') => {
                found.fault("the last line was cut off; what it was to say is not known");
            }
            JsonLine::Foreign => self.text(line.text, line.is_whole, found),
            JsonLine::Broken(_) if !line.is_whole => {
                found.fault("the last line was cut off; what it was to say is not known");
            }
            JsonLine::Broken(fault) => found.fault(format!(
                "the line was to be libtest-json and is broken ({fault}); it is left out"
            )),
        }
    }

    fn end(&mut self, end: End, found: &mut Found) {
        let mut is_cut = true;
        if end == End::OfInput {
            let missing = self.suites.end_all(self.has_failed, &mut self.teller, found);
            is_cut = Teller::fault_none_understood("libtest-json", found) || missing.is_some();
            if let Some(missing) = missing {
                self.teller.fault_cut(&missing, found);
            }
        }
        self.teller.end(end, is_cut, Took::default(), found);
    }
}

/// A line that ends at [`NOT_CAPTURED`], whole and without it.
fn mended(text: &str) -> Option<String> {
    let before = text.trim_end().strip_suffix(NOT_CAPTURED)?;
    Some(format!("{before}{NOT_CAPTURED_REST}"))
}

fn ending(event: &str, place: Place<'_>, object: &Object) -> Ending {
    let message = text_of(object, "message");
    let duration = seconds_of(object, "exec_time");
    let mut finished = match event {
        "ignored" => {
            let mut skipped = CaseSkipped::ignored(message.unwrap_or_default());
            (skipped.attempt, skipped.duration) = (place.attempt, duration);
            return Ending::Skipped(skipped);
        }
        "allowed_failure" => {
            let mut skipped = CaseSkipped::by_user("it failed, as it is allowed to");
            (skipped.attempt, skipped.duration) = (place.attempt, duration);
            return Ending::Skipped(skipped.with_failure(failure(place.test, object)));
        }
        "failed" => failed(place.test, object),
        _ => CaseFinished::new(Status::Success),
    };
    (finished.attempt, finished.duration) = (place.attempt, duration);
    if event == "bench" {
        let measured = ["median", "deviation", "mib_per_second"];
        finished.properties = measured.iter().filter_map(|name| measure(object, name)).collect();
    }
    Ending::Finished(finished)
}

fn failed(test: &str, object: &Object) -> CaseFinished {
    let reason = text_of(object, "reason");
    if reason.is_some_and(|reason| reason.contains("time limit exceeded")) {
        let mut failure = Failure::new(FailureKind::Timeout, "time limit exceeded");
        failure.details = text_of(object, "stdout").filter(|text| !text.is_empty()).map(Into::into);
        return CaseFinished::failed(failure);
    }
    let mut failure = failure(test, object);
    if let Some(reason) = reason {
        failure.message = format!("{reason}: {}", failure.message);
    }
    CaseFinished::new(Status::Failure).with_failure(failure)
}

fn failure(test: &str, object: &Object) -> Failure {
    let said = Said { output: text_of(object, "stdout"), message: text_of(object, "message") };
    panic::failure(test, said)
}

/// Nanoseconds an iteration, or what the name says.
fn measure(object: &Object, name: &str) -> Option<Property> {
    let value = match object.get(name)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let unit = if name == "mib_per_second" { "" } else { "_ns" };
    Some(Property::new(format!("{name}{unit}"), value))
}

fn is_ours(object: &Object) -> bool {
    let has_event = object.get("event").is_some_and(Value::is_string);
    match text_of(object, "type") {
        Some("suite" | "test") => has_event,
        Some("bench") => object.contains_key("name") && object.contains_key("median"),
        Some("report") => object.contains_key("total_time"),
        _ => false,
    }
}

/// Whether a text that is no JSON has the marks of the format.
fn was_ours(text: &str) -> bool {
    let kinds = ["\"suite\"", "\"test\"", "\"bench\""];
    text.contains("\"type\"")
        && kinds.iter().any(|kind| text.contains(kind))
        && (text.contains("\"event\"") || text.contains("\"name\""))
}
