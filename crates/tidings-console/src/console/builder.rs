//! What a console may be told before it starts.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::sync::Arc;

use tidings_core::{Clock, SystemClock};

use super::Console;
use super::mode::Mode;
use super::shared::{Output, Plan, Shared};
use crate::annotation::{AnnotationsChoice, is_github};
use crate::colour::{ColourChoice, MarksChoice, decide, is_dumb, is_utf8_locale};
use crate::render::{Size, Style};
use crate::tree::Limits;

/// Where the size of the terminal comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Terminal {
    None,
    Fixed(Size),
    Stdout,
    Stderr,
}

impl Terminal {
    fn is_terminal(self) -> bool {
        match self {
            Self::None => false,
            Self::Fixed(_) => true,
            Self::Stdout => std::io::stdout().is_terminal(),
            Self::Stderr => std::io::stderr().is_terminal(),
        }
    }

    /// Its size now; a terminal that does not tell has 80 columns and 24 rows.
    pub(super) fn size(self) -> Size {
        let told = match self {
            Self::Fixed(size) => return size,
            Self::Stdout => terminal_size::terminal_size_of(std::io::stdout()),
            Self::Stderr => terminal_size::terminal_size_of(std::io::stderr()),
            Self::None => None,
        };
        told.filter(|(width, height)| width.0 > 0 && height.0 > 0)
            .map_or(Size::new(80, 24), |(width, height)| Size::new(width.0.into(), height.0.into()))
    }
}

/// Sets up a [`Console`].
pub struct ConsoleBuilder {
    writer: Box<dyn Write + Send>,
    terminal: Terminal,
    mode: Mode,
    colour: ColourChoice,
    marks: MarksChoice,
    annotations: AnnotationsChoice,
    width: Option<usize>,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl ConsoleBuilder {
    pub(super) fn new(writer: Box<dyn Write + Send>, terminal: Terminal) -> Self {
        Self {
            writer,
            terminal,
            mode: Mode::default(),
            colour: ColourChoice::default(),
            marks: MarksChoice::default(),
            annotations: AnnotationsChoice::default(),
            width: None,
            limits: Limits::default(),
            clock: Arc::new(SystemClock::new()),
        }
    }

    /// What to write; [`Mode::Auto`] unless told.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Whether to colour; [`ColourChoice::Auto`] unless told. JSON is never coloured.
    #[must_use]
    pub fn colour(mut self, colour: ColourChoice) -> Self {
        self.colour = colour;
        self
    }

    /// Which marks to draw; [`MarksChoice::Auto`] unless told.
    #[must_use]
    pub fn marks(mut self, marks: MarksChoice) -> Self {
        self.marks = marks;
        self
    }

    /// Whether to group and annotate the lines for GitHub Actions;
    /// [`AnnotationsChoice::Auto`] unless told.
    #[must_use]
    pub fn annotations(mut self, annotations: AnnotationsChoice) -> Self {
        self.annotations = annotations;
        self
    }

    /// Cuts the tree and the summary to so many columns; never more than the terminal has.
    #[must_use]
    pub fn width(mut self, columns: usize) -> Self {
        self.width = Some(columns);
        self
    }

    /// Takes the writer for a terminal of this size that can move its cursor.
    #[must_use]
    pub fn terminal(mut self, size: Size) -> Self {
        self.terminal = Terminal::Fixed(size);
        self
    }

    /// How many of the slowest entities, or cases, the summary lists.
    #[must_use]
    pub fn slowest(mut self, count: usize) -> Self {
        self.limits.slowest = count;
        self
    }

    /// How many failures the summary repeats; all are counted.
    #[must_use]
    pub fn failures(mut self, count: usize) -> Self {
        self.limits.failures = count;
        self
    }

    /// How much of the tree is kept in memory.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Where the time between events comes from, for redraws and running times.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Makes the console. The environment is read here, once.
    #[must_use]
    pub fn build(self) -> Console {
        let env =
            |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let output = self.output(&env);
        let plan = Plan {
            output,
            style: self.style(&env),
            is_annotated: self.is_annotated(&env),
            terminal: self.terminal,
            width: self.width,
            limits: self.limits,
            clock: self.clock,
        };
        Console { shared: Arc::new(Shared::new(plan, self.writer)) }
    }

    fn is_annotated(&self, env: &impl Fn(&str) -> Option<String>) -> bool {
        match self.annotations {
            AnnotationsChoice::Auto => {
                matches!(self.terminal, Terminal::Stdout | Terminal::Stderr) && is_github(env)
            }
            AnnotationsChoice::Always => true,
            AnnotationsChoice::Never => false,
        }
    }

    fn output(&self, env: &impl Fn(&str) -> Option<String>) -> Output {
        let is_fixed = matches!(self.terminal, Terminal::Fixed(_));
        let can_draw = is_fixed || (self.terminal.is_terminal() && !is_dumb(env));
        let is_log = env("CI").is_some_and(|value| !value.is_empty() && value != "false");
        match self.mode {
            Mode::Lines => Output::Lines,
            Mode::Json => Output::Json,
            Mode::Tree if can_draw => Output::Live,
            Mode::Auto if can_draw && (is_fixed || !is_log) => Output::Live,
            Mode::Tree | Mode::Auto => Output::Finished,
        }
    }

    fn style(&self, env: &impl Fn(&str) -> Option<String>) -> Style {
        let is_coloured = match self.colour {
            ColourChoice::Auto => decide(env, self.terminal.is_terminal()),
            ColourChoice::Always => true,
            ColourChoice::Never => false,
        };
        let is_ascii = match self.marks {
            MarksChoice::Auto => !is_utf8_locale(env),
            MarksChoice::Unicode => false,
            MarksChoice::Ascii => true,
        };
        let style = if is_ascii { Style::plain().ascii() } else { Style::plain() };
        if is_coloured { style.coloured() } else { style }
    }
}

impl fmt::Debug for ConsoleBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsoleBuilder")
            .field("mode", &self.mode)
            .field("colour", &self.colour)
            .field("marks", &self.marks)
            .field("annotations", &self.annotations)
            .field("terminal", &self.terminal)
            .field("width", &self.width)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(builder: &ConsoleBuilder, variables: &'static [(&str, &str)]) -> Output {
        builder.output(&|name: &str| {
            let found = variables.iter().find(|(own, _)| *own == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_tree_is_live_on_a_terminal_only() {
        let elsewhere = Console::to(std::io::sink());
        assert_eq!(output(&elsewhere, &[]), Output::Finished);
        assert_eq!(output(&elsewhere.mode(Mode::Tree), &[]), Output::Finished);
        let terminal = Console::to(std::io::sink()).terminal(Size::new(80, 24));
        assert_eq!(output(&terminal, &[("CI", "1")]), Output::Live);
        assert_eq!(output(&terminal.mode(Mode::Json), &[]), Output::Json);
    }

    #[test]
    fn only_what_the_runner_reads_is_annotated_by_itself() {
        let env = |name: &str| (name == "GITHUB_ACTIONS").then(|| "true".to_owned());
        let nowhere = |_: &str| None;
        assert!(Console::stdout().is_annotated(&env) && Console::stderr().is_annotated(&env));
        assert!(!Console::stdout().is_annotated(&nowhere));
        assert!(!Console::to(std::io::sink()).is_annotated(&env));
        let never = Console::stdout().annotations(AnnotationsChoice::Never);
        let always = Console::to(std::io::sink()).annotations(AnnotationsChoice::Always);
        assert!(!never.is_annotated(&env) && always.is_annotated(&nowhere));
    }

    #[test]
    fn the_environment_decides_on_marks_and_colours_where_nobody_else_did() {
        let env = |name: &str| (name == "FORCE_COLOR" || name == "LC_ALL").then(|| "1".to_owned());
        let auto = Console::to(std::io::sink());
        assert_eq!(auto.style(&env), Style::plain().coloured().ascii());
        let told = auto.colour(ColourChoice::Never).marks(MarksChoice::Unicode);
        assert_eq!(told.style(&env), Style::plain());
    }
}
