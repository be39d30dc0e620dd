//! Patterns: what an assertion asks of one event.
//!
//! A pattern answers yes or no in one call. Only after a no does anybody ask it why, and
//! only then is any text made.

use std::fmt;
use std::marker::PhantomData;

use tidings_core::{Envelope, Event};

use super::describe::{self, Description};
use super::explain::Explain;

/// A Rust pattern, with its guard, that an event matches or not.
///
/// Made by [`event!`](crate::event!), and by every clause of
/// [`assert_events!`](crate::assert_events!) for each of its entries. It may borrow what its
/// guard names.
pub struct Pattern<'a> {
    text: &'static str,
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
        Self { text, matcher: Box::new(matcher) }
    }

    /// The pattern `_`: any event of any type, if the guard says so.
    #[doc(hidden)]
    pub fn any(text: &'static str, guard: impl Fn() -> bool + 'a) -> Self {
        Self { text, matcher: Box::new(Anything(guard)) }
    }

    /// The pattern as it was written, guard included.
    pub fn text(&self) -> &'static str {
        self.text
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
        f.debug_tuple("Pattern").field(&self.text).finish()
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
