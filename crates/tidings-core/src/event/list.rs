//! Lists of event types, put together at compile time.
//!
//! An event that embeds others has their types too. How many that makes may depend on a
//! type parameter, so the lists are built in arrays of a fixed size and cut.

use super::{Descriptor, Event};
use crate::EventType;

/// The most event types one [`Event`] may have, embedded ones included.
pub const EVENT_TYPES_MAX: usize = 256;

/// A list under construction and its length.
type Cut<T> = ([T; EVENT_TYPES_MAX], usize);

const FILLER: &Descriptor =
    &Descriptor::new(EventType::reserved("tidings.filler"), super::Role::Point, &[]);

/// Puts lists of descriptors behind one another, for `derive(Event)`.
///
/// # Panics
///
/// At compile time, when two of them share an event type or there are more than
/// [`EVENT_TYPES_MAX`].
#[doc(hidden)]
pub const fn concat(lists: &[&'static [&'static Descriptor]]) -> Cut<&'static Descriptor> {
    let mut all = [FILLER; EVENT_TYPES_MAX];
    let mut length = 0;
    let mut list = 0;
    while list < lists.len() {
        let mut index = 0;
        while index < lists[list].len() {
            assert!(length < EVENT_TYPES_MAX, "an event has at most 256 event types");
            let descriptor = lists[list][index];
            assert!(
                !contains(&all, length, descriptor),
                "two variants share an event type; a `transparent` variant embeds it once more"
            );
            all[length] = descriptor;
            length += 1;
            index += 1;
        }
        list += 1;
    }
    (all, length)
}

const fn contains(
    all: &[&'static Descriptor; EVENT_TYPES_MAX],
    length: usize,
    wanted: &Descriptor,
) -> bool {
    let mut index = 0;
    while index < length {
        if same_bytes(
            all[index].event_type.literal().as_bytes(),
            wanted.event_type.literal().as_bytes(),
        ) {
            return true;
        }
        index += 1;
    }
    false
}

const fn same_bytes(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}

const fn types_of(descriptors: &'static [&'static Descriptor]) -> Cut<&'static EventType> {
    let mut all = [&FILLER.event_type; EVENT_TYPES_MAX];
    let mut index = 0;
    while index < descriptors.len() {
        all[index] = &descriptors[index].event_type;
        index += 1;
    }
    (all, descriptors.len())
}

/// Carries [`Event::TYPES`] of `E`.
pub(super) struct TypesOf<E>(std::marker::PhantomData<E>);

impl<E: Event> TypesOf<E> {
    const ALL: &'static Cut<&'static EventType> = &types_of(E::DESCRIPTORS);

    pub(super) const TYPES: &'static [&'static EventType] = Self::ALL.0.split_at(Self::ALL.1).0;
}
