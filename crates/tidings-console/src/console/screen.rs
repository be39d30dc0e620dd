//! Drawing over what was drawn before.
//!
//! Moves up over its own lines and erases to their ends; the rest of the screen, the
//! cursor and the modes of the terminal are left alone, so there is nothing to restore.

use std::fmt::Write as _;

use crate::render::visible_width;

/// Knows what of our own stands above the cursor.
#[derive(Debug, Default)]
pub(super) struct Screen {
    /// The columns of each line.
    widths: Vec<usize>,
}

impl Screen {
    /// What to write so that `frame` replaces the one before, on a terminal of `columns`,
    /// with the lines of `above` over it for good.
    pub(super) fn redraw(&mut self, above: &str, frame: &str, columns: usize) -> String {
        let mut out = String::with_capacity(above.len() + frame.len() + 64);
        // A terminal that became narrower has wrapped the lines that stand there.
        let wrapped = |width: &usize| width.div_ceil(columns.max(1)).max(1);
        let up: usize = self.widths.iter().map(wrapped).sum();
        if up > 0 {
            write!(out, "\r\u{1b}[{up}A").expect("a string takes every text");
        }
        if up > 0 && !above.is_empty() {
            // At once and not line by line: a line that fills the terminal would lose its
            // last character to an erasure behind it.
            out.push_str("\u{1b}[J");
        }
        out.push_str(above);
        self.widths.clear();
        for line in frame.lines() {
            out.push_str(line);
            out.push_str("\u{1b}[K\n");
            self.widths.push(visible_width(line));
        }
        if above.is_empty() && self.widths.len() < up {
            out.push_str("\u{1b}[J");
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_drawn_over_the_one_before() {
        let mut screen = Screen::default();
        assert_eq!(screen.redraw("", "one\ntwo\n", 80), "one\u{1b}[K\ntwo\u{1b}[K\n");
        assert_eq!(screen.redraw("", "1\n", 80), "\r\u{1b}[2A1\u{1b}[K\n\u{1b}[J");
        let again = screen.redraw("", "1\n\n3\n", 80);
        assert_eq!(again, "\r\u{1b}[1A1\u{1b}[K\n\u{1b}[K\n3\u{1b}[K\n");
    }

    #[test]
    fn lines_above_push_the_frame_down() {
        let mut screen = Screen::default();
        assert_eq!(screen.redraw("early\n", "", 80), "early\n");
        assert_eq!(screen.redraw("", "1\n2\n", 80), "1\u{1b}[K\n2\u{1b}[K\n");
        let drawn = screen.redraw("a\nb\n", "1\n", 80);
        assert_eq!(drawn, "\r\u{1b}[2A\u{1b}[Ja\nb\n1\u{1b}[K\n");
        assert_eq!(screen.redraw("", "1\n", 80), "\r\u{1b}[1A1\u{1b}[K\n");
    }

    #[test]
    fn lines_that_a_narrower_terminal_has_wrapped_are_counted() {
        let mut screen = Screen::default();
        screen.redraw("", "\u{1b}[31m1234567890\u{1b}[0m\n\n", 10);
        assert!(screen.redraw("", "x\n", 4).starts_with("\r\u{1b}[4A"));
    }
}
