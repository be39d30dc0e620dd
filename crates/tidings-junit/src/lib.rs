//! The summary of a test run as JUnit XML, for CI systems: Jenkins, GitLab, Azure, GitHub.
//!
//! [`to_xml`] makes the document of a [`RunSummary`]. [`Junit`] is an observer that follows
//! a run and writes the document to a file, as a whole, at each barrier and at the end.
//!
//! ```
//! use std::time::Duration;
//!
//! use tidings_junit::Junit;
//! use tidings_registry::Bus;
//! use tidings_testrun::{CaseSkipped, Failure, RunEmitter};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("junit.xml");
//!
//! let bus = Bus::new();
//! bus.subscribe(Junit::to(&path)).detach();
//!
//! let run = RunEmitter::start(&bus, "nightly");
//! let suite = run.suite("login");
//! suite.case("accepts").retry(Failure::assertion("too early")).success();
//! suite.case("refuses").failure(Failure::assertion("the page differs").with_expected("403"));
//! suite.case("locks").skipped(CaseSkipped::by_user("ticket 17"));
//! suite.success();
//! run.success();
//! bus.close(Duration::from_secs(5))?;
//!
//! let xml = std::fs::read_to_string(&path)?;
//! assert!(xml.contains(r#"<testsuite name="login" tests="3" disabled="0" errors="0" failures="1""#));
//! assert!(xml.contains(r#"<flakyFailure"#));
//! assert!(xml.contains(r#"<skipped message="skipped by user: ticket 17" type="skipped"/>"#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is promised
//!
//! * **Totals that are right.** `tests`, `failures`, `errors` and `skipped` are counted from
//!   the elements that are there, and add up to [`RunSummary::counts`]. What a suite says of
//!   its own numbers counts for nothing.
//! * **Nothing merged, nothing lost.** A suite is known by its full path; every repeat of a
//!   case is a `testcase`; class and name together stand for one `testcase` only.
//! * **Legal XML 1.0**, whatever the events say. Escape sequences of terminals are taken
//!   away, characters that XML forbids become U+FFFD, line breaks become line feeds and
//!   survive in attributes as references. Text of an event is never markup.
//! * **The same bytes for the same summary**: no clock, no random id. A replay of a journal
//!   gives the file that the run gave.
//! * **Times** are seconds with three decimals, never negative and never missing: what is not
//!   known is 0. Timestamps are ISO 8601 in UTC.
//!
//! # Statuses
//!
//! | status | element in its `testcase` | `type` | counted as |
//! |---|---|---|---|
//! | [`Success`] | none; `flakyFailure` or `flakyError` for each attempt that failed before | | |
//! | [`Failure`] | `failure` | class of the failure, or its kind: `assertion`, `setup`, … | `failures` |
//! | [`Error`] | `error` | the same | `errors` |
//! | [`TimedOut`] | `error` | `timed_out` | `errors` |
//! | [`Aborted`] | `error` | `aborted` | `errors` |
//! | [`Skipped`] | `skipped` | `skipped` | `skipped` |
//! | [`Ignored`] | `skipped` | `ignored` | `skipped` |
//! | [`Canceled`] | `skipped` | `canceled` | `skipped` |
//! | [`Pending`] | `skipped` | `pending` | `skipped` |
//! | none: it still runs | no `testcase`; a property `tidings.running` of its suite | | |
//! | planned, never ran | no `testcase`; a property `tidings.never_ran` of the run's suite, a number | | |
//! | [an error that is no case](tidings_testrun::ErrorItem) | a `testcase` of its own with `error` | class, or kind: `setup`, `teardown`, … | `errors` |
//!
//! An end that is made up, because nobody ended the item, has ` (synthetic)` behind its
//! `type`. The message of a skip says by whom and why. When a case did not pass, the attempts
//! before the deciding one are `rerunFailure` and `rerunError`, in their order; the element
//! that counts is that of the deciding attempt, the last, as everywhere in Tidings. (Surefire
//! has the first one there; the elements are the same.) A case that was skipped after failed
//! attempts names them in the text of `skipped`, for the schema has no other place.
//!
//! # The document
//!
//! The elements, in the order in which they stand, which is that of the schema that Jenkins
//! publishes, `junit-10.xsd`:
//!
//! | element | attributes | holds |
//! |---|---|---|
//! | `testsuites` | `name`, `tests`, `failures`, `errors`, `timestamp`, `time` | `testsuite`… |
//! | `testsuite` | `name`, `tests`, `disabled` (0), `errors`, `failures`, `timestamp`, `time`, `skipped`, `hostname`, `file` | `properties`, `testcase`…, `system-out`, `system-err` |
//! | `testcase` | `name`, `classname`, `timestamp`, `time`, `file`, `line` | `properties`, one of `failure`, `error`, `skipped`, then `rerun…` or `flaky…`, `system-out`, `system-err` |
//! | `failure`, `error`, `skipped` | `message`, `type` | class and message, expected and actual, place, details, causes |
//! | `rerunFailure`, `rerunError`, `flakyFailure`, `flakyError` | `time`, `message`, `type` | `stackTrace`, `system-out`, `system-err` of that attempt |
//! | `properties` | | `property` with `name` and `value` |
//!
//! `disabled` of a suite, `timestamp`, `file`, `line` and `properties` of a case, `timestamp`
//! of the whole and `time` of an attempt are not in `junit-10.xsd`. Readers that do not know
//! them pass them by, and some CI systems show them.
//!
//! * **Suites.** The name is the full path with slashes, `a/b`; suites stand side by side.
//!   The path is also the class of the cases. What is in no suite, and what is said of the
//!   run, stands in a suite with the name of the run. `hostname` is the node; a suite that
//!   several nodes shared has none, and its cases have a property `tidings.node`. Only a suite
//!   of which a case ran on several nodes, or in several runs, becomes one suite for each:
//!   `a/b @lab-3`. The time is what the suite says, else the sum of its cases.
//! * **Repeats.** The later runs of a case are `name (run 2)`, `name (run 3)`, with a property
//!   `tidings.repeat`. Should two names be equal all the same, a number behind them tells
//!   them apart.
//! * **Errors that are no cases** are called what they say, `init_per_suite`; behind the case
//!   they happened to, `pays: teardown`.
//! * **Output** is what the reducer keeps of it, with a mark `[n bytes left out]` where some is
//!   missing; logs and other streams follow standard output. What a failed attempt wrote stands
//!   in its element. Files among the attachments and logs follow as
//!   `[[ATTACHMENT|path]]`, which Jenkins and GitLab look for; places that are no paths do not.
//! * **Properties** are those that were said, and of our own: `tidings.log_file`,
//!   `tidings.attachment`, `tidings.attachments_left_out`, `tidings.attempt` (the deciding one,
//!   above 1), `tidings.repeat`, `tidings.late` (given up, and ended late), `tidings.fingerprint`,
//!   `tidings.node`, `tidings.running`; of a suite that failed by its own account, or a run that
//!   did without a failed case, `tidings.status`; of the run `tidings.never_ran`,
//!   `tidings.unreadable_events`, `tidings.node_lost`.
//!
//! [`RunSummary`]: tidings_testrun::RunSummary
//! [`RunSummary::counts`]: tidings_testrun::RunSummary::counts
//! [`Failure`]: tidings_testrun::Status::Failure
//! [`Error`]: tidings_testrun::Status::Error
//! [`Success`]: tidings_testrun::Status::Success
//! [`TimedOut`]: tidings_testrun::Status::TimedOut
//! [`Aborted`]: tidings_testrun::Status::Aborted
//! [`Skipped`]: tidings_testrun::Status::Skipped
//! [`Ignored`]: tidings_testrun::Status::Ignored
//! [`Canceled`]: tidings_testrun::Status::Canceled
//! [`Pending`]: tidings_testrun::Status::Pending

mod document;
mod observer;
mod settings;
mod text;

pub use document::to_xml;
pub use observer::{Junit, JunitBuilder, WriteError};
pub use settings::JunitSettings;
