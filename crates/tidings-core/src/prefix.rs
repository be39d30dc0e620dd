//! Prefixes and interests: which event types an observer wants to hear.
//!
//! A prefix matches whole segments only. The types of Tidings itself are matched by
//! prefixes that name `tidings` literally, never by a wildcard.

use std::fmt;

use thiserror::Error;

use crate::event_type::{EVENT_TYPE_BYTES_MAX, EventType, RESERVED_SEGMENT};

/// A whole-segment filter over event types.
///
/// `quick_test` (or `quick_test.`) matches `quick_test` and everything below it, never
/// `quick_testing`. The segment `*` stands for exactly one segment, `**` for any number,
/// also none.
///
/// ```
/// use tidings_core::{EventType, Prefix};
///
/// let prefix = Prefix::parse("test.*.finished")?;
/// assert!(prefix.matches(&EventType::from_static("test.case.finished")));
/// assert!(!prefix.matches(&EventType::from_static("test.finished")));
/// # Ok::<(), tidings_core::InvalidPrefix>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Prefix {
    text: Box<str>,
    segments: Box<[Segment]>,
}

/// One segment of a [`Prefix`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Segment {
    /// This text and no other.
    Literal(Box<str>),
    /// `*`: exactly one segment.
    One,
    /// `**`: any number of segments.
    Any,
}

impl Prefix {
    /// Reads a prefix. A single dot at the end is allowed and means nothing.
    ///
    /// # Errors
    ///
    /// [`InvalidPrefix`] when it is empty, longer than [`EVENT_TYPE_BYTES_MAX`] bytes, has
    /// an empty segment, a control character, or a `*` inside a segment.
    pub fn parse(text: &str) -> Result<Self, InvalidPrefix> {
        let fault = |fault| InvalidPrefix {
            text: text.chars().take(EVENT_TYPE_BYTES_MAX).collect(),
            fault,
        };
        let trimmed = text.strip_suffix('.').unwrap_or(text);
        if trimmed.len() > EVENT_TYPE_BYTES_MAX {
            return Err(fault(PrefixFault::TooLong));
        }
        if trimmed.is_empty() {
            return Err(fault(PrefixFault::Empty));
        }
        let segments =
            trimmed.split('.').map(Segment::parse).collect::<Result<_, _>>().map_err(fault)?;
        Ok(Self { text: trimmed.into(), segments })
    }

    /// The segments, first to last.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The prefix as it was written, without a dot at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether `event_type` lies at or below this prefix.
    pub fn matches(&self, event_type: &EventType) -> bool {
        if event_type.is_reserved() && !self.names_reserved() {
            return false;
        }
        matches_from(&self.segments, event_type.as_str())
    }

    /// Whether the first segment is `tidings`, literally.
    pub fn names_reserved(&self) -> bool {
        matches!(&self.segments[0], Segment::Literal(text) if &**text == RESERVED_SEGMENT)
    }
}

impl Segment {
    fn parse(text: &str) -> Result<Self, PrefixFault> {
        match text {
            "" => Err(PrefixFault::EmptySegment),
            "*" => Ok(Self::One),
            "**" => Ok(Self::Any),
            _ if text.contains('*') => Err(PrefixFault::Star),
            _ if text.chars().any(char::is_control) => Err(PrefixFault::Control),
            _ => Ok(Self::Literal(text.into())),
        }
    }
}

/// Matches segment by segment; `**` tries the shortest stretch first.
///
/// At the end of the pattern the rest of the name is below the prefix. Remembering only the
/// last `**` suffices, since a later one can always take over from an earlier.
fn matches_from(pattern: &[Segment], name: &str) -> bool {
    let mut pattern_rest = pattern;
    let mut name_rest = Some(name);
    let mut retry: Option<(&[Segment], Option<&str>)> = None;
    loop {
        match (pattern_rest.split_first(), name_rest) {
            (None, _) => return true,
            (Some((Segment::Any, rest)), _) => {
                retry = Some((rest, name_rest));
                pattern_rest = rest;
                continue;
            }
            (Some((segment, rest)), Some(text)) => {
                let (head, tail) = split_head(text);
                if matches!(segment, Segment::Literal(wanted) if **wanted != *head) {
                    // Falls through to the retry below.
                } else {
                    pattern_rest = rest;
                    name_rest = tail;
                    continue;
                }
            }
            (Some(_), None) => {}
        }
        match retry {
            Some((rest, Some(text))) => {
                let (_, tail) = split_head(text);
                retry = Some((rest, tail));
                pattern_rest = rest;
                name_rest = tail;
            }
            _ => return false,
        }
    }
}

fn split_head(name: &str) -> (&str, Option<&str>) {
    match name.split_once('.') {
        Some((head, tail)) => (head, Some(tail)),
        None => (name, None),
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl std::str::FromStr for Prefix {
    type Err = InvalidPrefix;

    fn from_str(text: &str) -> Result<Self, InvalidPrefix> {
        Self::parse(text)
    }
}

/// Why a text is no prefix.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{}` is not a prefix: {fault}", text.escape_debug())]
pub struct InvalidPrefix {
    text: String,
    fault: PrefixFault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
enum PrefixFault {
    #[error("it is empty (`**` means everything)")]
    Empty,
    #[error("it is longer than {EVENT_TYPE_BYTES_MAX} bytes")]
    TooLong,
    #[error("a segment between its dots is empty")]
    EmptySegment,
    #[error("`*` and `**` stand for whole segments (`a.*`, not `a*`)")]
    Star,
    #[error("it holds a control character")]
    Control,
    #[error("an event type is expected after `=`")]
    Exact,
}

/// Which event types an observer wants: any of these prefixes or types, none of those.
///
/// Everything means every type but those of Tidings itself (`tidings.…`), which have to be
/// asked for by name.
///
/// ```
/// use tidings_core::{EventType, Interest};
///
/// let interest = Interest::parse(["test", "!test.output"])?;
/// assert!(interest.matches(&EventType::from_static("test.case.started")));
/// assert!(!interest.matches(&EventType::from_static("test.output")));
/// # Ok::<(), tidings_core::InvalidPrefix>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interest {
    everything: bool,
    prefixes: Vec<Prefix>,
    types: Vec<EventType>,
    excluded: Vec<Prefix>,
}

impl Interest {
    /// Every type but those of Tidings itself.
    pub fn everything() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// Nothing at all.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Exactly these types, none below them.
    pub fn types<'a>(types: impl IntoIterator<Item = &'a EventType>) -> Self {
        Self { types: types.into_iter().cloned().collect(), ..Self::default() }
    }

    /// Reads a list of prefixes; one that starts with `!` excludes, one that starts with `=`
    /// is an exact type. A list that only excludes means everything else. What
    /// [`entries`](Self::entries) says reads back to the same interest.
    ///
    /// # Errors
    ///
    /// [`InvalidPrefix`] for the first entry that is no prefix.
    pub fn parse<T: AsRef<str>>(
        entries: impl IntoIterator<Item = T>,
    ) -> Result<Self, InvalidPrefix> {
        let mut interest = Self::default();
        for entry in entries {
            let entry = entry.as_ref();
            if let Some(excluded) = entry.strip_prefix('!') {
                interest.excluded.push(Prefix::parse(excluded)?);
            } else if let Some(exact) = entry.strip_prefix('=') {
                let exact = EventType::foreign(exact).map_err(|_| InvalidPrefix {
                    text: entry.to_owned(),
                    fault: PrefixFault::Exact,
                })?;
                interest.types.push(exact);
            } else {
                interest.prefixes.push(Prefix::parse(entry)?);
            }
        }
        interest.everything = interest.prefixes.is_empty() && interest.types.is_empty();
        Ok(interest)
    }

    /// Adds the types below `prefix`.
    #[must_use]
    pub fn with(mut self, prefix: Prefix) -> Self {
        self.prefixes.push(prefix);
        self
    }

    /// Takes away the types below `prefix`.
    #[must_use]
    pub fn without(mut self, prefix: Prefix) -> Self {
        self.excluded.push(prefix);
        self
    }

    /// Whether an event of this type is wanted.
    pub fn matches(&self, event_type: &EventType) -> bool {
        (self.everything && !event_type.is_reserved()
            || self.types.contains(event_type)
            || self.prefixes.iter().any(|prefix| prefix.matches(event_type)))
            && !self.excludes(event_type)
    }

    /// Whether an exclusion takes this type away.
    pub fn excludes(&self, event_type: &EventType) -> bool {
        self.excluded.iter().any(|prefix| prefix.matches(event_type))
    }

    /// Whether the interest is all there is to hear, diagnostics aside.
    pub fn is_everything(&self) -> bool {
        self.everything && self.excluded.is_empty()
    }

    /// Whether it starts from everything, exclusions aside.
    pub fn wants_everything(&self) -> bool {
        self.everything
    }

    /// The prefixes that were asked for.
    pub fn prefixes(&self) -> &[Prefix] {
        &self.prefixes
    }

    /// What was asked for, entry by entry: `prefix`, `=exact`, `!excluded`, `**`.
    pub fn entries(&self) -> Vec<String> {
        let everything = self.everything.then(|| "**".to_owned());
        let prefixes = self.prefixes.iter().map(ToString::to_string);
        let exact = self.types.iter().map(|exact| format!("={exact}"));
        let excluded = self.excluded.iter().map(|prefix| format!("!{prefix}"));
        everything.into_iter().chain(prefixes).chain(exact).chain(excluded).collect()
    }

    /// The prefixes that are taken away.
    pub fn excluded(&self) -> &[Prefix] {
        &self.excluded
    }

    /// The exact types that were asked for.
    pub fn exact_types(&self) -> &[EventType] {
        &self.types
    }
}

impl fmt::Display for Interest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.entries().join(" "))
    }
}

impl From<Prefix> for Interest {
    fn from(prefix: Prefix) -> Self {
        Self::nothing().with(prefix)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(prefix: &str, name: &str) -> bool {
        let event_type = EventType::foreign(name).expect("a test uses good names");
        Prefix::parse(prefix).expect("a test uses good prefixes").matches(&event_type)
    }

    #[test]
    fn a_prefix_matches_whole_segments() {
        assert!(matches("quick_test", "quick_test"));
        assert!(matches("quick_test.", "quick_test.started"));
        assert!(!matches("quick_test", "quick_testing"));
        assert!(!matches("quick_test.started", "quick_test"));
    }

    #[test]
    fn one_star_is_one_segment_and_two_are_any_number() {
        assert!(matches("*.started", "a.started"));
        assert!(matches("*.started", "a.started.late"));
        assert!(!matches("*.started", "a.b.started"));
        assert!(matches("**.started", "a.b.started"));
        assert!(matches("**.started", "started"));
        assert!(matches("a.**.c.**.e", "a.b.c.c.d.e.f"));
        assert!(!matches("a.**.c", "a.b.d"));
        assert!(matches("**", "anything.at.all"));
    }

    #[test]
    fn wildcards_do_not_reach_the_types_of_tidings() {
        assert!(!matches("**", "tidings.observer.failed"));
        assert!(!matches("*.observer", "tidings.observer.failed"));
        assert!(matches("tidings.*.failed", "tidings.observer.failed"));
        let diagnostic = EventType::reserved("tidings.sink.held");
        assert!(!Interest::everything().matches(&diagnostic));
        assert!(Interest::parse(["**", "tidings"]).expect("good").matches(&diagnostic));
    }

    #[test]
    fn exclusions_alone_leave_everything_else() {
        let interest = Interest::parse(["!test.output"]).expect("good");
        assert!(interest.matches(&EventType::from_static("other")));
        assert!(!interest.matches(&EventType::from_static("test.output.line")));
    }

    #[test]
    fn what_an_interest_says_reads_back_to_it() {
        let exact = EventType::from_static("a.b");
        let parsed = Interest::parse(["=a.b", "test", "!test.output"]).expect("good");
        assert!(parsed.matches(&exact));
        assert!(!parsed.matches(&EventType::from_static("a.b.c")));
        let everything = Interest::parse(["**"]).expect("good");
        for interest in [parsed, Interest::types([&exact]), everything] {
            assert_eq!(Interest::parse(interest.entries()), Ok(interest));
        }
        assert!(Interest::parse(["=a..b"]).expect_err("two dots").to_string().contains("`=`"));
    }

    #[test]
    fn a_bad_prefix_says_why() {
        let text = |prefix: &str| Prefix::parse(prefix).expect_err(prefix).to_string();
        assert!(text("").contains("`**` means everything"));
        assert!(text("a*").contains("whole segments"));
        assert!(text("a..b").contains("empty"));
        assert!(text("a\u{1b}").contains("control"));
        assert!(text(&"a".repeat(300)).contains("200 bytes"));
    }

    #[test]
    fn a_prefix_of_two_hundred_bytes_is_the_longest() {
        let longest = "a".repeat(EVENT_TYPE_BYTES_MAX);
        for fits in [longest.clone(), format!("{longest}.")] {
            assert_eq!(Prefix::parse(&fits).expect("fits").as_str(), longest);
        }
        for too_long in [format!("{longest}a"), format!("{longest}a.")] {
            assert!(Prefix::parse(&too_long).is_err(), "{}", too_long.len());
        }
    }

    /// What a prefix means, by trying every stretch.
    fn oracle(pattern: &[Segment], name: &[&str]) -> bool {
        match pattern.split_first() {
            None => true,
            Some((Segment::Any, rest)) => (0..=name.len()).any(|skip| oracle(rest, &name[skip..])),
            Some((Segment::One, rest)) => !name.is_empty() && oracle(rest, &name[1..]),
            Some((Segment::Literal(text), rest)) => {
                name.first().is_some_and(|head| *head == &**text) && oracle(rest, &name[1..])
            }
        }
    }

    proptest! {
        #[test]
        fn matching_agrees_with_trying_everything(
            pattern in prop::collection::vec(prop::sample::select(vec!["a", "b", "*", "**"]), 1..6),
            name in prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..7),
        ) {
            let prefix = Prefix::parse(&pattern.join(".")).expect("good");
            let event_type = EventType::foreign(&name.join(".")).expect("good");
            prop_assert_eq!(prefix.matches(&event_type), oracle(prefix.segments(), &name));
        }
    }
}
