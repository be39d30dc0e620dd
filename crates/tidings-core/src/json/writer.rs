//! The buffer every canonical text is written into, typed or raw, and the containers
//! that are open in it.
//!
//! Members of open objects lie on one stack; an object owns those above its `base`.
//! When an object ends, its members are in order and gone from the stack, except for
//! the outermost one: its members stay, as the index of the finished text.

use std::cell::Cell;

use serde::Serialize;

use crate::json::error::{EncodeError, EncodeFault};
use crate::json::object::{Frame, Member, TEXT_BYTES_MAX};

/// How many containers may be open at once.
///
/// What is accepted can be read back by `serde_json`, whose own limit is 127, inside
/// one more object.
pub const DEPTH_MAX: usize = 126;

/// How many newtypes and `Some`s may be around one value: they have no text, and so would
/// nest until the stack is full.
pub(super) const WRAPPERS_MAX: usize = 1_000;

const TEXT_BYTES: usize = 512;
const MEMBERS: usize = 16;
/// The most memory that a thread keeps.
const SPARE_BYTES_MAX: usize = 64 * 1024;
const SPARE_MEMBERS_MAX: usize = 1_024;

/// A text that is being written.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) out: String,
    pub(super) members: Vec<Member>,
    pub(super) scratch: String,
    depth: usize,
    wrappers: usize,
}

thread_local! {
    /// The memory of the last text that this thread is through with.
    static SPARE: Cell<Option<(String, Vec<Member>)>> = const { Cell::new(None) };
}

/// Keeps memory for the next text of this thread, within reason.
///
/// An event's text is copied to where it stays. Making it in memory that was used before
/// costs one allocation of the right size, in place of three that are too large.
pub(super) fn keep(mut out: String, mut members: Vec<Member>) {
    if out.capacity() > SPARE_BYTES_MAX || members.capacity() > SPARE_MEMBERS_MAX {
        return;
    }
    out.clear();
    members.clear();
    // A thread that is ending keeps nothing.
    let _kept = SPARE.try_with(|spare| spare.set(Some((out, members))));
}

impl Writer {
    pub(super) fn new() -> Self {
        let spare = SPARE.try_with(Cell::take).ok().flatten();
        let (out, members) = spare
            .unwrap_or_else(|| (String::with_capacity(TEXT_BYTES), Vec::with_capacity(MEMBERS)));
        Self { out, members, scratch: String::new(), depth: 0, wrappers: 0 }
    }

    /// Forgets what was written, and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.out.clear();
        self.members.clear();
        self.depth = 0;
        self.wrappers = 0;
    }

    /// Says whether every container that was opened is closed again.
    ///
    /// One is not if an error inside it was swallowed on its way out.
    pub(super) fn check_complete(&self) -> Result<(), EncodeFault> {
        if self.depth == 0 { Ok(()) } else { Err(EncodeFault::Swallowed) }
    }

    /// Opens an array.
    #[inline]
    pub(super) fn begin_array(&mut self) -> Result<(), EncodeFault> {
        self.descend()?;
        self.out.push('[');
        Ok(())
    }

    /// Separates an element from the one before it.
    #[inline]
    pub(super) fn begin_element(&mut self, index: usize) {
        if index > 0 {
            self.out.push(',');
        }
    }

    /// Closes an array.
    #[inline]
    pub(super) fn end_array(&mut self) {
        self.depth -= 1;
        self.out.push(']');
    }

    /// Opens an object.
    #[inline]
    pub(super) fn begin_object(&mut self) -> Result<Frame, EncodeFault> {
        self.descend()?;
        self.out.push('{');
        Ok(Frame::new(self.members.len(), self.out.len(), self.depth))
    }

    /// Closes an object; its members are in order from here on.
    #[inline]
    pub(super) fn end_object(&mut self, frame: &Frame) -> Result<(), EncodeFault> {
        if self.depth != frame.depth() {
            return Err(EncodeFault::Swallowed);
        }
        if self.out.len() > TEXT_BYTES_MAX {
            return Err(EncodeFault::TooLong);
        }
        if !frame.is_sorted() {
            self.sort(frame)?;
        }
        self.depth -= 1;
        self.out.push('}');
        if self.depth > 0 {
            self.members.truncate(frame.base());
        }
        Ok(())
    }

    /// Writes what a newtype or a `Some` holds.
    #[inline]
    pub(super) fn write_wrapped<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
    ) -> Result<(), EncodeError> {
        let around = self.wrappers;
        if around == WRAPPERS_MAX {
            return Err(EncodeFault::TooWrapped.into());
        }
        self.wrappers = around + 1;
        let written = value.serialize(&mut *self);
        self.wrappers = around;
        written
    }

    #[inline]
    fn descend(&mut self) -> Result<(), EncodeFault> {
        if self.depth == DEPTH_MAX {
            return Err(EncodeFault::TooDeep);
        }
        self.depth += 1;
        Ok(())
    }
}
