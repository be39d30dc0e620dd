//! The summary of a run for people, on standard output.

use std::io::{self, IsTerminal as _};

use terminal_size::{Width, terminal_size_of};
use tidings_console::{Limits, Style, decide, is_utf8_locale, render_run_summary};
use tidings_testrun::RunSummary;

use super::screen::print;
use crate::failure::Failure;

/// How wide the text is where there is no terminal.
const COLUMNS_DEFAULT: usize = 120;

/// Prints it as a console would at the end of the run.
///
/// # Errors
///
/// [`Failure::Output`] when standard output fails.
pub(crate) fn print_run(summary: &RunSummary) -> Result<(), Failure> {
    let env = |name: &str| std::env::var(name).ok();
    let columns = terminal_size_of(io::stdout())
        .map_or(COLUMNS_DEFAULT, |(Width(columns), _)| usize::from(columns));
    let mut style = Style::plain();
    if decide(&env, io::stdout().is_terminal()) {
        style = style.coloured();
    }
    if !is_utf8_locale(&env) {
        style = style.ascii();
    }
    print(&render_run_summary(summary, Limits::default(), columns, style))
}
