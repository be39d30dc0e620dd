//! Lines that wait for the writer: those of events, and printed ones between them.
//!
//! Only events are counted in the report, so the places of printed lines are remembered;
//! those that stand next to each other are one place.

use std::ops::Range;

use crate::escape::{disarm, escape};

#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
    events: u64,
    printed: Printed,
    printed_count: u64,
}

/// Where in a text the printed lines are.
#[derive(Debug, Default)]
pub(super) struct Printed(Vec<Range<usize>>);

impl Lines {
    /// Appends the line of an event.
    pub(super) fn push_event(&mut self, line: &str) {
        self.text.push_str(line);
        self.events += 1;
    }

    /// Appends whole lines that somebody printed.
    pub(super) fn push_printed(&mut self, lines: &str) {
        if lines.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(lines);
        self.printed_count += count_lines(lines.as_bytes());
        match self.printed.0.last_mut().filter(|last| last.end == start) {
            Some(last) => last.end = self.text.len(),
            None => self.printed.0.push(start..self.text.len()),
        }
    }

    pub(super) fn into_text(self) -> (String, Printed) {
        (self.text, self.printed)
    }

    /// How many bytes wait.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// How many events have a line here.
    pub(super) fn events(&self) -> u64 {
        self.events
    }

    /// How many lines there are.
    pub(super) fn count(&self) -> u64 {
        self.events + self.printed_count
    }
}

impl Printed {
    /// How many lines of `written`, the start of the text, are whole and not printed.
    pub(super) fn others_within(&self, written: &[u8]) -> u64 {
        let upto = |at: usize| at.min(written.len());
        let printed = self.0.iter().map(|place| &written[upto(place.start)..upto(place.end)]);
        count_lines(written) - printed.map(count_lines).sum::<u64>()
    }
}

/// What somebody printed, as whole lines that are safe to show; tabs become spaces.
pub(super) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 1);
    for line in text.lines() {
        safe.push_str(&disarm(&escape(&line.replace('\t', "    "))));
        safe.push('\n');
    }
    safe
}

/// Splits after the last line that ends within `room` bytes.
pub(super) fn split_lines(lines: &str, room: usize) -> (&str, &str) {
    if lines.len() <= room {
        return (lines, "");
    }
    let end = lines.as_bytes()[..room].iter().rposition(|byte| *byte == b'\n');
    lines.split_at(end.map_or(0, |end| end + 1))
}

pub(super) fn count_lines(bytes: &[u8]) -> u64 {
    let count = bytes.split(|byte| *byte == b'\n').count() - 1;
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_lines_are_not_taken_for_events() {
        let mut lines = Lines::default();
        lines.push_event("one\n");
        lines.push_printed("a\nb\n");
        lines.push_printed("c\n");
        lines.push_event("two\n");
        assert_eq!((lines.events(), lines.count(), lines.len()), (2, 5, 14));
        let (text, printed) = lines.into_text();
        assert_eq!((text.as_str(), printed.0.len()), ("one\na\nb\nc\ntwo\n", 1));
        let within =
            [0, 3, 4, 6, 10, 13, 14].map(|end| printed.others_within(&text.as_bytes()[..end]));
        assert_eq!(within, [0, 0, 1, 1, 1, 1, 2]);
    }

    #[test]
    fn what_is_printed_becomes_whole_and_harmless_lines() {
        for (text, lines) in [
            ("", ""),
            ("\n", "\n"),
            ("a", "a\n"),
            ("a\r\n\n\tb\n", "a\n\n    b\n"),
            ("\u{1b}[2J\r", "\\u{1b}[2J\\r\n"),
            ("a\n\t::error::b", "a\n    \\u{3a}:error::b\n"),
        ] {
            assert_eq!(printable(text), lines, "{text:?}");
        }
    }

    #[test]
    fn a_text_is_split_between_lines_only() {
        for (room, kept) in
            [(0, ""), (2, ""), (3, "ä\n"), (5, "ä\n"), (6, "ä\nbc\n"), (7, "ä\nbc\n")]
        {
            let (first, rest) = split_lines("ä\nbc\n", room);
            assert_eq!((first, first.len() + rest.len()), (kept, 6), "{room}");
        }
    }
}
