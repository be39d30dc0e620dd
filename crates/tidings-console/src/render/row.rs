//! One line of the picture: painted pieces at the left, one at the right, cut to a width.

use tidings_core::{Entity, Outcome};
use unicode_width::UnicodeWidthChar;

use super::style::{Colours, Style};
use crate::escape::{command_places, escape, escape_at};
use crate::tree::State;

/// How a piece looks; also what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Plain,
    Strong,
    Dim,
    Good,
    Bad,
    Odd,
    Live,
}

impl Paint {
    pub(crate) fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Success => Self::Good,
            Outcome::Failure => Self::Bad,
            Outcome::Skipped => Self::Odd,
            _ => Self::Plain,
        }
    }

    pub(crate) fn of_state(state: State) -> Self {
        match state {
            State::Mentioned => Self::Dim,
            State::Running { .. } => Self::Live,
            State::Finished { outcome, .. } => Self::of_outcome(outcome),
        }
    }

    const fn sgr(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("\u{1b}[1m"),
            Self::Dim => Some("\u{1b}[2m"),
            Self::Good => Some("\u{1b}[32m"),
            Self::Bad => Some("\u{1b}[31m"),
            Self::Odd => Some("\u{1b}[33m"),
            Self::Live => Some("\u{1b}[36m"),
        }
    }
}

const RESET: &str = "\u{1b}[0m";

/// The least columns that must be left of a piece at the right; else it is left out.
const LEFT_MIN: usize = 16;

/// A line in the making. Every text is escaped on its way in.
#[derive(Debug, Default)]
pub(crate) struct Row {
    left: Vec<(Paint, String)>,
    right: Option<(Paint, String)>,
}

impl Row {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Appends a piece.
    pub(crate) fn with(mut self, paint: Paint, text: &str) -> Self {
        if !text.is_empty() {
            self.left.push((paint, escape(text).into_owned()));
        }
        self
    }

    /// Appends a whole entity path, its last id standing out.
    pub(crate) fn with_path(mut self, entity: &Entity) -> Self {
        let last = entity.depth() - 1;
        for (index, (kind, id)) in entity.pairs().enumerate() {
            let slash = if index == 0 { "" } else { "/" };
            if index < last {
                self = self.with(Paint::Dim, &format!("{slash}{kind}/{id}"));
            } else {
                self = self.with(Paint::Dim, &format!("{slash}{kind}/")).with(Paint::Strong, id);
            }
        }
        self
    }

    /// As [`with_path`](Self::with_path), within so many columns if it can be: what stands
    /// outermost is left out first, and the innermost never.
    pub(crate) fn with_path_within(self, entity: &Entity, columns: usize, style: Style) -> Self {
        let mark = format!("{}/", style.marks().cut);
        let mut inner = entity.clone();
        let mut is_cut = false;
        loop {
            let row = Self::new().with(Paint::Dim, if is_cut { &mark } else { "" });
            let row = row.with_path(&inner);
            let shorter = Entity::from_path(inner.pairs().skip(1));
            match shorter {
                Ok(shorter) if row.width() > columns => inner = shorter,
                Ok(_) | Err(_) => return self.with_row(row),
            }
            is_cut = true;
        }
    }

    /// Appends the pieces of another row.
    pub(crate) fn with_row(mut self, mut row: Self) -> Self {
        self.left.append(&mut row.left);
        self
    }

    /// The pieces at the left, without colours.
    pub(crate) fn text(&self) -> String {
        self.left.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// The columns of the pieces at the left.
    pub(crate) fn width(&self) -> usize {
        self.left.iter().map(|(_, text)| width_of(text)).sum()
    }

    /// Sets the piece at the right edge.
    pub(crate) fn with_right(mut self, paint: Paint, text: &str) -> Self {
        if !text.is_empty() {
            self.right = Some((paint, escape(text).into_owned()));
        }
        self
    }

    /// Appends the line to `out`, with a line break; `usize::MAX` is no limit.
    pub(crate) fn render(&self, width: usize, style: Style, out: &mut String) {
        let places = command_places(self.left.iter().flat_map(|(_, text)| text.chars()));
        if places.is_empty() {
            self.render_disarmed(width, style, out);
        } else {
            self.without_commands(&places).render_disarmed(width, style, out);
        }
    }

    /// A command may be put together from several pieces, so that only the row can tell.
    fn without_commands(&self, places: &[usize]) -> Self {
        let mut start = 0;
        let mut left = Vec::with_capacity(self.left.len());
        for (paint, text) in &self.left {
            left.push((*paint, escape_at(text, start, places)));
            start += text.chars().count();
        }
        Self { left, right: self.right.clone() }
    }

    fn render_disarmed(&self, width: usize, style: Style, out: &mut String) {
        let right = self.right.as_ref();
        let right = right.map(|(paint, text)| (*paint, text, width_of(text)));
        match right.filter(|(_, _, taken)| taken + 2 + LEFT_MIN <= width) {
            Some((paint, text, taken)) => {
                let room = width - taken - 2;
                let used = self.render_left(room, style, out);
                // Without an edge it follows at once.
                let gap = if width == usize::MAX { 2 } else { room - used + 2 };
                out.extend(std::iter::repeat_n(' ', gap));
                push(paint, text, style, out);
            }
            None => {
                self.render_left(width, style, out);
            }
        }
        out.push('\n');
    }

    /// Returns the columns used, at most `width`.
    fn render_left(&self, width: usize, style: Style, out: &mut String) -> usize {
        let whole: usize = self.left.iter().map(|(_, text)| width_of(text)).sum();
        if whole <= width {
            for (paint, text) in &self.left {
                push(*paint, text, style, out);
            }
            return whole;
        }
        let cut = style.marks().cut;
        let cut_width = width_of(cut).min(width);
        let mut room = width - cut_width;
        let mut used = 0;
        for (paint, text) in &self.left {
            let (kept, taken) = prefix(text, room);
            push(*paint, kept, style, out);
            used += taken;
            room -= taken;
            if kept.len() < text.len() {
                break;
            }
        }
        push(Paint::Dim, prefix(cut, cut_width).0, style, out);
        used + cut_width
    }
}

fn push(paint: Paint, text: &str, style: Style, out: &mut String) {
    match paint.sgr().filter(|_| style.colours() == Colours::On && !text.is_empty()) {
        Some(sgr) => {
            out.push_str(sgr);
            out.push_str(text);
            out.push_str(RESET);
        }
        None => out.push_str(text),
    }
}

/// The columns that a text takes.
pub(crate) fn width_of(text: &str) -> usize {
    text.chars().map(width_of_char).sum()
}

/// The columns of a rendered line, our own colours left out.
pub(crate) fn visible_width(line: &str) -> usize {
    let mut parts = line.split('\u{1b}');
    let before = parts.next().map_or(0, width_of);
    let after = parts.map(|part| part.split_once('m').map_or(0, |(_, text)| width_of(text)));
    before + after.sum::<usize>()
}

/// A variation selector may widen what stands before it; counting it keeps a line within
/// its width on every terminal.
fn width_of_char(character: char) -> usize {
    match character {
        '\u{fe0f}' => 1,
        other => other.width().unwrap_or(0),
    }
}

/// The longest start of `text` within `room` columns, and the columns it takes.
fn prefix(text: &str, room: usize) -> (&str, usize) {
    let mut used = 0;
    for (at, character) in text.char_indices() {
        let width = width_of_char(character);
        if used + width > room {
            return (&text[..at], used);
        }
        used += width;
    }
    (text, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(row: &Row, width: usize, style: Style) -> String {
        let mut out = String::new();
        row.render(width, style, &mut out);
        out
    }

    #[test]
    fn a_row_is_cut_before_a_wide_character_that_does_not_fit() {
        let row = Row::new().with(Paint::Plain, "日本語テスト");
        assert_eq!(line(&row, 12, Style::plain()), "日本語テスト\n");
        assert_eq!(line(&row, 6, Style::plain()), "日本…\n");
        assert_eq!(line(&row, 6, Style::plain().ascii()), "日...\n");
        assert_eq!(line(&row, 2, Style::plain().ascii()), "..\n");
        assert_eq!(line(&row, 0, Style::plain()), "\n");
    }

    #[test]
    fn a_path_that_is_too_long_loses_what_is_outermost() {
        let entity = crate::fixture::entity("run/r/suite/a/case/long name");
        let path =
            |columns, style| line(&Row::new().with_path_within(&entity, columns, style), 80, style);
        assert_eq!(path(28, Style::plain()), "run/r/suite/a/case/long name\n");
        assert_eq!(path(27, Style::plain()), "…/suite/a/case/long name\n");
        assert_eq!(path(20, Style::plain().ascii()), ".../case/long name\n");
        assert_eq!(path(0, Style::plain()), "…/case/long name\n");
    }

    #[test]
    fn the_right_piece_stands_at_the_edge_while_there_is_room() {
        let row =
            Row::new().with(Paint::Plain, "a name that is long").with_right(Paint::Dim, "9ms");
        assert_eq!(line(&row, 30, Style::plain()), "a name that is long        9ms\n");
        assert_eq!(line(&row, 22, Style::plain()), "a name that is l…  9ms\n");
        assert_eq!(line(&row, 20, Style::plain()), "a name that is long\n");
        assert_eq!(line(&row, usize::MAX, Style::plain()), "a name that is long  9ms\n");
    }

    #[test]
    fn no_pieces_make_a_command_together() {
        let row = Row::new().with(Paint::Plain, " ").with(Paint::Bad, ":").with(Paint::Dim, ":x##");
        let row = row.with(Paint::Plain, "[y]").with_right(Paint::Dim, "9ms");
        assert_eq!(line(&row, 40, Style::plain()), " \\u{3a}:x#\\u{23}[y]                  9ms\n");
    }

    #[test]
    fn colours_are_closed_and_texts_escaped() {
        let row = Row::new().with(Paint::Bad, "a\u{1b}[0m\n");
        assert_eq!(
            line(&row, 40, Style::plain().coloured()),
            "\u{1b}[31ma\\u{1b}[0m\\n\u{1b}[0m\n"
        );
    }
}
