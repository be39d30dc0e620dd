//! Small spools, copies of their folders, and a disk that fails when it is told to.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;

use crate::settings::{SpoolFsync, SpoolFull};
use crate::spool::disk::{Disk, Medium, System};
use crate::spool::limits::Limits;
use crate::spool::{Record, Spool, SpoolError, SpoolFault};

/// Limits at which a dozen short records fill several segments.
pub(super) fn small() -> Limits {
    Limits {
        bytes_max: 1_024,
        segment_bytes: 128,
        group_bytes: 96,
        full: SpoolFull::DropOldest,
        fsync: SpoolFsync::Never,
    }
}

/// Limits that no test reaches.
pub(super) fn large() -> Limits {
    Limits { bytes_max: 1 << 30, segment_bytes: 1 << 20, group_bytes: 1 << 16, ..small() }
}

pub(super) fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder for temporary files")
}

pub(super) fn open(folder: &Path, limits: Limits) -> Spool {
    Spool::open_on(Box::new(System), folder, limits).expect("a folder of its own")
}

/// A copy of a folder as it is: what a process that is killed now would leave.
pub(super) fn copy_of(folder: &Path) -> TempDir {
    let copy = self::folder();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a file's name");
        fs::copy(&path, copy.path().join(name)).expect("a disk");
    }
    copy
}

/// The segments of a folder, oldest first.
pub(super) fn segments_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("one").path());
    let mut segments: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "seg")).collect();
    segments.sort();
    segments
}

/// Everything that has not been read, and what was damaged on the way.
pub(super) fn read_all(spool: &mut Spool) -> (Vec<Record>, Vec<SpoolFault>) {
    let (mut records, mut faults) = (Vec::new(), Vec::new());
    while spool.unread() > 0 {
        faults.extend(spool.next_batch(3, 64, &mut records).expect("a disk"));
    }
    (records, faults)
}

pub(super) fn numbers(records: &[Record]) -> Vec<u64> {
    records.iter().map(|record| record.number).collect()
}

pub(super) fn append(spool: &mut Spool, texts: &[&str]) {
    for text in texts {
        spool.append(text).expect("room and a disk");
    }
}

/// The error and what caused it, without the folder that differs from run to run.
pub(super) fn chain(fault: &SpoolError, folder: &Path) -> String {
    let mut text = fault.to_string();
    if let Some(source) = std::error::Error::source(fault) {
        text = format!("{text}: {source}");
    }
    text.replace(&folder.display().to_string(), "…")
}

/// What a disk is to refuse, and what it was asked for.
#[derive(Debug)]
pub(super) struct Mood {
    /// How many more bytes can be written.
    pub(super) room: AtomicU64,
    pub(super) cannot_cut: AtomicBool,
    pub(super) cannot_sync: AtomicBool,
    pub(super) cannot_remove: AtomicBool,
    pub(super) writes: AtomicU64,
    pub(super) synced: Mutex<Vec<PathBuf>>,
}

impl Mood {
    pub(super) fn good() -> Arc<Self> {
        Arc::new(Self {
            room: AtomicU64::new(u64::MAX),
            cannot_cut: AtomicBool::new(false),
            cannot_sync: AtomicBool::new(false),
            cannot_remove: AtomicBool::new(false),
            writes: AtomicU64::new(0),
            synced: Mutex::default(),
        })
    }

    pub(super) fn set_room(&self, bytes: u64) {
        self.room.store(bytes, Ordering::Relaxed);
    }

    pub(super) fn open(self: &Arc<Self>, folder: &Path, limits: Limits) -> Spool {
        let disk = Box::new(Moody(Arc::clone(self)));
        Spool::open_on(disk, folder, limits).expect("a folder of its own")
    }
}

/// The file system, in a mood.
struct Moody(Arc<Mood>);

impl Moody {
    fn file(&self, medium: Arc<dyn Medium>, path: &Path) -> Arc<dyn Medium> {
        Arc::new(MoodyFile { mood: Arc::clone(&self.0), medium, path: path.to_owned() })
    }
}

impl Disk for Moody {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn Medium>> {
        System.create(path).map(|medium| self.file(medium, path))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn Medium>> {
        System.open(path).map(|medium| self.file(medium, path))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        refuse(&self.0.cannot_remove)?;
        System.remove(path)
    }
}

struct MoodyFile {
    mood: Arc<Mood>,
    medium: Arc<dyn Medium>,
    path: PathBuf,
}

impl Medium for MoodyFile {
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.medium.read_at(bytes, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let room = self.mood.room.load(Ordering::Relaxed);
        if room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
        let written = self.medium.write_at(&bytes[..taken], offset)?;
        self.mood.writes.fetch_add(1, Ordering::Relaxed);
        if room != u64::MAX {
            self.mood.set_room(room - written as u64);
        }
        Ok(written)
    }

    fn cut(&self, end: u64) -> io::Result<()> {
        refuse(&self.mood.cannot_cut)?;
        self.medium.cut(end)
    }

    fn sync(&self) -> io::Result<()> {
        refuse(&self.mood.cannot_sync)?;
        self.mood.synced.lock().expect("no panic").push(self.path.clone());
        self.medium.sync()
    }
}

fn refuse(mood: &AtomicBool) -> io::Result<()> {
    if mood.load(Ordering::Relaxed) {
        return Err(io::Error::other("the device is in a mood"));
    }
    Ok(())
}
