//! Redactions: paths whose values are replaced by their names.

use thiserror::Error;
use tidings_core::Envelope;

use super::render::{Json, json};

/// A path that was asked for.
#[derive(Debug, Clone)]
pub(super) struct Redaction {
    in_entity: bool,
    segments: Vec<String>,
}

impl Redaction {
    pub(super) fn parse(path: &str) -> Result<Self, RedactionError> {
        let mut segments = path.split('.').map(str::to_owned);
        let root = segments.next().unwrap_or_default();
        let segments: Vec<String> = segments.collect();
        let is_known = match root.as_str() {
            "data" => !segments.is_empty(),
            "entity" => segments.len() == 1,
            _ => false,
        };
        if !is_known || segments.iter().any(String::is_empty) {
            return Err(RedactionError::Path { path: path.to_owned() });
        }
        Ok(Self { in_entity: root == "entity", segments })
    }

    /// Whether the event has something at this path.
    pub(super) fn is_in(&self, event: &Envelope) -> bool {
        if self.in_entity {
            return event.entity().pairs().any(|(kind, _)| self.hides_id_of(kind));
        }
        event.data().is_ok_and(|data| reaches(data, &self.segments))
    }

    pub(super) fn hides_id_of(&self, kind: &str) -> bool {
        self.in_entity && (self.segments[0] == "*" || self.segments[0] == kind)
    }

    pub(super) fn hides(&self, path: &[String]) -> bool {
        let same = |(wanted, segment): (&String, &String)| wanted == "*" || wanted == segment;
        !self.in_entity
            && self.segments.len() == path.len()
            && self.segments.iter().zip(path).all(same)
    }
}

fn reaches(data: &str, segments: &[String]) -> bool {
    let Some((first, rest)) = segments.split_first() else {
        return true;
    };
    match json(data) {
        Json::Object(members) => members
            .iter()
            .any(|(name, value)| (first == "*" || first == name) && reaches(value.get(), rest)),
        Json::Array(items) => items.iter().enumerate().any(|(index, value)| {
            (first == "*" || *first == index.to_string()) && reaches(value.get(), rest)
        }),
        Json::Text(_) | Json::Other(_) => false,
    }
}

/// Why a redaction was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RedactionError {
    /// The path is none.
    #[error(
        "`{}` is no path to redact: `data.name`, `data.list.*.name` or `entity.kind` is expected",
        path.escape_debug()
    )]
    #[non_exhaustive]
    Path {
        /// The refused path.
        path: String,
    },
    /// No recorded event has anything there.
    #[error("the redaction `{}` matched nothing in {events} recorded events", path.escape_debug())]
    #[non_exhaustive]
    Unmatched {
        /// The path.
        path: String,
        /// How many events were looked through.
        events: usize,
    },
}

impl RedactionError {
    pub(super) fn unmatched(path: &str, events: usize) -> Self {
        Self::Unmatched { path: path.to_owned(), events }
    }
}
