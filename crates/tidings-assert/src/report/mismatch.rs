//! Reports: everything a failed assertion says.
//!
//! One sentence first, then the table, then what to paste. Plain text without colours; no
//! value can break a line of it.

use std::fmt;

use super::table::Table;

/// How a recording differs from what was expected.
///
/// Its text is what [`assert_events!`](crate::assert_events!) panics with.
#[derive(Clone, PartialEq, Eq)]
pub struct Mismatch {
    text: String,
}

impl Mismatch {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Mismatch {
    /// The text as it is: this is what `expect` and `unwrap` print.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Mismatch {}

/// What one clause has to say.
#[derive(Debug)]
pub(crate) struct Report {
    /// One sentence: the clause, and what is wrong.
    pub(crate) headline: String,
    pub(crate) table: Option<Box<Table>>,
    pub(crate) notes: Vec<String>,
    /// A clause that would hold.
    pub(crate) paste: Option<String>,
}

impl Report {
    pub(crate) fn new(headline: impl Into<String>) -> Self {
        Self { headline: headline.into(), table: None, notes: Vec::new(), paste: None }
    }

    pub(crate) fn with_table(mut self, table: Table) -> Self {
        self.table = Some(Box::new(table));
        self
    }

    pub(crate) fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub(crate) fn with_paste(mut self, paste: Option<String>) -> Self {
        self.paste = paste;
        self
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headline)?;
        if let Some(table) = &self.table {
            write!(f, "\n{table}")?;
        }
        if !self.notes.is_empty() {
            writeln!(f)?;
        }
        for note in &self.notes {
            writeln!(f, "  {note}")?;
        }
        if let Some(paste) = &self.paste {
            writeln!(f, "\nthis would hold:\n")?;
            for line in paste.lines() {
                writeln!(f, "    {line}")?;
            }
        }
        Ok(())
    }
}

impl From<Report> for Mismatch {
    fn from(report: Report) -> Self {
        Self::new(report.to_string())
    }
}
