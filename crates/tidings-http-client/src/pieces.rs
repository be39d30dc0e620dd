//! A body in pieces, read as one: nothing is copied to put them together.

use std::io::{self, Read};

/// What is left of the pieces.
#[derive(Debug)]
pub(crate) struct Pieces<'a> {
    first: &'a [u8],
    others: std::slice::Iter<'a, &'a [u8]>,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(pieces: &'a [&'a [u8]]) -> Self {
        Self { first: &[], others: pieces.iter() }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        // One full buffer is one write to the socket.
        while filled < buffer.len() {
            if self.first.is_empty() {
                let Some(next) = self.others.next() else { break };
                self.first = next;
            }
            let len = self.first.len().min(buffer.len() - filled);
            let (now, later) = self.first.split_at(len);
            buffer[filled..filled + len].copy_from_slice(now);
            (self.first, filled) = (later, filled + len);
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_fill_a_buffer_across_their_ends() {
        let mut pieces = Pieces::new(&[b"ab", b"", b"cde"]);
        let mut buffer = [0; 4];
        assert_eq!(pieces.read(&mut buffer).unwrap(), 4);
        assert_eq!(&buffer, b"abcd");
        assert_eq!(pieces.read(&mut buffer).unwrap(), 1);
        assert_eq!(pieces.read(&mut buffer).unwrap(), 0);
    }
}
