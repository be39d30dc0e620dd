//! What an envelope knows of its content, whatever its type.

use std::any::{Any, TypeId};
use std::fmt;

use super::{Event, RawPayload, Role};
use crate::json::{Canonical, EncodeError, Encoder};

/// A typed or raw payload behind one object-safe trait.
///
/// Implemented for every [`Event`] and for [`RawPayload`]; users have no need to.
pub trait Payload: fmt::Debug + Send + Sync + 'static {
    /// The canonical JSON of the content.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when a part has no JSON form.
    fn to_canonical(&self) -> Result<Canonical, EncodeError>;

    /// The names of the top-level fields that are no part of the content id.
    fn volatile(&self) -> Volatile<'_>;

    /// Whether the event begins or ends its entity.
    fn role(&self) -> Role;

    /// The value, or one embedded in it, as the type that is asked for.
    fn project(&self, target: TypeId) -> Option<&dyn Any>;

    /// Calls `visit` with the name and the value of each top-level field.
    fn fields(&self, visit: &mut dyn FnMut(&str, &dyn fmt::Debug));

    /// The JSON text as it came in, when the payload is raw.
    fn as_raw(&self) -> Option<&RawPayload> {
        None
    }
}

impl<E: Event> Payload for E {
    fn to_canonical(&self) -> Result<Canonical, EncodeError> {
        let mut encoder = Encoder::new();
        self.encode(&mut encoder)?;
        Ok(encoder.finish())
    }

    fn volatile(&self) -> Volatile<'_> {
        Volatile::Static(self.descriptor().volatile)
    }

    fn role(&self) -> Role {
        Event::role(self)
    }

    fn project(&self, target: TypeId) -> Option<&dyn Any> {
        Event::project(self, target)
    }

    fn fields(&self, visit: &mut dyn FnMut(&str, &dyn fmt::Debug)) {
        Event::fields(self, &mut |name, value| visit(name, value));
    }
}

/// Names of the fields that are left out of a content id.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Volatile<'a> {
    /// Declared by a type of this program.
    Static(&'static [&'static str]),
    /// Said by an event that came from elsewhere.
    Owned(&'a [Box<str>]),
}

impl<'a> Volatile<'a> {
    /// The names.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        let (fixed, owned): (&'static [&'static str], &'a [Box<str>]) = match self {
            Self::Static(names) => (names, &[]),
            Self::Owned(names) => (&[], names),
        };
        fixed.iter().copied().chain(owned.iter().map(|name| &**name))
    }

    /// Whether `name` is one of them.
    pub fn contains(self, name: &str) -> bool {
        self.iter().any(|volatile| volatile == name)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }
}
