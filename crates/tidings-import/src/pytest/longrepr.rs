//! Why something failed, from a `longrepr`: a text, a place with a reason, or tracebacks.

use serde_json::Value;
use tidings_testrun::{CAUSES_MAX, Cause, Failure, FailureKind, SourceLocation};

use super::render;

/// A failure that a `longrepr` of any shape tells of.
pub(super) fn failure_of(longrepr: &Value) -> Failure {
    match longrepr {
        Value::Null => Failure::new(FailureKind::Error, "failed, and pytest does not say why"),
        Value::String(text) => of_text(text),
        Value::Array(_) => of_place(longrepr),
        Value::Object(_) => of_traceback(longrepr),
        other => Failure::new(FailureKind::Error, other.to_string()),
    }
}

/// Why something was skipped: `[path, line, "Skipped: why"]`, or any text.
pub(super) fn reason_of(longrepr: &Value) -> String {
    let text = match longrepr {
        Value::Array(parts) => parts.get(2).and_then(Value::as_str).unwrap_or_default().to_owned(),
        Value::Null => String::new(),
        other => failure_of(other).message,
    };
    text.strip_prefix("Skipped: ").unwrap_or(&text).to_owned()
}

fn of_place(longrepr: &Value) -> Failure {
    let part = |at: usize| longrepr.get(at);
    let message = part(2).and_then(Value::as_str).unwrap_or("failed, and pytest does not say why");
    let mut failure = classed(message);
    failure.location = place(part(0), part(1));
    failure
}

/// A text is a message, or output of an import that failed, with its exception at the end.
fn of_text(text: &str) -> Failure {
    let last = text.lines().rev().skip_while(|line| error_line(line).is_none());
    let block: Vec<&str> = last.map_while(error_line).collect();
    let Some(first) = block.iter().rev().find(|line| class_of(line).is_some()).or(block.last())
    else {
        let mut failure = Failure::from_text(text);
        // What pytest writes in the place of an assertion of the author.
        let is_subtests = text.starts_with("contains ") && text.contains(" failed subtest");
        if text.starts_with("[XPASS(strict)]") || is_subtests {
            failure.kind = FailureKind::Assertion;
        }
        return failure;
    };
    classed(first).with_details(text.trim_end())
}

fn of_traceback(longrepr: &Value) -> Failure {
    let crash = longrepr.get("reprcrash").filter(|crash| !crash.is_null());
    let said = crash.and_then(|crash| crash.get("message")?.as_str());
    let entries = render::entries(longrepr);
    let last = || entries.last().and_then(last_line).unwrap_or("failed").to_owned();
    let said = said.map_or_else(last, str::to_owned);
    let mut failure = classed(&said);
    if failure.class.is_none() {
        let place = entries.last().and_then(render::place_of);
        let name = place.and_then(|place| place.get("message")?.as_str());
        // In a short traceback it says which function it is in.
        failure.class = name.filter(|name| is_class(name)).map(str::to_owned);
    }
    if failure.class.is_none() && said.starts_with("assert ") {
        failure.class = Some("AssertionError".to_owned());
    }
    failure.kind = kind_of(&failure);
    if let Some((actual, expected)) = sides(&said) {
        (failure.actual, failure.expected) = (Some(actual), Some(expected));
    }
    failure.location = crash.and_then(|crash| place(crash.get("path"), crash.get("lineno")));
    failure.causes = causes(longrepr);
    let details = render::text_of(longrepr);
    failure.details = Some(details).filter(|details| !details.is_empty());
    failure
}

/// What an exception was raised from or while, nearest first.
fn causes(longrepr: &Value) -> Vec<Cause> {
    let chain = longrepr.get("chain").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let Some((_, earlier)) = chain.split_last() else { return Vec::new() };
    let cause = |link: &Value| {
        let failure = classed(link.get(1)?.get("message")?.as_str()?);
        let cause = Cause::new(failure.message);
        Some(match failure.class {
            Some(class) => cause.with_class(class),
            None => cause,
        })
    };
    earlier.iter().rev().filter_map(cause).take(CAUSES_MAX).collect()
}

/// `Class: message`, or a message alone; its first line that says something.
fn classed(said: &str) -> Failure {
    let said = said.trim();
    let first = said.lines().next().unwrap_or_default();
    let (class, rest) = match class_of(first) {
        Some(class) => {
            let rest = said[class.len()..].trim_start_matches(':').trim_start();
            (Some(class.rsplit('.').next().unwrap_or(class)), rest)
        }
        None => (None, said),
    };
    let message = rest.lines().find(|line| !line.trim().is_empty()).unwrap_or(first);
    let mut failure = Failure::new(FailureKind::Error, message.trim_end());
    failure.class = class.map(str::to_owned);
    failure.kind = kind_of(&failure);
    failure
}

fn kind_of(failure: &Failure) -> FailureKind {
    let is_timeout =
        failure.message.starts_with("Timeout >") || failure.message.starts_with("Timeout (>");
    match failure.class.as_deref() {
        Some("Failed") if is_timeout => FailureKind::Timeout,
        Some("AssertionError" | "Failed") => FailureKind::Assertion,
        _ => FailureKind::Error,
    }
}

/// The class that a line begins with: `pkg.SomeError: …`, or nothing but it.
fn class_of(line: &str) -> Option<&str> {
    let class = line.split_once(": ").map_or(line.trim_end_matches(':'), |(class, _)| class);
    is_class(class).then_some(class)
}

fn is_class(name: &str) -> bool {
    let is_part = |part: &str| {
        let starts = part.starts_with(|first: char| first.is_alphabetic() || first == '_');
        starts && part.chars().all(|next| next.is_alphanumeric() || next == '_')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    last.starts_with(char::is_uppercase) && name.split('.').all(is_part)
}

/// A line of an exception in a traceback, without its mark.
fn error_line(line: &str) -> Option<&str> {
    line.strip_prefix("E ").map(str::trim_start)
}

fn last_line(entry: &Value) -> Option<&str> {
    let lines: Vec<&str> = render::lines_of(entry).flat_map(str::lines).collect();
    let marked = lines.iter().find_map(|line| error_line(line));
    marked.or_else(|| lines.iter().rev().find(|line| !line.trim().is_empty()).copied())
}

fn place(path: Option<&Value>, line: Option<&Value>) -> Option<SourceLocation> {
    let place = SourceLocation::new(path?.as_str()?);
    let line = line.and_then(Value::as_u64).and_then(|line| u32::try_from(line).ok());
    Some(match line {
        Some(line) => place.with_line(line),
        None => place,
    })
}

/// Left and right of `assert left == right`, if that is all it says and nothing is left out.
fn sides(said: &str) -> Option<(String, String)> {
    let mut lines = said.lines().map(|line| line.strip_prefix("AssertionError: ").unwrap_or(line));
    let claim = lines.find_map(|line| line.strip_prefix("assert "))?;
    if claim.contains("...") {
        return None;
    }
    let mut equals = None;
    let top = top_level(claim)?;
    for word in [" and ", " or ", " not ", " in ", " is ", " if ", " for ", " lambda "] {
        if top.contains(word) {
            return None;
        }
    }
    for (at, _) in top.match_indices(['=', '<', '>', '!', ',', ':']) {
        let is_equals = top[at..].starts_with("== ") && top[..at].ends_with(' ');
        match (is_equals, equals) {
            (true, None) => equals = Some(at),
            (false, Some(first)) if at == first + 1 => {}
            _ => return None,
        }
    }
    let at = equals?;
    let (left, right) = (claim[..at].trim(), claim[at + 2..].trim());
    (!left.is_empty() && !right.is_empty() && !left.starts_with("not "))
        .then(|| (left.to_owned(), right.to_owned()))
}

/// The claim with all that is in brackets or quotes blanked out, byte for byte; none if they
/// do not match.
fn top_level(claim: &str) -> Option<String> {
    let mut out = String::with_capacity(claim.len());
    let mut depth = 0_usize;
    let mut quote = None;
    let mut chars = claim.chars();
    while let Some(next) = chars.next() {
        let is_inside = depth > 0 || quote.is_some();
        match (next, quote) {
            ('\\', Some(_)) => {
                out.push('_');
                let escaped = chars.next()?;
                (0..escaped.len_utf8()).for_each(|_| out.push('_'));
                continue;
            }
            (next, Some(open)) => quote = Some(open).filter(|open| next != *open),
            ('\'' | '"', None) => quote = Some(next),
            ('(' | '[' | '{', None) => depth += 1,
            (')' | ']' | '}', None) => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if is_inside || quote.is_some() || depth > 0 {
            (0..next.len_utf8()).for_each(|_| out.push('_'));
        } else {
            out.push(next);
        }
    }
    (depth == 0 && quote.is_none()).then_some(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_sides_of_an_equality_are_told_if_they_are_certain() {
        for (said, wanted) in [
            (
                "AssertionError: assert {'a': 1} == {'a': 2}\n  \n  Differing",
                Some(("{'a': 1}", "{'a': 2}")),
            ),
            ("assert 4 == 5\n +  where 4 = f(3)", Some(("4", "5"))),
            ("AssertionError: the totals differ\nassert 1 == 2", Some(("1", "2"))),
            ("assert 'a == b' == 'c, d'", Some(("'a == b'", "'c, d'"))),
            ("assert 'it\\'s' == \"ü\"", Some(("'it\\'s'", "\"ü\""))),
            ("assert (1 % 2) == 0", Some(("(1 % 2)", "0"))),
            ("assert 2 != 2", None),
            ("assert 3 in [1, 2]", None),
            ("assert 1 == 2 == 3", None),
            ("assert (1 == 2 and 3 == 4)", None),
            ("assert 1 == 2 or 3", None),
            ("assert not 1 == 2", None),
            ("assert 'xx...x' == 'xx...y'", None),
            ("assert 1 >= 2", None),
            ("assert <A object> == <B object>", None),
            ("assert 'open == 2", None),
            ("assert 0", None),
            ("KeyError: 'x'", None),
        ] {
            let wanted = wanted.map(|(left, right)| (left.to_owned(), right.to_owned()));
            assert_eq!(sides(said), wanted, "{said}");
        }
    }

    #[test]
    fn a_text_that_ends_in_an_exception_says_which() {
        let failure = failure_of(&json!(
            "ImportError while importing test module '/x.py'.\nTraceback:\nx.py:1: in <module>\n    \
             import nope\nE   ModuleNotFoundError: No module named 'nope'"
        ));
        assert_eq!(failure.class.as_deref(), Some("ModuleNotFoundError"));
        assert_eq!(failure.message, "No module named 'nope'");
        let failure = failure_of(&json!(
            "E     File \"/x.py\", line 1\nE       def f(: pass\nE           ^\nE   SyntaxError: invalid syntax"
        ));
        assert_eq!(failure.to_string(), "SyntaxError: invalid syntax");
    }

    #[test]
    fn every_shape_says_something() {
        for (longrepr, wanted) in [
            (json!(null), "failed, and pytest does not say why"),
            (json!("[XPASS(strict)] why"), "[XPASS(strict)] why"),
            (json!(["a.py", 3, "Exception: x"]), "Exception: x"),
            (json!(17), "17"),
            (json!({"reprcrash": null, "reprtraceback": {"reprentries": []}}), "failed"),
            (json!({"reprcrash": {"message": "pkg.mod.OwnError: x\ny"}}), "OwnError: x"),
            (
                json!({"reprcrash": {"message": "KeyboardInterrupt"}}),
                "KeyboardInterrupt: KeyboardInterrupt",
            ),
            (json!({}), "failed"),
        ] {
            assert_eq!(failure_of(&longrepr).to_string(), wanted, "{longrepr}");
        }
    }

    #[test]
    fn a_reason_is_told_without_its_class() {
        assert_eq!(reason_of(&json!(["a.py", 3, "Skipped: why"])), "why");
        assert_eq!(reason_of(&json!("Skipped: why")), "why");
        assert_eq!(reason_of(&json!(null)), "");
    }
}
