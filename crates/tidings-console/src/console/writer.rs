//! Captured output on its way to the console.
//!
//! Only whole lines are handed over, so that the lines of several threads never mix.

use std::fmt;
use std::io::{self, Write};
use std::sync::Arc;

use super::shared::Shared;

/// How many bytes wait for their line break at most.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Prints what is written to it, line by line; made by
/// [`Console::writer`](super::Console::writer).
///
/// Every line goes the way of [`Console::print`](super::Console::print); bytes that are
/// not UTF-8 are shown as `�`. What has no line break yet waits, 64 KiB at most, until
/// [`flush`](Write::flush) or the drop of the writer makes a line of it. A clone has a
/// line of its own.
///
/// Writing never fails and never waits, because output must not fail the test it belongs
/// to: what the console does not show (see there) is gone all the same.
pub struct ConsoleWriter {
    shared: Arc<Shared>,
    line: Vec<u8>,
}

impl ConsoleWriter {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, line: Vec::new() }
    }

    /// Prints the first `count` bytes that wait.
    fn hand_over(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        Shared::print(&self.shared, &String::from_utf8_lossy(&self.line[..count]));
        self.line.drain(..count);
    }
}

impl Write for ConsoleWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let before = self.line.len();
        self.line.extend_from_slice(bytes);
        if let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') {
            self.hand_over(before + end + 1);
        }
        if self.line.len() >= LINE_BYTES_MAX {
            self.hand_over(whole_characters(&self.line));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_over(self.line.len());
        Ok(())
    }
}

impl Clone for ConsoleWriter {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.shared))
    }
}

impl Drop for ConsoleWriter {
    fn drop(&mut self) {
        self.hand_over(self.line.len());
    }
}

impl fmt::Debug for ConsoleWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsoleWriter")
            .field("output", &self.shared.output())
            .field("waiting", &self.line.len())
            .finish_non_exhaustive()
    }
}

/// How many bytes there are without a character that has only begun.
fn whole_characters(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Ok(_) | Err(_) => bytes.len(),
    }
}
