//! Patterns: what an assertion asks of one event.
//!
//! A pattern answers yes or no in one call. Only after a no does anybody ask it why, and
//! only then is any text made.

use std::fmt;
use std::marker::PhantomData;

use tidings_core::{Envelope, Event};

use super::describe::{self, Description};
use super::explain::Explain;
use crate::report::text::escaped;

/// A Rust pattern, with its guard, that an event matches or not.
///
/// Made by [`event!`](crate::event!), and by every clause of
/// [`assert_events!`](crate::assert_events!) for each of its entries. It may borrow what its
/// guard names.
pub struct Pattern<'a> {
    source: &'static str,
    name: Option<String>,
    matcher: Box<dyn Matcher + 'a>,
}

impl<'a> Pattern<'a> {
    /// A pattern for events of type `E`, out of the two closures that `event!` writes.
    #[doc(hidden)]
    pub fn new<E: Event>(
        text: &'static str,
        hits: impl Fn(&E) -> bool + 'a,
        explain: impl Fn(&E) -> Explain + 'a,
    ) -> Self {
        let matcher = Typed { hits, explain, event: PhantomData };
        Self { source: text, name: None, matcher: Box::new(matcher) }
    }

    /// The pattern `_`: any event of any type, if the guard says so.
    #[doc(hidden)]
    pub fn any(text: &'static str, guard: impl Fn() -> bool + 'a) -> Self {
        Self { source: text, name: None, matcher: Box::new(Anything(guard)) }
    }

    /// Replaces the text that failures show the pattern by.
    ///
    /// For patterns made in a loop, which were all written the same. A suggestion shows the
    /// pattern as it was written: the name need not be Rust.
    ///
    /// ```
    /// use tidings_assert::{Expectation, Recorder, event};
    /// # use tidings_derive::Event;
    /// # #[derive(Debug, serde::Serialize, serde::Deserialize, Event)]
    /// # #[event(namespace = "demo", crate = "tidings_core")]
    /// # enum Demo { Step { n: u32 } }
    ///
    /// let steps = (1..=3).map(|wanted| {
    ///     event!(move Demo::Step { n } if *n == wanted).named(format!("step {wanted}"))
    /// });
    /// let mismatch = Recorder::new().check(&[Expectation::in_order(steps)]);
    /// let text = mismatch.expect_err("nothing was emitted").to_string();
    /// assert!(text.starts_with("in_order: nothing was recorded: `step 1` and 2 more"));
    /// ```
    #[must_use]
    pub fn named(mut self, text: impl Into<String>) -> Self {
        self.name = Some(escaped(&text.into()));
        self
    }

    /// The pattern as failures show it: as it was written, guard included, unless it was
    /// [`named`](Self::named).
    pub fn text(&self) -> &str {
        self.name.as_deref().unwrap_or(self.source)
    }

    /// The pattern as it was written, guard included.
    pub(crate) fn source(&self) -> &'static str {
        self.source
    }

    /// Whether the event matches.
    ///
    /// An event that came from elsewhere is decoded for it; one that cannot be decoded does
    /// not match.
    pub fn matches(&self, envelope: &Envelope) -> bool {
        self.matcher.hits(envelope)
    }

    /// What differs, of an event that does not match.
    pub(crate) fn explain(&self, envelope: &Envelope) -> Explain {
        self.matcher.explain(envelope)
    }

    /// The event as its type shows it, when it is of the pattern's type.
    pub(crate) fn describe(&self, envelope: &Envelope) -> Option<Description> {
        self.matcher.describe(envelope)
    }
}

impl fmt::Debug for Pattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text()).finish()
    }
}

trait Matcher {
    fn hits(&self, envelope: &Envelope) -> bool;
    fn explain(&self, envelope: &Envelope) -> Explain;
    fn describe(&self, envelope: &Envelope) -> Option<Description>;
}

struct Typed<E, H, X> {
    hits: H,
    explain: X,
    event: PhantomData<fn(&E)>,
}

impl<E: Event, H: Fn(&E) -> bool, X: Fn(&E) -> Explain> Matcher for Typed<E, H, X> {
    fn hits(&self, envelope: &Envelope) -> bool {
        match envelope.event::<E>() {
            Ok(Some(event)) => (self.hits)(&event),
            Ok(None) | Err(_) => false,
        }
    }

    fn explain(&self, envelope: &Envelope) -> Explain {
        match envelope.event::<E>() {
            Ok(Some(event)) => (self.explain)(&event),
            Ok(None) => Explain::of_another_type(describe::short_name::<E>()),
            Err(error) => Explain::unreadable(&error),
        }
    }

    fn describe(&self, envelope: &Envelope) -> Option<Description> {
        let event = envelope.event::<E>().ok()??;
        let volatile = envelope.payload().volatile();
        Some(Description::of::<E>(&event, volatile))
    }
}

struct Anything<G>(G);

impl<G: Fn() -> bool> Matcher for Anything<G> {
    fn hits(&self, _: &Envelope) -> bool {
        (self.0)()
    }

    fn explain(&self, _: &Envelope) -> Explain {
        let mut explain = Explain::new();
        explain.case("_", &[], true);
        explain.guard("the guard", &[]);
        explain
    }

    fn describe(&self, _: &Envelope) -> Option<Description> {
        None
    }
}
