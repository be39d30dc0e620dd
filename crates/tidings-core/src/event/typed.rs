//! The trait of a user's events, and a borrowed or decoded value of one.

use std::any::{Any, TypeId};
use std::fmt;
use std::ops::Deref;

use super::list::TypesOf;
use super::{DecodeError, Descriptor, Role};
use crate::EventType;
use crate::json::{EncodeError, Encoder};

/// A user's typed, immutable payload: an enum (one event type per variant) or a struct.
///
/// Implemented by `#[derive(Event)]` on top of plain serde derives. Every method is called
/// by the bus or an observer, on whatever thread it runs, as often as it likes: they must
/// not block and have no effect.
///
/// # By hand
///
/// Where the derive does not fit, an event of one type needs this much. What `encode`
/// writes, `decode` has to read; the names in the descriptor's `volatile` are those that
/// `encode` writes.
///
/// ```
/// use std::any::{Any, TypeId};
/// use std::fmt::Debug;
///
/// use tidings_core::json::{EncodeError, Encoder};
/// use tidings_core::{ContentId, DecodeError, Descriptor, Entity, Event, EventType, Role};
///
/// #[derive(Debug, PartialEq)]
/// struct Temperature {
///     celsius: f64,
/// }
///
/// impl Event for Temperature {
///     const DESCRIPTORS: &'static [&'static Descriptor] =
///         &[&Descriptor::new(EventType::from_static("lab.temperature"), Role::Point, &[])];
///
///     fn descriptor_index(&self) -> usize {
///         0
///     }
///
///     fn encode(&self, encoder: &mut Encoder) -> Result<(), EncodeError> {
///         encoder.value(&self.celsius)
///     }
///
///     fn decode(_index: usize, data: &str) -> Result<Self, DecodeError> {
///         let celsius = data.parse().map_err(|_| DecodeError::new("no temperature"))?;
///         Ok(Self { celsius })
///     }
///
///     fn fields(&self, visit: &mut dyn FnMut(&'static str, &dyn Debug)) {
///         visit("celsius", &self.celsius);
///     }
///
///     fn project(&self, target: TypeId) -> Option<&dyn Any> {
///         (target == TypeId::of::<Self>()).then_some(self)
///     }
/// }
///
/// let warm = Temperature { celsius: 21.5 };
/// assert_eq!(warm.event_type(), "lab.temperature");
/// assert_eq!(Temperature::TYPES.len(), 1);
/// assert_eq!(Temperature::decode(0, "21.5")?, warm);
/// assert!(ContentId::of(&Temperature { celsius: f64::NAN }, &Entity::new("lab", "3")).is_err());
/// # Ok::<(), DecodeError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no event",
    note = "add `#[derive(Debug, Serialize, Deserialize, Event)]` to `{Self}`"
)]
pub trait Event: fmt::Debug + Send + Sync + Sized + 'static {
    /// Every event type a value can have, embedded ones included, in the order of the
    /// variants.
    const DESCRIPTORS: &'static [&'static Descriptor];

    /// The names of [`DESCRIPTORS`](Self::DESCRIPTORS), in their order; nobody has to give
    /// them.
    const TYPES: &'static [&'static EventType] = TypesOf::<Self>::TYPES;

    /// The place of this value's type in [`DESCRIPTORS`](Self::DESCRIPTORS).
    ///
    /// Asked on every emit; a place that does not exist panics there.
    fn descriptor_index(&self) -> usize;

    /// Writes the content of this value, without serde's enum tag.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when a part has no JSON form (NaN, an infinity, …).
    fn encode(&self, encoder: &mut Encoder) -> Result<(), EncodeError>;

    /// Reads a value of the type at `index` of [`DESCRIPTORS`](Self::DESCRIPTORS).
    ///
    /// # Errors
    ///
    /// [`DecodeError`] when `data` is no JSON of that shape.
    fn decode(index: usize, data: &str) -> Result<Self, DecodeError>;

    /// Calls `visit` with the name and the value of each top-level field.
    fn fields(&self, visit: &mut dyn FnMut(&'static str, &dyn fmt::Debug));

    /// This value, or one embedded in it, as the type that is asked for.
    ///
    /// What is returned has to be of that type; anything else counts as `None`.
    fn project(&self, target: TypeId) -> Option<&dyn Any>;

    /// What is known of this value's type.
    fn descriptor(&self) -> &'static Descriptor {
        Self::DESCRIPTORS[self.descriptor_index()]
    }

    /// The event type of this value.
    fn event_type(&self) -> &'static EventType {
        &self.descriptor().event_type
    }

    /// Whether this value begins or ends its entity.
    fn role(&self) -> Role {
        self.descriptor().role
    }
}

/// An event as the type that was asked for: borrowed from the envelope when it was emitted
/// here, decoded when it came from elsewhere.
#[derive(Debug)]
#[non_exhaustive]
pub enum EventRef<'a, E> {
    /// The value that was emitted.
    Borrowed(&'a E),
    /// A value decoded from JSON.
    Decoded(Box<E>),
}

impl<E> Deref for EventRef<'_, E> {
    type Target = E;

    fn deref(&self) -> &E {
        match self {
            Self::Borrowed(event) => event,
            Self::Decoded(event) => event,
        }
    }
}
