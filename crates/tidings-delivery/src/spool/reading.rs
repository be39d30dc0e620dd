//! Reading on: the next records that nobody has read, whatever lies between them.

use std::io::ErrorKind;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::disk::{Medium, length};
use super::error::SpoolError;
use super::fault::SpoolFault;
use super::frame::HEAD_BYTES;
use super::store::{Record, Spool};
use super::window::{Frame, Source, Window};

/// How far records have been read.
pub(super) struct Cursor {
    /// The number of the first one that has not been.
    pub(super) unread: u64,
    place: Option<Place>,
}

/// A place in a segment.
struct Place {
    /// The first number of the segment.
    segment: u64,
    medium: Arc<dyn Medium>,
    window: Window,
    /// The number that is to come next there.
    expected: u64,
}

impl Place {
    fn pass(&mut self, frame: Frame) {
        self.window.pass(frame);
        self.expected = frame.number + 1;
    }
}

impl Cursor {
    pub(super) fn new(unread: u64) -> Self {
        Self { unread, place: None }
    }

    /// Has the place looked up by its number, because segments have changed.
    pub(super) fn forget_place(&mut self) {
        self.place = None;
    }
}

impl Spool {
    /// Appends the next records to `out`, at most so many with at most so many bytes of
    /// text together, but at least one if there is any; says what was damaged on the way.
    pub(crate) fn next_batch(
        &mut self,
        records_max: usize,
        bytes_max: usize,
        out: &mut Vec<Record>,
    ) -> Result<Vec<SpoolFault>, SpoolError> {
        let mut faults = Vec::new();
        let (mut records, mut bytes) = (0, 0_usize);
        while records < records_max.max(1) {
            let frame = match self.find_unread(&mut faults) {
                Ok(Some(frame)) => frame,
                Err(fault) if records == 0 && faults.is_empty() => return Err(fault),
                // What was read comes first; an error comes again.
                Ok(None) | Err(_) => break,
            };
            bytes = bytes.saturating_add(frame.text_bytes());
            if records > 0 && bytes > bytes_max {
                break;
            }
            let Some(place) = &mut self.cursor.place else { break };
            out.push(Record { number: frame.number, text: place.window.text(frame) });
            place.pass(frame);
            self.cursor.unread = frame.number + 1;
            records += 1;
        }
        Ok(faults)
    }

    /// Goes to the next record that has not been read.
    fn find_unread(&mut self, faults: &mut Vec<SpoolFault>) -> Result<Option<Frame>, SpoolError> {
        while self.cursor.unread < self.next {
            let Some(index) = self.go_to_segment(faults)? else { continue };
            let (Some(segment), Some(place)) =
                (self.segments.get(index), self.cursor.place.as_mut())
            else {
                continue;
            };
            let is_last = index + 1 == self.segments.len();
            let source = match self.tail.as_ref().filter(|_| is_last) {
                Some(tail) => tail.source(),
                None => Source { medium: &*place.medium, written: segment.bytes, unwritten: &[] },
            };
            let offset = place.window.offset();
            let numbers = place.expected..self.segments.end_of(index, self.next);
            let found =
                place.window.find(source, &numbers).map_err(SpoolError::read(&segment.path))?;
            let until = found.map_or(numbers.end, |frame| frame.number);
            let bytes = place.window.offset() - offset;
            if bytes > 0 || until > numbers.start {
                let passed = Passed { offset, bytes, numbers: numbers.start..until };
                place.expected = until;
                let path = segment.path.clone();
                self.note(passed, path, faults);
            }
            match (found, &mut self.cursor.place) {
                (Some(frame), _) if frame.number >= self.cursor.unread => return Ok(Some(frame)),
                (Some(frame), Some(place)) => place.pass(frame),
                _ => self.cursor.forget_place(),
            }
        }
        Ok(None)
    }

    /// Sees to it that the cursor has a place, and says in which segment; none when it had
    /// to go on to another number.
    fn go_to_segment(&mut self, faults: &mut Vec<SpoolFault>) -> Result<Option<usize>, SpoolError> {
        if let Some(place) = &self.cursor.place
            && let Some(index) = self.segments.holding(place.segment)
            && self.segments.get(index).is_some_and(|segment| segment.first == place.segment)
        {
            return Ok(Some(index));
        }
        self.cursor.forget_place();
        let unread = self.cursor.unread;
        let holding = self.segments.holding(unread);
        let Some((index, segment)) =
            holding.and_then(|index| Some((index, self.segments.get(index)?)))
        else {
            let until = self.segments.front().map_or(self.next, |segment| segment.first);
            self.note_missing(unread..until, faults);
            return Ok(None);
        };
        let is_last = index + 1 == self.segments.len();
        let medium = match self.tail.as_ref().filter(|_| is_last) {
            Some(tail) => Ok(Arc::clone(tail.medium())),
            None => self.segments.disk().open(&segment.path),
        };
        match medium {
            Ok(medium) => {
                let (segment, window) = (segment.first, Window::at(length(HEAD_BYTES)));
                self.cursor.place = Some(Place { segment, medium, window, expected: segment });
                Ok(Some(index))
            }
            Err(fault) if fault.kind() == ErrorKind::NotFound => {
                let until = self.segments.end_of(index, self.next);
                self.note_missing(unread..until, faults);
                Ok(None)
            }
            Err(fault) => Err(SpoolError::read(&segment.path)(fault)),
        }
    }

    /// Tells of what was passed over, unless it was done before.
    fn note(&mut self, passed: Passed, segment: PathBuf, faults: &mut Vec<SpoolFault>) {
        let Passed { offset, bytes, numbers } = passed;
        let lost = numbers.start.max(self.cursor.unread)..numbers.end;
        if bytes == 0 {
            self.note_missing(lost, faults);
            return;
        }
        let is_lost = !lost.is_empty();
        if is_lost || (numbers.is_empty() && numbers.end >= self.cursor.unread) {
            let numbers = is_lost.then(|| lost.start..=lost.end - 1);
            faults.push(SpoolFault::Corrupt { segment, offset, bytes, numbers });
            self.give_up(lost);
        }
    }

    fn note_missing(&mut self, lost: Range<u64>, faults: &mut Vec<SpoolFault>) {
        if !lost.is_empty() {
            faults.push(SpoolFault::Missing { numbers: lost.start..=lost.end - 1 });
            self.give_up(lost);
        }
    }

    /// Nobody will ever acknowledge these: they are done when all before them are.
    fn give_up(&mut self, lost: Range<u64>) {
        if lost.is_empty() {
            return;
        }
        self.cursor.unread = lost.end;
        self.lost.push_back(lost.start..=lost.end - 1);
        self.set_acked(self.acked);
    }
}

/// What lay between one record and the next.
struct Passed {
    offset: u64,
    bytes: u64,
    numbers: Range<u64>,
}
