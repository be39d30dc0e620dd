//! The output of one item, shared out among its attempts.

use tidings_testrun::{KeptOutput, Notes, OutputStream};

/// The output that is kept of an item.
pub(super) struct Outputs<'a> {
    notes: &'a Notes,
    /// The attempts that have an element of their own.
    told_apart: &'a [u32],
}

/// Standard output, with what was not told apart from it; and standard error.
#[derive(Debug, Default)]
pub(super) struct Streams {
    pub(super) out: String,
    pub(super) err: String,
}

impl<'a> Outputs<'a> {
    pub(super) fn new(notes: &'a Notes, told_apart: &'a [u32]) -> Self {
        Self { notes, told_apart }
    }

    /// What an attempt wrote that has an element of its own.
    pub(super) fn of_attempt(&self, number: u32) -> Streams {
        self.streams(|piece| piece.attempt == Some(number))
    }

    /// What belongs to no such attempt.
    pub(super) fn of_item(&self) -> Streams {
        let is_elsewhere = |number: u32| self.told_apart.contains(&number);
        let mut streams = self.streams(|piece| !piece.attempt.is_some_and(is_elsewhere));
        let kept = self.notes.output.len() + self.notes.output_end.len();
        if kept == 0 && self.notes.output_dropped_bytes > 0 {
            streams.out = self.mark();
        }
        streams
    }

    fn streams(&self, is_wanted: impl Fn(&KeptOutput) -> bool) -> Streams {
        let of = |stream| self.text(|piece| is_wanted(piece) && piece.stream == stream);
        let is_other = |stream| !matches!(stream, OutputStream::Stdout | OutputStream::Stderr);
        let mut out = of(OutputStream::Stdout);
        append(&mut out, &self.text(|piece| is_wanted(piece) && is_other(piece.stream)));
        Streams { out, err: of(OutputStream::Stderr) }
    }

    /// The pieces that are wanted, with a mark where bytes are missing.
    fn text(&self, is_wanted: impl Fn(&KeptOutput) -> bool) -> String {
        let of = |pieces: &[KeptOutput]| -> String {
            pieces.iter().filter(|piece| is_wanted(piece)).map(|piece| &*piece.text).collect()
        };
        let (mut text, end) = (of(&self.notes.output), of(&self.notes.output_end));
        let ends_beginning = self.notes.output.last().is_some_and(&is_wanted);
        let begins_end = self.notes.output_end.first().is_some_and(&is_wanted);
        if self.notes.output_dropped_bytes > 0 && (ends_beginning || begins_end) {
            append(&mut text, &self.mark());
        }
        text + &end
    }

    fn mark(&self) -> String {
        format!("[{} bytes left out]\n", self.notes.output_dropped_bytes)
    }
}

/// Adds on a line of its own.
pub(super) fn append(text: &mut String, more: &str) {
    if !more.is_empty() {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(more);
    }
}
