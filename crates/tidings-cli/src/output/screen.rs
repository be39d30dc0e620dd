//! Standard error, shared by everybody who has something to say.
//!
//! At most one line is redrawn, the last; whoever says something takes it away first and
//! puts it back behind. Control characters of what is told never reach the terminal.

use std::error::Error;
use std::fmt::{self, Display};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use terminal_size::{Width, terminal_size_of};
use tidings_core::text::push_visible;

use crate::failure::Failure;

/// How wide a terminal is taken to be that does not say.
const COLUMNS_DEFAULT: usize = 80;

/// Where messages for people go; a handle that is cheap to clone.
#[derive(Clone)]
pub(crate) struct Screen {
    shared: Arc<Mutex<State>>,
    is_terminal: bool,
}

struct State {
    out: Box<dyn Write + Send>,
    /// The line that is redrawn, when there is one.
    status: String,
}

impl Screen {
    /// The standard error of this process.
    pub(crate) fn stderr() -> Self {
        Self::new(Box::new(io::stderr()), io::stderr().is_terminal())
    }

    pub(crate) fn new(out: Box<dyn Write + Send>, is_terminal: bool) -> Self {
        let state = State { out, status: String::new() };
        Self { shared: Arc::new(Mutex::new(state)), is_terminal }
    }

    /// Whether a line can be redrawn here.
    pub(crate) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Prints a message on lines of its own.
    pub(crate) fn say(&self, message: &str) {
        let mut state = self.state();
        let mut text = String::new();
        if !state.status.is_empty() {
            text.push_str("\r\x1b[2K");
        }
        for line in message.lines() {
            text.push_str(&printable(line));
            text.push('\n');
        }
        text.push_str(&state.status);
        state.write(&text);
    }

    /// Prints an error with its causes.
    pub(crate) fn fault(&self, error: &dyn Error) {
        self.say(&format!("error: {}", Chain(error)));
    }

    /// Redraws the last line, cut to the width of the terminal; nothing elsewhere.
    pub(crate) fn set_status(&self, status: &str) {
        if !self.is_terminal {
            return;
        }
        let columns = terminal_size_of(io::stderr())
            .map_or(COLUMNS_DEFAULT, |(Width(columns), _)| usize::from(columns));
        let line: String = printable(status).chars().take(columns.saturating_sub(1)).collect();
        let mut state = self.state();
        let erase = if state.status.is_empty() { "" } else { "\r\x1b[2K" };
        let text = format!("{erase}{line}");
        state.status = line;
        state.write(&text);
    }

    /// Takes the last line away.
    pub(crate) fn clear_status(&self) {
        let mut state = self.state();
        if !std::mem::take(&mut state.status).is_empty() {
            state.write("\r\x1b[2K");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while printing leaves at worst a line that is not erased.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn write(&mut self, text: &str) {
        // A terminal that is gone must not stop the delivery.
        let _gone = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen").field("is_terminal", &self.is_terminal).finish_non_exhaustive()
    }
}

/// Prints to standard output. A reader that has gone away, as `head` does, is no error.
///
/// # Errors
///
/// [`Failure::Output`] when it cannot be written to.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(fault) if fault.kind() != ErrorKind::BrokenPipe => Err(Failure::Output(fault)),
        _ => Ok(()),
    }
}

/// An error and its causes, one below the other.
struct Chain<'a>(&'a dyn Error);

impl Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = self.0.to_string();
        f.write_str(&told)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // An error that passes another one on says the same.
            if text != told {
                write!(f, "\n  because: {text}")?;
            }
            told = text;
            cause = error.source();
        }
        Ok(())
    }
}

/// The text with all that a terminal would act on escaped.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    push_visible(&mut shown, text, &['\t']);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Memory;

    #[test]
    fn a_message_takes_the_status_away_and_puts_it_back() {
        let memory = Memory::default();
        let screen = memory.screen(true);
        screen.set_status("10 %");
        screen.say("hello");
        screen.clear_status();
        screen.clear_status();
        assert_eq!(memory.text(), "10 %\r\x1b[2Khello\n10 %\r\x1b[2K");
    }

    #[test]
    fn nothing_is_redrawn_where_there_is_no_terminal() {
        let memory = Memory::default();
        let screen = memory.screen(false);
        screen.set_status("10 %");
        screen.say("hello");
        screen.clear_status();
        assert_eq!(memory.text(), "hello\n");
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let memory = Memory::default();
        memory.screen(true).say("a\x1b[31mb\r");
        assert_eq!(memory.text(), "a\\u{1b}[31mb\\r\n");
    }

    #[test]
    fn an_error_is_told_with_its_causes_and_each_only_once() {
        let memory = Memory::default();
        let cause = io::Error::new(ErrorKind::NotFound, "no such file");
        let failure = Failure::Open { name: "x".to_owned(), source: cause };
        memory.screen(false).fault(&failure);
        assert_eq!(memory.text(), "error: failed to open `x`\n  because: no such file\n");
    }
}
