//! Report logs of pytest (`pytest-reportlog`, `--report-log`): a JSON object a line.
//!
//! Setup, call and teardown of a test are one case, which ends with its teardown; its
//! duration is the sum of the three. Nothing is planned: a report log does not name what will
//! run, and its run begins with the first that is said of a test.
//!
//! | in the log | here |
//! |---|---|
//! | module, class | suite, group |
//! | failed call | failure, timed out if `pytest-timeout` says so |
//! | failed setup | error |
//! | failed teardown | error of its own; the case keeps its outcome |
//! | skip, expected failure | skipped, by the user; in a teardown it changes nothing |
//! | unexpected pass | success, with the property `xpass`; failure if strict |
//! | set up and not called (`--setup-only`) | canceled |
//! | rerun | attempt |
//! | subtest | step; one that fails fails its test, whatever pytest says of that |
//! | module that cannot be imported | error of its own |
//! | module that is skipped | one skipped case, named after the file |
//! | worker of `pytest-xdist` | node; its test is aborted when it crashes |
//! | warning | output of the run |
//! | internal error, wrong call (exit status 3, 4) | error of its own, of the run |

mod importer;
mod lenient;
mod longrepr;
mod nodeid;
mod outcome;
mod render;
mod report;
mod scopes;
mod session;
mod spoken;
mod test;

pub(crate) use importer::PytestReportlog;
