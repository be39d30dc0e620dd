//! CloudEvents of Tidings: journals, dead letters, and the bodies of HTTP batches.
//!
//! A line holds one event or a list of them. A list may stretch over lines as long as each
//! of its events stands on one: the marks of a list are taken wherever they stand, so that a
//! foreign line in between costs itself only.

use serde_json::Value;
use serde_json::value::RawValue;
use tidings_core::wire::{EventReader, Received};
use tidings_journal::{FORMAT, OPENED};

use super::importer::{Importer, Line, Outlet};
use crate::feed::Ended;

/// The most characters of a dead letter's reason that are told.
const REASON_CHARACTERS_MAX: usize = 300;

/// Reads CloudEvents.
#[derive(Debug, Default)]
pub(super) struct CloudEvents {
    events: EventReader,
}

impl Importer for CloudEvents {
    fn take(&mut self, line: Line<'_>, outlet: &mut dyn Outlet) -> Result<(), Ended> {
        let line = match std::str::from_utf8(line.bytes) {
            Ok(line) => line.trim_ascii(),
            Err(fault) => {
                let byte = fault.valid_up_to() + 1;
                outlet.refuse(format!("byte {byte} of the line is not UTF-8"));
                return Ok(());
            }
        };
        if line.is_empty() {
            return Ok(());
        }
        let fault = match self.events.read(line) {
            Ok(received) => return hand_on(line, received, outlet),
            Err(fault) => fault,
        };
        let Some(events) = list(line) else {
            outlet.refuse(fault.to_string());
            return Ok(());
        };
        for (at, event) in events.iter().enumerate() {
            match self.events.read(event.get()) {
                Ok(received) => hand_on(event.get(), received, outlet)?,
                Err(fault) => outlet.refuse(format!("event {} of the line: {fault}", at + 1)),
            }
        }
        Ok(())
    }
}

/// The events of a line that is a list, or a part of one; nothing for any other line.
fn list(line: &str) -> Option<Vec<Box<RawValue>>> {
    if let Some(Ok(events)) = line.starts_with('[').then(|| serde_json::from_str(line)) {
        return Some(events);
    }
    let inner = line.strip_prefix(['[', ',']).unwrap_or(line);
    let inner = inner.strip_suffix([',', ']']).unwrap_or(inner).trim_ascii();
    if !(inner.is_empty() || inner.starts_with('{')) {
        return None;
    }
    let events: Vec<_> = serde_json::from_str(&format!("[{inner}]")).ok()?;
    // One object without a mark of a list is what it says it is.
    (inner.len() < line.len() || events.len() > 1).then_some(events)
}

fn hand_on(text: &str, received: Received, outlet: &mut dyn Outlet) -> Result<(), Ended> {
    let envelope = &received.envelope;
    // One with a position was heard on a bus, as any other event.
    if *envelope.event_type() == OPENED && received.position.is_none() {
        if let Some(needed) = newer_format(envelope.data().unwrap_or_default()) {
            outlet.refuse(format!(
                "the journal is written in format {needed}, and only formats up to {FORMAT} are \
                 known here: import it with a newer version of Tidings"
            ));
        }
        return Ok(());
    }
    if envelope.data().is_ok_and(|data| data == "null")
        && let Some(reason) = hollow(text)
    {
        outlet.refuse(reason);
        return Ok(());
    }
    outlet.event(received.envelope, text.len())
}

/// The format of a journal whose lines would be misread.
fn newer_format(header: &str) -> Option<u64> {
    let header: Value = serde_json::from_str(header).ok()?;
    header.get("format")?.as_u64().filter(|format| *format > u64::from(FORMAT))
}

/// Why a dead letter without data cannot be imported; nothing when the text is none.
fn hollow(text: &str) -> Option<String> {
    let Ok(Value::Object(line)) = serde_json::from_str(text) else { return None };
    if line.contains_key("data") {
        return None;
    }
    let reason: String =
        line.get("reason")?.as_str()?.chars().take(REASON_CHARACTERS_MAX).collect();
    let id = line.get("id").and_then(Value::as_str).unwrap_or_default();
    Some(format!(
        "the dead letter {id} has no data and cannot be imported (it was set aside because: \
         {reason})"
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidings_core::Envelope;

    use super::*;

    #[derive(Default)]
    struct Found {
        ids: Vec<String>,
        refused: Vec<String>,
    }

    impl Outlet for Found {
        fn event(&mut self, envelope: Arc<Envelope>, _: usize) -> Result<(), Ended> {
            self.ids.push(envelope.id().sequence().to_string());
            Ok(())
        }

        fn refuse(&mut self, reason: String) {
            self.refused.push(reason);
        }
    }

    fn event(sequence: u64, rest: &str) -> String {
        format!(
            "{{\"specversion\":\"1.0\",\"id\":\"0199a4a4-7d7c-7000-8000-000000000001.0.{sequence}\",\
             \"source\":\"/r/n/case/t1\",\"type\":\"case.started\",\
             \"time\":\"2026-11-21T08:30:02.119948123Z\",\"runid\":\"r\",\"node\":\"n\",\
             \"entity\":\"[[\\\"case\\\",\\\"t1\\\"]]\"{rest}}}"
        )
    }

    fn take(lines: &[String]) -> Found {
        let mut found = Found::default();
        let mut importer = CloudEvents::default();
        for line in lines {
            let line = Line { bytes: line.as_bytes(), is_ended: true };
            importer.take(line, &mut found).expect("an outlet without an end");
        }
        found
    }

    #[test]
    fn a_list_on_one_line_and_one_over_many_are_the_same() {
        let [a, b, c] = [0, 1, 2].map(|sequence| event(sequence, ",\"data\":[1,2]"));
        for lines in [
            vec![format!("[{a},{b}, {c}]")],
            vec!["[".to_owned(), format!("{a},"), format!("  {b},{c}"), "]".to_owned()],
            vec![format!("[{a}"), format!(",{b}"), format!(",{c}]")],
            vec![a.clone(), String::new(), format!("[{b}]"), format!("  {c} "), "[]".to_owned()],
        ] {
            let found = take(&lines);
            assert_eq!(found.ids, ["0", "1", "2"], "{lines:?}");
            assert_eq!(found.refused, [""; 0], "{lines:?}");
        }
    }

    #[test]
    fn a_bad_event_of_a_list_costs_only_itself() {
        let found = take(&[format!("[{},{{\"x\":1}},{}]", event(0, ""), event(1, ""))]);
        assert_eq!(found.ids, ["0", "1"]);
        assert_eq!(found.refused.len(), 1);
        assert!(found.refused[0].starts_with("event 2 of the line: "), "{:?}", found.refused);
    }

    #[test]
    fn a_line_that_only_looks_like_a_list_is_foreign() {
        let foreign = ["[INFO] hello", "[error] {\"a\":1}", "hello,", "12", "{\"a\":1}", "{"];
        let found = take(&foreign.map(str::to_owned));
        assert_eq!(found.refused.len(), foreign.len(), "{:?}", found.refused);
        assert!(found.ids.is_empty());
    }

    #[test]
    fn a_dead_letter_is_an_event_unless_it_has_no_data() {
        let whole = event(0, ",\"data\":null,\"reason\":\"code 12\"");
        let hollow = event(1, ",\"reason\":\"NaN has no JSON form\"");
        let found = take(&[whole, hollow, event(2, "")]);
        assert_eq!(found.ids, ["0", "2"]);
        assert_eq!(found.refused.len(), 1);
        assert!(found.refused[0].contains("NaN has no JSON form"), "{:?}", found.refused);
    }

    #[test]
    fn a_header_is_passed_over_unless_its_format_is_newer() {
        let header = |format: u32| {
            event(0, &format!(",\"data\":{{\"format\":{format}}}"))
                .replace("case.started", "tidings.journal.opened")
        };
        let found = take(&[header(1), header(9)]);
        assert!(found.ids.is_empty());
        assert_eq!(found.refused.len(), 1);
        assert!(found.refused[0].contains("format 9"), "{:?}", found.refused);
    }
}
