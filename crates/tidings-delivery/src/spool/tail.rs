//! The tail of a spool: records on their way to the last segment.
//!
//! Whole records wait in memory until they are written with one call. A write that fails
//! leaves whole records, or its fragment is taken back; where not even that can be done,
//! the file is given up, and what waits goes to another one.

use std::io;
use std::sync::Arc;

use super::disk::{Medium, length, write_all_at};
use super::frame::{FRAME_BYTES, number_of, push_frame, whole_frames};
use super::window::Source;

/// How much room for records is kept for ever.
const KEPT_BYTES: usize = 1024 * 1024;

pub(super) struct Tail {
    medium: Arc<dyn Medium>,
    /// Where the last whole record in the file ends.
    written: u64,
    /// Whole records that are not written yet.
    buffer: Vec<u8>,
    /// Whether there may be a fragment in the file that could not be taken back.
    broken: bool,
}

impl Tail {
    /// A tail behind so many bytes of a file.
    pub(super) fn new(medium: Arc<dyn Medium>, written: u64) -> Self {
        Self { medium, written, buffer: Vec::new(), broken: false }
    }

    pub(super) fn medium(&self) -> &Arc<dyn Medium> {
        &self.medium
    }

    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// How long the segment is, with what waits.
    pub(super) fn end(&self) -> u64 {
        self.written.saturating_add(length(self.buffer.len()))
    }

    /// How long the part is that has been written.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// How many bytes wait.
    pub(super) fn unwritten_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// The number of the first record that waits.
    pub(super) fn first_unwritten(&self) -> Option<u64> {
        (self.buffer.len() >= FRAME_BYTES).then(|| number_of(&self.buffer))
    }

    pub(super) fn source(&self) -> Source<'_> {
        Source { medium: &*self.medium, written: self.written, unwritten: &self.buffer }
    }

    /// Puts a record behind those that wait.
    pub(super) fn push(&mut self, number: u64, text: &str) {
        push_frame(number, text, &mut self.buffer);
    }

    /// Writes what waits. Whole records that could not be written wait on.
    pub(super) fn write_out(&mut self) -> io::Result<()> {
        let (written, outcome) = write_all_at(&*self.medium, &self.buffer, self.written);
        if outcome.is_ok() {
            self.written = self.end();
            self.buffer.clear();
            self.buffer.shrink_to(KEPT_BYTES);
            return Ok(());
        }
        let whole = whole_frames(&self.buffer, written);
        self.buffer.drain(..whole);
        self.cut(self.written.saturating_add(length(whole)));
        outcome
    }

    /// Goes on behind so many bytes of another file, with all that waits.
    pub(super) fn move_to(&mut self, medium: Arc<dyn Medium>, written: u64) {
        self.medium = medium;
        self.written = written;
        self.broken = false;
    }

    fn cut(&mut self, end: u64) {
        self.written = end;
        self.broken = self.medium.cut(end).is_err();
    }
}
