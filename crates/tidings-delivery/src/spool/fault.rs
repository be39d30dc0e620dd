//! What was found damaged: told, counted, and never in the way of what is intact.

use std::fmt;
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;

/// Damage to a spool, and what it cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SpoolFault {
    /// The last segment ended within a record, or in zeros; that end was cut off.
    TornTail {
        segment: PathBuf,
        /// Where the last intact record ends.
        offset: u64,
        /// How many bytes were cut off.
        bytes: u64,
        /// How many records began there, as far as it can be told.
        records: u64,
    },
    /// Bytes between intact records are none themselves; they are passed over.
    Corrupt {
        segment: PathBuf,
        offset: u64,
        bytes: u64,
        /// The records that stood there; none when no number is missing.
        numbers: Option<RangeInclusive<u64>>,
    },
    /// Records that have left no trace: their segment was removed by somebody else, or a
    /// power failure came between its removal and the position.
    Missing { numbers: RangeInclusive<u64> },
    /// Nothing says which records are done; it begins with the first that there is.
    Position { path: PathBuf },
}

impl SpoolFault {
    /// The numbers of records that are lost. Those of a torn end have none: the next ones
    /// get theirs.
    pub(crate) fn records(&self) -> Range<u64> {
        match self {
            Self::Corrupt { numbers: Some(numbers), .. } | Self::Missing { numbers } => {
                *numbers.start()..numbers.end().saturating_add(1)
            }
            Self::Corrupt { numbers: None, .. } | Self::TornTail { .. } | Self::Position { .. } => {
                0..0
            }
        }
    }
}

impl fmt::Display for SpoolFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TornTail { segment, offset, bytes, records } => write!(
                f,
                "the torn end of `{}` was cut off: {bytes} bytes from byte {offset}, about \
                 {records} events",
                segment.display()
            ),
            Self::Corrupt { segment, offset, bytes, numbers } => {
                let segment = segment.display();
                write!(f, "`{segment}` is damaged: {bytes} bytes from byte {offset}")?;
                match numbers {
                    None => f.write_str(", no event lost"),
                    Some(numbers) => write!(f, ", {} lost", Numbers(numbers)),
                }
            }
            Self::Missing { numbers } => write!(f, "{} not there any more", Numbers(numbers)),
            Self::Position { path } => write!(
                f,
                "`{}` does not say which events are done: all that there are go again",
                path.display()
            ),
        }
    }
}

struct Numbers<'a>(&'a RangeInclusive<u64>);

impl fmt::Display for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (self.0.start(), self.0.end());
        if first == last {
            write!(f, "event {first} is")
        } else {
            write!(f, "events {first} to {last} are")
        }
    }
}
