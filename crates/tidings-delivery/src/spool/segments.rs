//! The segments of a folder: their files, in the order of their records.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, Medium, length, write_all_at};
use super::error::SpoolError;
use super::frame::{HEAD_BYTES, NUMBER_MAX, SEGMENT_MAGIC, head};
use super::unsynced::Unsynced;

/// How many digits of a number the name of a segment has.
const NAME_DIGITS: usize = 20;
/// What the name of a segment ends with.
const NAME_END: &str = ".seg";

/// One file of records.
pub(super) struct Segment {
    /// The number of its first record, which its name says.
    pub(super) first: u64,
    pub(super) path: PathBuf,
    /// How long it is, with what is on its way to it.
    pub(super) bytes: u64,
    /// The file, at least as long as the device has not confirmed everything in it.
    pub(super) unsynced: Option<Arc<Unsynced>>,
}

/// All segments, oldest first.
pub(super) struct Segments {
    folder: PathBuf,
    disk: Box<dyn Disk>,
    list: VecDeque<Segment>,
    bytes: u64,
}

impl Segments {
    /// Lists the segments of a folder; all that is called otherwise belongs to others.
    pub(super) fn list(folder: &Path, disk: Box<dyn Disk>) -> Result<Self, SpoolError> {
        let entries = fs::read_dir(folder).map_err(SpoolError::folder(folder))?;
        let mut list = Vec::new();
        for entry in entries {
            let entry = entry.map_err(SpoolError::folder(folder))?;
            let Some(first) = entry.file_name().to_str().and_then(first_of) else { continue };
            let path = entry.path();
            let about = fs::metadata(&path).map_err(SpoolError::read(&path))?;
            if about.is_file() {
                list.push(Segment { first, path, bytes: about.len(), unsynced: None });
            }
        }
        list.sort_unstable_by_key(|segment| segment.first);
        let bytes = list.iter().map(|segment| segment.bytes).sum();
        Ok(Self { folder: folder.to_owned(), disk, list: list.into(), bytes })
    }

    pub(super) fn disk(&self) -> &dyn Disk {
        &*self.disk
    }

    /// How many bytes all of them have.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&Segment> {
        self.list.get(index)
    }

    pub(super) fn front(&self) -> Option<&Segment> {
        self.list.front()
    }

    pub(super) fn back(&self) -> Option<&Segment> {
        self.list.back()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Segment> {
        self.list.iter()
    }

    /// The segment in whose range a number is.
    pub(super) fn holding(&self, number: u64) -> Option<usize> {
        self.list.partition_point(|segment| segment.first <= number).checked_sub(1)
    }

    /// The number behind the last one of a segment, where `next` is the one behind all.
    pub(super) fn end_of(&self, index: usize, next: u64) -> u64 {
        self.list.get(index + 1).map_or(next, |segment| segment.first)
    }

    /// Makes the segment that begins with this number, in place of an empty one of that name.
    pub(super) fn create(&mut self, first: u64) -> Result<Arc<dyn Medium>, SpoolError> {
        let path = self.folder.join(format!("{first:0NAME_DIGITS$}{NAME_END}"));
        let medium = self.disk.create(&path).map_err(SpoolError::write(&path))?;
        let written = write_all_at(&*medium, &head(SEGMENT_MAGIC, first), 0).1;
        if let Err(source) = written {
            // Without a head it holds nothing; whoever opens the folder next removes it too.
            drop(self.disk.remove(&path));
            return Err(SpoolError::Write { path, source });
        }
        if let Some(empty) = self.list.pop_back_if(|segment| segment.first == first) {
            self.bytes -= empty.bytes;
        }
        self.close_synced();
        let bytes = length(HEAD_BYTES);
        self.bytes += bytes;
        self.list.push_back(Segment { first, path, bytes, unsynced: None });
        Ok(medium)
    }

    /// Removes the oldest one.
    pub(super) fn remove_front(&mut self) -> Result<(), SpoolError> {
        let Some(segment) = self.list.front() else { return Ok(()) };
        self.disk.remove(&segment.path).map_err(SpoolError::write(&segment.path))?;
        self.bytes -= segment.bytes;
        self.list.pop_front();
        Ok(())
    }

    /// Removes the newest one.
    pub(super) fn remove_back(&mut self) -> Result<(), SpoolError> {
        let Some(segment) = self.list.back() else { return Ok(()) };
        self.disk.remove(&segment.path).map_err(SpoolError::write(&segment.path))?;
        self.bytes -= segment.bytes;
        self.list.pop_back();
        Ok(())
    }

    /// Says how long the last one is now.
    pub(super) fn set_back_bytes(&mut self, bytes: u64) {
        if let Some(segment) = self.list.back_mut() {
            self.bytes = self.bytes - segment.bytes + bytes;
            segment.bytes = bytes;
        }
    }

    /// Says that the last one was written to.
    pub(super) fn mark_back(&mut self, medium: &Arc<dyn Medium>) {
        if let Some(segment) = self.list.back_mut() {
            let unsynced =
                segment.unsynced.get_or_insert_with(|| Unsynced::new(Arc::clone(medium)));
            unsynced.mark();
        }
    }

    /// The files of which the device has not confirmed everything.
    pub(super) fn unsynced(&self) -> impl Iterator<Item = &Arc<Unsynced>> {
        let kept = self.list.iter().filter_map(|segment| segment.unsynced.as_ref());
        kept.filter(|unsynced| unsynced.is_dirty())
    }

    /// Closes files that nothing more is written to, and that are on the device.
    fn close_synced(&mut self) {
        for segment in &mut self.list {
            segment.unsynced.take_if(|unsynced| !unsynced.is_dirty());
        }
    }
}

fn first_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(NAME_END)?;
    let is_number = digits.len() == NAME_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|first| is_number && (1..=NUMBER_MAX).contains(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_twenty_digits_make_a_segment() {
        assert_eq!(first_of("00000000000000000017.seg"), Some(17));
        for other in [
            "17.seg",
            "0000000000000000001x.seg",
            "00000000000000000000.seg",
            "99999999999999999999.seg",
            "00000000000000000017.seg.bak",
            "+0000000000000000017.seg",
        ] {
            assert_eq!(first_of(other), None, "{other}");
        }
    }
}
