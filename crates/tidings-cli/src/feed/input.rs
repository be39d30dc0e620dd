//! Inputs: files and standard input, opened before anything else begins.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use crate::failure::Failure;
use crate::output::Meter;

/// How much is read at a time.
const BUFFER_BYTES: usize = 128 * 1024;

/// An input that is open, and what it is called.
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
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            let reader = Box::new(io::stdin().lock());
            return Ok(Self { name: "standard input".to_owned(), reader, bytes: None });
        }
        Self::open_file(path)
    }

    /// Opens a file. Of one that grows, what is there by now is read: it may be an observer
    /// of this very command that writes to it.
    ///
    /// # Errors
    ///
    /// [`Failure::Open`].
    pub(crate) fn open_file(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let (file, bytes) = match open(path) {
            Ok(opened) => opened,
            Err(source) => return Err(Failure::Open { name, source }),
        };
        let file = file.take(bytes.unwrap_or(u64::MAX));
        let reader = Box::new(BufReader::with_capacity(BUFFER_BYTES, file));
        Ok(Self { name, reader, bytes })
    }
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
        let mut input = Input::open(&path).expect("a file");
        std::fs::write(&path, "one\ntwo\n").expect("a file");
        let mut text = String::new();
        input.reader.read_to_string(&mut text).expect("a file");
        assert_eq!((text.as_str(), input.bytes), ("one\n", Some(4)));
    }

    #[test]
    fn what_is_not_there_or_a_folder_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        for path in [folder.path().to_owned(), folder.path().join("no")] {
            let Err(Failure::Open { name, .. }) = Input::open(&path) else {
                panic!("{} was opened", path.display());
            };
            assert_eq!(name, path.display().to_string());
        }
    }
}
