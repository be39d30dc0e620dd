//! Opening: what an earlier process left, however it ended.
//!
//! Everything is looked at before anything is changed: a folder of another format version
//! is left as it is.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, Medium, System, length, read_full_at, write_all_at};
use super::error::SpoolError;
use super::fault::SpoolFault;
use super::frame::{HEAD_BYTES, Head, SEGMENT_MAGIC, VERSION, head, read_head};
use super::limits::Limits;
use super::position::{POSITION_FILE, Position};
use super::reading::Cursor;
use super::segments::{Segment, Segments};
use super::store::{Opened, Spool};
use super::tail::Tail;
use super::unsynced::Unsynced;
use super::window::{Source, Window};
use crate::settings::SpoolSettings;

/// What the file is called whose lock says that the folder is in use.
const LOCK_FILE: &str = "lock";

impl Spool {
    /// Opens the spool of a folder, which is made if it is missing.
    ///
    /// # Errors
    ///
    /// [`SpoolError`] when the folder cannot be used, another delivery has it, or it is of
    /// another format version.
    pub(crate) fn open(settings: &SpoolSettings) -> Result<Self, SpoolError> {
        Self::open_on(Box::new(System), &settings.folder, Limits::of(settings))
    }

    pub(super) fn open_on(
        disk: Box<dyn Disk>,
        folder: &Path,
        limits: Limits,
    ) -> Result<Self, SpoolError> {
        make_folder(folder)?;
        let lock = lock(folder)?;
        let segments = Segments::list(folder, disk)?;
        let mut damaged = Vec::new();
        for segment in segments.iter() {
            if !has_head(segments.disk(), segment)? {
                damaged.push((segment.first, segment.path.clone()));
            }
        }
        let said = Position::read(folder.join(POSITION_FILE), segments.disk())?;
        // Nothing was changed up to here.
        let mut spool = Self {
            limits,
            segments,
            tail: None,
            position: said.position,
            position_is_late: false,
            acked: 0,
            next: 1,
            cursor: Cursor::new(1),
            lost: VecDeque::new(),
            dropped: None,
            opened: Opened { records: 0, first: 1, next: 1, faults: Vec::new() },
            folder: folder_handle(folder),
            _lock: lock,
        };
        spool.mend_heads(damaged)?;
        let behind_last = spool.recover_tail()?;
        spool.recover_position(said.through, said.written, behind_last)?;
        spool.next = behind_last.max(spool.acked + 1);
        spool.remove_done(0)?;
        spool.cursor = Cursor::new(spool.acked + 1);
        spool.opened.first = spool.acked + 1;
        spool.opened.next = spool.next;
        spool.opened.records = spool.waiting();
        Ok(spool)
    }

    /// Writes heads that are damaged anew: records carry their numbers, and the name says
    /// the first, so that nothing is lost with one.
    fn mend_heads(&mut self, damaged: Vec<(u64, PathBuf)>) -> Result<(), SpoolError> {
        for (first, path) in damaged {
            let mended = self
                .segments
                .disk()
                .open(&path)
                .and_then(|medium| write_all_at(&*medium, &head(SEGMENT_MAGIC, first), 0).1);
            mended.map_err(SpoolError::write(&path))?;
            self.opened.faults.push(SpoolFault::Corrupt {
                segment: path,
                offset: 0,
                bytes: length(HEAD_BYTES),
                numbers: None,
            });
        }
        Ok(())
    }

    /// Cuts off the torn end of the last segment; says what number comes behind all records.
    fn recover_tail(&mut self) -> Result<u64, SpoolError> {
        let Some(segment) = self.segments.back() else { return Ok(1) };
        let (first, path, bytes) = (segment.first, segment.path.clone(), segment.bytes);
        let medium = self.segments.disk().open(&path).map_err(SpoolError::write(&path))?;
        let source = Source { medium: &*medium, written: bytes, unwritten: &[] };
        let end = scan(source, first).map_err(SpoolError::read(&path))?;
        if end.torn > 0 {
            self.opened.faults.push(SpoolFault::TornTail {
                segment: path.clone(),
                offset: end.offset,
                bytes: end.torn,
                records: end.torn_records,
            });
        }
        if end.next == first {
            // There is not one record in it. Its name said what numbers were given out, and
            // those that do not stand before it are missed there.
            self.segments.remove_back()?;
            return Ok(first);
        }
        if end.torn > 0 {
            medium.cut(end.offset).map_err(SpoolError::write(&path))?;
            self.segments.set_back_bytes(end.offset);
        }
        self.tail = Some(Tail::new(medium, end.offset));
        Ok(end.next)
    }

    /// Takes up the position, as far as there is one.
    fn recover_position(
        &mut self,
        through: Option<u64>,
        written: bool,
        behind_last: u64,
    ) -> Result<(), SpoolError> {
        let before_first = self.segments.front().map(|segment| segment.first - 1);
        self.acked = through.or(before_first).unwrap_or(behind_last - 1);
        if through.is_none() && (written || before_first.is_some()) {
            self.opened.faults.push(SpoolFault::Position { path: self.position.path().to_owned() });
        }
        if let Some(before_first) = before_first.filter(|before| *before > self.acked) {
            let numbers = self.acked + 1..=before_first;
            self.opened.faults.push(SpoolFault::Missing { numbers });
            self.acked = before_first;
            self.position_is_late = true;
        }
        if through.is_none() {
            self.position.begin(self.segments.disk(), self.acked)?;
        }
        Ok(())
    }
}

/// How a segment ends.
struct End {
    /// Where the last intact record ends.
    offset: u64,
    /// The number behind it.
    next: u64,
    /// How many bytes there are behind it.
    torn: u64,
    torn_records: u64,
}

fn scan(source: Source<'_>, first: u64) -> io::Result<End> {
    let records_from = source.written.min(length(HEAD_BYTES));
    let mut window = Window::at(records_from);
    let (mut offset, mut next) = (records_from, first);
    while let Some(frame) = window.find(source, &(next..u64::MAX))? {
        window.pass(frame);
        (offset, next) = (window.offset(), frame.number + 1);
    }
    // A head that is torn has nothing behind it.
    if source.written < length(HEAD_BYTES) {
        return Ok(End { offset: 0, next, torn: source.written, torn_records: 0 });
    }
    let torn = source.written - offset;
    let torn_records = if torn > 0 { Window::at(offset).count_torn(source)? } else { 0 };
    Ok(End { offset, next, torn, torn_records })
}

/// Whether a segment has its head, or is too short for one; one that is too short is torn.
fn has_head(disk: &dyn Disk, segment: &Segment) -> Result<bool, SpoolError> {
    let path = &segment.path;
    let mut bytes = [0; HEAD_BYTES];
    let read = disk
        .open(path)
        .and_then(|medium| read_full_at(&*medium, &mut bytes, 0))
        .map_err(SpoolError::read(path))?;
    match read_head(SEGMENT_MAGIC, &bytes[..read]) {
        Head::OtherVersion(version) => {
            Err(SpoolError::Version { path: path.clone(), version, known: VERSION })
        }
        Head::Number(first) => Ok(first == segment.first),
        Head::Damaged => Ok(read < HEAD_BYTES),
    }
}

fn make_folder(folder: &Path) -> Result<(), SpoolError> {
    match fs::create_dir_all(folder) {
        Err(_) if folder.exists() && !folder.is_dir() => {
            Err(SpoolError::NotAFolder { path: folder.to_owned() })
        }
        outcome => outcome.map_err(SpoolError::folder(folder)),
    }
}

fn lock(folder: &Path) -> Result<File, SpoolError> {
    let path = folder.join(LOCK_FILE);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(SpoolError::write(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(SpoolError::Locked { folder: folder.to_owned() }),
        // Some network file systems have no locks: to go on without one would be worse.
        Err(TryLockError::Error(source)) => Err(SpoolError::Write { path, source }),
    }
}

/// The folder as something to wait for; none where a system has no such thing.
fn folder_handle(folder: &Path) -> Option<Arc<Unsynced>> {
    let file = File::open(folder).ok()?;
    Some(Unsynced::new(Arc::new(Folder(file))))
}

/// A folder, of which nothing is wanted but that the device knows its entries.
struct Folder(File);

impl Medium for Folder {
    fn read_at(&self, _bytes: &mut [u8], _offset: u64) -> io::Result<usize> {
        Err(ErrorKind::Unsupported.into())
    }

    fn write_at(&self, _bytes: &[u8], _offset: u64) -> io::Result<usize> {
        Err(ErrorKind::Unsupported.into())
    }

    fn cut(&self, _end: u64) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
    }
}
