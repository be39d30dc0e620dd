//! Failures and places in source text, as the page shows them.

use serde::Serialize;
use tidings_testrun::{Cause, Failure, FailureKind, SourceLocation};

use super::text::{Name, Text};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct FailureModel {
    kind: FailureKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<Name>,
    message: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Text>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<CauseModel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<LocationModel>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct CauseModel {
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<Name>,
    message: Text,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct LocationModel {
    file: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
}

impl From<&Failure> for FailureModel {
    fn from(failure: &Failure) -> Self {
        Self {
            kind: failure.kind,
            class: failure.class.as_deref().map(Name::new),
            message: Text::new(&failure.message),
            details: failure.details.as_deref().map(Text::new),
            causes: failure.causes.iter().map(CauseModel::from).collect(),
            expected: failure.expected.as_deref().map(Text::new),
            actual: failure.actual.as_deref().map(Text::new),
            location: failure.location.as_ref().map(LocationModel::from),
        }
    }
}

impl From<&Cause> for CauseModel {
    fn from(cause: &Cause) -> Self {
        Self { class: cause.class.as_deref().map(Name::new), message: Text::new(&cause.message) }
    }
}

impl From<&SourceLocation> for LocationModel {
    fn from(place: &SourceLocation) -> Self {
        Self { file: Name::new(&place.file), line: place.line, column: place.column }
    }
}
