//! Expectations: the clauses of an assertion, and what each of them means.
//!
//! Every clause first looks for its answer in one cheap pass; tables and suggestions are
//! made after a no. A clause that expects something never holds for an empty recording.

use std::fmt;

use tidings_core::Envelope;

use super::count::Count;
use super::view::View;
use super::{any_order, count, exactly, in_order, never, pairs, per};
use crate::pattern::Pattern;
use crate::report::Report;

/// One clause of [`assert_events!`](crate::assert_events!) as a value.
///
/// For expectations that are put together at run time; a list that is written down is
/// better off in the macro.
///
/// ```
/// use tidings_assert::{Expectation, Recorder, event};
/// use tidings_derive::Event;
///
/// #[derive(Debug, serde::Serialize, serde::Deserialize, Event)]
/// #[event(namespace = "demo", crate = "tidings_core")]
/// enum Demo {
///     Step { n: u32 },
/// }
///
/// let (bus, _clock) = tidings_assert::test_bus();
/// let recorder = Recorder::on(&bus);
/// let emitter = bus.emitter::<Demo>("demo", "d1");
/// for n in 0..5 {
///     emitter.emit(Demo::Step { n });
/// }
///
/// let steps = (0..5).map(|wanted| event!(move Demo::Step { n } if *n == wanted));
/// recorder.check(&[Expectation::in_order(steps)])?;
/// # Ok::<(), tidings_assert::Mismatch>(())
/// ```
pub struct Expectation<'a>(Clause<'a>);

pub(super) type Key<'a> = Box<dyn Fn(&Envelope) -> String + 'a>;

enum Clause<'a> {
    Exactly(Vec<Pattern<'a>>),
    InOrder(Vec<Pattern<'a>>),
    AnyOrder(Vec<Pattern<'a>>),
    Never(Vec<Pattern<'a>>),
    Count(Vec<(Pattern<'a>, Count)>),
    Pairs,
    Per(Key<'a>, Vec<Expectation<'a>>),
}

impl<'a> Expectation<'a> {
    /// These events, in this order, and no others.
    pub fn exactly(patterns: impl IntoIterator<Item = Pattern<'a>>) -> Self {
        Self(Clause::Exactly(patterns.into_iter().collect()))
    }

    /// These events in this order, others between them allowed: a true subsequence.
    pub fn in_order(patterns: impl IntoIterator<Item = Pattern<'a>>) -> Self {
        Self(Clause::InOrder(patterns.into_iter().collect()))
    }

    /// A different event for each pattern, in any order, others allowed: a true matching.
    pub fn any_order(patterns: impl IntoIterator<Item = Pattern<'a>>) -> Self {
        Self(Clause::AnyOrder(patterns.into_iter().collect()))
    }

    /// No event that matches one of these.
    pub fn never(patterns: impl IntoIterator<Item = Pattern<'a>>) -> Self {
        Self(Clause::Never(patterns.into_iter().collect()))
    }

    /// So many events that match each of these.
    pub fn count(counts: impl IntoIterator<Item = (Pattern<'a>, Count)>) -> Self {
        Self(Clause::Count(counts.into_iter().collect()))
    }

    /// Every end has an earlier beginning of the same entity, and every beginning an end, by
    /// the hints `#[event(begin)]` and `#[event(end)]`.
    pub fn starts_before_finish() -> Self {
        Self(Clause::Pairs)
    }

    /// Each of `clauses` for each group of events that have the same key.
    pub fn per(
        key: impl Fn(&Envelope) -> String + 'a,
        clauses: impl IntoIterator<Item = Expectation<'a>>,
    ) -> Self {
        Self(Clause::Per(Box::new(key), clauses.into_iter().collect()))
    }

    pub(crate) fn check(&self, view: &View<'_>) -> Result<(), Report> {
        if view.is_empty() && self.expects_something() {
            return Err(self.of_nothing());
        }
        match &self.0 {
            Clause::Exactly(patterns) => exactly::check(patterns, view),
            Clause::InOrder(patterns) => in_order::check(patterns, view),
            Clause::AnyOrder(patterns) => any_order::check(patterns, view),
            Clause::Never(patterns) => never::check(patterns, view),
            Clause::Count(counts) => count::check(counts, view),
            Clause::Pairs => pairs::check(view),
            Clause::Per(key, clauses) => per::check(key, clauses, view),
        }
    }

    /// Whether an empty recording cannot be what was meant.
    fn expects_something(&self) -> bool {
        match &self.0 {
            Clause::Exactly(patterns) => !patterns.is_empty(),
            Clause::Never(_) => false,
            Clause::Count(counts) => counts.iter().any(|(_, count)| !count.contains(0)),
            Clause::InOrder(_) | Clause::AnyOrder(_) | Clause::Pairs => true,
            Clause::Per(_, clauses) => clauses.iter().any(Expectation::expects_something),
        }
    }

    fn name(&self) -> &'static str {
        match &self.0 {
            Clause::Exactly(_) => "exactly",
            Clause::InOrder(_) => "in_order",
            Clause::AnyOrder(_) => "any_order",
            Clause::Never(_) => "never",
            Clause::Count(_) => "count",
            Clause::Pairs => "starts_before_finish",
            Clause::Per(..) => "per",
        }
    }

    fn of_nothing(&self) -> Report {
        let expected = match &self.0 {
            Clause::Exactly(patterns) | Clause::InOrder(patterns) | Clause::AnyOrder(patterns) => {
                let first = patterns.first().map_or("nothing", Pattern::text);
                match patterns.len() {
                    0 | 1 => format!(": `{first}` was expected"),
                    more => format!(": `{first}` and {} more were expected", more - 1),
                }
            }
            _ => String::new(),
        };
        Report::new(format!("{}: nothing was recorded{expected}", self.name()))
            .with_note("was the recorder registered before the events were emitted?")
            .with_note("does its interest cover their types, and is it on the same bus?")
    }
}

impl fmt::Debug for Expectation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expectation").field(&self.name()).finish()
    }
}
