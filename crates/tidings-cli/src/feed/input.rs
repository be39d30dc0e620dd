//! Inputs: files and standard input, opened before anything else begins.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use super::ahead::Ahead;
use super::follow::Follow;
use super::halting::Halting;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::Meter;

/// How much is read at a time.
const BUFFER_BYTES: usize = 128 * 1024;

/// An input that is open, and what it is called. It is at its end after an interruption.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) reader: Box<dyn BufRead>,
    /// How much there is to read, where that is known.
    pub(crate) bytes: Option<u64>,
}

impl Input {
    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    ///
    /// [`Failure::Open`].
    pub(crate) fn open(path: &Path, interrupt: &Interrupt) -> Result<Self, Failure> {
        if path == Path::new("-") {
            let name = "standard input".to_owned();
            return match Ahead::start(io::stdin(), interrupt) {
                Ok(ahead) => Ok(Self { name, reader: Box::new(ahead), bytes: None }),
                Err(source) => Err(Failure::Open { name, source }),
            };
        }
        Self::open_file(path, interrupt)
    }

    /// Opens a file that is read on while it grows, or standard input for `-`. Anything but
    /// a plain file ends as it does.
    ///
    /// # Errors
    ///
    /// [`Failure::Open`].
    pub(crate) fn follow(path: &Path, interrupt: &Interrupt) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Self::open(path, interrupt);
        }
        let name = path.display().to_string();
        match open(path) {
            Ok((file, Some(_))) => {
                let followed = Follow::new(file, interrupt);
                let reader = Box::new(BufReader::with_capacity(BUFFER_BYTES, followed));
                Ok(Self { name, reader, bytes: None })
            }
            Ok((_, None)) => Self::open_file(path, interrupt),
            Err(source) => Err(Failure::Open { name, source }),
        }
    }

    /// Opens a file. Of one that grows, what is there by now is read: it may be an observer
    /// of this very command that writes to it.
    ///
    /// # Errors
    ///
    /// [`Failure::Open`].
    pub(crate) fn open_file(path: &Path, interrupt: &Interrupt) -> Result<Self, Failure> {
        let name = path.display().to_string();
        match open(path).and_then(|(file, bytes)| Ok((reader(file, bytes, interrupt)?, bytes))) {
            Ok((reader, bytes)) => Ok(Self { name, reader, bytes }),
            Err(source) => Err(Failure::Open { name, source }),
        }
    }
}

/// A reader of what can be read again, which knows its length, or of what cannot.
fn reader(file: File, bytes: Option<u64>, interrupt: &Interrupt) -> io::Result<Box<dyn BufRead>> {
    let Some(bytes) = bytes else {
        return Ok(Box::new(Ahead::start(file, interrupt)?));
    };
    let buffered = BufReader::with_capacity(BUFFER_BYTES, file.take(bytes));
    Ok(Box::new(Halting::new(buffered, interrupt)))
}

/// Refuses a folder, which some systems open and fail to read only later.
fn open(path: &Path) -> io::Result<(File, Option<u64>)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    let bytes = metadata.is_file().then_some(metadata.len());
    Ok((file, bytes))
}

/// Counts what is consumed of an input.
#[derive(Debug)]
pub(crate) struct Counted<R> {
    input: R,
    meter: Meter,
}

impl<R> Counted<R> {
    pub(crate) fn new(input: R, meter: &Meter) -> Self {
        Self { input, meter: meter.clone() }
    }
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.meter.add_bytes(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.input.consume(amount);
        self.meter.add_bytes(u64::try_from(amount).unwrap_or(u64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Memory;

    fn interrupt() -> Interrupt {
        Interrupt::new(&Memory::default().screen(false))
    }

    #[test]
    fn what_is_consumed_is_counted_byte_by_byte() {
        let meter = Meter::default();
        let mut input = Counted::new(&b"ab\ncde\n"[..], &meter);
        let mut line = String::new();
        input.read_line(&mut line).expect("memory");
        assert_eq!((line.as_str(), meter.bytes()), ("ab\n", 3));
        input.read_to_string(&mut line).expect("memory");
        assert_eq!((line.as_str(), meter.bytes()), ("ab\ncde\n", 7));
    }

    #[test]
    fn a_file_that_grows_is_read_up_to_where_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        std::fs::write(&path, "one\n").expect("a file");
        let mut input = Input::open(&path, &interrupt()).expect("a file");
        std::fs::write(&path, "one\ntwo\n").expect("a file");
        let mut text = String::new();
        input.reader.read_to_string(&mut text).expect("a file");
        assert_eq!((text.as_str(), input.bytes), ("one\n", Some(4)));
    }

    #[test]
    fn what_is_not_there_or_a_folder_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        for path in [folder.path().to_owned(), folder.path().join("no")] {
            let Err(Failure::Open { name, .. }) = Input::open(&path, &interrupt()) else {
                panic!("{} was opened", path.display());
            };
            assert_eq!(name, path.display().to_string());
        }
    }
}
