//! Lines of any input, each handed on as soon as it is there.
//!
//! At most one line is in memory, and of a line beyond the bound nothing.

use std::io::{self, BufRead, ErrorKind, Read as _};

/// Cuts an input into lines and counts them.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    number: u64,
    bytes_max: usize,
}

/// One line without its line break.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BytesLine<'a> {
    /// From 1 on.
    pub(crate) number: u64,
    /// Nothing for a line beyond the bound.
    pub(crate) bytes: Option<&'a [u8]>,
    /// Whether a line break ended it.
    pub(crate) is_ended: bool,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R, bytes_max: usize) -> Self {
        Self { input, buffer: Vec::new(), number: 0, bytes_max }
    }

    /// The next line; nothing at the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<BytesLine<'_>>> {
        self.buffer.clear();
        // One byte more than a line may have: its line break.
        let limit = u64::try_from(self.bytes_max).unwrap_or(u64::MAX).saturating_add(1);
        let read = (&mut self.input).take(limit).read_until(b'\n', &mut self.buffer)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        let number = self.number;
        if let Some(bytes) = self.buffer.strip_suffix(b"\n") {
            let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            return Ok(Some(BytesLine { number, bytes: Some(bytes), is_ended: true }));
        }
        if read > self.bytes_max {
            let is_ended = skip_rest(&mut self.input)?;
            return Ok(Some(BytesLine { number, bytes: None, is_ended }));
        }
        Ok(Some(BytesLine { number, bytes: Some(&self.buffer), is_ended: false }))
    }
}

/// Consumes up to the next line break; says whether one came.
fn skip_rest(input: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(fault) if fault.kind() == ErrorKind::Interrupted => continue,
            Err(fault) => return Err(fault),
        };
        if available.is_empty() {
            return Ok(false);
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(available.len(), |at| at + 1);
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_cut_and_bounded() {
        let mut lines = Lines::new(&b"abc\r\nabcdefgh\n\nab"[..], 4);
        let mut found = Vec::new();
        while let Some(line) = lines.next().expect("memory") {
            let text = line.bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            found.push((line.number, text, line.is_ended));
        }
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [(1, text("abc"), true), (2, None, true), (3, text(""), true), (4, text("ab"), false)]
        );
    }
}
