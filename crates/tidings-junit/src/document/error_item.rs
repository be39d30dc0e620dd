//! An error that is no case as a `testcase` of its own, so that it is seen and counted.

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus};
use tidings_core::Entity;
use tidings_testrun::{ErrorView, FailureKind};

use super::case::{Node, place, stamp};
use super::failure::of_error;
use super::notes::own_property;
use crate::text::{attribute, content};

/// What an error is called: what failed, behind what it happened to unless that is the suite.
pub(super) fn name_of(error: &ErrorView<'_>) -> String {
    let what = error.name.unwrap_or(match error.failure.kind {
        FailureKind::Setup => "setup",
        FailureKind::Teardown => "teardown",
        _ => "error",
    });
    let outside = error.suite.as_ref().map_or(0, Entity::depth);
    let is_place = |kind: &str| kind != "run" && kind != "node";
    let place = error.entity.pairs().filter(|(kind, _)| is_place(kind));
    let about: Vec<&str> = place.skip(outside).map(|(_, id)| id).collect();
    if about.is_empty() { what.to_owned() } else { format!("{}: {what}", about.join(" > ")) }
}

/// The element of an error.
pub(super) fn test_case(name: &str, error: &ErrorView<'_>, node: Node) -> TestCase {
    let said = of_error(error.failure);
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(attribute(&said.message)).set_type(attribute(&said.kind));
    status.set_description(content(if said.text.is_empty() { &said.message } else { &said.text }));
    let mut element = TestCase::new(attribute(name), status);
    element.time = Some(error.duration.unwrap_or_default());
    stamp(&mut element, error.at);
    place(&mut element, error.failure.location.as_ref());
    if node == Node::OfCase {
        element.add_property(own_property("node", error.node));
    }
    element
}
