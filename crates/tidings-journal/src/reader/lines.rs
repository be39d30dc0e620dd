//! Lines of bounded length out of any input.
//!
//! At most one line is in memory, and of a line beyond the bound only as much as the bound.

use std::io::{self, BufRead, ErrorKind, Read as _};

/// Cuts an input into lines and counts them.
#[derive(Debug)]
pub(super) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// The lines begun so far: the number of the current one, from 1 on.
    number: u64,
    /// The bytes consumed so far.
    offset: u64,
    bytes_max: usize,
}

/// One line, without its line break.
#[derive(Debug)]
pub(super) struct RawLine<'a> {
    pub(super) content: Content<'a>,
    /// Whether a line break ended it.
    pub(super) terminated: bool,
    pub(super) number: u64,
    /// Where it begins, in bytes.
    pub(super) offset: u64,
    /// Its bytes with its line break.
    pub(super) bytes: u64,
}

#[derive(Debug)]
pub(super) enum Content<'a> {
    Bytes(&'a [u8]),
    TooLong,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R, bytes_max: usize) -> Self {
        Self { input, buffer: Vec::new(), number: 0, offset: 0, bytes_max }
    }

    pub(super) fn set_bytes_max(&mut self, bytes_max: usize) {
        self.bytes_max = bytes_max;
    }

    pub(super) fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    /// The number of the current line; 0 before the first.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn next(&mut self) -> io::Result<Option<RawLine<'_>>> {
        self.buffer.clear();
        // One byte more than a line may have: its line break.
        let limit = u64::try_from(self.bytes_max).unwrap_or(u64::MAX).saturating_add(1);
        let read = (&mut self.input).take(limit).read_until(b'\n', &mut self.buffer)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        let mut terminated = self.buffer.last() == Some(&b'\n');
        let mut bytes = u64::try_from(read).unwrap_or(u64::MAX);
        let too_long = !terminated && read > self.bytes_max;
        if too_long {
            let (skipped, ended) = self.skip_rest()?;
            terminated = ended;
            bytes += skipped;
        }
        let offset = self.offset;
        self.offset += bytes;
        let content = if too_long {
            Content::TooLong
        } else {
            Content::Bytes(self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer))
        };
        Ok(Some(RawLine { content, terminated, number: self.number, offset, bytes }))
    }

    /// Consumes up to the next line break; says how much that was, and whether one came.
    fn skip_rest(&mut self) -> io::Result<(u64, bool)> {
        let mut skipped = 0_u64;
        loop {
            let available = match self.input.fill_buf() {
                Ok(available) => available,
                Err(fault) if fault.kind() == ErrorKind::Interrupted => continue,
                Err(fault) => return Err(fault),
            };
            if available.is_empty() {
                return Ok((skipped, false));
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(available.len(), |at| at + 1);
            self.input.consume(used);
            skipped += u64::try_from(used).unwrap_or(u64::MAX);
            if end.is_some() {
                return Ok((skipped, true));
            }
        }
    }
}

impl<R: BufRead + io::Seek> Lines<R> {
    /// Begins again at the first byte of the input.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        self.input.rewind()?;
        self.number = 0;
        self.offset = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(input: &[u8], bytes_max: usize) -> Vec<(u64, u64, u64, bool, Option<String>)> {
        let mut lines = Lines::new(input, bytes_max);
        let mut found = Vec::new();
        while let Some(line) = lines.next().expect("memory") {
            let text = match line.content {
                Content::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
                Content::TooLong => None,
            };
            found.push((line.number, line.offset, line.bytes, line.terminated, text));
        }
        found
    }

    #[test]
    fn a_line_of_exactly_the_bound_is_read_and_one_byte_more_is_not() {
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            cut(b"abc\nabcd\n\nab", 3),
            [
                (1, 0, 4, true, text("abc")),
                (2, 4, 5, true, None),
                (3, 9, 1, true, text("")),
                (4, 10, 2, false, text("ab")),
            ]
        );
        assert_eq!(cut(b"abcdefg", 3), [(1, 0, 7, false, None)]);
    }
}
