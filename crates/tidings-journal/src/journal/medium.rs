//! Media: what lines are written to.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write};

/// A place for bytes, at its end.
pub(super) trait Medium: Send {
    /// Writes some of the bytes, as [`Write::write`] does.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Hands what was written on to the system.
    fn flush(&mut self) -> io::Result<()>;

    /// Waits until the device has what was written.
    fn sync(&mut self) -> io::Result<()>;

    /// Whether [`cut`](Self::cut) can take bytes back.
    fn can_cut(&self) -> bool;

    /// Takes back everything behind the first `end` bytes.
    fn cut(&mut self, end: u64) -> io::Result<()>;

    /// Whether nobody will find what was written, because the file was removed; where the
    /// system does not say, it was not.
    fn is_removed(&self) -> bool {
        false
    }
}

impl Medium for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Write::write(self, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn can_cut(&self) -> bool {
        true
    }

    fn cut(&mut self, end: u64) -> io::Result<()> {
        self.set_len(end)?;
        self.seek(SeekFrom::Start(end)).map(drop)
    }

    #[cfg(unix)]
    fn is_removed(&self) -> bool {
        use std::os::unix::fs::MetadataExt as _;

        self.metadata().is_ok_and(|about| about.nlink() == 0)
    }
}

/// A pipe, a socket, a terminal: what is written is gone.
pub(super) struct Stream<W>(pub(super) W);

impl<W: Write + Send> Medium for Stream<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    fn can_cut(&self) -> bool {
        false
    }

    fn cut(&mut self, _end: u64) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
