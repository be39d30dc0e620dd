//! Dead letters: events that will never be delivered, and why, one JSON line each.
//!
//! A line is the event's `CloudEvents` JSON with one more attribute, `reason`, so that it can
//! be imported again. Of an event without a JSON form it has the metadata and, as `debug`,
//! how its payload shows itself.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use tidings_core::Envelope;
use tidings_core::wire::{write_event, write_head};

use crate::contain::contained;

/// The most bytes of a payload's `Debug` text that are kept.
const DEBUG_BYTES_MAX: usize = 4_096;

/// A file of dead letters, which several deliveries may share: each line is appended with
/// one write.
#[derive(Debug)]
pub(crate) struct DeadLetters {
    path: PathBuf,
    file: File,
    /// Reused from line to line.
    line: String,
}

impl DeadLetters {
    /// Opens a file behind its end; it and its folder are made if they are missing.
    pub(crate) fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        Ok(Self { file: open(&path)?, path, line: String::new() })
    }

    /// Appends an event and why it cannot be delivered.
    pub(crate) fn write(
        &mut self,
        envelope: &Envelope,
        position: Option<u64>,
        reason: &str,
    ) -> io::Result<()> {
        self.line.clear();
        let line = &mut self.line;
        if let Ok(Ok(())) = contained(|| write_event(envelope, position, line)) {
            return self.end_line(&[("reason", reason)]);
        }
        self.line.clear();
        write_head(envelope, position, &mut self.line);
        self.end_line(&[("reason", reason), ("debug", &debug_text(envelope))])
    }

    /// Appends an event without its content, and why it cannot be delivered.
    pub(crate) fn write_head(
        &mut self,
        envelope: &Envelope,
        position: Option<u64>,
        reason: &str,
    ) -> io::Result<()> {
        self.line.clear();
        write_head(envelope, position, &mut self.line);
        self.end_line(&[("reason", reason)])
    }

    /// Adds members to the object that the line is, and writes it.
    fn end_line(&mut self, members: &[(&str, &str)]) -> io::Result<()> {
        self.line.pop();
        for (name, text) in members {
            let text = serde_json::to_string(text).map_err(io::Error::other)?;
            self.line.extend([",\"", name, "\":", &text]);
        }
        self.line.push_str("}\n");
        if is_removed(&self.file) {
            // What is written there is lost; a letter goes where it will be looked for.
            self.file = open(&self.path)?;
        }
        // A line that a crash or a full disk tore must not take this one along.
        if self.ends_torn()? {
            self.line.insert(0, '\n');
        }
        self.file.write_all(self.line.as_bytes())
    }

    /// Whether the file ends within a line, whoever wrote it.
    fn ends_torn(&mut self) -> io::Result<bool> {
        let about = self.file.metadata()?;
        if !about.is_file() || about.len() == 0 {
            return Ok(false);
        }
        self.file.seek(SeekFrom::Start(about.len() - 1))?;
        let mut last = [b'\n'];
        self.file.read_exact(&mut last)?;
        Ok(last != [b'\n'])
    }
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().read(true).append(true).create(true).open(path)
}

/// Whether the file has no name any more; where the system does not say, it has.
#[cfg(unix)]
fn is_removed(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    file.metadata().is_ok_and(|about| about.nlink() == 0)
}

#[cfg(not(unix))]
fn is_removed(_: &File) -> bool {
    false
}

/// How the payload shows itself, cut at a character.
fn debug_text(envelope: &Envelope) -> String {
    /// Stops the formatting once there is enough, however much there would be.
    struct Cut(String);

    impl fmt::Write for Cut {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let room = DEBUG_BYTES_MAX.saturating_sub(self.0.len());
            if text.len() <= room {
                self.0.push_str(text);
                return Ok(());
            }
            self.0.push_str(&text[..text.floor_char_boundary(room)]);
            self.0.push('…');
            Err(fmt::Error)
        }
    }

    let mut cut = Cut(String::new());
    let formatted = contained(|| {
        let _enough = fmt::write(&mut cut, format_args!("{:?}", envelope.payload()));
    });
    if let Err(panic) = formatted {
        cut.0.push_str("(panicked: ");
        cut.0.push_str(&panic);
        cut.0.push(')');
    }
    cut.0
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use serde::{Deserialize, Serialize, Serializer};
    use tidings_core::event::Payload;
    use tidings_core::wire::{Received, read_event};
    use tidings_core::{
        Attributes, BusId, Context, Entity, EventId, EventType, Head, Lane, RawJson, RawPayload,
        Timestamp,
    };

    use super::*;

    fn envelope<P: Payload>(payload: P) -> Envelope<P> {
        let entity = Entity::new("suite", "a\nb").child("case", "t1");
        let attributes = Attributes::new().with("n", 1);
        let context = Context::new("run-7".into(), "me@lab".into(), entity, attributes);
        let head = Head::new(
            EventId::new(BusId::from_u128(5), Lane::new(3), 9),
            EventType::from_static("lab.warm"),
            Arc::new(context),
            Timestamp::from_nanos(1_795_230_202_119_948_123),
            Duration::from_nanos(77),
        );
        Envelope::new(head, payload)
    }

    fn raw(data: &str) -> Envelope<RawPayload> {
        envelope(RawPayload::new(RawJson::parse(data).expect("JSON")))
    }

    /// What a new file has after these events, line by line.
    fn written(events: &[&Envelope]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("dead/letters.jsonl");
        let mut letters = DeadLetters::open(&path).expect("a new file");
        for event in events {
            letters.write(event, Some(12), "it is \"too\"\nlong").expect("a disk");
        }
        let text = fs::read_to_string(path).expect("it was written");
        text.split_terminator('\n').map(str::to_owned).collect()
    }

    fn text_of_member(line: &str, name: &str) -> Option<String> {
        let members: serde_json::Value = serde_json::from_str(line).expect("JSON");
        members.get(name)?.as_str().map(str::to_owned)
    }

    fn one_line(envelope: &Envelope) -> String {
        let mut line = String::new();
        write_event(envelope, Some(12), &mut line).expect("a JSON form");
        line
    }

    #[derive(Debug, Deserialize, Serialize, tidings_derive::Event)]
    #[event(namespace = "lab", crate = "tidings_core")]
    enum Lab {
        Warm { celsius: f64, note: String },
        Odd { mine: Mine },
    }

    /// Neither serde nor `Debug` gets along with it.
    #[derive(Deserialize)]
    struct Mine;

    impl Serialize for Mine {
        fn serialize<S: Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
            panic!("no JSON")
        }
    }

    impl fmt::Debug for Mine {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half")?;
            panic!("no text")
        }
    }

    #[test]
    fn a_dead_letter_is_the_event_with_its_reason() {
        let event = raw("{\"a\":\r\n \"x\\u0001\\ny\", \"a\": 2}");
        let lines = written(&[&event, &event]);
        assert_eq!(lines.len(), 2, "{lines:?}");
        let Received { envelope, position, .. } = read_event(&lines[1]).expect("importable");
        assert_eq!((position, one_line(&envelope)), (Some(12), one_line(&event)));
        assert_eq!(text_of_member(&lines[1], "reason").as_deref(), Some("it is \"too\"\nlong"));
        assert_eq!(text_of_member(&lines[1], "debug"), None);
    }

    #[test]
    fn an_event_without_json_leaves_its_metadata_and_its_debug_text() {
        let event = envelope(Lab::Warm { celsius: f64::NAN, note: "ä".repeat(9_000) });
        let lines = written(&[&event]);
        let read = read_event(&lines[0]).expect("importable").envelope;
        assert_eq!((read.id(), read.data()), (event.id(), Ok("null")));
        assert_eq!(read.entity(), event.entity());
        assert_eq!(text_of_member(&lines[0], "contentid"), None);
        let debug = text_of_member(&lines[0], "debug").expect("a text");
        assert!(debug.starts_with("Warm { celsius: NaN, note: \"ää"), "{debug}");
        assert!(debug.ends_with("ä…") && debug.len() <= DEBUG_BYTES_MAX + 3, "{}", debug.len());
    }

    #[test]
    fn a_payload_that_panics_is_a_dead_letter_like_any_other() {
        let event = envelope(Lab::Odd { mine: Mine });
        let lines = written(&[&event, &raw("1")]);
        assert_eq!(lines.len(), 2, "{lines:?}");
        let debug = text_of_member(&lines[0], "debug");
        assert_eq!(debug.as_deref(), Some("Odd { mine: half(panicked: no text)"));
        assert_eq!(read_event(&lines[1]).expect("importable").envelope.data(), Ok("1"));
    }

    #[test]
    fn a_head_alone_shows_nothing_of_the_payload() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("letters.jsonl");
        let mut letters = DeadLetters::open(&path).expect("a new file");
        letters.write_head(&raw("\"hunter2\""), None, "why").expect("a disk");
        let text = fs::read_to_string(path).expect("it was written");
        assert!(!text.contains("hunter2"), "{text}");
        assert_eq!(read_event(&text).expect("importable").position, None);
    }

    #[test]
    fn a_torn_line_does_not_take_the_next_one_along() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("letters.jsonl");
        fs::write(&path, "{\"specversion\":\"1.").expect("a disk");
        let mut one = DeadLetters::open(&path).expect("a file");
        let mut other = DeadLetters::open(&path).expect("the same file");
        one.write(&raw("1"), None, "why").expect("a disk");
        other.write(&raw("2"), None, "why").expect("a disk");
        one.write(&raw("3"), None, "why").expect("a disk");
        let text = fs::read_to_string(&path).expect("it was written");
        let data = text.lines().skip(1).map(|line| {
            read_event(line).expect("importable").envelope.data().expect("raw").to_owned()
        });
        assert_eq!(data.collect::<Vec<_>>(), ["1", "2", "3"]);
    }
}
