//! A file that is at its end once the command is interrupted.
//!
//! What was not read of it is still there afterwards, so it may stop anywhere.

use std::io::{self, BufRead, Read};

use crate::interrupt::Interrupt;

/// An input that can be read again.
#[derive(Debug)]
pub(super) struct Halting<R> {
    input: R,
    interrupt: Interrupt,
}

impl<R> Halting<R> {
    pub(super) fn new(input: R, interrupt: &Interrupt) -> Self {
        Self { input, interrupt: interrupt.clone() }
    }
}

impl<R: BufRead> Read for Halting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.interrupt.is_set() { Ok(0) } else { self.input.read(buffer) }
    }
}

impl<R: BufRead> BufRead for Halting<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.interrupt.is_set() { Ok(&[]) } else { self.input.fill_buf() }
    }

    fn consume(&mut self, bytes: usize) {
        self.input.consume(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Memory;

    #[test]
    fn it_ends_with_the_line_that_is_being_read() {
        let interrupt = Interrupt::new(&Memory::default().screen(false));
        let mut input = Halting::new(&b"one\ntwo\n"[..], &interrupt);
        let mut text = String::new();
        input.read_line(&mut text).expect("memory");
        interrupt.set();
        assert_eq!(input.read_line(&mut text).expect("memory"), 0);
        assert_eq!(text, "one\n");
    }
}
