//! What is known of an event type without a value of it.

use std::fmt;
use std::str::FromStr;

use crate::EventType;

/// One event type of an [`Event`](super::Event): its name, its role and its volatile fields.
///
/// `derive(Event)` makes them; by hand they are written as constants.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Descriptor {
    /// The name that events of this type are routed by.
    pub event_type: EventType,
    /// Whether it begins or ends something.
    pub role: Role,
    /// Names, as on the wire, of the top-level fields that are no part of the content id.
    pub volatile: &'static [&'static str],
}

impl Descriptor {
    /// Describes an event type.
    ///
    /// # Panics
    ///
    /// In a constant at compile time: when a volatile name is empty or holds a comma. The
    /// wire lists these names separated by commas.
    pub const fn new(event_type: EventType, role: Role, volatile: &'static [&'static str]) -> Self {
        let mut index = 0;
        while index < volatile.len() {
            assert!(
                can_be_listed(volatile[index]),
                "the name of a volatile field is not empty and holds no comma"
            );
            index += 1;
        }
        Self { event_type, role, volatile }
    }
}

/// Whether a name can stand in the comma-separated list on the wire.
pub(super) const fn can_be_listed(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        if bytes[index] == b',' {
            return false;
        }
        index += 1;
    }
    !bytes.is_empty()
}

/// Whether an event begins or ends what its entity stands for.
///
/// Consoles, metrics and assertions pair beginnings with ends of the same entity by it.
/// On the wire it is the extension attribute `role`: `begin`, `end`, `end:success`, …
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Role {
    /// Neither: something happened.
    #[default]
    Point,
    /// The entity is running from here on.
    Begin,
    /// The entity is finished, with this outcome.
    End(Outcome),
}

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// As it should.
    Success,
    /// Not as it should.
    Failure,
    /// Without having been tried.
    Skipped,
    /// Nobody said how.
    Unknown,
}

impl Role {
    /// The text on the wire; none for [`Role::Point`].
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Point => None,
            Self::Begin => Some("begin"),
            Self::End(Outcome::Success) => Some("end:success"),
            Self::End(Outcome::Failure) => Some("end:failure"),
            Self::End(Outcome::Skipped) => Some("end:skipped"),
            Self::End(Outcome::Unknown) => Some("end"),
        }
    }

    /// Whether the event begins its entity.
    pub const fn is_begin(self) -> bool {
        matches!(self, Self::Begin)
    }

    /// How the event ends its entity, if it does.
    pub const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::End(outcome) => Some(outcome),
            Self::Point | Self::Begin => None,
        }
    }
}

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, InvalidRole> {
        match text {
            "begin" => Ok(Self::Begin),
            "end" => Ok(Self::End(Outcome::Unknown)),
            "end:success" => Ok(Self::End(Outcome::Success)),
            "end:failure" => Ok(Self::End(Outcome::Failure)),
            "end:skipped" => Ok(Self::End(Outcome::Skipped)),
            _ => Err(InvalidRole),
        }
    }
}

/// The text names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is `begin`, `end`, `end:success`, `end:failure` or `end:skipped`")]
pub struct InvalidRole;

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Skipped => "skipped",
            Self::Unknown => "unknown",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_reads_back_from_its_text() {
        let outcomes = [Outcome::Success, Outcome::Failure, Outcome::Skipped, Outcome::Unknown];
        for role in outcomes.map(Role::End).into_iter().chain([Role::Begin]) {
            let text = role.as_str().expect("only a point has none");
            assert_eq!(text.parse(), Ok(role), "{text}");
        }
        assert_eq!(Role::Point.as_str(), None);
        assert_eq!("".parse::<Role>(), Err(InvalidRole));
    }

    #[test]
    #[should_panic(expected = "holds no comma")]
    fn a_volatile_name_with_a_comma_is_refused() {
        let _refused = Descriptor::new(EventType::from_static("a"), Role::Point, &["at", "a,b"]);
    }
}
