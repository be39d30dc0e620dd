//! The contract between a stream and the importer of its format.

use std::fmt::Debug;

use super::found::Found;

/// Says what the lines of one format mean.
pub trait Importer: Debug + Send {
    /// Takes one line, in the order of the stream, and says what it means.
    ///
    /// Any text may come: a runner's stream has the output of builds and of tests in it.
    fn line(&mut self, line: Line<'_>, found: &mut Found);

    /// Takes the end of the stream, once, and ends whatever is still open.
    fn end(&mut self, end: End, found: &mut Found);
}

/// One line of a stream, without its line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line<'a> {
    /// What stands in it.
    pub text: &'a str,
    /// Whether a line break ended it; only the last line of a stream may have none.
    pub is_whole: bool,
}

impl<'a> Line<'a> {
    /// A line that a line break ended.
    pub fn whole(text: &'a str) -> Self {
        Self { text, is_whole: true }
    }

    /// A last line that no line break ended: it may have been cut.
    pub fn unfinished(text: &'a str) -> Self {
        Self { text, is_whole: false }
    }
}

/// Why nothing more comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// The stream is over. If it should have gone on, that is a fault.
    OfInput,
    /// Whoever reads has stopped; the stream may go on.
    Interrupted,
}
