//! A file that grows: its end is not the end until the command is interrupted.

use std::fs::File;
use std::io::{self, Read};
use std::thread;
use std::time::Duration;

use crate::interrupt::Interrupt;

/// From one look for more to the next.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Reads a file, and waits at its end for more.
#[derive(Debug)]
pub(super) struct Follow {
    file: File,
    read: u64,
    interrupt: Interrupt,
}

impl Follow {
    pub(super) fn new(file: File, interrupt: &Interrupt) -> Self {
        Self { file, read: 0, interrupt: interrupt.clone() }
    }
}

impl Read for Follow {
    /// Waits until there is something; nothing after an interruption.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.interrupt.is_set() {
            let read = self.file.read(buffer)?;
            if read > 0 {
                self.read += u64::try_from(read).unwrap_or(u64::MAX);
                return Ok(read);
            }
            if self.file.metadata()?.len() < self.read {
                return Err(io::Error::other("it became shorter than what was read of it"));
            }
            thread::park_timeout(LOOK_EVERY);
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};

    use super::*;
    use crate::output::Memory;

    fn grown(text: &[u8]) -> (tempfile::NamedTempFile, BufReader<Follow>, Interrupt) {
        let interrupt = Interrupt::new(&Memory::default().screen(false));
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(text).expect("written");
        let follow = Follow::new(file.reopen().expect("the file"), &interrupt);
        (file, BufReader::new(follow), interrupt)
    }

    #[test]
    fn what_is_written_later_is_read_and_an_interruption_is_the_end() {
        let (mut file, mut input, interrupt) = grown(b"one\ntw");
        let mut text = String::new();
        input.read_line(&mut text).expect("a line");
        let writer = thread::spawn(move || file.write_all(b"o\n").map(|()| file));
        input.read_line(&mut text).expect("a line");
        assert_eq!(text, "one\ntwo\n");
        let _file = writer.join().expect("no panic").expect("written");
        interrupt.set();
        assert_eq!(input.read_line(&mut text).expect("the end"), 0);
    }

    #[test]
    fn a_file_that_is_cut_is_a_fault() {
        let (file, mut input, _interrupt) = grown(b"one\n");
        let mut text = String::new();
        input.read_line(&mut text).expect("a line");
        file.as_file().set_len(1).expect("cut");
        let fault = input.read_line(&mut text).expect_err("cut");
        assert!(fault.to_string().contains("shorter"), "{fault}");
    }
}
