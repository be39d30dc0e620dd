//! The disk: files that are read and written at places, so that tests can have one fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

/// Makes, opens and removes files.
pub(super) trait Disk: Send {
    /// Makes an empty file, or empties the one that is there.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn Medium>>;

    /// Opens a file that is there.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn Medium>>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// One file.
pub(super) trait Medium: Send + Sync {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Takes back everything behind the first `end` bytes.
    fn cut(&self, end: u64) -> io::Result<()>;

    /// Waits until the device has what was written.
    fn sync(&self) -> io::Result<()>;
}

/// Writes all bytes, with a single call if the medium takes them; says how many it took.
pub(super) fn write_all_at(
    medium: &dyn Medium,
    bytes: &[u8],
    offset: u64,
) -> (usize, io::Result<()>) {
    let mut written = 0;
    while written < bytes.len() {
        match medium.write_at(&bytes[written..], offset.saturating_add(length(written))) {
            Ok(0) => return (written, Err(ErrorKind::WriteZero.into())),
            Ok(taken) => written += taken,
            Err(fault) if fault.kind() == ErrorKind::Interrupted => {}
            Err(fault) => return (written, Err(fault)),
        }
    }
    (written, Ok(()))
}

/// Reads until `bytes` are full or the file ends; says how many there were.
pub(super) fn read_full_at(
    medium: &dyn Medium,
    bytes: &mut [u8],
    offset: u64,
) -> io::Result<usize> {
    let mut read = 0;
    while read < bytes.len() {
        match medium.read_at(&mut bytes[read..], offset.saturating_add(length(read))) {
            Ok(0) => break,
            Ok(taken) => read += taken,
            Err(fault) if fault.kind() == ErrorKind::Interrupted => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(read)
}

/// A length in memory as one in a file.
pub(super) fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// The file system.
pub(super) struct System;

impl Disk for System {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn Medium>> {
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
        Ok(Arc::new(file))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn Medium>> {
        Ok(Arc::new(OpenOptions::new().read(true).write(true).open(path)?))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            // Somebody else was quicker.
            Err(fault) if fault.kind() == ErrorKind::NotFound => Ok(()),
            outcome => outcome,
        }
    }
}

impl Medium for File {
    #[cfg(unix)]
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, bytes, offset)
    }

    #[cfg(not(unix))]
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut file = self;
        io::Seek::seek(&mut file, io::SeekFrom::Start(offset))?;
        io::Read::read(&mut file, bytes)
    }

    #[cfg(unix)]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::write_at(self, bytes, offset)
    }

    #[cfg(not(unix))]
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let mut file = self;
        io::Seek::seek(&mut file, io::SeekFrom::Start(offset))?;
        io::Write::write(&mut file, bytes)
    }

    fn cut(&self, end: u64) -> io::Result<()> {
        self.set_len(end)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}
