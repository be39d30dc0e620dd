//! The vocabulary of test runs, emitters for it, and the one reducer that every report of a
//! run is made from.
//!
//! # Define
//!
//! [`TestRun`] is an event like any other: emit its parts directly, or embed all of it in an
//! enum of your own with `#[event(transparent)]`. The names, and the observers that know them,
//! stay the same.
//!
//! # Emit
//!
//! [`RunEmitter`] keeps the order: every item that begins ends exactly once, also in a panic.
//! Tasks on several threads share a run and its suites: [`SharedRun`], [`SharedSuite`].
//!
//! ```
//! use tidings_registry::Bus;
//! use tidings_testrun::{
//!     Attachment, CaseSkipped, ErrorItem, Failure, FailureKind, LiveSummary, RunEmitter,
//!     RunPlanned,
//! };
//!
//! let bus = Bus::new();
//! let summary = LiveSummary::on(&bus);
//!
//! let run = RunEmitter::start(&bus, "nightly");
//! run.plan(RunPlanned::count(4));
//! let suite = run.suite("login");
//!
//! let case = suite.case("accepts the right password");
//! case.stdout("connected\n");
//! let case = case.retry(Failure::new(FailureKind::Timeout, "no answer in 5 s"));
//! case.success();
//!
//! let case = suite.case("refuses a wrong one");
//! case.attach(Attachment::path("screenshot", "shots/refused.png"));
//! case.failure(Failure::assertion("the page differs").with_expected("403").with_actual("200"));
//!
//! suite.case("locks after three").skipped(CaseSkipped::by_user("ticket 17"));
//! suite.error(ErrorItem::named("teardown", Failure::new(FailureKind::Teardown, "busy")));
//! suite.success();
//! run.success();
//! # let snapshot = summary.snapshot();
//! # assert_eq!(snapshot.counts().total(), 4);
//! ```
//!
//! # Summarise
//!
//! [`RunSummary`] reduces the events to all that views need; [`LiveSummary`] does so on a bus.
//! What was said above comes to this:
//!
//! ```
//! # use tidings_registry::Bus;
//! # use tidings_testrun::*;
//! # let bus = Bus::new();
//! # let summary = LiveSummary::on(&bus);
//! # let run = RunEmitter::start(&bus, "nightly");
//! # run.plan(RunPlanned::count(4));
//! # let suite = run.suite("login");
//! # let case = suite.case("accepts the right password");
//! # case.retry(Failure::new(FailureKind::Timeout, "no answer in 5 s")).success();
//! # suite.case("refuses a wrong one").failure(Failure::assertion("the page differs"));
//! # suite.case("locks after three").skipped(CaseSkipped::by_user("ticket 17"));
//! # suite.error(ErrorItem::named("teardown", Failure::new(FailureKind::Teardown, "busy")));
//! # suite.success();
//! # run.success();
//! let summary = summary.snapshot();
//! let counts = summary.counts();
//! assert_eq!((counts.total(), counts.passed(), counts.failed(), counts.skipped()), (4, 1, 2, 1));
//! assert_eq!((counts.flaky, summary.never_ran()), (1, 1));
//!
//! let names: Vec<&str> = summary.failures().iter().map(|failure| failure.name).collect();
//! assert_eq!(names, ["refuses a wrong one", "teardown"]);
//! ```
//!
//! # The vocabulary
//!
//! | event type | event | about | says |
//! |---|---|---|---|
//! | `test.run.planned` | [`RunPlanned`] | run, suite | a number of cases, or [`Selector`]s |
//! | `test.run.started`, `.finished` | [`RunStarted`], [`RunFinished`] | run | begins, ends |
//! | `test.suite.started`, `.finished` | [`SuiteStarted`], [`SuiteFinished`] | suite | begins, ends |
//! | `test.group.started`, `.finished` | [`GroupStarted`], [`GroupFinished`] | group | begins, ends |
//! | `test.case.started`, `.finished` | [`CaseStarted`], [`CaseFinished`] | case | an attempt begins, ends |
//! | `test.case.skipped` | [`CaseSkipped`] | case | not run, by whom and why |
//! | `test.step.started`, `.finished` | [`StepStarted`], [`StepFinished`] | step | begins, ends |
//! | `test.error` | [`ErrorItem`] | anything | failed, and is no case: setup, teardown, build |
//! | `test.output` | [`Output`] | anything | what it wrote |
//! | `test.attachment` | [`Attachment`] | anything | by path, by digest, or inline |
//! | `test.log_file` | [`LogFile`] | anything | where it keeps its log |
//! | `test.progress` | [`Progress`] | run | how far the runner says it is |
//! | `node.joined`, `node.lost` | [`NodeJoined`], [`NodeLost`] | node | takes part, is not heard any more |
//!
//! Entities are paths of `run`, `suite`, `group`, `case` and `step`, outermost first; suites
//! and groups nest, and any level but the case may be left out. Times (`at`) and durations, in
//! seconds, are volatile: equal results have equal content ids.
//!
//! # What counts
//!
//! Passed is `Success`; failed is `Failure`, `Error`, `TimedOut` and `Aborted`; skipped is
//! `Skipped`, `Ignored`, `Canceled` and `Pending`; total is their sum. An item is a run of a
//! case, or an [`ErrorItem`], which counts as an error. Of several attempts the last decides;
//! a case that passed after a failed one is *flaky*, and one of the passed. A case that begins
//! again after its end, without a higher attempt, is a *repeat*: every run counts. *Never ran*
//! is the plan minus what was seen, and part of no other number. What a suite says of itself
//! counts for nothing: totals are made of cases.
//!
//! # Old and new
//!
//! Readers ignore fields they do not know, and take those that are missing for absent. A
//! status that a reader does not know is an error to it, so that it does not pass unseen;
//! other words that it does not know are `Other`.

mod emit;
mod legal_order;
mod summary;
mod vocabulary;

pub use emit::{
    CaseEmitter, GroupEmitter, RunEmitter, RunEnded, SharedRun, SharedSuite, StepEmitter,
    SuiteEmitter, Timing,
};
pub use legal_order::{ILLEGAL_KEPT_MAX, IllegalEvent, LegalOrder};
pub use summary::{
    ATTACHMENTS_KEPT_MAX, ATTEMPTS_KEPT_MAX, AttemptView, CaseView, Counts, ErrorView,
    FAILURE_BYTES_TOTAL_MAX, FAILURE_TEXT_BYTES_MAX, FAILURE_TEXT_BYTES_SHORT, FailureView,
    KeptOutput, LOG_FILES_KEPT_MAX, LiveSummary, NodeView, Notes, OUTPUT_BYTES_MAX,
    OUTPUT_BYTES_TOTAL_MAX, PROPERTIES_KEPT_MAX, RunSummary, STEPS_KEPT_MAX, StepView, SuiteView,
    SummaryJson,
};
pub use vocabulary::{
    ATTACHMENT_INLINE_BYTES_MAX, Attachment, AttachmentContent, AttachmentTooLarge, CAUSES_MAX,
    CaseFinished, CaseSkipped, CaseStarted, Cause, ErrorItem, Failure, FailureKind, GroupFinished,
    GroupStarted, LogFile, NodeJoined, NodeLost, Output, OutputStream, Progress, Property,
    RunFinished, RunPlanned, RunStarted, Selector, SkippedBy, SourceLocation, Status, StepFinished,
    StepStarted, SuiteFinished, SuiteStarted, TestRun, UnknownName, UnknownStatus, Verdict,
};
