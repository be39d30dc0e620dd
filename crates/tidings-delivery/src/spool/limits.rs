//! The limits of a spool.

use super::disk::length;
use super::frame::{FRAME_BYTES, HEAD_BYTES};
use crate::settings::{SpoolFsync, SpoolFull, SpoolSettings};

/// The least and the most that a segment is to have.
const SEGMENT_BYTES: (u64, u64) = (64 * 1024, 8 * 1024 * 1024);
/// How many segments a full spool is to have, so that dropping one leaves the most.
const SEGMENTS: u64 = 8;
/// How much of a group of records waits in memory.
const GROUP_BYTES: u64 = 256 * 1024;

/// The limits of a spool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The most bytes of all segments.
    pub(super) bytes_max: u64,
    /// The most bytes of a segment of more than one record.
    pub(super) segment_bytes: u64,
    /// The most bytes of records that wait in memory, unless it is a single one.
    pub(super) group_bytes: u64,
    pub(super) full: SpoolFull,
    pub(super) fsync: SpoolFsync,
}

impl Limits {
    pub(super) fn of(settings: &SpoolSettings) -> Self {
        let (least, most) = SEGMENT_BYTES;
        let bytes_max = settings.bytes_max.max(least);
        Self {
            bytes_max,
            // Two of them have to fit in, or dropping the oldest would drop all.
            segment_bytes: (bytes_max / SEGMENTS).clamp(least, most).min(bytes_max / 2),
            group_bytes: GROUP_BYTES,
            full: settings.full,
            fsync: settings.fsync,
        }
    }

    /// The longest text for which an empty spool has room.
    pub(super) fn text_bytes_max(&self) -> u64 {
        self.bytes_max.saturating_sub(length(HEAD_BYTES + FRAME_BYTES))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_an_eighth_of_the_spool_within_bounds() {
        let segment_bytes =
            |bytes_max| Limits::of(&SpoolSettings::new("spool").bytes_max(bytes_max)).segment_bytes;
        assert_eq!(segment_bytes(1 << 30), 8 << 20);
        assert_eq!(segment_bytes(8 << 20), 1 << 20);
        assert_eq!(segment_bytes(256 << 10), 64 << 10);
        assert_eq!(segment_bytes(1), 32 << 10);
    }
}
