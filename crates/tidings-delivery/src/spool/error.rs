//! Why a spool cannot be used, or did not take an event.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a spool cannot be used, or did not take an event.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SpoolError {
    /// The folder is not there and cannot be made, or cannot be listed.
    #[error("the folder `{}` cannot be used", folder.display())]
    #[non_exhaustive]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is something else where the folder is to be.
    #[error("`{}` is no folder: name another place for the spool", path.display())]
    #[non_exhaustive]
    NotAFolder {
        /// What is there.
        path: PathBuf,
    },
    /// Another delivery, of this process or another, has the folder.
    #[error(
        "the folder `{}` is in use by another delivery: close that one, or name another folder",
        folder.display()
    )]
    #[non_exhaustive]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// A file was written by a version of Tidings that keeps its spool in another form.
    #[error(
        "`{}` has format version {version}, and only version {known} can be read here: deliver \
         it with the version of Tidings that wrote it, or name another folder",
        path.display()
    )]
    #[non_exhaustive]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
        /// The version that can be read.
        known: u32,
    },
    /// A file of the spool cannot be read.
    #[error("`{}` cannot be read", path.display())]
    #[non_exhaustive]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file of the spool cannot be made, written or removed.
    #[error("`{}` cannot be written", path.display())]
    #[non_exhaustive]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no room for another event.
    #[error("the spool is full")]
    Full,
    /// The event alone is longer than the spool may be, or than any event of a spool.
    #[error("the event has {bytes} bytes, and the spool takes at most {bytes_max}")]
    #[non_exhaustive]
    TooLong {
        /// How long the event is.
        bytes: u64,
        /// The most that would have been taken.
        bytes_max: u64,
    },
}

impl SpoolError {
    pub(super) fn folder(folder: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Folder { folder: folder.to_owned(), source }
    }

    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Write { path: path.to_owned(), source }
    }
}
