//! The whole document.

use std::collections::BTreeSet;
use std::time::Duration;

use quick_junit::{Report, TestSuite};
use tidings_testrun::{Notes, RunSummary};

use super::notes::own_property;
use super::part::{Part, parts_of, run_of};
use super::suite::{duration_of_items, note, test_suite, write_streams};
use super::unique::Names;
use crate::settings::JunitSettings;
use crate::text::{attribute, restore};

/// The summary as JUnit XML: the same summary always gives the same bytes.
///
/// What is where is said in [the documentation of the crate](crate#the-document). Cases that
/// still run are no `testcase`; say [`RunSummary::finish`] first if none of them will end.
///
/// ```
/// use tidings_junit::{JunitSettings, to_xml};
/// use tidings_registry::Bus;
/// use tidings_testrun::{Failure, LiveSummary, RunEmitter};
///
/// let bus = Bus::new();
/// let summary = LiveSummary::on(&bus);
/// let run = RunEmitter::start(&bus, "nightly");
/// let suite = run.suite("login");
/// suite.case("accepts").success();
/// suite.case("refuses").failure(Failure::assertion("200 < 400"));
/// suite.success();
/// run.success();
///
/// let xml = to_xml(&summary.snapshot(), &JunitSettings::new());
/// assert!(xml.contains(r#"<testsuites name="nightly" tests="2" failures="1" errors="0""#));
/// assert!(xml.contains(r#"<failure message="200 &lt; 400" type="assertion">"#));
/// ```
#[expect(clippy::missing_panics_doc, reason = "memory takes every byte, and text is UTF-8")]
pub fn to_xml(summary: &RunSummary, settings: &JunitSettings) -> String {
    let parts = parts_of(summary);
    let name = settings.name.clone().unwrap_or_else(|| run_name(summary, &parts));
    let mut report = Report::new(attribute(&name));
    report.timestamp = summary.started_at().and_then(|at| at.to_string().parse().ok());
    let items = parts.iter().map(duration_of_items);
    let items = items.fold(Duration::ZERO, Duration::saturating_add);
    report.time = Some(summary.duration().unwrap_or(items));
    let mut names = Names::default();
    for part in &parts {
        let suite = if part.path.is_none() {
            run_suite(summary, part, &name, &mut names)
        } else {
            (!part.is_empty()).then(|| test_suite(&name_of(part, &name, &mut names), part))
        };
        report.add_test_suites(suite);
    }
    let document = report.to_string().expect("memory takes every byte, and text is UTF-8");
    restore(&document)
}

/// The run, or runs, in the words of their producers.
fn run_name(summary: &RunSummary, parts: &[Part<'_>]) -> String {
    let mut names: BTreeSet<&str> = summary.run_notes().map(|(run, _)| run.id()).collect();
    for part in parts {
        names.extend(part.cases.iter().map(|case| run_of(case.entity, case.run)));
        names.extend(part.errors.iter().map(|error| run_of(error.entity, error.run)));
    }
    if names.is_empty() {
        return "no run".to_owned();
    }
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// The full path, with slashes; of what is in no suite the name of the run.
fn name_of(part: &Part<'_>, run: &str, names: &mut Names) -> String {
    let ids = part.path.iter().flat_map(tidings_core::Entity::pairs).map(|(_, id)| id);
    let path = ids.collect::<Vec<_>>().join("/");
    let place = part.at.as_deref().unwrap_or_default();
    let path = if part.path.is_none() { run } else { &path };
    names.unique(&format!("{path}{place}"))
}

/// What is in no suite, with what is said of the runs; nothing when there is neither.
fn run_suite(
    summary: &RunSummary,
    part: &Part<'_>,
    run: &str,
    names: &mut Names,
) -> Option<TestSuite> {
    let mut said = TestSuite::new(run);
    if part.is_first {
        say_of_runs(&mut said, summary);
    }
    let is_silent =
        said.properties.is_empty() && said.system_out.is_none() && said.system_err.is_none();
    if part.is_empty() && is_silent {
        return None;
    }
    let mut element = test_suite(&name_of(part, run, names), part);
    said.properties.append(&mut element.properties);
    element.properties = said.properties;
    element.system_out = said.system_out.or(element.system_out);
    element.system_err = said.system_err.or(element.system_err);
    Some(element)
}

/// What is said of the runs, and what no suite could say.
fn say_of_runs(element: &mut TestSuite, summary: &RunSummary) {
    let notes: Vec<&Notes> = summary.run_notes().map(|(_, notes)| notes).collect();
    let streams = note(element, &notes);
    write_streams(element, &streams);
    if let Some(status) = summary.status().filter(|status| status.is_failed())
        && summary.counts().failed() == 0
    {
        element.add_property(own_property("status", status.as_str()));
    }
    let numbers = [("never_ran", summary.never_ran()), ("unreadable_events", summary.unreadable())];
    for (name, number) in numbers.into_iter().filter(|(_, number)| *number > 0) {
        element.add_property(own_property(name, &number.to_string()));
    }
    for node in summary.nodes().iter().filter(|node| node.is_lost) {
        let reason = node.reason.map_or_else(String::new, |reason| format!(": {reason}"));
        element.add_property(own_property("node_lost", &format!("{}{reason}", node.name)));
    }
}
