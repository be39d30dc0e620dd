//! A lane's own copies of emitters' contexts.
//!
//! Two threads that clone one shared `Arc` write the same counter and slow each other
//! down; so each lane keeps a copy of its own, per emitter and scope.

use std::sync::Arc;

use tidings_core::Context;
use tidings_core::emitter::Source;

/// How many emitters a lane remembers; a power of two.
const PLACES: usize = 64;

type Place = Option<((u64, u64), Arc<Context>)>;

/// A small cache in which each emitter has one place.
pub(super) struct ContextCache {
    places: Box<[Place]>,
}

impl ContextCache {
    pub(super) fn new() -> Self {
        Self { places: Box::new([]) }
    }

    /// The context of this emitter in this scope.
    #[inline]
    pub(super) fn get(&mut self, source: &Source) -> Arc<Context> {
        let key = source.key();
        match self.places.get(place(key)) {
            Some(Some((known, context))) if *known == key => Arc::clone(context),
            _ => self.make(key, source),
        }
    }

    #[cold]
    fn make(&mut self, key: (u64, u64), source: &Source) -> Arc<Context> {
        if self.places.is_empty() {
            self.places = vec![None; PLACES].into();
        }
        let context = Arc::new(source.context_here());
        self.places[place(key)] = Some((key, Arc::clone(&context)));
        context
    }
}

/// Derived emitters have neighbouring keys, and scopes neighbouring ids.
#[inline]
fn place(key: (u64, u64)) -> usize {
    let hash = key.0 ^ key.1.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(7);
    usize::try_from(hash % PLACES as u64).expect("a small number")
}
