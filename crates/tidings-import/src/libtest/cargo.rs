//! What cargo says between the lines of a stream: which binary runs, what does not compile,
//! and which process died.
//!
//! A build that fails is one error, however many targets it takes down.

use serde_json::Value;
use tidings_testrun::{ErrorItem, Failure, FailureKind, SourceLocation};

use crate::json_line::{Object, beginning, text_of, without_escapes};

/// How much of what a compiler says is kept.
const DIAGNOSTICS_BYTES_MAX: usize = 64 * 1024;

/// What is known of a build.
#[derive(Debug, Default)]
pub(super) struct Build {
    /// Whether its failure was told.
    is_told: bool,
    is_error: bool,
    diagnostics: String,
    location: Option<SourceLocation>,
}

impl Build {
    /// The build has ended well, as its tests run.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes a line of text; the error that it is the end of.
    pub(super) fn text(&mut self, line: &str) -> Option<ErrorItem> {
        let line = without_escapes(line);
        let line = line.trim_end();
        if let Some(failed) = line.strip_prefix("error: could not compile ") {
            self.is_error = false;
            return self.failed(&format!("could not compile {failed}"));
        }
        if line.starts_with("error[") || line.starts_with("error: ") {
            self.is_error = true;
        } else if line.starts_with("warning") {
            self.is_error = false;
        }
        if self.is_error {
            self.diagnose(line);
            if let Some(place) = line.trim_start().strip_prefix("--> ") {
                self.location = self.location.take().or_else(|| location_of(place));
            }
        }
        None
    }

    /// Takes a message of `--message-format json`, if a line is one; the error that it is the
    /// end of.
    pub(super) fn message_in(&mut self, line: &str) -> Option<ErrorItem> {
        let is_message = line.starts_with('{') && line.contains("\"reason\"");
        let object: Object = serde_json::from_str(line.trim()).ok().filter(|_| is_message)?;
        match text_of(&object, "reason")? {
            "compiler-message" => {
                let message = object.get("message")?.as_object()?;
                if text_of(message, "level")?.starts_with("error") {
                    let rendered = text_of(message, "rendered").or(text_of(message, "message"))?;
                    self.diagnose(rendered.trim_end());
                    let spans = message.get("spans").and_then(Value::as_array);
                    let place = spans.into_iter().flatten().find_map(primary_span);
                    self.location = self.location.take().or(place);
                }
                None
            }
            "build-finished" if object.get("success") == Some(&Value::Bool(false)) => {
                self.failed("the build failed")
            }
            _ => None,
        }
    }

    fn diagnose(&mut self, text: &str) {
        let room = DIAGNOSTICS_BYTES_MAX.saturating_sub(self.diagnostics.len());
        self.diagnostics.push_str(beginning(text, room));
        if room > 0 {
            self.diagnostics.push('\n');
        }
    }

    fn failed(&mut self, message: &str) -> Option<ErrorItem> {
        let diagnostics = std::mem::take(&mut self.diagnostics);
        let location = self.location.take();
        if std::mem::replace(&mut self.is_told, true) {
            return None;
        }
        let mut failure = Failure::new(FailureKind::Error, message);
        failure.details = Some(diagnostics).filter(|text| !text.is_empty());
        failure.location = location;
        Some(ErrorItem::named("build", failure))
    }
}

/// Whether a line says that a test binary did not end well.
pub(super) fn says_that_a_binary_failed(line: &str) -> bool {
    let line = without_escapes(line);
    ["error: test failed", "error: doctest failed", "error: bench failed"]
        .iter()
        .any(|words| line.starts_with(words))
}

/// What a line says of how a process died.
pub(super) fn death_of(line: &str) -> Option<String> {
    let line = without_escapes(line);
    let line = line.trim();
    let is_it = line.starts_with("process didn't exit successfully") && line.ends_with(')');
    let (_, how) = line.rsplit_once(" (").filter(|_| is_it)?;
    Some(how.trim_end_matches(')').to_owned())
}

fn primary_span(span: &Value) -> Option<SourceLocation> {
    let span = span.as_object()?;
    if span.get("is_primary") != Some(&Value::Bool(true)) {
        return None;
    }
    let number = |name| span.get(name).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    let mut location = SourceLocation::new(text_of(span, "file_name")?);
    (location.line, location.column) = (number("line_start"), number("column_start"));
    Some(location)
}

/// Reads `file:line:column`, with or without the column.
pub(super) fn location_of(text: &str) -> Option<SourceLocation> {
    let text = text.trim().trim_end_matches(':');
    let (rest, last) = text.rsplit_once(':')?;
    let last: u32 = last.parse().ok()?;
    let location =
        match rest.rsplit_once(':').and_then(|(file, line)| Some((file, line.parse().ok()?))) {
            Some((file, line)) => SourceLocation::new(file).with_line(line).with_column(last),
            None => SourceLocation::new(rest).with_line(last),
        };
    (!location.file.is_empty()).then_some(location)
}
