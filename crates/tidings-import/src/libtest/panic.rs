//! From the output of a failed test to a failure: the panic that ended it, where, and what an
//! assertion compared.
//!
//! `left` is what was got and `right` what was expected, as most write `assert_eq!`. Of
//! several panics the last one of the test's own thread counts.

use tidings_testrun::{Failure, FailureKind, SourceLocation};

use crate::json_line::without_escapes;

use super::cargo::location_of;

/// What a failed test says of its failure.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said<'a> {
    /// Its output.
    pub(super) output: Option<&'a str>,
    /// What libtest adds.
    pub(super) message: Option<&'a str>,
}

/// One panic in an output.
#[derive(Debug)]
struct Panic<'a> {
    location: Option<SourceLocation>,
    message: String,
    /// All from its first line on.
    text: &'a str,
}

/// Why the test with this name failed.
pub(super) fn failure(test: &str, said: Said<'_>) -> Failure {
    let output = said.output.unwrap_or_default();
    let mut failure = match panic_of(test, output) {
        Some(panic) => failure_of_panic(panic),
        None => failure_of_text(output),
    };
    if let Some(message) = said.message {
        failure = with_message(failure, message);
    }
    failure
}

fn failure_of_panic(panic: Panic<'_>) -> Failure {
    let is_assertion = panic.message.trim_start().starts_with("assertion ");
    let kind = if is_assertion { FailureKind::Assertion } else { FailureKind::Error };
    let (message, compared) = compared_in(&panic.message);
    let mut failure = Failure::new(kind, message).with_class("panic").with_details(panic.text);
    if let Some((left, right)) = compared.filter(|_| is_assertion) {
        failure.actual = Some(left);
        // That something is not to be equal says nothing of what it is to be.
        failure.expected = Some(right).filter(|_| !panic.message.contains("left != right"));
    }
    failure.location = panic.location;
    failure
}

/// A failure without a panic: an error that the test returned, or whatever there is.
fn failure_of_text(output: &str) -> Failure {
    let plain = without_escapes(output);
    let note = plain.lines().find_map(|line| {
        line.strip_prefix("note: ").filter(|note| note.starts_with("test did not panic"))
    });
    let error = output.lines().rfind(|line| line.starts_with("Error: "));
    let last = || output.lines().rfind(|line| !line.trim().is_empty());
    let message = note.or(error).or_else(last).unwrap_or("the test failed and says not why");
    let mut failure = Failure::new(FailureKind::Error, message.trim());
    if output.trim().lines().count() > 1 {
        failure.details = Some(output.trim().to_owned());
    }
    failure.location = place_named_in(message);
    failure
}

/// What libtest says itself goes before what the test said.
fn with_message(mut failure: Failure, message: &str) -> Failure {
    let first = message.lines().next().unwrap_or_default().trim();
    let value = |name: &str| {
        let line = message.lines().find_map(|line| line.trim().strip_prefix(name));
        line.map(|value| value.trim().trim_matches('"').to_owned())
    };
    let place = place_named_in(first);
    if first.contains("panic") {
        failure.kind = FailureKind::Assertion;
        failure.expected = value("expected substring:").or(failure.expected);
        failure.actual = value("panic message:").or(failure.actual);
    }
    failure.message = if first.is_empty() { failure.message } else { first.to_owned() };
    if failure.details.is_none() && first.len() < message.trim().len() {
        failure.details = Some(message.trim().to_owned());
    }
    failure.location = place.or(failure.location);
    failure
}

/// The place in `… at src/lib.rs:21:32`.
fn place_named_in(text: &str) -> Option<SourceLocation> {
    text.rsplit_once(" at ").and_then(|(_, place)| location_of(place))
}

/// The panic that ended a test.
fn panic_of<'a>(test: &str, output: &'a str) -> Option<Panic<'a>> {
    let headers = headers_in(output);
    let own = headers.iter().rfind(|header| header.thread == test);
    let main = || headers.iter().rfind(|header| header.thread == "main");
    let header = own.or_else(main).or(headers.first())?;
    Some(panic_from(&header.rest, &output[header.at..]))
}

/// The first line of a panic.
#[derive(Debug)]
struct Header {
    thread: String,
    rest: String,
    at: usize,
}

fn headers_in(output: &str) -> Vec<Header> {
    let mut headers = Vec::new();
    let mut at = 0;
    for line in output.split_inclusive('\n') {
        if line.contains("panicked at ")
            && let Some((thread, rest)) = header_of(&without_escapes(line))
        {
            headers.push(Header { thread, rest, at });
        }
        at += line.len();
    }
    headers
}

/// Thread and rest of `thread 'name' (7) panicked at rest`.
fn header_of(line: &str) -> Option<(String, String)> {
    let (thread, rest) = line.trim().strip_prefix("thread '")?.split_once("' ")?;
    let rest = match rest.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
        Some((id, rest)) if id.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => rest,
    };
    Some((thread.to_owned(), rest.strip_prefix("panicked at ")?.to_owned()))
}

fn panic_from<'a>(rest: &str, text: &'a str) -> Panic<'a> {
    let (location, message) = if rest.starts_with('\'') {
        old_message(text)
    } else {
        let message: Vec<&str> = text.lines().skip(1).take_while(|line| !is_end(line)).collect();
        (location_of(rest), message.join("\n"))
    };
    let text = text.trim_end();
    Panic { location, message: message.trim_end().to_owned(), text }
}

/// Until 1.72 a panic said `'message', file:line:column`, over several lines if need be.
fn old_message(text: &str) -> (Option<SourceLocation>, String) {
    let lines: Vec<&str> = text.lines().take_while(|line| !is_end(line)).collect();
    let said = lines.join("\n");
    let said = said.split_once("panicked at '").map_or(said.as_str(), |(_, said)| said);
    for (at, _) in said.rmatch_indices("', ") {
        let place = said[at + 3..].lines().next().and_then(location_of);
        if place.is_some() {
            return (place, said[..at].to_owned());
        }
    }
    (None, said.to_owned())
}

/// Whether a line is behind the message of a panic.
fn is_end(line: &str) -> bool {
    let line = without_escapes(line);
    line.starts_with("stack backtrace:")
        || line.starts_with("note: run with `RUST_BACKTRACE")
        || line.starts_with("note: Some details are omitted")
}

/// The message without what it compares, and left and right.
fn compared_in(message: &str) -> (&str, Option<(String, String)>) {
    let Some((head, rest)) = message.split_once("\n  left: ") else { return (message, None) };
    let Some((left, right)) = rest.split_once("\n right: ") else { return (message, None) };
    // Old ones quote both and may say more behind them.
    let clean = |text: &str| {
        let text = text.trim_end().trim_end_matches(',');
        let quoted = text.strip_prefix('`').and_then(|text| text.split_once('`'));
        quoted.map_or(text, |(text, _)| text).to_owned()
    };
    (head, Some((clean(left), clean(right))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(test: &str, output: &str) -> Failure {
        failure(test, Said { output: Some(output), message: None })
    }

    #[test]
    fn a_panic_says_what_and_where() {
        let text = "before\n\nthread 't' (38) panicked at src/x.rs:12:5:\nno\nway\nnote: run with `RUST_BACKTRACE=1` …\n";
        let failure = of("t", text);
        assert_eq!(failure.message, "no\nway");
        assert_eq!(failure.class.as_deref(), Some("panic"));
        assert_eq!(failure.location.expect("said").to_string(), "src/x.rs:12:5");
        assert!(failure.details.expect("kept").starts_with("thread 't'"));
    }

    #[test]
    fn an_assertion_says_what_was_got_and_what_was_expected() {
        let text = "thread 't' panicked at a.rs:1:2:\nassertion `left == right` failed: why\n  left: 2\n right: 3\nstack backtrace:\n";
        let failure = of("t", text);
        assert_eq!(failure.kind, FailureKind::Assertion);
        assert_eq!(failure.message, "assertion `left == right` failed: why");
        assert_eq!(
            (failure.actual.as_deref(), failure.expected.as_deref()),
            (Some("2"), Some("3"))
        );
        let text = text.replace("==", "!=");
        assert_eq!(of("t", &text).expected, None);
    }

    #[test]
    fn a_panic_of_an_old_compiler_is_read() {
        let text = "thread 't' panicked at 'assertion failed: `(left == right)`\n  left: `2`,\n right: `3`: it's', src/lib.rs:5:9\nnote: run with `RUST_BACKTRACE=1`";
        let failure = of("t", text);
        assert_eq!(failure.message, "assertion failed: `(left == right)`");
        assert_eq!(
            (failure.actual.as_deref(), failure.expected.as_deref()),
            (Some("2"), Some("3"))
        );
        assert_eq!(failure.location.expect("said").to_string(), "src/lib.rs:5:9");
        let failure = of("t", "thread 't' panicked at 'it's', a.rs:1:2\n");
        assert_eq!(failure.message, "it's");
    }

    #[test]
    fn the_last_panic_of_the_own_thread_counts() {
        let text = "thread '<unnamed>' panicked at a.rs:1:1:\none\n\nthread 't' panicked at a.rs:2:2:\ntwo\n";
        assert_eq!(of("t", text).message, "two");
        assert_eq!(of("other", text).location.expect("said").line, Some(1));
    }

    #[test]
    fn a_failure_without_a_panic_says_what_there_is() {
        assert_eq!(of("t", "x\nError: \"bad\"\n").message, "Error: \"bad\"");
        assert_eq!(of("t", "").message, "the test failed and says not why");
        assert_eq!(of("t", "some\nlast\n\n").message, "last");
    }

    #[test]
    fn what_libtest_says_of_a_panic_comes_first() {
        let message = "panic did not contain expected string\n      panic message: \"bar\"\n expected substring: \"foo\"";
        let output = "thread 't' panicked at a.rs:1:1:\nbar\n";
        let failure = failure("t", Said { output: Some(output), message: Some(message) });
        assert_eq!(failure.message, "panic did not contain expected string");
        assert_eq!(failure.expected.as_deref(), Some("foo"));
        assert_eq!(failure.actual.as_deref(), Some("bar"));
        let message = Some("test did not panic as expected at src/lib.rs:21:32");
        let failure = super::failure("t", Said { output: None, message });
        assert_eq!(failure.location.expect("said").line, Some(21));
    }
}
