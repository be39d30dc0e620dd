//! The bytes of a spool: heads of files, and frames around records.
//!
//! A head is magic (8), format version (4), a number (8), CRC-32 (4); it has this shape in
//! every version. A frame is marker (4), CRC-32 (4), length of the text (4), number (8),
//! text; the CRC covers all behind it. Integers are little-endian. No byte of the marker
//! occurs in UTF-8, so text never looks like a frame, and what looks like one by accident
//! is found out by its CRC.

/// The version of the format that is written and read.
pub(super) const VERSION: u32 = 1;
/// What a segment begins with; its number is that of its first record.
pub(super) const SEGMENT_MAGIC: [u8; 8] = *b"tidspool";
/// What a slot of the position begins with; its number is that of the last record done.
pub(super) const POSITION_MAGIC: [u8; 8] = *b"tidacked";
/// How long a head is.
pub(super) const HEAD_BYTES: usize = 24;
/// What every frame begins with.
pub(super) const MARKER: [u8; 4] = [0xFF, 0xFA, 0xF5, 0xFE];
/// How much longer a frame is than its text.
pub(super) const FRAME_BYTES: usize = 20;
/// The longest text of a record.
pub(super) const TEXT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The greatest number of a record. No spool ever gets there, so that a greater one is damage,
/// and what is counted from any number fits.
pub(super) const NUMBER_MAX: u64 = u64::MAX / 2;

/// What a head says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Head {
    Number(u64),
    OtherVersion(u32),
    Damaged,
}

pub(super) fn head(magic: [u8; 8], number: u64) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    head[..8].copy_from_slice(&magic);
    head[8..12].copy_from_slice(&VERSION.to_le_bytes());
    head[12..20].copy_from_slice(&number.to_le_bytes());
    let crc = crc32fast::hash(&head[..20]);
    head[20..].copy_from_slice(&crc.to_le_bytes());
    head
}

pub(super) fn read_head(magic: [u8; 8], bytes: &[u8]) -> Head {
    if bytes.len() < HEAD_BYTES
        || bytes[..8] != magic
        || crc32fast::hash(&bytes[..20]) != u32_at(bytes, 20)
    {
        return Head::Damaged;
    }
    match u32_at(bytes, 8) {
        VERSION if u64_at(bytes, 12) > NUMBER_MAX => Head::Damaged,
        VERSION => Head::Number(u64_at(bytes, 12)),
        version => Head::OtherVersion(version),
    }
}

/// Appends a record; the caller has seen to it that the text is not too long.
pub(super) fn push_frame(number: u64, text: &str, out: &mut Vec<u8>) {
    let start = out.len();
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut head = [0; FRAME_BYTES];
    head[..4].copy_from_slice(&MARKER);
    head[8..12].copy_from_slice(&length.to_le_bytes());
    head[12..].copy_from_slice(&number.to_le_bytes());
    out.reserve(FRAME_BYTES + text.len());
    out.extend_from_slice(&head);
    out.extend_from_slice(text.as_bytes());
    let crc = crc32fast::hash(&out[start + 8..]);
    out[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
}

/// How long the frame is that begins with these bytes, if one does.
pub(super) fn frame_bytes(bytes: &[u8]) -> Option<usize> {
    if bytes.len() < FRAME_BYTES || bytes[..4] != MARKER {
        return None;
    }
    let text = usize::try_from(u32_at(bytes, 8)).ok()?;
    (text <= TEXT_BYTES_MAX).then_some(FRAME_BYTES + text)
}

/// The number of a whole frame, if it is intact.
pub(super) fn checked_number(frame: &[u8]) -> Option<u64> {
    let intact = crc32fast::hash(&frame[8..]) == u32_at(frame, 4)
        && std::str::from_utf8(&frame[FRAME_BYTES..]).is_ok();
    intact.then(|| number_of(frame)).filter(|number| *number <= NUMBER_MAX)
}

/// The number of a frame that this process has made.
pub(super) fn number_of(frame: &[u8]) -> u64 {
    u64_at(frame, 12)
}

/// How many of the first `bytes` of whole frames belong to whole frames.
pub(super) fn whole_frames(frames: &[u8], bytes: usize) -> usize {
    let mut whole = 0;
    while let Some(next) = frame_bytes(&frames[whole..]).map(|frame| whole + frame)
        && next <= bytes
    {
        whole = next;
    }
    whole
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut four = [0; 4];
    four.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(four)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(eight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back_and_a_changed_one_is_found_out() {
        let good = head(SEGMENT_MAGIC, 7);
        assert_eq!(read_head(SEGMENT_MAGIC, &good), Head::Number(7));
        assert_eq!(read_head(POSITION_MAGIC, &good), Head::Damaged);
        for at in 0..HEAD_BYTES {
            let mut changed = good;
            changed[at] ^= 1;
            assert_eq!(read_head(SEGMENT_MAGIC, &changed), Head::Damaged, "byte {at}");
        }
    }

    #[test]
    fn a_frame_reads_back_and_a_changed_one_is_found_out() {
        let mut good = Vec::new();
        push_frame(7, "{\"ä\":1}", &mut good);
        assert_eq!(frame_bytes(&good), Some(good.len()));
        assert_eq!(checked_number(&good), Some(7));
        for at in 0..good.len() {
            let mut changed = good.clone();
            changed[at] ^= 0x20;
            let number = match frame_bytes(&changed) {
                Some(bytes) if bytes == changed.len() => checked_number(&changed),
                _ => None,
            };
            assert_eq!(number, None, "byte {at}");
        }
    }

    #[test]
    fn no_text_contains_a_byte_of_the_marker() {
        // The first byte of the last character is the greatest of UTF-8.
        let greatest = char::MAX.encode_utf8(&mut [0; 4]).as_bytes()[0];
        assert!(MARKER.iter().all(|byte| *byte > greatest), "{greatest:x}");
    }

    #[test]
    fn frames_that_were_written_in_part_count_whole() {
        let mut frames = Vec::new();
        push_frame(1, "one", &mut frames);
        let first = frames.len();
        push_frame(2, "two", &mut frames);
        assert_eq!(whole_frames(&frames, first - 1), 0);
        assert_eq!(whole_frames(&frames, first + 5), first);
        assert_eq!(whole_frames(&frames, frames.len()), frames.len());
    }
}
