//! Event types: the dotted names that events are routed by.
//!
//! A name made here obeys the grammar of Tidings; a name from elsewhere is kept
//! verbatim. Both compare, hash and route by their text alone.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// The most bytes an event type may have.
pub const EVENT_TYPE_BYTES_MAX: usize = 200;

/// The first segment that belongs to Tidings itself.
pub const RESERVED_SEGMENT: &str = "tidings";

/// A dotted name, `segment(.segment)*`, of at most [`EVENT_TYPE_BYTES_MAX`] bytes.
///
/// ```
/// use tidings_core::EventType;
///
/// const STARTED: EventType = EventType::from_static("quick_test.started");
/// assert_eq!(STARTED.segments().collect::<Vec<_>>(), ["quick_test", "started"]);
/// assert!(EventType::parse("Quick.Test").is_err());
/// assert!(EventType::foreign("Quick.Test").is_ok());
/// ```
///
/// Types are compared by their text, static or not, so a constant is no pattern of a
/// `match`: compare with `==`, or match on [`as_str`](Self::as_str).
#[derive(Clone)]
pub struct EventType(Repr);

#[derive(Clone)]
enum Repr {
    Static(&'static str),
    Shared(Arc<str>),
}

impl EventType {
    /// Makes a type from a literal; a bad name does not compile when used in a `const`.
    ///
    /// # Panics
    ///
    /// At run time, when `name` breaks the grammar `[a-z0-9_]+(\.[a-z0-9_]+)*`, is longer
    /// than [`EVENT_TYPE_BYTES_MAX`] or starts with the reserved segment `tidings`.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        assert!(
            !starts_with_reserved(name.as_bytes()),
            "the event types below `tidings` are reserved"
        );
        Self::reserved(name)
    }

    /// As [`from_static`](Self::from_static), for the types of Tidings itself.
    #[doc(hidden)]
    #[must_use]
    pub const fn reserved(name: &'static str) -> Self {
        let fault = fault_of(name.as_bytes());
        assert!(
            fault.is_none(),
            "an event type is `segment(.segment)*` of [a-z0-9_]+, at most 200 bytes"
        );
        Self(Repr::Static(name))
    }

    /// Checks a name that this program makes at run time.
    ///
    /// # Errors
    ///
    /// [`InvalidEventType`], with the name and what is wrong with it, when it breaks the
    /// grammar `[a-z0-9_]+(\.[a-z0-9_]+)*`, is too long, or is reserved.
    pub fn parse(name: &str) -> Result<Self, InvalidEventType> {
        if starts_with_reserved(name.as_bytes()) {
            return Err(InvalidEventType::new(name, Fault::Reserved));
        }
        match fault_of(name.as_bytes()) {
            None => Ok(Self(Repr::Shared(name.into()))),
            Some(fault) => Err(InvalidEventType::new(name, fault)),
        }
    }

    /// Takes a name that another program made, as it is; one of Tidings itself is one of
    /// those.
    ///
    /// # Errors
    ///
    /// [`InvalidEventType`] when a segment is empty or holds a character that cannot be
    /// printed (controls, line separators, bidirectional overrides), or when the name is
    /// longer than [`EVENT_TYPE_BYTES_MAX`] bytes.
    pub fn foreign(name: &str) -> Result<Self, InvalidEventType> {
        let fault = if name.is_empty() {
            Some(Fault::Empty)
        } else if name.len() > EVENT_TYPE_BYTES_MAX {
            Some(Fault::TooLong)
        } else if name.split('.').any(str::is_empty) {
            Some(Fault::EmptySegment)
        } else if name.chars().any(is_unprintable) {
            Some(Fault::Unprintable)
        } else {
            None
        };
        match fault {
            None => Ok(Self(Repr::Shared(name.into()))),
            Some(fault) => Err(InvalidEventType::new(name, fault)),
        }
    }

    /// The whole name, dots included.
    #[inline]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Static(name) => name,
            Repr::Shared(name) => name,
        }
    }

    /// The segments between the dots, first to last.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.as_str().split('.')
    }

    /// The text of a type that was made from a literal; empty for others.
    pub(crate) const fn literal(&self) -> &'static str {
        match self.0 {
            Repr::Static(name) => name,
            Repr::Shared(_) => "",
        }
    }

    /// Whether both are one literal; two literals of one text may be two.
    #[inline]
    pub(crate) fn is_same_literal(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Static(left), Repr::Static(right)) => std::ptr::eq(*left, *right),
            _ => false,
        }
    }

    /// Whether this is one of the types of Tidings itself (`tidings` or `tidings.…`).
    pub fn is_reserved(&self) -> bool {
        starts_with_reserved(self.as_str().as_bytes())
    }
}

fn is_unprintable(character: char) -> bool {
    // Line and paragraph separators end a line for many readers, bidirectional overrides lie.
    character.is_control()
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

const fn starts_with_reserved(name: &[u8]) -> bool {
    let reserved = RESERVED_SEGMENT.as_bytes();
    if name.len() < reserved.len() {
        return false;
    }
    let mut index = 0;
    while index < reserved.len() {
        if name[index] != reserved[index] {
            return false;
        }
        index += 1;
    }
    name.len() == reserved.len() || name[reserved.len()] == b'.'
}

const fn fault_of(name: &[u8]) -> Option<Fault> {
    if name.is_empty() {
        return Some(Fault::Empty);
    }
    if name.len() > EVENT_TYPE_BYTES_MAX {
        return Some(Fault::TooLong);
    }
    let mut at_start = true;
    let mut index = 0;
    while index < name.len() {
        match name[index] {
            b'.' if at_start => return Some(Fault::EmptySegment),
            b'.' => at_start = true,
            b'a'..=b'z' | b'0'..=b'9' | b'_' => at_start = false,
            _ => return Some(Fault::Character),
        }
        index += 1;
    }
    if at_start {
        return Some(Fault::EmptySegment);
    }
    None
}

/// Why a name is no event type.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{}` is not an event type: {fault}", shown(name))]
pub struct InvalidEventType {
    name: String,
    fault: Fault,
}

impl InvalidEventType {
    fn new(name: &str, fault: Fault) -> Self {
        Self { name: name.to_owned(), fault }
    }

    /// The refused name, unchanged.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Cuts and escapes a refused name so that it can be shown anywhere.
fn shown(name: &str) -> String {
    let mut text: String = name.chars().take(80).flat_map(char::escape_debug).collect();
    if name.chars().nth(80).is_some() {
        text.push('…');
    }
    text
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Empty,
    TooLong,
    EmptySegment,
    Character,
    Unprintable,
    Reserved,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::TooLong => write!(f, "it is longer than {EVENT_TYPE_BYTES_MAX} bytes"),
            Self::EmptySegment => f.write_str("a segment between its dots is empty"),
            Self::Character => {
                f.write_str("only lower-case letters, digits, `_` and dots between segments fit")
            }
            Self::Unprintable => f.write_str("it holds a character that cannot be printed"),
            Self::Reserved => f.write_str("the types below `tidings` are reserved"),
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl PartialEq for EventType {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let (left, right) = (self.as_str(), other.as_str());
        // The same literal is the common case on the way to a route.
        std::ptr::eq(left, right) || left == right
    }
}

impl Eq for EventType {}

impl PartialOrd for EventType {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EventType {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for EventType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl PartialEq<str> for EventType {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for EventType {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl AsRef<str> for EventType {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for EventType {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl TryFrom<&str> for EventType {
    type Error = InvalidEventType;

    fn try_from(name: &str) -> Result<Self, InvalidEventType> {
        Self::parse(name)
    }
}

impl TryFrom<String> for EventType {
    type Error = InvalidEventType;

    fn try_from(name: String) -> Result<Self, InvalidEventType> {
        Self::parse(&name)
    }
}

impl std::str::FromStr for EventType {
    type Err = InvalidEventType;

    fn from_str(name: &str) -> Result<Self, InvalidEventType> {
        Self::parse(name)
    }
}

impl Serialize for EventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::foreign(&name).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_two_hundred_bytes_is_the_longest() {
        let longest = "a".repeat(EVENT_TYPE_BYTES_MAX);
        assert_eq!(EventType::parse(&longest).expect("fits").as_str(), longest);
        let too_long = "a".repeat(EVENT_TYPE_BYTES_MAX + 1);
        assert!(EventType::parse(&too_long).is_err());
        assert!(EventType::foreign(&too_long).is_err());
    }

    #[test]
    fn an_error_shows_the_name_and_the_rule() {
        let text = |name: &str| EventType::parse(name).expect_err(name).to_string();
        assert_eq!(
            text("Quick"),
            "`Quick` is not an event type: only lower-case letters, digits, `_` and dots between \
             segments fit"
        );
        assert!(text("a..b").contains("a segment between its dots is empty"));
        assert!(text(".a").contains("segment"));
        assert!(text("a.").contains("segment"));
        assert!(text("").contains("empty"));
        assert!(text("tidings.observer.failed").contains("reserved"));
        assert!(text("\u{1b}[31m").contains("\\u{1b}"));
    }

    #[test]
    fn only_the_whole_first_segment_is_reserved() {
        assert!(EventType::parse("tidingsx.a").is_ok());
        assert!(EventType::reserved("tidings.sink.held").is_reserved());
        assert!(!EventType::from_static("a.tidings").is_reserved());
    }

    #[test]
    fn a_foreign_name_is_kept_verbatim() {
        let name = "com.example/Größe v2.Started";
        assert_eq!(EventType::foreign(name).expect("printable").as_str(), name);
        for bad in ["a\nb", "a..b", "", "a\u{202e}b", "\u{1b}[2J"] {
            assert!(EventType::foreign(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_foreign_name_may_be_one_of_tidings() {
        let name = EventType::foreign("tidings.journal.opened").expect("printable");
        assert!(name.is_reserved());
    }

    #[test]
    fn static_and_shared_names_are_equal_by_text() {
        let left = EventType::from_static("a.b");
        let right = EventType::parse("a.b").expect("valid");
        assert_eq!(left, right);
        assert_eq!(left, "a.b");
    }
}
