//! What a console writes, and its names.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// What a console writes.
///
/// It is parsed from its name in lower case, as the option of a program.
///
/// ```
/// use tidings_console::Mode;
///
/// assert_eq!("tree".parse(), Ok(Mode::Tree));
/// let fault = "neon".parse::<Mode>().expect_err("there is no such mode");
/// assert_eq!(fault.to_string(), "expected `auto`, `tree`, `lines` or `json`");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Mode {
    /// [`Tree`](Self::Tree), but never live when the variable `CI` is set: what is called
    /// a terminal there is a log file.
    ///
    /// **While it is live, what others print to the same terminal is drawn over**, see
    /// [`Tree`](Self::Tree).
    #[default]
    Auto,
    /// The live tree on a terminal that can move its cursor; elsewhere one line for each
    /// entity that ended, and each error of a test run. Then the summary.
    ///
    /// **While it is live, what others print to the same terminal is drawn over** and
    /// spoils the picture: `println!` and `eprintln!` of a test, a child process, a
    /// logger. Print through [`Console::print`](super::Console::print) or
    /// [`Console::writer`](super::Console::writer), capture such output, or choose
    /// [`Lines`](Self::Lines).
    Tree,
    /// One line an event: time, type, entity, fields; then the summary of the test run, if
    /// there was one.
    Lines,
    /// One CloudEvent in JSON a line, and nothing else:
    /// [`Console::print`](super::Console::print) shows nothing here.
    Json,
}

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(name: &str) -> Result<Self, UnknownMode> {
        match name {
            "auto" => Ok(Self::Auto),
            "tree" => Ok(Self::Tree),
            "lines" => Ok(Self::Lines),
            "json" => Ok(Self::Json),
            _ => Err(UnknownMode(())),
        }
    }
}

/// Why a text is no [`Mode`]: it is the name of none.
///
/// The text is not repeated: whoever parsed it knows it, and it may hold anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownMode(());

impl fmt::Display for UnknownMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected `auto`, `tree`, `lines` or `json`")
    }
}

impl Error for UnknownMode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_parsed_from_its_name_alone() {
        let names = ["auto", "tree", "lines", "json"];
        let modes = [Mode::Auto, Mode::Tree, Mode::Lines, Mode::Json];
        assert_eq!(names.map(str::parse), modes.map(Ok));
        for wrong in ["", "Tree", "tree ", "auto|tree", "\u{1b}[31m"] {
            assert_eq!(wrong.parse::<Mode>(), Err(UnknownMode(())), "{wrong:?}");
        }
    }
}
