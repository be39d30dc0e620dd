//! The Debug text of any value, also of one that has none.
//!
//! An inherent method goes before a trait's: `Show(&value).show()` is the Debug text where
//! there is one, and a placeholder where there is none. Code written by a macro, which knows
//! no types, relies on it.

use std::fmt::Debug;

/// A value to be shown.
#[derive(Debug)]
pub struct Show<'a, T: ?Sized>(pub &'a T);

impl<T: Debug + ?Sized> Show<'_, T> {
    /// The Debug text.
    pub fn show(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// The way out for values without `Debug`.
pub trait ShowAnything {
    /// A placeholder.
    fn show(&self) -> String;
}

impl<T: ?Sized> ShowAnything for Show<'_, T> {
    fn show(&self) -> String {
        "(a value without Debug)".to_owned()
    }
}
