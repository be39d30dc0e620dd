//! The tail of a journal: whole lines that are on their way, and nothing torn behind them.
//!
//! A write that failed half-way leaves a fragment. It is taken back, or ended with a line
//! break where nothing can be taken back, before anything else is written.

use std::io::{self, ErrorKind};

use super::medium::Medium;

pub(super) struct Tail {
    medium: Box<dyn Medium>,
    /// Whole lines that are not written yet.
    buffer: Vec<u8>,
    /// Where the last whole line in the medium ends.
    end: u64,
    /// How many bytes of a torn line are behind that.
    fragment: usize,
}

impl Tail {
    pub(super) fn new(medium: Box<dyn Medium>, end: u64) -> Self {
        Self { medium, buffer: Vec::new(), end, fragment: 0 }
    }

    /// How many bytes are waiting.
    pub(super) fn waiting(&self) -> usize {
        self.buffer.len()
    }

    /// Puts a whole line behind those that are waiting.
    pub(super) fn push(&mut self, line: &str) {
        self.buffer.extend_from_slice(line.as_bytes());
    }

    /// Takes the last line back, unless it has been written.
    pub(super) fn take_back(&mut self, line: &str) -> bool {
        let kept = self.buffer.len().checked_sub(line.len());
        if let Some(kept) = kept {
            self.buffer.truncate(kept);
        }
        kept.is_some()
    }

    /// Writes what is waiting. Whole lines that could not be written wait on.
    pub(super) fn write_out(&mut self) -> io::Result<()> {
        self.mend()?;
        let (written, outcome) = write_all(&mut *self.medium, &self.buffer);
        self.settle(written);
        outcome?;
        self.medium.flush()
    }

    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.medium.sync()
    }

    /// Fails when the lines went to a file that was removed meanwhile: the system takes them
    /// and keeps none.
    pub(super) fn check_is_there(&self) -> io::Result<()> {
        if self.medium.is_removed() {
            let why = "the file was removed while it was written, and all lines with it";
            return Err(io::Error::new(ErrorKind::NotFound, why));
        }
        Ok(())
    }

    /// Forgets the lines of which this many bytes are in the medium.
    fn settle(&mut self, written: usize) {
        let lines_end = self.buffer[..written].iter().rposition(|byte| *byte == b'\n');
        let whole = lines_end.map_or(0, |at| at + 1);
        self.end = self.end.saturating_add(u64::try_from(whole).unwrap_or(u64::MAX));
        self.fragment = written - whole;
        self.buffer.drain(..whole);
        let lacks_line_break = self.buffer.get(self.fragment) == Some(&b'\n');
        if self.fragment > 0 && lacks_line_break && !self.medium.can_cut() {
            // Ending the fragment will make it the line it was meant to be.
            self.buffer.drain(..=self.fragment);
        }
        if self.fragment > 0 {
            // What fails now is tried again before the next write, and is told then.
            drop(self.mend());
        }
    }

    /// Makes the medium end with a whole line.
    fn mend(&mut self) -> io::Result<()> {
        if self.fragment == 0 {
            return Ok(());
        }
        if self.medium.can_cut() {
            self.medium.cut(self.end)?;
        } else {
            write_all(&mut *self.medium, b"\n").1?;
        }
        self.fragment = 0;
        Ok(())
    }
}

/// Writes all bytes, with a single call if the medium takes them; says how many it took.
fn write_all(medium: &mut dyn Medium, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut written = 0;
    while written < bytes.len() {
        match medium.write(&bytes[written..]) {
            Ok(0) => return (written, Err(ErrorKind::WriteZero.into())),
            Ok(taken) => written += taken,
            Err(fault) if fault.kind() == ErrorKind::Interrupted => {}
            Err(fault) => return (written, Err(fault)),
        }
    }
    (written, Ok(()))
}
