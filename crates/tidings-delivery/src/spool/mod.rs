//! The spool: events that cannot be delivered now, kept in a folder in their order.
//!
//! # The folder
//!
//! | file | what it is |
//! |---|---|
//! | `00000000000000000001.seg` | a segment: records one after the other, named after the number of the first |
//! | `acknowledged` | the position: through which record all are done |
//! | `lock` | empty; its lock is held as long as a delivery has the folder |
//!
//! What is called otherwise belongs to somebody else and is left alone. Records are numbered
//! from 1 on, without a gap and for ever: the position outlives the segments. A segment has
//! an eighth of the bound, between 64 KiB and 8 MiB, or a single record that is longer. It is
//! removed when all its records are done, or as the oldest one to make room.
//!
//! # The format, version 1
//!
//! A segment is a head and frames; the position is two heads, at bytes 0 and 4096, of which
//! the greater number counts. Integers are little-endian, checksums are CRC-32 (IEEE).
//!
//! | head | bytes | | frame | bytes |
//! |---|---|---|---|---|
//! | `tidspool` or `tidacked` | 8 | | marker `FF FA F5 FE` | 4 |
//! | format version | 4 | | CRC-32 of all that follows | 4 |
//! | number: first record, or last one done | 8 | | length of the text | 4 |
//! | CRC-32 of all before | 4 | | number | 8 |
//! | | | | text, UTF-8, at most 64 MiB | |
//!
//! A head has this shape in every version. A folder of a version that is not known is
//! refused and left as it is.
//!
//! # What survives what
//!
//! - *The process is killed*: everything that was flushed is there. The last write may be
//!   torn; that end is cut off when the folder is opened next, and told. Of what was
//!   acknowledged nothing comes again.
//! - *The power fails*: what the device had confirmed is there ([`SpoolFsync`]): every
//!   group that was waited for with `Batch`, which with `Event` is one event, whatever the
//!   system had written with `Never`. Zeros that it leaves at the end are cut off like a torn
//!   record. The position is not waited for before `close`: some records may come twice.
//! - *A record is damaged*: it is passed over to the next frame that is intact, told with
//!   its number, and counts as done; all others are delivered in order.
//! - *The position is damaged*: a torn write spoils one slot, and the other one says what
//!   was done before. Without both it begins with the first record that there is.
//! - *The disk is full or fails*: the record is refused, or waits in memory, from where it
//!   can be read all the same. A fragment in the file is taken back, or that file is left
//!   and another begun.
//!
//! [`SpoolFsync`]: crate::SpoolFsync

mod disk;
mod error;
mod fault;
mod frame;
mod limits;
mod position;
mod reading;
mod recovery;
mod segments;
mod store;
mod tail;
mod unsynced;
mod window;

#[cfg(test)]
mod tests;

pub use error::SpoolError;
pub(crate) use fault::SpoolFault;
pub(crate) use store::{Record, Spool};
