//! A socket that can be reset.
//!
//! A system resets a connection that is closed while there is something to read. The last
//! byte of each read is therefore handed out but left in the system's buffer until the next
//! one: dropping the socket resets the connection, [`Socket::settle`] first ends it cleanly.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

/// One end of a connection.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: Arc<TcpStream>,
    /// Whether the next byte of the system's buffer was handed out already.
    holds_back: bool,
}

impl Socket {
    pub(crate) fn new(stream: Arc<TcpStream>) -> Self {
        Self { stream, holds_back: false }
    }

    /// Takes the byte that was left, so that closing is no reset.
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        if self.holds_back {
            (&*self.stream).read_exact(&mut [0])?;
            self.holds_back = false;
        }
        Ok(())
    }

    /// Says that nothing more is written.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.settle()?;
        self.stream.shutdown(Shutdown::Write)
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.settle()?;
        let length = self.stream.peek(buffer)?;
        if let Some(but_one) = length.checked_sub(1) {
            (&*self.stream).read_exact(&mut buffer[..but_one])?;
            self.holds_back = true;
        }
        Ok(length)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.stream).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.stream).flush()
    }
}
