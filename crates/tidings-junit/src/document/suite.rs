//! A part as a `testsuite`.

use std::time::Duration;

use quick_junit::{Property, TestSuite};
use tidings_core::Timestamp;
use tidings_testrun::{Notes, SuiteView};

use super::case::{self, Node};
use super::error_item;
use super::failure::of_error;
use super::notes::{append_files, own_property, properties_of};
use super::output::{Outputs, Streams, append};
use super::part::Part;
use super::unique::Names;
use crate::text::{attribute, content};

/// A suite of this name, which is also the class of its cases.
pub(super) fn test_suite(name: &str, part: &Part<'_>) -> TestSuite {
    let mut element = TestSuite::new(attribute(name));
    let nodes = part.nodes();
    let node = if nodes.len() > 1 { Node::OfCase } else { Node::OfSuite };
    add_items(&mut element, name, part, node);
    // What is skipped is said once: a reader may add the two up.
    let skipped = std::mem::take(&mut element.disabled);
    element.extra.insert(attribute("skipped"), attribute(&skipped.to_string()));
    if let (Node::OfSuite, Some(node)) = (node, nodes.first()) {
        element.extra.insert(attribute("hostname"), attribute(node));
    }
    element.time = Some(duration_of(part));
    element.timestamp = started_at(part).and_then(|at| at.to_string().parse().ok());
    if let Some(suite) = &part.suite {
        say_of_itself(&mut element, suite);
    }
    let running = part.cases.iter().filter(|case| case.status.is_none());
    element.properties.extend(running.map(|case| own_property("running", case.name)));
    element
}

fn add_items(element: &mut TestSuite, class: &str, part: &Part<'_>, node: Node) {
    let mut names = Names::default();
    // First runs come first to their names, whatever clocks say.
    let ended = part.cases.iter().filter_map(|case| case.status.map(|status| (case, status)));
    let mut in_turn: Vec<_> = ended.enumerate().collect();
    in_turn.sort_by_key(|(_, (case, _))| case.repeat);
    let mut cases: Vec<_> = in_turn
        .into_iter()
        .map(|(place, (case, status))| {
            let name = names.of_run(case.name, case.repeat);
            (place, case::test_case(&name, case, status, node))
        })
        .collect();
    cases.sort_by_key(|(place, _)| *place);
    let cases = cases.into_iter().map(|(_, case)| case);
    let errors = part.errors.iter().map(|error| {
        let name = names.unique(&error_item::name_of(error));
        error_item::test_case(&name, error, node)
    });
    for mut item in cases.chain(errors) {
        item.set_classname(attribute(class));
        element.add_test_case(item);
    }
}

/// What the suite says of itself, or else what its items took together.
fn duration_of(part: &Part<'_>) -> Duration {
    let own = part.suite.as_ref().and_then(|suite| suite.duration);
    own.filter(|_| part.at.is_none()).unwrap_or_else(|| duration_of_items(part))
}

/// What the items of a part took together.
pub(super) fn duration_of_items(part: &Part<'_>) -> Duration {
    let ended = part.cases.iter().filter(|case| case.status.is_some());
    let durations = ended.map(|case| case.duration);
    let durations = durations.chain(part.errors.iter().map(|error| error.duration));
    durations.flatten().fold(Duration::ZERO, Duration::saturating_add)
}

fn started_at(part: &Part<'_>) -> Option<Timestamp> {
    let own = part.suite.as_ref().and_then(|suite| suite.started_at);
    let cases = part.cases.iter().map(|case| case.started_at);
    own.or_else(|| cases.chain(part.errors.iter().map(|error| error.at)).min())
}

/// Its own properties, files and output, and a failure that is no item and so is not counted.
fn say_of_itself(element: &mut TestSuite, suite: &SuiteView<'_>) {
    if let Some(location) = suite.location {
        element.extra.insert(attribute("file"), attribute(&location.file));
    }
    let mut streams = note(element, &suite.notes);
    if let Some(status) = suite.status.filter(|status| status.is_failed()) {
        element.add_property(own_property("status", status.as_str()));
        if let Some(failure) = suite.failure {
            let said = of_error(failure);
            append(&mut streams.err, &format!("the suite failed: {}\n", said.message));
            append(&mut streams.err, &said.text);
        }
    }
    write_streams(element, &streams);
}

/// Adds the properties noted of a suite or a run, each once; returns what was written.
pub(super) fn note(element: &mut TestSuite, notes: &[&Notes]) -> Streams {
    let mut streams = Streams::default();
    for notes in notes {
        let more = Outputs::new(notes, &[]).of_item();
        append(&mut streams.out, &more.out);
        append(&mut streams.err, &more.err);
        append_files(&mut streams.out, notes);
        for property in properties_of(notes) {
            add_once(element, property);
        }
    }
    streams
}

/// Writes output that there is.
pub(super) fn write_streams(element: &mut TestSuite, streams: &Streams) {
    let text = |text: &str| (!text.is_empty()).then(|| content(text));
    element.system_out = text(&streams.out);
    element.system_err = text(&streams.err);
}

fn add_once(element: &mut TestSuite, property: Property) {
    if !element.properties.contains(&property) {
        element.properties.push(property);
    }
}
