//! Lines of `go test -json` as events.

use std::collections::HashMap;

use serde_json::Value;
use tidings_core::Timestamp;
use tidings_testrun::{ErrorItem, Property, RunStarted};

use crate::found::Found;
use crate::importer::{End, Importer, Line};
use crate::json_line::{JsonLine, Object, Recognise, seconds_of, text_of};
use crate::teller::{Teller, Took};

use super::build::Builds;
use super::package::{Ended, Ending, Package};

/// What tests are in of which test2json was not told the package.
const UNNAMED: &str = "(no package)";

const RECOGNISE: Recognise = Recognise { is_ours, was_ours };

/// Reads `go-test-json`.
#[derive(Debug)]
pub(crate) struct GoTestJson {
    teller: Teller,
    packages: HashMap<String, Package>,
    builds: Builds,
    /// The first and the last time that was said.
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
}

impl GoTestJson {
    pub(crate) fn new(run: &str) -> Self {
        let teller = Teller::new(run);
        Self {
            teller,
            packages: HashMap::new(),
            builds: Builds::default(),
            first_at: None,
            last_at: None,
        }
    }

    fn object(&mut self, object: &Object, found: &mut Found) {
        let texts = ["Package", "Test", "Output", "ImportPath"];
        let is_odd = |name: &&&str| object.get(**name).is_some_and(|value| !value.is_string());
        if let Some(name) = texts.iter().find(is_odd) {
            found.fault(format!("`{name}` is no text; the line is left out"));
            return;
        }
        found.count_understood();
        let at = text_of(object, "Time").and_then(|text| text.parse().ok());
        self.first_at = self.first_at.or(at);
        self.last_at = at.or(self.last_at);
        let mut started = RunStarted::new();
        started.at = at;
        self.teller.begin_run(started, found);
        let action = text_of(object, "Action").unwrap_or_default();
        match text_of(object, "ImportPath") {
            Some(build) if action.starts_with("build-") => self.build(action, build, object),
            _ => {
                let test = text_of(object, "Test").filter(|test| !test.is_empty());
                self.action(action, test, object, found);
            }
        }
    }

    fn build(&mut self, action: &str, build: &str, object: &Object) {
        match action {
            "build-output" => {
                self.builds.output(build, text_of(object, "Output").unwrap_or_default());
            }
            "build-fail" => self.builds.failed(build),
            _ => {}
        }
    }

    fn action(&mut self, action: &str, test: Option<&str>, object: &Object, found: &mut Found) {
        let at = text_of(object, "Time").and_then(|text| text.parse().ok());
        let took = Took { at, duration: seconds_of(object, "Elapsed") };
        let ended = match action {
            "pass" | "bench" => Some(Ended::Passed),
            "fail" => Some(Ended::Failed),
            "skip" => Some(Ended::Skipped),
            _ => None,
        };
        let name = text_of(object, "Package").unwrap_or(UNNAMED);
        match (ended, test) {
            (Some(how), None) => {
                let failed_build = text_of(object, "FailedBuild");
                self.end_package(name, Ending { how, took }, failed_build, found);
            }
            (Some(how), Some(test)) => {
                let (package, teller) = self.package(name);
                package.end_test(test, Ending { how, took }, teller, found);
            }
            (None, _) if action == "start" => self.start_package(name, at, found),
            (None, _) => {
                let (package, teller) = self.package(name);
                within(package, (action, test), object, (teller, found));
            }
        }
    }

    fn package(&mut self, name: &str) -> (&mut Package, &mut Teller) {
        let suite = self.teller.suite(name);
        let package = self.packages.entry(name.to_owned()).or_insert_with(|| Package::new(suite));
        (package, &mut self.teller)
    }

    fn start_package(&mut self, name: &str, at: Option<Timestamp>, found: &mut Found) {
        // One that begins again before its end has lost it.
        if let Some(lost) = self.packages.remove(name).filter(|package| package.is_running) {
            let ending = Ending { how: Ended::Skipped, took: Took::default() };
            lost.end(ending, None, (&mut self.teller, found));
        }
        let (package, teller) = self.package(name);
        package.begin(at, teller, found);
    }

    fn end_package(
        &mut self,
        name: &str,
        ending: Ending,
        failed_build: Option<&str>,
        found: &mut Found,
    ) {
        let suite = self.teller.suite(name);
        let package = self.packages.remove(name).unwrap_or_else(|| Package::new(suite));
        let is_build = failed_build.is_some() || package.is_build_failed();
        let build = is_build.then(|| self.builds.failure(name, failed_build));
        package.end(ending, build, (&mut self.teller, found));
    }

    /// Takes a line that is no event.
    fn text(&mut self, line: Line<'_>, found: &mut Found) {
        self.teller.foreign(line, found);
        let Some(name) = self.builds.text(line.text.trim_end()) else { return };
        // Before Go 1.20 this line was all that came of the package.
        if !self.packages.contains_key(name) {
            found.count_understood();
            let failure = self.builds.failure(name, None);
            let package = Package::new(self.teller.suite(name));
            let to = (&mut self.teller, found);
            let ending = Ending { how: Ended::Failed, took: Took::default() };
            package.end(ending, Some(failure), to);
        }
    }
}

/// Takes what happens within a package.
fn within(
    package: &mut Package,
    (action, test): (&str, Option<&str>),
    object: &Object,
    (teller, found): (&mut Teller, &mut Found),
) {
    let at = text_of(object, "Time").and_then(|text| text.parse().ok());
    match (action, test) {
        ("run", Some(test)) => package.run(test, at, teller, found),
        ("pause", Some(test)) => package.pause(test, true),
        ("cont", Some(test)) => package.pause(test, false),
        ("output", _) => {
            let said = text_of(object, "Output").unwrap_or_default();
            package.output(test, (said, text_of(object, "OutputType")), teller, found);
        }
        ("attr", Some(test)) => {
            let key = text_of(object, "Key").unwrap_or_default();
            let value = text_of(object, "Value").unwrap_or_default();
            package.attribute(test, Property::new(key, value));
        }
        ("artifacts", _) => {
            if let Some(path) = text_of(object, "Path") {
                package.artifacts(test, path, teller, found);
            }
        }
        _ => {}
    }
}

impl Importer for GoTestJson {
    fn line(&mut self, line: Line<'_>, found: &mut Found) {
        match JsonLine::read(line.text, RECOGNISE) {
            JsonLine::Ours { before, objects, after } => {
                self.builds.end_text();
                if !before.trim().is_empty() {
                    self.teller.foreign(Line::unfinished(&before), found);
                }
                for object in &objects {
                    self.object(object, found);
                }
                if !after.is_empty() {
                    self.teller.foreign(Line { text: &after, ..line }, found);
                }
            }
            JsonLine::Foreign if !line.is_whole && line.text.trim_start().starts_with('{') => {
                found.fault("the last line was cut off; what it was to say is not known");
            }
            JsonLine::Foreign => self.text(line, found),
            JsonLine::Broken(_) if !line.is_whole => {
                found.fault("the last line was cut off; what it was to say is not known");
            }
            JsonLine::Broken(fault) => found.fault(format!(
                "the line was to be go-test-json and is broken ({fault}); it is left out"
            )),
        }
    }

    fn end(&mut self, end: End, found: &mut Found) {
        for (build, failure) in self.builds.untold() {
            let mut item = ErrorItem::named("build", failure);
            item.failure.message = format!("{build}: {}", item.failure.message);
            self.teller.say(&self.teller.run().clone(), item, found);
        }
        let mut running: Vec<&String> =
            self.packages.iter().filter(|(_, package)| package.is_running).map(|it| it.0).collect();
        running.sort_unstable();
        let mut is_cut = !running.is_empty() || end == End::Interrupted;
        if end == End::OfInput {
            is_cut |= Teller::fault_none_understood("go-test-json", found);
            if let Some(first) = running.first() {
                let missing = format!("the end of the package {}", first.escape_debug());
                self.teller.fault_cut(&missing, found);
            }
        }
        let span = self.first_at.zip(self.last_at);
        let duration = span.map(|(first, last)| last.saturating_since(first));
        let took = Took { at: self.last_at, duration };
        self.teller.end(end, is_cut, took, found);
    }
}

fn is_ours(object: &Object) -> bool {
    let others = ["Package", "Test", "Output", "Time", "Elapsed", "ImportPath"];
    let has_other = others.iter().any(|name| object.contains_key(*name));
    object.get("Action").is_some_and(Value::is_string) && (has_other || object.len() == 1)
}

/// Whether a text that is no JSON has the marks of the format.
fn was_ours(text: &str) -> bool {
    text.contains("\"Action\":") && (text.contains("\"Package\":") || text.contains("\"Test\":"))
}
