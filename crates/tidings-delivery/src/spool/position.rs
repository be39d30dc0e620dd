//! The position: through which record all are done.
//!
//! Two slots are written in turn, each with a checksum and in a sector of its own. A write
//! that is torn spoils one of them; the other says what was done before.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, Medium, read_full_at, write_all_at};
use super::error::SpoolError;
use super::frame::{HEAD_BYTES, Head, POSITION_MAGIC, VERSION, head, read_head};

/// What the file is called.
pub(super) const POSITION_FILE: &str = "acknowledged";
/// Where the slots are.
const SLOTS: [u64; 2] = [0, 4_096];

/// What the file says.
pub(super) struct Said {
    pub(super) position: Position,
    /// The greatest number of a slot that is intact.
    pub(super) through: Option<u64>,
    /// Whether there is a file with anything in it.
    pub(super) written: bool,
}

pub(super) struct Position {
    path: PathBuf,
    medium: Option<Arc<dyn Medium>>,
    /// The slot that is written next: the one that says less.
    slot: usize,
}

impl Position {
    /// Reads the file, if it is there; changes nothing.
    pub(super) fn read(path: PathBuf, disk: &dyn Disk) -> Result<Said, SpoolError> {
        let medium = match disk.open(&path) {
            Ok(medium) => Some(medium),
            Err(fault) if fault.kind() == ErrorKind::NotFound => None,
            Err(fault) => return Err(SpoolError::read(&path)(fault)),
        };
        let mut said =
            Said { position: Self { path, medium, slot: 0 }, through: None, written: false };
        let Some(medium) = said.position.medium.clone() else { return Ok(said) };
        for (slot, offset) in SLOTS.into_iter().enumerate() {
            let mut bytes = [0; HEAD_BYTES];
            let read = read_full_at(&*medium, &mut bytes, offset)
                .map_err(SpoolError::read(&said.position.path))?;
            said.written |= read > 0;
            match read_head(POSITION_MAGIC, &bytes[..read]) {
                Head::OtherVersion(version) => {
                    let path = said.position.path;
                    return Err(SpoolError::Version { path, version, known: VERSION });
                }
                Head::Number(number) if said.through.is_none_or(|through| number > through) => {
                    said.through = Some(number);
                    said.position.slot = 1 - slot;
                }
                Head::Number(_) | Head::Damaged => {}
            }
        }
        Ok(said)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Fills both slots, so that a full disk cannot refuse them later.
    pub(super) fn begin(&mut self, disk: &dyn Disk, through: u64) -> Result<(), SpoolError> {
        if self.medium.is_none() {
            self.medium = Some(disk.create(&self.path).map_err(SpoolError::write(&self.path))?);
        }
        self.write(through)?;
        self.write(through)
    }

    /// Says that all records through this one are done.
    pub(super) fn write(&mut self, through: u64) -> Result<(), SpoolError> {
        let Some(medium) = &self.medium else { return Ok(()) };
        let slot = head(POSITION_MAGIC, through);
        // A slot that could not be written is tried again: the other one is intact.
        write_all_at(&**medium, &slot, SLOTS[self.slot])
            .1
            .map_err(SpoolError::write(&self.path))?;
        self.slot = 1 - self.slot;
        Ok(())
    }

    pub(super) fn sync(&self) -> Result<(), SpoolError> {
        let outcome: io::Result<()> = self.medium.as_ref().map_or(Ok(()), |medium| medium.sync());
        outcome.map_err(SpoolError::write(&self.path))
    }
}
