//! The spool: records in, records out, records done.

use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::disk::length;
use super::error::SpoolError;
use super::fault::SpoolFault;
use super::frame::{FRAME_BYTES, HEAD_BYTES, TEXT_BYTES_MAX};
use super::limits::Limits;
use super::position::Position;
use super::reading::Cursor;
use super::segments::Segments;
use super::tail::Tail;
use super::unsynced::Unsynced;
use crate::settings::{SpoolFsync, SpoolFull};

/// Records in a folder, in order: see the [module](super).
pub(crate) struct Spool {
    pub(super) limits: Limits,
    pub(super) segments: Segments,
    /// What is on its way to the last segment; none until there is something.
    pub(super) tail: Option<Tail>,
    pub(super) position: Position,
    /// Whether the position on disk says less than `acked`.
    pub(super) position_is_late: bool,
    /// Through which record all are done.
    pub(super) acked: u64,
    /// The number that the next record gets.
    pub(super) next: u64,
    pub(super) cursor: Cursor,
    /// Records behind `acked` that were found damaged: nobody will ever acknowledge them.
    pub(super) lost: VecDeque<RangeInclusive<u64>>,
    /// Dropped records that no append has told yet.
    pub(super) dropped: Option<RangeInclusive<u64>>,
    pub(super) opened: Opened,
    /// The folder, of which the device has to know the entries; none where a system has no
    /// such thing.
    pub(super) folder: Option<Arc<Unsynced>>,
    /// Held as long as the spool is open.
    pub(super) _lock: File,
}

/// What was found when a spool was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    /// How many records wait from earlier; damaged ones, which are found when they are
    /// read, included.
    pub(crate) records: u64,
    /// The number of the first of them.
    pub(crate) first: u64,
    /// The number that the next record gets.
    pub(crate) next: u64,
    /// What was damaged.
    pub(crate) faults: Vec<SpoolFault>,
}

/// A record that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Appended {
    pub(crate) number: u64,
    /// The oldest records, which went to make room. Those of them that had been read are in
    /// the hands of whoever read them, and lack nothing but the copy on disk.
    pub(crate) dropped: Option<RangeInclusive<u64>>,
}

/// A record that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) number: u64,
    pub(crate) text: String,
}

impl Spool {
    /// What was found when it was opened.
    pub(crate) fn opened(&self) -> &Opened {
        &self.opened
    }

    /// How many records have not been read; damaged ones that nobody met yet included.
    pub(crate) fn unread(&self) -> u64 {
        self.next.saturating_sub(self.cursor.unread)
    }

    /// How many records are not done.
    pub(crate) fn waiting(&self) -> u64 {
        let lost = self.lost.iter().map(|lost| lost.end() - lost.start() + 1).sum::<u64>();
        (self.next - 1).saturating_sub(self.acked).saturating_sub(lost)
    }

    /// How many bytes all segments have.
    pub(crate) fn bytes(&self) -> u64 {
        self.segments.bytes()
    }

    /// The number of the first record that is not done.
    pub(crate) fn first_waiting(&self) -> u64 {
        self.acked + 1
    }

    /// The number of the first record that has not been read.
    pub(crate) fn first_unread(&self) -> u64 {
        self.cursor.unread
    }

    /// The number that the next record gets.
    pub(crate) fn next_number(&self) -> u64 {
        self.next
    }

    /// How many records that are not done are still in memory alone.
    pub(crate) fn unwritten(&self) -> u64 {
        let first = self.tail.as_ref().and_then(Tail::first_unwritten);
        first.map_or(0, |first| self.next.saturating_sub(first.max(self.first_waiting())))
    }

    /// Takes a record. It may stay in memory until the next
    /// [`flush_buffer`](Self::flush_buffer).
    ///
    /// # Errors
    ///
    /// [`SpoolError::Full`], [`SpoolError::TooLong`], or [`SpoolError::Write`]: the record
    /// was not taken, all others are as they were, and the next one is tried again.
    pub(crate) fn append(&mut self, text: &str) -> Result<Appended, SpoolError> {
        let frame = length(text.len()).saturating_add(length(FRAME_BYTES));
        let text_bytes_max = self.limits.text_bytes_max().min(length(TEXT_BYTES_MAX));
        if length(text.len()) > text_bytes_max {
            let bytes = length(text.len());
            return Err(SpoolError::TooLong { bytes, bytes_max: text_bytes_max });
        }
        self.make_room(frame)?;
        self.make_tail(frame)?;
        let number = self.next;
        if let Some(tail) = &mut self.tail {
            tail.push(number, text);
            self.segments.set_back_bytes(tail.end());
        }
        self.next += 1;
        Ok(Appended { number, dropped: self.dropped.take() })
    }

    /// Hands everything that was taken to the system: whatever happens to this process,
    /// it is found again.
    pub(crate) fn flush_buffer(&mut self) -> Result<(), SpoolError> {
        self.mend_tail()?;
        let Some(tail) = &mut self.tail else { return Ok(()) };
        if tail.unwritten_bytes() == 0 {
            return Ok(());
        }
        let outcome = tail.write_out();
        if self.limits.fsync != SpoolFsync::Never {
            self.segments.mark_back(tail.medium());
        }
        let Some(segment) = self.segments.back() else { return Ok(()) };
        outcome.map_err(SpoolError::write(&segment.path))
    }

    /// Waits until the device has everything that was written before, and needs neither the
    /// spool nor its lock to do so; none when there is nothing to wait for.
    pub(crate) fn sync_handle(
        &self,
    ) -> Option<impl FnOnce() -> io::Result<()> + Send + 'static + use<>> {
        let folder = self.folder.iter().filter(|folder| folder.is_dirty());
        let unsynced: Vec<_> = self.segments.unsynced().chain(folder).cloned().collect();
        let wait = |all: Vec<Arc<Unsynced>>| all.iter().try_for_each(|one| one.sync());
        (!unsynced.is_empty()).then_some(move || wait(unsynced))
    }

    /// Has reading go on behind this record, which whoever appended it has in hand.
    pub(crate) fn mark_read_through(&mut self, number: u64) {
        self.cursor.unread = self.cursor.unread.max(number.min(self.next - 1) + 1);
    }

    /// Says that all records through this one are done, and removes the segments of which
    /// all are.
    pub(crate) fn acknowledge(&mut self, through: u64) -> Result<(), SpoolError> {
        let through = through.min(self.next - 1);
        if through > self.acked {
            self.set_acked(through);
        }
        self.write_position()?;
        self.remove_done(self.limits.segment_bytes / 2)
    }

    /// Writes everything and lets go of the folder, in which an empty spool leaves no
    /// segment.
    pub(crate) fn close(mut self) -> Result<(), SpoolError> {
        self.flush_buffer()?;
        self.write_position()?;
        self.remove_done(0)?;
        if self.limits.fsync == SpoolFsync::Never {
            return Ok(());
        }
        self.sync()?;
        self.position.sync()
    }

    /// Records that went to make room and that no append has told, because it failed.
    pub(crate) fn take_dropped(&mut self) -> Option<RangeInclusive<u64>> {
        self.dropped.take()
    }

    /// Has all records through this one count as done.
    pub(super) fn set_acked(&mut self, through: u64) {
        self.acked = self.acked.max(through);
        while let Some(lost) = self.lost.pop_front_if(|lost| *lost.start() <= self.acked + 1) {
            self.acked = self.acked.max(*lost.end());
        }
        self.cursor.unread = self.cursor.unread.max(self.acked + 1);
        self.position_is_late = true;
    }

    fn write_position(&mut self) -> Result<(), SpoolError> {
        if self.position_is_late {
            self.position.write(self.acked)?;
            self.position_is_late = false;
        }
        Ok(())
    }

    /// Removes segments of which all records are done; the last one only if it has so many
    /// bytes, because a new one costs more than to go on with it.
    pub(super) fn remove_done(&mut self, last_bytes_min: u64) -> Result<(), SpoolError> {
        while let Some(front) = self.segments.front() {
            let is_done = self.segments.end_of(0, self.next) - 1 <= self.acked;
            let is_last = self.segments.len() == 1;
            if !is_done || (is_last && front.bytes < last_bytes_min) {
                break;
            }
            self.remove_front()?;
        }
        Ok(())
    }

    fn remove_front(&mut self) -> Result<(), SpoolError> {
        self.segments.remove_front()?;
        if self.segments.len() == 0 {
            self.tail = None;
        }
        Ok(())
    }

    /// Sees to it that so many more bytes do not exceed the bound.
    fn make_room(&mut self, frame: u64) -> Result<(), SpoolError> {
        loop {
            let needed = frame + if self.needs_segment(frame) { length(HEAD_BYTES) } else { 0 };
            if self.segments.bytes() + needed <= self.limits.bytes_max {
                return Ok(());
            }
            let segments = self.segments.len();
            self.remove_done(0)?;
            if self.segments.len() < segments {
                continue;
            }
            if self.limits.full != SpoolFull::DropOldest || segments == 0 {
                return Err(SpoolError::Full);
            }
            self.drop_oldest()?;
        }
    }

    fn drop_oldest(&mut self) -> Result<(), SpoolError> {
        let last = self.segments.end_of(0, self.next) - 1;
        let first = self.acked + 1;
        self.remove_front()?;
        let first = self.dropped.take().map_or(first, |earlier| *earlier.start());
        self.dropped = Some(first..=last);
        self.set_acked(last);
        // A position that stays behind is told at the next acknowledgement, and after a
        // crash these records are missed rather than read.
        drop(self.write_position());
        Ok(())
    }

    fn needs_segment(&self, frame: u64) -> bool {
        let Some(tail) = &self.tail else { return true };
        tail.end() > length(HEAD_BYTES) && tail.end() + frame > self.limits.segment_bytes
    }

    /// Sees to it that the tail can take so many bytes.
    fn make_tail(&mut self, frame: u64) -> Result<(), SpoolError> {
        self.mend_tail()?;
        let waiting = self.tail.as_ref().map_or(0, |tail| length(tail.unwritten_bytes()));
        let needs_segment = self.needs_segment(frame);
        if waiting > 0 && (needs_segment || waiting + frame > self.limits.group_bytes) {
            self.flush_buffer()?;
        }
        if needs_segment {
            self.begin_segment(self.next)?;
        }
        Ok(())
    }

    /// Leaves a file in which a fragment could not be taken back.
    fn mend_tail(&mut self) -> Result<(), SpoolError> {
        let Some(tail) = self.tail.as_ref().filter(|tail| tail.is_broken()) else {
            return Ok(());
        };
        let first = tail.first_unwritten().unwrap_or(self.next);
        // What is left behind: a segment without a record gives its name to the new one.
        self.segments.set_back_bytes(tail.written());
        let begun = self.begin_segment(first);
        match (&begun, &self.tail) {
            // Records that were to be read there stand elsewhere now.
            (Ok(()), _) => self.cursor.forget_place(),
            (Err(_), Some(tail)) => self.segments.set_back_bytes(tail.end()),
            (Err(_), None) => {}
        }
        begun
    }

    /// Goes on in a new segment, with all that waits.
    fn begin_segment(&mut self, first: u64) -> Result<(), SpoolError> {
        let medium = self.segments.create(first)?;
        if let Some(folder) =
            self.folder.as_ref().filter(|_| self.limits.fsync != SpoolFsync::Never)
        {
            folder.mark();
        }
        let written = length(HEAD_BYTES);
        match &mut self.tail {
            Some(tail) => tail.move_to(medium, written),
            None => self.tail = Some(Tail::new(medium, written)),
        }
        let end = self.tail.as_ref().map_or(written, Tail::end);
        self.segments.set_back_bytes(end);
        Ok(())
    }

    fn sync(&self) -> Result<(), SpoolError> {
        let Some(handle) = self.sync_handle() else { return Ok(()) };
        let Some(segment) = self.segments.back() else { return Ok(()) };
        handle().map_err(SpoolError::write(&segment.path))
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spool")
            .field("first_waiting", &self.first_waiting())
            .field("first_unread", &self.first_unread())
            .field("next", &self.next)
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // Whoever wants to know closes it.
        drop(self.flush_buffer());
    }
}
