//! What the result of a function comes to.

use tidings_testrun::{Failure, FailureKind, SkippedBy};

use super::reason::failure_of;
use super::term::Term;

/// How a function ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    Success,
    Skipped {
        by: SkippedBy,
        reason: String,
    },
    Failed(Failure),
    /// The case itself went well, and its `end_per_testcase` did not.
    TeardownFailed(Failure),
    /// Common Test itself failed.
    FrameworkFailed(Failure),
}

impl Outcome {
    /// Reads the result that `tc_done` tells of a function of this suite.
    ///
    /// A result that nobody knows is a failure, so that it does not pass unseen.
    pub(super) fn of(result: &Term, suite: &str) -> Self {
        if result.is("ok") {
            return Self::Success;
        }
        let known = result.tagged().filter(|(_, rest)| !rest.is_empty());
        let Some((tag, rest)) = known else { return Self::unknown(result) };
        match tag {
            "comment" | "ok" => Self::Success,
            "skip" | "skipped" => {
                let by =
                    if is_automatic(&rest[0]) { SkippedBy::Automatic } else { SkippedBy::User };
                Self::Skipped { by, reason: why_skipped(&rest[0]) }
            }
            "auto_skip" | "auto_skipped" => {
                Self::Skipped { by: SkippedBy::Automatic, reason: why_skipped(&rest[0]) }
            }
            "failed" | "fail" => match teardown(&rest[0]) {
                Some(reason) => {
                    let mut failure = failure_of(reason, suite);
                    failure.kind = FailureKind::Teardown;
                    Self::TeardownFailed(failure)
                }
                None => Self::Failed(failure_of(&rest[0], suite)),
            },
            "framework_error" => {
                Self::FrameworkFailed(failure_of(&rest[0], suite).with_class("framework_error"))
            }
            "error" | "EXIT" | "timetrap_timeout" | "testcase_aborted" | "user_timetrap_error" => {
                Self::Failed(failure_of(result, suite))
            }
            _ => Self::unknown(result),
        }
    }

    fn unknown(result: &Term) -> Self {
        Self::Failed(Failure::new(FailureKind::Error, format!("ended with {result}")))
    }
}

/// Whether Common Test itself counts a `{skipped,Reason}` as a skip of its own.
fn is_automatic(reason: &Term) -> bool {
    match reason.tagged() {
        Some(("failed", [what])) => {
            what.tuple().is_some_and(|what| what.len() == 3 && what[1].is("init_per_testcase"))
        }
        Some((tag, [_])) => {
            matches!(tag, "require_failed" | "timetrap_error" | "invalid_time_format")
        }
        _ => false,
    }
}

/// Why `end_per_testcase` failed, if that is what a failure is.
fn teardown(reason: &Term) -> Option<&Term> {
    let [_, function, why] = reason.tuple()? else { return None };
    function.is("end_per_testcase").then_some(why)
}

/// Why something was skipped, in words.
pub(super) fn why_skipped(reason: &Term) -> String {
    // An empty text is printed as an empty list.
    if reason.list().is_some_and(<[Term]>::is_empty) {
        return String::new();
    }
    let Some(("failed", [what])) = reason.tagged() else { return reason.plain() };
    match what.tuple() {
        Some([suite, function, why]) => {
            let message = failure_of(why, &suite.plain()).message;
            format!("{}:{} failed: {message}", suite.plain(), function.plain())
        }
        // The case before it in a sequence.
        Some([suite, case]) if !suite.is("error") => {
            format!("{}:{} failed", suite.plain(), case.plain())
        }
        _ => format!("failed: {}", failure_of(what, "").message),
    }
}

#[cfg(test)]
mod tests {
    use tidings_testrun::Status;

    use super::super::term::parse;
    use super::*;

    fn outcome(text: &str) -> Outcome {
        Outcome::of(&parse(text).expect("a term"), "a_SUITE")
    }

    #[test]
    fn whose_skip_it_is_follows_common_test() {
        for (text, by, reason) in [
            ("{skipped,\"not today\"}", SkippedBy::User, "not today"),
            ("{skip,[110,111]}", SkippedBy::User, "no"),
            (
                "{skipped,{config_name_already_in_use,[x]}}",
                SkippedBy::User,
                "{config_name_already_in_use,[x]}",
            ),
            (
                "{skipped,{require_failed,{not_available,x}}}",
                SkippedBy::Automatic,
                "{require_failed,{not_available,x}}",
            ),
            (
                "{auto_skipped,{failed,{a_SUITE,init_per_testcase,bad_return}}}",
                SkippedBy::Automatic,
                "a_SUITE:init_per_testcase failed: bad_return",
            ),
            (
                "{skipped,{failed,{a_SUITE,init_per_testcase,{timetrap_timeout,2000}}}}",
                SkippedBy::Automatic,
                "a_SUITE:init_per_testcase failed: timed out after 2000 ms",
            ),
            (
                "{auto_skipped,{failed,{a_SUITE,seq_fail}}}",
                SkippedBy::Automatic,
                "a_SUITE:seq_fail failed",
            ),
            (
                "{auto_skipped,{failed,{error,{suite0_failed,bad}}}}",
                SkippedBy::Automatic,
                "failed: {suite0_failed,bad}",
            ),
        ] {
            let reason = reason.to_owned();
            assert_eq!(outcome(text), Outcome::Skipped { by, reason }, "{text}");
        }
    }

    #[test]
    fn a_teardown_that_fails_is_no_failure_of_its_case() {
        for text in [
            "{failed,{a_SUITE,end_per_testcase,{'EXIT',broke}}}",
            "{failed,{a_SUITE,end_per_testcase,{timetrap_timeout,400}}}",
        ] {
            let Outcome::TeardownFailed(failure) = outcome(text) else { panic!("{text}") };
            assert_eq!(failure.kind, FailureKind::Teardown);
        }
    }

    #[test]
    fn what_nobody_knows_is_an_error() {
        for text in ["strange", "{}", "{strange,1}", "[1]", "{failed}"] {
            let Outcome::Failed(failure) = outcome(text) else { panic!("{text}") };
            assert_eq!(failure.status(), Status::Error);
        }
    }
}
