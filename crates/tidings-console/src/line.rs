//! One line an event: for people, and as JSON.

use std::sync::Arc;

use tidings_core::{Envelope, wire};
use tidings_registry::ObserverError;

use crate::escape::escape_json;
use crate::render::{Paint, Row, Style};
use crate::text::fields_line;

/// How many columns the event type takes at least, so that entities stand below each
/// other.
const TYPE_COLUMNS: usize = 24;

/// `2026-11-21T08:30:02.119Z  quick_test.started  case/t1  name=t1`: time in UTC, type,
/// entity, fields.
pub(crate) fn event_line(envelope: &Envelope, style: Style) -> String {
    let time = envelope.time().to_string();
    let milliseconds = time.get(..23).unwrap_or(&time);
    let paint = match envelope.role().outcome() {
        Some(outcome) => Paint::of_outcome(outcome),
        None if envelope.role().is_begin() => Paint::Live,
        None => Paint::Plain,
    };
    let fields = fields_line(envelope);
    let mut out = String::new();
    let row = Row::new()
        .with(Paint::Dim, &format!("{milliseconds}Z  "))
        .with(paint, &format!("{:<TYPE_COLUMNS$}", envelope.event_type()))
        .with(Paint::Plain, "  ")
        .with_path(envelope.entity());
    let row = if fields.is_empty() {
        row
    } else {
        row.with(Paint::Plain, "  ").with(Paint::Plain, &fields)
    };
    row.render(usize::MAX, style, &mut out);
    out
}

/// The event as one CloudEvent in JSON, with a line break; what a terminal would act on is
/// written as `\uXXXX`.
///
/// # Errors
///
/// A rejection when the payload has no JSON form.
pub(crate) fn json_line(envelope: &Arc<Envelope>) -> Result<String, ObserverError> {
    let mut text = String::new();
    match wire::write_event(&**envelope, None, &mut text) {
        Ok(()) => {
            let mut line = escape_json(&text).into_owned();
            line.push('\n');
            Ok(line)
        }
        Err(reason) => {
            Err(ObserverError::rejected("the event has no JSON form").caused_by(reason.to_string()))
        }
    }
}

/// What stands where lines are missing.
pub(crate) fn gap_line(dropped: u64, style: Style) -> String {
    let noun = if dropped == 1 { "line is" } else { "lines are" };
    let text =
        format!("{} {dropped} {noun} missing here: the writer was too slow", style.marks().cut);
    let mut out = String::new();
    Row::new().with(Paint::Odd, &text).render(usize::MAX, style, &mut out);
    out
}

/// The same as a CloudEvent, so that every line stays JSON; `total` makes its id unique
/// within the stream.
pub(crate) fn gap_json_line(dropped: u64, total: u64) -> String {
    format!(
        "{{\"specversion\":\"1.0\",\"id\":\"console-gap-{total}\",\"source\":\"/tidings/console\",\
         \"type\":\"tidings.sink.dropped\",\"data\":{{\"dropped\":{dropped}}}}}\n"
    )
}
