//! The journal: an append-only file of every event, and what can be done with it later.
//!
//! [`Journal`] writes the events of a bus as JSON Lines of `CloudEvents` 1.0. [`Reader`]
//! reads them, [`replay`] sends them through the live dispatch path of another bus, and
//! [`verify`] tells whether a file is what was written, all of it and once.
//!
//! ```
//! use std::time::Duration;
//!
//! use tidings_journal::{Journal, Reader, replay, verify};
//! use tidings_registry::Bus;
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("run.jsonl");
//!
//! let bus = Bus::new();
//! bus.subscribe(Journal::create(&path)?).detach();
//! let case = bus.raw_emitter("case", "t1");
//! case.emit("case.started", serde_json::json!({ "seed": 7 }))?;
//! case.emit("case.finished", serde_json::json!({ "seconds": 0.25 }))?;
//! bus.close(Duration::from_secs(5))?;
//!
//! let report = verify(Reader::open(&path)?)?;
//! assert!(report.is_sound(), "{report}");
//!
//! let again = Bus::new();
//! let report = replay(Reader::open(&path)?, &again)?;
//! assert_eq!(report.events, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is promised
//!
//! * **One event, one line, one write.** Unless it is told to
//!   [buffer](JournalBuilder::buffered), a journal has handed an event to the system before
//!   `emit` returns. A killed process loses nothing it had emitted; at most its last line
//!   is torn. What a power failure may cost is said by [`Fsync`].
//! * **No torn line but the last.** What a failed write has left is taken back before the
//!   next one; in a pipe, where nothing can be taken back, it is ended with a line break
//!   and becomes a bad line. [`Journal::append`] cuts a torn end off and says in the new
//!   header how many bytes that were.
//! * **One event that cannot be written harms no other.** An event without a JSON form is
//!   rejected, one that meets a full disk fails; neither takes a position.
//! * **Gapless positions.** They are taken under the journal's lock, from 0 on, and go on
//!   from session to session.
//! * **Bounded memory.** Reading and replaying hold one line, verifying besides it one
//!   number per lane and an entry per misplaced event, per gap without an explanation, and
//!   per rejection without a gap.
//! * **One writer.** The file is locked until the journal is closed. (On Windows that keeps
//!   readers out as well.)
//!
//! # The format
//!
//! UTF-8, one JSON object per line, each ended by a line feed. Readers skip empty lines and
//! take a carriage return before the line feed. A line has at most [`LINE_BYTES_MAX`]
//! bytes.
//!
//! The first line of each session is a header: an event of type `tidings.journal.opened`
//! with the attributes of any other, but *without* a `position`: positions count the events
//! that were heard. Its id is made of a bus id of its own, so that it never collides with
//! the id of an event. Its run and node are those of a bus when the journal was told of one
//! ([`JournalBuilder::bus`]); otherwise the run is the session's own id, and the node
//! `user@host`. Its `data`:
//!
//! | member | content |
//! |---|---|
//! | `format` | version of the format, 1 |
//! | `everything` | whether the session hears every event of its buses, those of Tidings too |
//! | `interest` | what it hears, entry by entry: `**` for everything, `prefix`, `=type`, `!prefix` |
//! | `continues_at` | position of its first event |
//! | `truncated_bytes` | bytes of a torn line that were cut off before it; absent for none |
//!
//! Every other line is an event:
//!
//! | attribute | content |
//! |---|---|
//! | `specversion` | `"1.0"` |
//! | `id` | event id, `<bus>.<lane>.<sequence>` |
//! | `source` | `/<run>/<node>/<kind>/<id>…`, percent-encoded |
//! | `type` | event type |
//! | `time` | RFC 3339 in UTC, nanoseconds |
//! | `subject` | innermost id of the entity |
//! | `datacontenttype` | `"application/json"` |
//! | `contentid` | content id; absent when the data has no canonical form |
//! | `busid`, `lane` | bus id; lane, an integer |
//! | `sequence` | place in the lane, 20 digits in quotes |
//! | `position` | place in this journal, 20 digits in quotes; absent in headers |
//! | `runid`, `node` | run and node |
//! | `elapsedns` | age of the bus in nanoseconds, in quotes |
//! | `entity` | entity path as JSON text, `[["kind","id"],…]` |
//! | `volatile` | names of the `data` members left out of `contentid`, comma-separated; absent for none |
//! | `role` | `begin`, `end`, `end:success`, `end:failure`, `end:skipped`; absent for neither |
//! | `causedby` | id of the event that was being delivered; absent for none |
//! | `attributes` | attributes as JSON text, an object; absent for none |
//! | `data` | the payload |
//!
//! # Versions
//!
//! *Old reader, new data:* attributes and members that a reader does not know are passed
//! by. Whatever an old reader may pass by is added without a new version. The `format` of a
//! header goes up only when old readers would misread what follows; a reader then refuses
//! with [`ReadError::Format`], which says the version that is needed.
//!
//! *New reader, old data:* members that came later have a default: a header that does not
//! say `everything` does not hear everything.
//!
//! # What gaps mean
//!
//! A gap in positions is a loss in the file. A gap in a lane's sequences is a loss only
//! where the header says `everything`: otherwise the interest may be the reason. Such a loss
//! is also an event that a full disk, a queue's overflow policy, or a dedup or narrower
//! interest given at the registration kept away; the header knows nothing of these.
//!
//! An event that the journal *rejected* leaves a gap as well, but the journal keeps the
//! bus's account of it: a `tidings.observer.failed` with `rejected: true` that names the
//! event. [`verify`] takes that for an explanation and lists the event as a note, a
//! [`Rejection`], and not as a fault. Inline, a journal hears that account. A queued
//! one does not when its queue is full at that moment, or its bus is closing: give it room,
//! and wait for [`Bus::barrier`](tidings_registry::Bus::barrier) before the close.

mod header;
mod journal;
mod reader;
mod replay;
mod verify;

pub use header::{FORMAT, Header, OPENED};
pub use journal::{Fsync, Journal, JournalBuilder, JournalError};
pub use reader::{Entry, LINE_BYTES_MAX, LineFault, ReadError, Reader, Torn};
pub use replay::{OnBadLine, ReplayError, ReplayReport, replay, replay_with};
pub use verify::{FAULTS_LISTED_MAX, Fault, FaultKind, Rejection, VerifyReport, verify};
