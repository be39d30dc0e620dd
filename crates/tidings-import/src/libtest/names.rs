//! What names say: nextest's binaries, stress runs and attempts, and cargo's lines.

use crate::json_line::without_escapes;

/// The parts of a name that nextest gives to a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NextestName<'a> {
    /// `crate::binary`.
    pub(super) suite: &'a str,
    /// Which run of a stress test it is, from 0.
    pub(super) stress: Option<u64>,
    /// The test, as its binary names it; of a last attempt with `#` and its number.
    pub(super) test: &'a str,
}

impl<'a> NextestName<'a> {
    /// Takes apart `crate::binary$test` and `crate::binary@stress-0$test`.
    pub(super) fn parse(name: &'a str) -> Option<Self> {
        let (binary, test) = name.split_once('$')?;
        let (suite, stress) = match binary.split_once("@stress-") {
            Some((suite, number)) => (suite, Some(number.parse().ok()?)),
            None => (binary, None),
        };
        let (package, target) = suite.split_once("::")?;
        let is_name = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_./".contains(c))
        };
        let is_it = is_name(package) && is_name(target) && !test.is_empty();
        is_it.then_some(Self { suite, stress, test })
    }
}

/// Takes `test#3` apart, if it can be a third attempt.
pub(super) fn attempt_of(name: &str) -> Option<(&str, u32)> {
    let (test, number) = name.rsplit_once('#')?;
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    let number = number.parse().ok().filter(|number| *number > 1 && is_plain)?;
    (!test.is_empty()).then_some((test, number))
}

/// The name of the suite that a line of cargo announces.
///
/// ```text
///      Running unittests src/lib.rs (target/debug/deps/probe-9949de8168e972d0)
///    Doc-tests probe
/// ```
pub(super) fn suite_of_cargo(line: &str) -> Option<String> {
    let line = without_escapes(line);
    let line = line.trim_end();
    if let Some(package) = line.strip_prefix("   Doc-tests ") {
        return Some(format!("{package} (doc-tests)"));
    }
    let running = line.strip_prefix("     Running ")?;
    if let Some((what, path)) = running.strip_suffix(')').and_then(|text| text.rsplit_once(" (")) {
        let source = what.strip_prefix("unittests ").unwrap_or(what);
        return Some(format!("{} ({source})", target_of(path)));
    }
    // Older ones name the path alone, and verbose ones the command.
    let command = running.trim_matches('`');
    let path = command.split_whitespace().next()?;
    let is_test = path.contains("/deps/") || path.contains("\\deps\\");
    is_test.then(|| target_of(path).to_owned())
}

/// The name of a target from the path of its binary.
fn target_of(path: &str) -> &str {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let file = file.strip_suffix(".exe").or_else(|| file.strip_suffix(".wasm")).unwrap_or(file);
    let is_hash = |hash: &str| hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    match file.rsplit_once('-') {
        Some((target, hash)) if is_hash(hash) => target,
        _ => file,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_nextest_has_a_suite_and_a_test() {
        let parse = |name| NextestName::parse(name).map(|it| (it.suite, it.stress, it.test));
        assert_eq!(parse("a-b::c$m::t#2"), Some(("a-b::c", None, "m::t#2")));
        assert_eq!(parse("a::b@stress-1$t"), Some(("a::b", Some(1), "t")));
        assert_eq!(parse("a::b$t$u"), Some(("a::b", None, "t$u")));
        for name in ["m::t", "a$t", "a::b$", "::b$t", "a b::c$t", "src/lib.rs - f (line 3)"] {
            assert_eq!(parse(name), None, "{name}");
        }
    }

    #[test]
    fn an_attempt_has_a_number_above_one() {
        assert_eq!(attempt_of("t#2"), Some(("t", 2)));
        assert_eq!(attempt_of("t#1#3"), Some(("t#1", 3)));
        for name in ["t", "t#1", "t#0", "t#02", "t#x", "#2", "t#+2", "t#99999999999", "t#"] {
            assert_eq!(attempt_of(name), None, "{name}");
        }
    }

    #[test]
    fn a_line_of_cargo_names_a_suite_whatever_its_version() {
        for (line, expected) in [
            (
                "     Running unittests src/lib.rs (target/debug/deps/p-9949de8168e972d0)",
                "p (src/lib.rs)",
            ),
            (
                "     Running tests/a.rs (target\\debug\\deps\\a-9949de8168e972d0.exe)",
                "a (tests/a.rs)",
            ),
            ("     Running target/debug/deps/my-lib-9949de8168e972d0", "my-lib"),
            ("     Running `/w/target/debug/deps/p-9949de8168e972d0 --format json`", "p"),
            (
                "\u{1b}[1m\u{1b}[32m     Running\u{1b}[0m tests/a.rs (target/debug/deps/a-9949de8168e972d0)",
                "a (tests/a.rs)",
            ),
            ("   Doc-tests my_lib", "my_lib (doc-tests)"),
        ] {
            assert_eq!(suite_of_cargo(line).as_deref(), Some(expected), "{line}");
        }
        for line in
            ["     Running `rustc --crate-name p`", "Running tests (now)", "  Compiling p", ""]
        {
            assert_eq!(suite_of_cargo(line), None, "{line}");
        }
    }
}
