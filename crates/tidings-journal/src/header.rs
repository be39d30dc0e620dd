//! Headers: the line that opens each session of a journal, and the format's version.
//!
//! A member that an old reader may ignore is added without a new version; the version goes
//! up only when an old reader would misread what is written.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings_core::wire::write_event;
use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, EventId, EventType, Head, Interest, Lane,
    RawJson, RawPayload, Timestamp,
};

/// The version of the format that is written, and the highest one that is read.
pub const FORMAT: u32 = 1;

/// The event type of a header.
pub const OPENED: EventType = EventType::reserved("tidings.journal.opened");

/// What the first line of a session says. It has every attribute that each line must have,
/// but no position, since positions count the events that were heard.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// Its line in the file, from 1 on.
    pub line: u64,
    /// Its id; its bus is the session itself, so it never collides with an event's.
    pub id: EventId,
    /// When the session was opened.
    pub time: Timestamp,
    /// The version of the format; at most [`FORMAT`] in a header that was read.
    pub format: u32,
    /// Whether the session hears every event of its buses: gaps in sequences are losses.
    pub everything: bool,
    /// What it is interested in, for people: `**` is everything, `=name` one exact type,
    /// `!prefix` an exclusion.
    pub interest: Vec<String>,
    /// The position of the session's first event.
    pub continues_at: u64,
    /// How many bytes of a torn line were cut off before the session began.
    pub truncated_bytes: u64,
}

/// The `data` of a header.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HeaderData {
    format: u32,
    #[serde(default)]
    everything: bool,
    #[serde(default)]
    interest: Vec<String>,
    #[serde(default)]
    continues_at: u64,
    #[serde(default, skip_serializing_if = "is_zero")]
    truncated_bytes: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Of a header's data, what every version of it has.
#[derive(Debug, Deserialize)]
pub(crate) struct FormatOnly {
    pub(crate) format: u32,
}

impl HeaderData {
    pub(crate) fn new(interest: &Interest, continues_at: u64, truncated_bytes: u64) -> Self {
        let names_own = interest.prefixes().iter().any(|prefix| prefix.as_str() == "tidings");
        Self {
            format: FORMAT,
            everything: interest.is_everything() && names_own,
            interest: interest.entries(),
            continues_at,
            truncated_bytes,
        }
    }

    pub(crate) fn into_header(self, line: u64, envelope: &Envelope) -> Header {
        Header {
            line,
            id: envelope.id(),
            time: envelope.time(),
            format: self.format,
            everything: self.everything,
            interest: self.interest,
            continues_at: self.continues_at,
            truncated_bytes: self.truncated_bytes,
        }
    }
}

/// Who opens a session, and when.
#[derive(Debug, Clone)]
pub(crate) struct Opener {
    pub(crate) session: BusId,
    pub(crate) run: Option<String>,
    pub(crate) node: String,
    pub(crate) time: Timestamp,
    /// What the journal is called: the name of its file.
    pub(crate) entity: Entity,
}

/// The header as a line, with its line break.
pub(crate) fn write_header(opener: Opener, data: &HeaderData) -> String {
    let run = opener.run.unwrap_or_else(|| opener.session.to_string());
    let context = Context::new(run.into(), opener.node.into(), opener.entity, Attributes::new());
    let head = Head::new(
        EventId::new(opener.session, Lane::new(0), 0),
        OPENED,
        Arc::new(context),
        opener.time,
        Duration::ZERO,
    );
    let data = RawJson::of(data).expect("numbers, flags and texts always have a JSON form");
    let envelope = Envelope::new(head, RawPayload::new(data));
    let mut line = String::new();
    write_event(&envelope, None, &mut line).expect("raw data has a JSON form");
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(interest: &Interest) -> HeaderData {
        HeaderData::new(interest, 0, 0)
    }

    #[test]
    fn only_a_journal_that_hears_tidings_too_hears_everything() {
        let own = "tidings".parse().expect("a prefix");
        assert!(data(&Interest::everything().with(own)).everything);
        assert!(!data(&Interest::everything()).everything);
        let without = Interest::parse(["!test.output", "!x"]).expect("prefixes");
        assert!(!data(&without).everything);
        assert_eq!(data(&without).interest, ["**", "!test.output", "!x"]);
    }

    #[test]
    fn an_interest_is_listed_entry_by_entry() {
        let interest = Interest::parse(["test", "a.*", "!test.output"]).expect("prefixes");
        assert_eq!(data(&interest).interest, ["test", "a.*", "!test.output"]);
        assert_eq!(data(&Interest::types([&OPENED])).interest, ["=tidings.journal.opened"]);
        assert!(data(&Interest::nothing()).interest.is_empty());
    }
}
