//! What is wrong and where, with the line and a caret under the place.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::fs;
use std::iter::repeat_n;
use std::path::Path;

use tidings_core::text::is_dangerous;
use tidings_delivery::REDACTED;

use super::secrets::{hidden, may_hold_a_secret};
use super::tree::{Span, Table};
use super::{json, toml};
use crate::error::{ConfigError, ConfigFault, visible};

/// The most characters of a line that are shown.
const SHOWN_MAX: usize = 100;
/// How many of them stand before the place that is meant.
const BEFORE_MAX: usize = 40;

/// Something wrong at a place.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) advice: Option<String>,
}

impl Fault {
    /// What is wrong: lower case, without a full stop.
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), advice: None }
    }

    /// What to do about it.
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

/// The text of a configuration, its name, and what was found wrong in it.
pub(crate) struct Source {
    name: String,
    text: String,
    hidden: Hidden,
    faults: RefCell<Vec<Fault>>,
}

/// What of the text must not be shown.
enum Hidden {
    Places(Vec<Span>),
    All,
}

impl Source {
    /// Reads a file, whose name says what is in it.
    pub(crate) fn open(path: &Path) -> Result<(Self, Table), ConfigError> {
        let extension = path.extension().map(|extension| extension.to_string_lossy());
        let parse = match extension.as_deref() {
            Some("toml") => Self::toml,
            Some("json") => Self::json,
            _ => return Err(ConfigError::Extension { path: path.to_owned() }),
        };
        let text = fs::read_to_string(path)
            .map_err(|reason| ConfigError::Read { path: path.to_owned(), reason })?;
        parse(path.display().to_string(), &text)
    }

    /// Parses TOML.
    pub(crate) fn toml(name: String, text: &str) -> Result<(Self, Table), ConfigError> {
        Self::parse(name, text, toml::parse)
    }

    /// Parses JSON.
    pub(crate) fn json(name: String, text: &str) -> Result<(Self, Table), ConfigError> {
        Self::parse(name, text, json::parse)
    }

    fn parse(
        name: String,
        text: &str,
        parse: impl Fn(&str) -> Result<Table, Fault>,
    ) -> Result<(Self, Table), ConfigError> {
        // Editors of some systems put this mark in front, which is part of neither format.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        let parsed = parse(&text);
        let hidden = match &parsed {
            Ok(table) => {
                let mut places = Vec::new();
                hidden(table, &mut places);
                places.sort_by_key(|place| place.start);
                Hidden::Places(places)
            }
            // Where a value ends is not known then.
            Err(_) if may_hold_a_secret(&text) => Hidden::All,
            Err(_) => Hidden::Places(Vec::new()),
        };
        let source = Self { name, text, hidden, faults: RefCell::default() };
        match parsed {
            Ok(table) => Ok((source, table)),
            Err(fault) => {
                source.report(fault);
                Err(source.error())
            }
        }
    }

    /// Keeps a fault; what can be looked at without it goes on.
    pub(crate) fn report(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// Whether anything was found wrong.
    pub(crate) fn has_faults(&self) -> bool {
        !self.faults.borrow().is_empty()
    }

    /// All that was found wrong, in the order of the text.
    pub(crate) fn error(&self) -> ConfigError {
        let mut faults = self.faults.take();
        faults.sort_by_key(|fault| fault.span.start);
        faults.dedup_by(|a, b| a.span == b.span && a.message == b.message);
        ConfigError::invalid(faults.iter().map(|fault| self.show(fault)).collect())
    }

    fn show(&self, fault: &Fault) -> ConfigFault {
        let start = fault.span.start.min(self.text.len());
        let before = &self.text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        let column = before[line_start..].chars().count() + 1;
        // A key may hold anything, also what would command a terminal.
        let message = visible(&fault.message);
        let mut shown = format!("{}:{line}:{column}: {message}", visible(&self.name));
        let excerpt = self.excerpt(line_start, start..fault.span.end.max(start));
        let advice = visible(fault.advice.as_deref().unwrap_or_default());
        match excerpt {
            Some((text, carets)) => {
                let number = line.to_string();
                let margin = " ".repeat(number.len());
                let pointer = format!("{margin} | {carets} {advice}");
                write!(shown, "\n{margin} |\n{number} | {text}\n{}", pointer.trim_end())
                    .expect("a string takes every text");
            }
            None if !advice.is_empty() => {
                shown.push_str(": ");
                shown.push_str(&advice);
            }
            None => {}
        }
        ConfigFault::new(line, column, message, shown)
    }

    /// The line, and what stands under it.
    fn excerpt(&self, line_start: usize, span: Span) -> Option<(String, String)> {
        let Hidden::Places(places) = &self.hidden else { return None };
        let rest = &self.text[line_start..];
        let line = rest.split('\n').next().unwrap_or_default().trim_end();
        let (mut shown, mut carets) = (Vec::new(), Vec::new());
        for (at, c) in line.char_indices().map(|(at, c)| (line_start + at, c)) {
            let place = places.iter().find(|place| place.contains(&at));
            let mark = if span.contains(&at) || span.start == at { '^' } else { ' ' };
            let is_first = place.is_some_and(|place| place.start.max(line_start) == at);
            let text: &str = match (place, c) {
                (Some(_), _) if is_first => REDACTED,
                (Some(_), _) => "",
                (None, '\t') => "    ",
                (None, c) if is_dangerous(c) => "\u{fffd}",
                (None, c) => &c.to_string(),
            };
            shown.extend(text.chars());
            carets.extend(repeat_n(mark, text.chars().count()));
        }
        if !carets.contains(&'^') {
            carets.push('^');
        }
        Some(cut(&shown, &carets))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}

/// As much of a line as can be shown, around the place that is meant.
fn cut(shown: &[char], carets: &[char]) -> (String, String) {
    let meant = carets.iter().position(|mark| *mark == '^').unwrap_or(0);
    let start = if shown.len() > SHOWN_MAX { meant.saturating_sub(BEFORE_MAX) } else { 0 };
    let end = shown.len().min(start + SHOWN_MAX);
    let mut text: String = shown[start.min(end)..end].iter().collect();
    let mut marks: String = carets[start..carets.len().min(start + SHOWN_MAX)].iter().collect();
    if start > 0 {
        text.insert(0, '…');
        marks.insert(0, ' ');
    }
    if end < shown.len() {
        text.push('…');
    }
    (text, marks.trim_end().to_owned())
}
