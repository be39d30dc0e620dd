//! What the output of Go tests says: frames, failures with their places, verdicts, panics.

use std::time::Duration;

use tidings_testrun::{Failure, FailureKind, SourceLocation};

use crate::json_line::beginning;

/// How go begins to say that the time of a package is up.
pub(super) const TIMED_OUT: &str = "panic: test timed out after ";

/// How much is kept of the beginning, and of the end, of a text.
const HALF_BYTES_MAX: usize = 32 * 1024;

/// A text whose middle is left out when it is too long.
#[derive(Debug, Default)]
pub(super) struct Bounded {
    head: String,
    tail: String,
    left_out: usize,
}

impl Bounded {
    pub(super) fn push(&mut self, text: &str) {
        let room =
            if self.tail.is_empty() { HALF_BYTES_MAX.saturating_sub(self.head.len()) } else { 0 };
        let fits = beginning(text, room);
        self.head.push_str(fits);
        self.tail.push_str(&text[fits.len()..]);
        if self.tail.len() > 2 * HALF_BYTES_MAX {
            let cut = self.tail.ceil_char_boundary(self.tail.len() - HALF_BYTES_MAX);
            self.tail.drain(..cut);
            self.left_out += cut;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    pub(super) fn text(&self) -> String {
        match self.left_out {
            0 => format!("{}{}", self.head, self.tail),
            bytes => format!("{}\n[{bytes} bytes left out]\n{}", self.head, self.tail),
        }
    }
}

/// How a test ended, by a line of its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) kind: VerdictKind,
    pub(super) elapsed: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VerdictKind {
    Passed,
    Failed,
    Skipped,
}

/// Whether a line is made by the test framework, which says the same in events.
pub(super) fn is_frame(line: &str) -> bool {
    let line = line.trim_start_matches('\u{16}');
    let updates = [
        "=== RUN ",
        "=== PAUSE ",
        "=== CONT ",
        "=== NAME ",
        "=== ATTR ",
        "=== ARTIFACTS ",
        "=== FUZZ ",
    ];
    let reports = ["--- PASS: ", "--- FAIL: ", "--- SKIP: ", "--- BENCH: "];
    updates.iter().any(|update| line.starts_with(update))
        || reports.iter().any(|report| line.trim_start_matches(' ').starts_with(report))
}

/// A verdict behind other text of the same line, and the test that it is about.
pub(super) fn glued_verdict(line: &str) -> Option<(&str, Verdict)> {
    let (at, kind) = [
        ("--- PASS: ", VerdictKind::Passed),
        ("--- FAIL: ", VerdictKind::Failed),
        ("--- SKIP: ", VerdictKind::Skipped),
    ]
    .into_iter()
    .find_map(|(mark, kind)| Some((line.rfind(mark)?, kind)))?;
    let is_glued = !line[..at].trim_matches(|c: char| c == ' ' || c == '\u{16}').is_empty();
    let said = &line[at + "--- PASS: ".len()..];
    let (test, time) = said.split_once(" (").filter(|_| is_glued)?;
    let seconds: f64 = time.trim_end().strip_suffix("s)")?.parse().ok()?;
    Some((test, Verdict { kind, elapsed: Duration::try_from_secs_f64(seconds).ok() }))
}

/// Whether a line, or the rest of one, is the result of a benchmark.
pub(super) fn is_benchmark_result(line: &str) -> bool {
    line.contains('\t') && line.contains(" ns/op")
}

/// Whether a line begins the end of a process.
pub(super) fn is_crash(line: &str) -> bool {
    line.starts_with("panic: ")
        || line.starts_with("fatal error: ")
        || line.starts_with("SIGQUIT: ")
}

/// The test that a line of `running tests:` names, as `\tTestX (1s)`.
pub(super) fn running_test(line: &str) -> Option<&str> {
    let (test, time) = line.strip_prefix('\t')?.trim_end().rsplit_once(" (")?;
    time.strip_suffix(')').map(|_| test)
}

/// A line that names its place, `file.go:7: text`, and what belongs to it.
#[derive(Debug, PartialEq, Eq)]
struct Located {
    location: SourceLocation,
    message: String,
}

/// Why a test failed: from what it reported as errors, or else from all of its output.
pub(super) fn failure(errors: &str, output: &str) -> Failure {
    let crash = output.lines().position(is_crash);
    if let Some(at) = crash.filter(|_| errors.is_empty()) {
        return failure_of_crash(&output.lines().skip(at).collect::<Vec<_>>().join("\n"));
    }
    if let Some(failure) = failure_of_example(output) {
        return failure;
    }
    // What is reported with its type is all errors; else the last line is the likeliest one.
    let (text, located) = if errors.is_empty() {
        (output, located(output).pop())
    } else {
        let mut all = located(errors);
        (errors, (!all.is_empty()).then(|| all.swap_remove(0)))
    };
    let text = text.trim_end();
    let Some(located) = located else {
        let last = text.lines().rfind(|line| !line.trim().is_empty());
        let message = last.map_or("the test failed and says not why", str::trim);
        return with_details(Failure::assertion(message), text);
    };
    let mut failure = Failure::assertion(testify_error(&located.message));
    failure.expected = value_after(&located.message, "expected: ");
    failure.actual = value_after(&located.message, "actual  : ");
    failure.location = Some(located.location);
    with_details(failure, text)
}

/// Why a test was skipped.
pub(super) fn skip_reason(output: &str) -> String {
    let reason = located(output).pop().map(|located| located.message.trim().to_owned());
    reason.unwrap_or_else(|| output.trim().to_owned())
}

/// A failure from the words of a process that died.
pub(super) fn failure_of_crash(text: &str) -> Failure {
    let first = text.lines().next().unwrap_or_default();
    let is_timeout = first.starts_with(TIMED_OUT);
    let kind = if is_timeout { FailureKind::Timeout } else { FailureKind::Error };
    let message = first.split(" [recovered").next().unwrap_or(first);
    let mut failure = Failure::new(kind, message);
    if first.starts_with("panic: ") && kind != FailureKind::Timeout {
        failure = failure.with_class("panic");
        failure.location = place_in_trace(text);
    }
    with_details(failure, text.trim_end())
}

fn with_details(mut failure: Failure, text: &str) -> Failure {
    if text.lines().count() > 1 {
        failure.details = Some(text.to_owned());
    }
    failure
}

/// The first place of a stack trace that is in a test.
fn place_in_trace(text: &str) -> Option<SourceLocation> {
    text.lines().find_map(|line| {
        let place = line.strip_prefix('\t')?.split_whitespace().next()?;
        let (file, number) =
            place.rsplit_once(':').filter(|(file, _)| file.ends_with("_test.go"))?;
        Some(SourceLocation::new(file).with_line(number.parse().ok()?))
    })
}

/// The lines that name their place, each with those behind it that do not.
fn located(text: &str) -> Vec<Located> {
    let mut all: Vec<Located> = Vec::new();
    for line in text.lines() {
        if let Some(found) = place_of(line) {
            all.push(found);
        } else if let Some(last) = all.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
            last.message.push('\n');
            last.message.push_str(line.trim_end());
        }
    }
    all
}

fn place_of(line: &str) -> Option<Located> {
    let said = line.trim_start();
    let (file, rest) = said.split_once(".go:").filter(|_| said.len() < line.len())?;
    let digits = rest.find(|c: char| !c.is_ascii_digit())?;
    let number = rest[..digits].parse().ok()?;
    let message = rest[digits..].strip_prefix(':')?;
    if file.contains(char::is_whitespace) {
        return None;
    }
    let location = SourceLocation::new(format!("{file}.go")).with_line(number);
    Some(Located { location, message: message.trim().to_owned() })
}

/// What testify calls the error, or else the first line that says anything.
fn testify_error(message: &str) -> String {
    let lines = || message.lines().map(str::trim).filter(|line| !line.is_empty());
    let error = lines().find_map(|line| line.strip_prefix("Error:"));
    error.or(lines().next()).unwrap_or("the test failed and says not why").trim().to_owned()
}

fn value_after(message: &str, name: &str) -> Option<String> {
    let value = message.lines().find_map(|line| line.trim().strip_prefix(name));
    value.map(|value| value.trim_end().to_owned())
}

/// An example says `got:` and `want:`.
fn failure_of_example(output: &str) -> Option<Failure> {
    let at = output.find("got:\n").filter(|at| *at == 0 || output[..*at].ends_with('\n'))?;
    let (got, want) = output[at..].strip_prefix("got:\n")?.split_once("\nwant:\n")?;
    let failure = Failure::assertion("the output is not the one that is expected");
    Some(failure.with_actual(got).with_expected(want.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_error_is_the_failure_and_else_the_last_line_with_a_place() {
        let output = "    a_test.go:3: log\nraw\n    a_test.go:4: boom 7\n        more\n";
        let last = failure("", output);
        assert_eq!((last.message.as_str(), last.kind), ("boom 7", FailureKind::Assertion));
        assert_eq!(last.location.as_ref().expect("said").to_string(), "a_test.go:4");
        assert_eq!(last.details.as_deref(), Some(output.trim_end()));
        let typed = failure("    a_test.go:3: one\n    a_test.go:9: two\n", output);
        assert_eq!(typed.message, "one");
        assert_eq!(failure("", "odd\n").message, "odd");
        assert_eq!(failure("", "").message, "the test failed and says not why");
    }

    #[test]
    fn what_testify_compares_is_kept() {
        let output = "    a_test.go:3: \n        \tError Trace:\t/a_test.go:3\n        \tError:      \tNot equal: \n        \t            \texpected: 1\n        \t            \tactual  : 2\n";
        let failure = failure("", output);
        assert_eq!(failure.message, "Not equal:");
        assert_eq!(
            (failure.expected.as_deref(), failure.actual.as_deref()),
            (Some("1"), Some("2"))
        );
    }

    #[test]
    fn a_panic_has_the_place_of_the_test() {
        let output = "panic: oops [recovered]\n\tpanic: oops\n\ngoroutine 7 [running]:\npanic(0x1)\n\t/go/src/runtime/panic.go:679 +0x1b2\np.TestX(0x1)\n\t/w/a_test.go:6 +0x39\n";
        let failure = failure("", output);
        assert_eq!(
            (failure.message.as_str(), failure.class.as_deref()),
            ("panic: oops", Some("panic"))
        );
        assert_eq!(failure.location.expect("said").to_string(), "/w/a_test.go:6");
    }

    #[test]
    fn an_example_says_what_it_got_and_what_was_wanted() {
        let failure = failure("", "got:\na\nb\nwant:\nc\n");
        assert_eq!(
            (failure.actual.as_deref(), failure.expected.as_deref()),
            (Some("a\nb"), Some("c"))
        );
    }

    #[test]
    fn a_verdict_counts_as_glued_only_behind_text() {
        let (test, verdict) = glued_verdict("dots--- PASS: TestX/a (1.50s)\n").expect("glued");
        assert_eq!((test, verdict.kind), ("TestX/a", VerdictKind::Passed));
        assert_eq!(verdict.elapsed, Some(Duration::from_millis(1500)));
        for line in
            ["--- PASS: TestX (0.00s)\n", "    --- FAIL: TestX (0.00s)\n", "x --- PASS: y\n", ""]
        {
            assert_eq!(glued_verdict(line), None, "{line}");
        }
    }

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end() {
        let mut text = Bounded::default();
        text.push("begin\n");
        for _ in 0..10_000 {
            text.push("äääääääääääääääääääää\n");
        }
        text.push("end");
        let text = text.text();
        assert!(text.starts_with("begin\n") && text.ends_with("end"));
        assert!(text.len() < 4 * HALF_BYTES_MAX && text.contains("bytes left out]"));
    }
}
