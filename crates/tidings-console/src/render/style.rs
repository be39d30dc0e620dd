//! What the picture is drawn with: its size, its colours, its marks.

use tidings_core::Outcome;

use crate::tree::State;

/// Columns and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Size {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Size {
    /// So many columns and rows.
    pub const fn new(width: usize, height: usize) -> Self {
        Self { width, height }
    }
}

/// Colours and marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    colours: Colours,
    marks: &'static Marks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    Off,
    On,
}

impl Style {
    /// No colours, Unicode marks.
    pub const fn plain() -> Self {
        Self { colours: Colours::Off, marks: &UNICODE }
    }

    /// The same with colours.
    #[must_use]
    pub const fn coloured(mut self) -> Self {
        self.colours = Colours::On;
        self
    }

    /// The same with ASCII marks. Texts from events keep their characters.
    #[must_use]
    pub const fn ascii(mut self) -> Self {
        self.marks = &ASCII;
        self
    }

    pub(crate) const fn marks(self) -> &'static Marks {
        self.marks
    }

    pub(crate) const fn colours(self) -> Colours {
        self.colours
    }
}

/// The characters that are drawn.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Marks {
    pub(crate) passed: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) skipped: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) running: &'static str,
    pub(crate) mentioned: &'static str,
    pub(crate) branch: &'static str,
    pub(crate) last_branch: &'static str,
    pub(crate) trunk: &'static str,
    pub(crate) gap: &'static str,
    pub(crate) cut: &'static str,
    pub(crate) separator: &'static str,
}

const UNICODE: Marks = Marks {
    passed: "✓",
    failed: "✗",
    skipped: "○",
    ended: "■",
    running: "●",
    mentioned: "·",
    branch: "├─ ",
    last_branch: "└─ ",
    trunk: "│  ",
    gap: "   ",
    cut: "…",
    separator: " · ",
};

const ASCII: Marks = Marks {
    passed: "+",
    failed: "x",
    skipped: "-",
    ended: "=",
    running: "*",
    mentioned: ".",
    branch: "|- ",
    last_branch: "`- ",
    trunk: "|  ",
    gap: "   ",
    cut: "...",
    separator: " | ",
};

impl Marks {
    pub(crate) fn of_state(&self, state: State) -> &'static str {
        match state {
            State::Mentioned => self.mentioned,
            State::Running { .. } => self.running,
            State::Finished { outcome, .. } => self.of_outcome(outcome),
        }
    }

    pub(crate) fn of_outcome(&self, outcome: Outcome) -> &'static str {
        match outcome {
            Outcome::Success => self.passed,
            Outcome::Failure => self.failed,
            Outcome::Skipped => self.skipped,
            _ => self.ended,
        }
    }
}
