//! What can be wrong with a journal.

use thiserror::Error;
use tidings_core::{ContentId, EventId};

use crate::header::FORMAT;
use crate::reader::LineFault;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The line, from 1 on.
    pub line: u64,
    /// What is wrong with it.
    pub what: FaultKind,
}

/// What is wrong with a line, or with its place among the others.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FaultKind {
    /// The line cannot be read.
    #[error("{0}")]
    BadLine(LineFault),
    /// An event, or nothing at all, stands where a header must.
    #[error(
        "no header: a journal begins with `tidings.journal.opened`, so the begin of this one is \
         gone or it is no journal"
    )]
    HeaderMissing,
    /// The session is written in a format that is not known here; nothing after it is read.
    #[error(
        "the session is written in format {needed}, and only formats up to {FORMAT} are known \
         here: verify it with a newer version of Tidings"
    )]
    #[non_exhaustive]
    UnknownFormat {
        /// The format that a reader has to know.
        needed: u32,
    },
    /// The data are not those that the content id was made of.
    #[error(
        "the content id is {recorded}, but type, entity and data give {recomputed}: the line was \
         changed after it was written"
    )]
    #[non_exhaustive]
    ContentIdDiffers {
        /// What the line says.
        recorded: ContentId,
        /// What its content gives.
        recomputed: ContentId,
    },
    /// The line says a content id, and its data cannot have one.
    #[error("the content id is {recorded}, but the data cannot have one: {reason}")]
    #[non_exhaustive]
    ContentIdImpossible {
        /// What the line says.
        recorded: ContentId,
        /// Why there is none.
        reason: String,
    },
    /// An event does not say its position.
    #[error("the event has no position: no journal wrote this line")]
    PositionMissing,
    /// Events between this line and the one before are missing.
    #[error("position {expected} is expected and {found} found: {} missing", events(found - expected))]
    #[non_exhaustive]
    PositionGap {
        /// The position that comes next.
        expected: u64,
        /// The one that is there.
        found: u64,
    },
    /// The position is that of the line before.
    #[error("position {position} is repeated")]
    #[non_exhaustive]
    PositionRepeated {
        /// The position.
        position: u64,
    },
    /// The position lies behind.
    #[error("position {expected} is expected and {found} found: positions run backwards")]
    #[non_exhaustive]
    PositionBackwards {
        /// The position that comes next.
        expected: u64,
        /// The one that is there.
        found: u64,
    },
    /// Events of this lane are missing, though the session heard everything.
    #[error("{id} follows sequence {after} of its lane: {} missing", events(*missing))]
    #[non_exhaustive]
    SequenceGap {
        /// The event behind the gap.
        id: EventId,
        /// The sequence before the gap.
        after: u64,
        /// How many are missing.
        missing: u64,
    },
    /// An event comes after one that was emitted later on the same lane.
    #[error("{id} comes after later events of its lane")]
    #[non_exhaustive]
    SequenceBackwards {
        /// The event.
        id: EventId,
    },
    /// The same event once more.
    #[error("{id} is there twice, first on line {first_line}")]
    #[non_exhaustive]
    Duplicate {
        /// The event.
        id: EventId,
        /// Where it is first.
        first_line: u64,
    },
    /// Two events with one id: one of them is not what was emitted.
    #[error("{id} has other content than on line {first_line}: one of the lines is corrupt")]
    #[non_exhaustive]
    Corrupt {
        /// The id.
        id: EventId,
        /// Where it is first.
        first_line: u64,
    },
}

impl FaultKind {
    /// A name for its sort, to count by.
    pub fn label(&self) -> &'static str {
        match self {
            Self::BadLine(_) => "bad line",
            Self::HeaderMissing => "header missing",
            Self::UnknownFormat { .. } => "unknown format",
            Self::ContentIdDiffers { .. } => "content id differs",
            Self::ContentIdImpossible { .. } => "content id impossible",
            Self::PositionMissing => "position missing",
            Self::PositionGap { .. } => "position gap",
            Self::PositionRepeated { .. } => "position repeated",
            Self::PositionBackwards { .. } => "position backwards",
            Self::SequenceGap { .. } => "sequence gap",
            Self::SequenceBackwards { .. } => "sequence backwards",
            Self::Duplicate { .. } => "duplicate",
            Self::Corrupt { .. } => "corrupt",
        }
    }
}

fn events(number: u64) -> String {
    match number {
        1 => "1 event is".to_owned(),
        _ => format!("{number} events are"),
    }
}
