//! An input that may keep its reader waiting: a pipe, a terminal, a device.
//!
//! It is read on a thread of its own, because nothing can end a read that waits. What that
//! thread has read by the time of an interruption is still handed on: nobody could read it
//! again.

use std::io::{self, BufRead, ErrorKind, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::Builder;
use std::time::Duration;

use crate::interrupt::Interrupt;

/// How much is read at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// From one look for an interruption to the next.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Hands on what a thread reads; at its end when the input is, or after an interruption.
#[derive(Debug)]
pub(super) struct Ahead {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    used: usize,
    is_over: bool,
    interrupt: Interrupt,
}

impl Ahead {
    /// Begins to read.
    ///
    /// # Errors
    ///
    /// That of the system, when there is no thread to be had.
    pub(super) fn start(
        input: impl Read + Send + 'static,
        interrupt: &Interrupt,
    ) -> io::Result<Self> {
        // One chunk is in use while the next is read, and no more are in memory.
        let (sender, chunks) = sync_channel(0);
        let interrupt = interrupt.clone();
        let also = interrupt.clone();
        let read = move || read(input, &sender, &also);
        // It ends with the input, or with the process.
        Builder::new().name("tidings input".to_owned()).spawn(read)?;
        Ok(Self { chunks, chunk: Vec::new(), used: 0, is_over: false, interrupt })
    }

    /// Waits for the next chunk; nothing at the end.
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            // What was read before the signal is here within a look after it.
            let was_set = self.interrupt.is_set();
            match self.chunks.recv_timeout(LOOK_EVERY) {
                Ok(chunk) => return chunk.map(Some),
                Err(RecvTimeoutError::Timeout) if !was_set => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Ahead {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used == self.chunk.len() && !self.is_over {
            self.used = 0;
            self.chunk = self.next()?.unwrap_or_default();
            self.is_over = self.chunk.is_empty();
        }
        Ok(&self.chunk[self.used..])
    }

    fn consume(&mut self, bytes: usize) {
        self.used += bytes;
    }
}

/// Reads to the end, a fault, an interruption, or until nobody takes it any more.
fn read(mut input: impl Read, sender: &SyncSender<io::Result<Vec<u8>>>, interrupt: &Interrupt) {
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let chunk = match input.read(&mut buffer) {
            Ok(0) => return,
            Ok(read) => Ok(buffer[..read].to_vec()),
            Err(fault) if fault.kind() == ErrorKind::Interrupted => continue,
            Err(fault) => Err(fault),
        };
        let is_last = chunk.is_err();
        if sender.send(chunk).is_err() || is_last || interrupt.is_set() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{PipeWriter, Write as _, pipe};

    use super::*;
    use crate::output::Memory;

    fn ahead() -> (PipeWriter, Ahead, Interrupt) {
        let interrupt = Interrupt::new(&Memory::default().screen(false));
        let (reader, writer) = pipe().expect("a pipe");
        (writer, Ahead::start(reader, &interrupt).expect("a thread"), interrupt)
    }

    #[test]
    fn all_of_an_input_is_handed_on() {
        let (mut writer, mut input, _interrupt) = ahead();
        let sent: Vec<u8> = (0..=u8::MAX).cycle().take(3 * CHUNK_BYTES + 7).collect();
        let also = sent.clone();
        let thread = std::thread::spawn(move || writer.write_all(&also));
        let mut read = Vec::new();
        input.read_to_end(&mut read).expect("a pipe");
        assert!(read == sent, "{} of {} bytes", read.len(), sent.len());
        thread.join().expect("no panic").expect("a pipe");
    }

    #[test]
    fn an_interruption_ends_a_read_that_waits_and_what_was_read_is_handed_on() {
        let (mut writer, mut input, interrupt) = ahead();
        writeln!(writer, "one").expect("a pipe");
        let mut text = String::new();
        input.read_line(&mut text).expect("a pipe");
        interrupt.set();
        // The writer is still there: without the interruption this would never end.
        input.read_to_string(&mut text).expect("a pipe");
        assert_eq!(text, "one\n");
        drop(writer);
    }

    /// Has one line, and is interrupted while it is read.
    struct Interrupted(Interrupt);

    impl Read for Interrupted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            assert!(!self.0.is_set(), "it was read on");
            self.0.set();
            (&b"one\n"[..]).read(buffer)
        }
    }

    #[test]
    fn what_the_thread_holds_at_an_interruption_is_handed_on() {
        let interrupt = Interrupt::new(&Memory::default().screen(false));
        let source = Interrupted(interrupt.clone());
        let mut input = Ahead::start(source, &interrupt).expect("a thread");
        let mut text = String::new();
        input.read_to_string(&mut text).expect("no fault");
        assert_eq!(text, "one\n");
    }
}
