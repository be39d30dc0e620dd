//! A window on a segment: the bytes around the place that is read.
//!
//! What is still in memory, on its way to the file, is read as if it stood there already:
//! a disk that is full does not hold up what can be delivered.

use std::io;
use std::ops::Range;

use super::disk::{Medium, length, read_full_at};
use super::frame::{FRAME_BYTES, MARKER, checked_number, frame_bytes};

/// How much is read at a time.
const CHUNK_BYTES: usize = 256 * 1024;

/// A segment: so many bytes of a file, and then those that are to be written to it.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) medium: &'a dyn Medium,
    pub(super) written: u64,
    pub(super) unwritten: &'a [u8],
}

impl Source<'_> {
    fn end(&self) -> u64 {
        self.written.saturating_add(length(self.unwritten.len()))
    }

    /// Reads until `bytes` are full or there is no more; says how many there were.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let in_file = in_memory(self.written.saturating_sub(offset)).min(bytes.len());
        let (from_file, rest) = bytes.split_at_mut(in_file);
        let read = read_full_at(self.medium, from_file, offset)?;
        if read < in_file {
            return Ok(read);
        }
        let skip = in_memory(offset.saturating_sub(self.written)).min(self.unwritten.len());
        let unwritten = &self.unwritten[skip..];
        let taken = unwritten.len().min(rest.len());
        rest[..taken].copy_from_slice(&unwritten[..taken]);
        Ok(read + taken)
    }
}

/// An intact frame at the place of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) number: u64,
    bytes: usize,
}

impl Frame {
    /// How long its text is.
    pub(super) fn text_bytes(self) -> usize {
        self.bytes - FRAME_BYTES
    }
}

/// Bytes of a segment, and a place among them.
pub(super) struct Window {
    bytes: Vec<u8>,
    /// Where in the segment the first of them stands.
    start: u64,
    /// The place, counted from there.
    at: usize,
}

impl Window {
    pub(super) fn at(offset: u64) -> Self {
        Self { bytes: Vec::new(), start: offset, at: 0 }
    }

    /// The place in the segment.
    pub(super) fn offset(&self) -> u64 {
        self.start.saturating_add(length(self.at))
    }

    /// Goes to the next intact frame that has one of these numbers, over whatever is none;
    /// where there is none any more, to the end.
    pub(super) fn find(
        &mut self,
        source: Source<'_>,
        numbers: &Range<u64>,
    ) -> io::Result<Option<Frame>> {
        loop {
            if let Some(frame) = self.frame_here(source, numbers)? {
                return Ok(Some(frame));
            }
            let available = self.fill(source, 1)?;
            self.pass_bytes(available.min(1));
            if !self.find_marker(source)? {
                return Ok(None);
            }
        }
    }

    /// The text of the frame at this place.
    pub(super) fn text(&self, frame: Frame) -> String {
        let text = &self.bytes[self.at + FRAME_BYTES..self.at + frame.bytes];
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        // It was checked when it was found; the other way is for nobody.
        String::from_utf8(text.to_vec()).unwrap_or_else(|fault| lossy(fault.as_bytes()))
    }

    /// Goes behind the frame at this place.
    pub(super) fn pass(&mut self, frame: Frame) {
        self.pass_bytes(frame.bytes);
    }

    /// How many records seem to begin between this place and the end, where none is whole.
    pub(super) fn count_torn(&mut self, source: Source<'_>) -> io::Result<u64> {
        let available = self.fill(source, FRAME_BYTES)?.min(FRAME_BYTES);
        // A device that lost its power leaves zeros where nothing was written.
        let begun = self.bytes[self.at..self.at + available].iter().any(|byte| *byte != 0);
        let mut markers = 0;
        while self.find_marker(source)? {
            markers += 1;
            self.pass_bytes(MARKER.len());
        }
        Ok(markers.max(u64::from(begun)))
    }

    fn pass_bytes(&mut self, bytes: usize) {
        self.at += bytes;
    }

    fn frame_here(
        &mut self,
        source: Source<'_>,
        numbers: &Range<u64>,
    ) -> io::Result<Option<Frame>> {
        let available = self.fill(source, FRAME_BYTES)?;
        let Some(bytes) = frame_bytes(&self.bytes[self.at..self.at + available]) else {
            return Ok(None);
        };
        // A length that is wrong must not have all the rest read into memory.
        if length(bytes) > source.end().saturating_sub(self.offset())
            || self.fill(source, bytes)? < bytes
        {
            return Ok(None);
        }
        let number = checked_number(&self.bytes[self.at..self.at + bytes]);
        Ok(number.filter(|number| numbers.contains(number)).map(|number| Frame { number, bytes }))
    }

    /// Goes to the next marker, at this place or behind it; where there is none, to the end.
    fn find_marker(&mut self, source: Source<'_>) -> io::Result<bool> {
        loop {
            let available = self.fill(source, MARKER.len())?;
            if available < MARKER.len() {
                self.pass_bytes(available);
                return Ok(false);
            }
            let bytes = &self.bytes[self.at..self.at + available];
            match bytes.windows(MARKER.len()).position(|four| four == MARKER) {
                Some(before) => {
                    self.pass_bytes(before);
                    return Ok(true);
                }
                // The last ones may be the beginning of a marker.
                None => self.pass_bytes(available - MARKER.len() + 1),
            }
        }
    }

    /// Has at least `wanted` bytes from this place on, unless the segment ends before; says
    /// how many there are.
    fn fill(&mut self, source: Source<'_>, wanted: usize) -> io::Result<usize> {
        let left = in_memory(source.end().saturating_sub(self.offset()));
        let available = self.bytes.len() - self.at;
        if available >= wanted || available >= left {
            return Ok(available.min(left));
        }
        self.start = self.offset();
        self.bytes.drain(..self.at);
        self.at = 0;
        if wanted <= CHUNK_BYTES {
            // One long record must not keep its memory for ever.
            self.bytes.shrink_to(CHUNK_BYTES.max(self.bytes.len()));
        }
        self.bytes.resize(wanted.max(CHUNK_BYTES).min(left), 0);
        let offset = self.start.saturating_add(length(available));
        let read = source.read_at(&mut self.bytes[available..], offset);
        self.bytes.truncate(available + *read.as_ref().unwrap_or(&0));
        read.map(|_| self.bytes.len())
    }
}

fn in_memory(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
