//! A finished canonical text, with the places of its outermost members.
//!
//! The places are what makes a content id without `volatile` members cheap: they are
//! skipped where they lie, without a second pass and without a copy.

use std::fmt;

use crate::json::object::Member;
use crate::json::writer::keep;

/// A canonical JSON text.
///
/// Two are equal if their texts are; that is what canonical means.
///
/// # Examples
///
/// ```
/// let canonical = tidings_core::json::canonicalize(r#"{ "b": 1.0, "a": "\u0041" }"#)?;
/// assert_eq!(canonical.as_str(), r#"{"a":"A","b":1.0}"#);
/// # Ok::<(), tidings_core::json::CanonicalizeError>(())
/// ```
#[derive(Clone)]
pub struct Canonical {
    text: String,
    members: Vec<Member>,
}

impl Canonical {
    pub(super) fn new(text: String, members: Vec<Member>) -> Self {
        Self { text, members }
    }

    /// Returns the text.
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the text, and forgets where its members lie.
    pub fn into_string(self) -> String {
        if self.text.capacity() / 2 <= self.text.len() {
            return self.text;
        }
        let text = self.text.as_str().to_owned();
        self.recycle();
        text
    }

    /// Lets go of the text; its memory is used for the next one of this thread.
    pub(crate) fn recycle(self) {
        keep(self.text, self.members);
    }

    /// Returns the text without the outermost members of those names; `{}` if all go.
    ///
    /// A text that is no object has no members, and is returned whole.
    ///
    /// # Examples
    ///
    /// ```
    /// let canonical = tidings_core::json::canonicalize(r#"{"n":1,"seconds":0.5}"#)?;
    /// assert_eq!(canonical.without(&["seconds"]), r#"{"n":1}"#);
    /// # Ok::<(), tidings_core::json::CanonicalizeError>(())
    /// ```
    pub fn without(&self, names: &[impl AsRef<str>]) -> String {
        let mut text = String::with_capacity(self.text.len());
        self.pieces_without(names, |piece| text.push_str(piece));
        text
    }

    /// Hands the text to `piece`, in order and in as few pieces as possible, without
    /// the outermost members of those names. A text that is no object is whole.
    pub(crate) fn pieces_without(&self, names: &[impl AsRef<str>], mut piece: impl FnMut(&str)) {
        let left_out =
            |member: &Member| names.iter().any(|name| member.is_named(&self.text, name.as_ref()));
        if names.is_empty() || !self.members.iter().any(left_out) {
            return piece(&self.text);
        }
        piece("{");
        let mut separator = "";
        for run in self.members.split(left_out) {
            if let [first, ..] = run
                && let [.., last] = run
            {
                piece(separator);
                piece(&self.text[first.range().start..last.range().end]);
                separator = ",";
            }
        }
        piece("}");
    }
}

impl PartialEq for Canonical {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Canonical {}

impl fmt::Debug for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Canonical").field(&self.text).finish()
    }
}

impl fmt::Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
