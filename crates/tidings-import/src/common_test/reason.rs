//! Why something failed, from the reason that an Erlang process ends with.
//!
//! `ct:fail` and the assertions of `EUnit` are failures of what was tested; a timetrap is a
//! timeout; anything else is an error, whose class is the tag of its reason, as `badmatch`.

use tidings_testrun::{Failure, FailureKind, SourceLocation};

use super::term::Term;

/// Modules whose frames say nothing of where a test failed.
const FRAMEWORK: [&str; 4] = ["test_server", "test_server_sup", "ct_framework", "ct_hooks"];

/// Makes a failure of a reason; the place is one in this suite if there is any.
pub(super) fn failure_of(reason: &Term, suite: &str) -> Failure {
    let reason = match reason.tagged() {
        Some(("error", [inner])) => inner,
        _ => reason,
    };
    match reason.tagged() {
        Some(("timetrap_timeout" | "timetrap", [time, ..])) => timeout(time),
        Some(("test_case_failed", [why])) => {
            Failure::assertion(why.plain()).with_class("test_case_failed")
        }
        Some((class @ ("thrown" | "EXIT" | "testcase_aborted" | "user_timetrap_error"), rest)) => {
            match rest.first() {
                Some(why) => ended_by(class, why, suite),
                None => error(reason),
            }
        }
        Some((module, [function, why])) if function.is("init_per_testcase") => {
            let mut failure = failure_of(why, module);
            failure.kind = FailureKind::Setup;
            failure
        }
        _ => match with_stack(reason) {
            Some((why, stack)) => crash(why, stack, suite),
            None => error(reason),
        },
    }
}

fn timeout(time: &Term) -> Failure {
    let time = match time {
        Term::Number(milliseconds) => format!("{milliseconds} ms"),
        other => other.to_string(),
    };
    let message = format!("timed out after {time}");
    Failure::new(FailureKind::Timeout, message).with_class("timetrap_timeout")
}

/// Something that was thrown, or that ended a process from outside.
fn ended_by(class: &str, why: &Term, suite: &str) -> Failure {
    match with_stack(why) {
        // What a process ended with says more than that it ended.
        Some((why, stack)) if class != "thrown" => crash(why, stack, suite),
        Some((why, stack)) => {
            at_stack(Failure::new(FailureKind::Error, why.plain()), stack, suite).with_class(class)
        }
        None => Failure::new(FailureKind::Error, why.plain()).with_class(class),
    }
}

fn error(reason: &Term) -> Failure {
    let failure = Failure::new(FailureKind::Error, reason.plain());
    match reason.tagged() {
        Some((tag, _)) => failure.with_class(tag),
        None => failure,
    }
}

/// The reason and the stack of an exception.
fn with_stack(reason: &Term) -> Option<(&Term, &[Term])> {
    let [why, stack] = reason.tuple()? else { return None };
    let frames = stack.list()?;
    let is_frame = |term: &Term| {
        term.tuple().is_some_and(|frame| {
            matches!(frame.len(), 3 | 4) && frame[..2].iter().all(|part| part.atom().is_some())
        })
    };
    (!frames.is_empty() && frames.iter().all(is_frame)).then_some((why, frames))
}

fn crash(why: &Term, stack: &[Term], suite: &str) -> Failure {
    let tag = why.atom().or_else(|| why.tagged().map(|(tag, _)| tag));
    if let (Some(tag), Some([_, facts])) = (tag, why.tuple())
        && tag.starts_with("assert")
        && facts.list().is_some()
    {
        return at_stack(assertion(tag, facts), stack, suite);
    }
    let message = match why.atom() {
        // `badarg` alone says less than where it was.
        Some(name) => format!("{name} in {}", call(&stack[0])),
        None => why.plain(),
    };
    let failure = at_stack(Failure::new(FailureKind::Error, message), stack, suite);
    match tag {
        Some(tag) => failure.with_class(tag),
        None => failure,
    }
}

/// An assertion of `EUnit`: what it compared is a list of facts.
fn assertion(name: &str, facts: &Term) -> Failure {
    let text = |key: &str| facts.property(key).map(Term::plain);
    let shown = |key: &str| facts.property(key).map(Term::to_string);
    let what = text("expression").or_else(|| text("command"));
    let mut message = match what {
        Some(what) => format!("{name} failed: {what}"),
        None => format!("{name} failed"),
    };
    if let Some(comment) = text("comment") {
        message = format!("{message}: {comment}");
    }
    let mut failure = Failure::assertion(message).with_class(name);
    failure.expected = shown("expected")
        .or_else(|| shown("expected_value"))
        .or_else(|| text("pattern"))
        .or_else(|| shown("expected_status"))
        .or_else(|| shown("expected_output"));
    let surprise = |key: &str| shown(key).map(|found| format!("{key}: {found}"));
    failure.actual = shown("value")
        .or_else(|| shown("status"))
        .or_else(|| shown("output"))
        .or_else(|| surprise("unexpected_success"))
        .or_else(|| surprise("unexpected_exception"));
    let line = facts.property("line").and_then(Term::integer);
    if let (Some(module), Some(line)) = (text("module"), line) {
        failure = failure.at_line(format!("{module}.erl"), line);
    }
    failure
}

/// Adds the stack, and the place in the suite, or else the first one that is not of Common
/// Test.
fn at_stack(failure: Failure, stack: &[Term], suite: &str) -> Failure {
    let of_suite = stack.iter().filter(|frame| module(frame) == Some(suite)).find_map(place);
    let others =
        stack.iter().filter(|frame| !module(frame).is_some_and(|it| FRAMEWORK.contains(&it)));
    let found = of_suite.or_else(|| others.into_iter().find_map(place));
    let lines: Vec<String> = stack.iter().map(frame_line).collect();
    let failure = failure.with_details(lines.join("\n"));
    match found {
        Some(location) => failure.at(location),
        None => failure,
    }
}

fn module(frame: &Term) -> Option<&str> {
    frame.tuple()?.first()?.atom()
}

fn place(frame: &Term) -> Option<SourceLocation> {
    let facts = frame.tuple()?.get(3)?;
    let file = facts.property("file")?.plain();
    let line = facts.property("line").and_then(Term::integer);
    line.map(|line| SourceLocation::new(file).with_line(line))
}

/// `module:function/arity`.
fn call(frame: &Term) -> String {
    let Some([module, function, arguments, ..]) = frame.tuple() else { return frame.to_string() };
    let arity = match arguments {
        // A list of numbers that happen to be characters is a list of arguments all the same.
        Term::Text(arguments) => arguments.chars().count().to_string(),
        Term::List(arguments, None) => arguments.len().to_string(),
        other => other.to_string(),
    };
    format!("{module}:{function}/{arity}")
}

fn frame_line(frame: &Term) -> String {
    let at = place(frame).map(|place| format!(" ({place})")).unwrap_or_default();
    let arguments = match frame.tuple() {
        Some([_, _, arguments @ Term::List(..), ..]) => format!(" {arguments}"),
        _ => String::new(),
    };
    format!("{}{at}{arguments}", call(frame))
}

#[cfg(test)]
mod tests {
    use tidings_testrun::Status;

    use super::super::term::parse;
    use super::*;

    const STACK: &str = "[{erlang,atom_to_list,[1],[{error_info,#{module => e}}]},\
        {lib,call,2,[{file,\"lib.erl\"},{line,3}]},\
        {a_SUITE,t,1,[{file,\"a_SUITE.erl\"},{line,25}]},\
        {test_server,ts_tc,3,[{file,\"test_server.erl\"},{line,1782}]}]";

    fn failure(text: &str) -> Failure {
        failure_of(&parse(&text.replace("STACK", STACK)).expect("a term"), "a_SUITE")
    }

    #[test]
    fn the_class_and_the_message_of_every_kind_of_reason() {
        for (text, status, class, message) in [
            (
                "{error,{test_case_failed,\"reason 42\"}}",
                Status::Failure,
                "test_case_failed",
                "reason 42",
            ),
            ("{error,{test_case_failed,{a,1}}}", Status::Failure, "test_case_failed", "{a,1}"),
            (
                "{timetrap_timeout,300}",
                Status::TimedOut,
                "timetrap_timeout",
                "timed out after 300 ms",
            ),
            (
                "{error,{timetrap_timeout,300,[]}}",
                Status::TimedOut,
                "timetrap_timeout",
                "timed out after 300 ms",
            ),
            ("{error,{{badmatch,2},STACK}}", Status::Error, "badmatch", "{badmatch,2}"),
            ("{error,{badarg,STACK}}", Status::Error, "badarg", "badarg in erlang:atom_to_list/1"),
            (
                "{error,{undef,[{nomod,nofun,[104,105]}]}}",
                Status::Error,
                "undef",
                "undef in nomod:nofun/2",
            ),
            ("{error,{thrown,{oops,STACK}}}", Status::Error, "thrown", "oops"),
            ("{error,{thrown,oops}}", Status::Error, "thrown", "oops"),
            ("{'EXIT',child_died}", Status::Error, "EXIT", "child_died"),
            ("{'EXIT',{{badmatch,1},STACK}}", Status::Error, "badmatch", "{badmatch,1}"),
            ("{testcase_aborted,{because,x}}", Status::Error, "testcase_aborted", "{because,x}"),
            ("{user_timetrap_error,bad}", Status::Error, "user_timetrap_error", "bad"),
            ("{error,{shutdown,why}}", Status::Error, "shutdown", "{shutdown,why}"),
            ("{a_SUITE,init_per_testcase,no}", Status::Error, "-", "no"),
            ("{error,some_exit}", Status::Error, "-", "some_exit"),
            ("testcase_aborted_or_killed", Status::Error, "-", "testcase_aborted_or_killed"),
            ("\"just text\"", Status::Error, "-", "just text"),
        ] {
            let failure = failure(text);
            assert_eq!(
                (failure.status(), failure.class.as_deref().unwrap_or("-"), &*failure.message),
                (status, class, message),
                "{text}"
            );
        }
    }

    #[test]
    fn the_place_is_the_first_in_the_suite_and_the_stack_is_kept() {
        let failure = failure("{error,{{badmatch,2},STACK}}");
        assert_eq!(failure.location.expect("a place").to_string(), "a_SUITE.erl:25");
        assert_eq!(
            failure.details.expect("a stack"),
            "erlang:atom_to_list/1 [1]\nlib:call/2 (lib.erl:3)\na_SUITE:t/1 (a_SUITE.erl:25)\n\
             test_server:ts_tc/3 (test_server.erl:1782)"
        );
        let other =
            failure_of(&parse(&format!("{{error,{{x,{STACK}}}}}")).expect("a term"), "b_SUITE");
        assert_eq!(other.location.expect("a place").to_string(), "lib.erl:3");
        let old = failure_of(
            &parse("{error,{{badmatch,2},[{a_SUITE,t,1},{test_server,ts_tc,3}]}}").expect("a term"),
            "a_SUITE",
        );
        assert_eq!((old.class.as_deref(), old.location), (Some("badmatch"), None));
    }

    #[test]
    fn assertions_say_what_they_expected_and_got() {
        for (facts, expected, actual, message) in [
            (
                "{assertEqual,[{module,a_SUITE},{line,25},{expression,\"f ( )\"},{expected,[1,2]},{value,\"x\"}]}",
                "[1,2]",
                "\"x\"",
                "assertEqual failed: f ( )",
            ),
            (
                "{assertMatch,[{module,a_SUITE},{line,26},{expression,\"f ( )\"},{pattern,\"{ ok , _ }\"},{value,{error,e}}]}",
                "{ ok , _ }",
                "{error,e}",
                "assertMatch failed: f ( )",
            ),
            (
                "{assertException,[{module,a_SUITE},{line,28},{expression,\"f ( )\"},{pattern,\"{ error , _ , [...] }\"},{unexpected_success,1}]}",
                "{ error , _ , [...] }",
                "unexpected_success: 1",
                "assertException failed: f ( )",
            ),
            (
                "{assert,[{module,a_SUITE},{line,27},{comment,\"really\"},{expression,\"f ( )\"},{expected,true},{value,false}]}",
                "true",
                "false",
                "assert failed: f ( ): really",
            ),
        ] {
            let failure = failure(&format!("{{error,{{{facts},STACK}}}}"));
            assert_eq!(failure.status(), Status::Failure);
            assert_eq!(failure.expected.as_deref(), Some(expected));
            assert_eq!(failure.actual.as_deref(), Some(actual));
            assert_eq!(failure.message, message);
            assert_eq!(failure.location.expect("a place").to_string(), "a_SUITE.erl:25");
        }
    }
}
