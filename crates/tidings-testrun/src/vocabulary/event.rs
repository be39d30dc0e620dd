//! All events of a test run as one enum, to observe and to embed.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

use super::{
    Attachment, CaseFinished, CaseSkipped, CaseStarted, ErrorItem, GroupFinished, GroupStarted,
    LogFile, NodeJoined, NodeLost, Output, Progress, RunFinished, RunPlanned, RunStarted,
    StepFinished, StepStarted, SuiteFinished, SuiteStarted,
};

macro_rules! vocabulary {
    ($($name:ident: $text:literal,)*) => {
        /// Any event of a test run.
        ///
        /// Each variant embeds an event that can also be emitted by itself; both are the same
        /// event. A framework embeds all of them in its own enum:
        ///
        /// ```
        /// use serde::{Deserialize, Serialize};
        /// use tidings_core::Event as _;
        /// use tidings_derive::Event;
        /// use tidings_testrun::{CaseStarted, TestRun};
        ///
        /// #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
        /// #[event(namespace = "quick_test", crate = "tidings_core")]
        /// enum QuickTest {
        ///     Created { test_name: String },
        ///     #[event(transparent)]
        ///     Run(TestRun),
        /// }
        ///
        /// let started = QuickTest::Run(CaseStarted::new().into());
        /// assert_eq!(started.event_type(), "test.case.started");
        /// ```
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
        #[event(crate = "tidings_core")]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum TestRun {
            $(
                #[doc = concat!("`", $text, "`.")]
                #[event(transparent)]
                $name($name),
            )*
        }

        $(
            impl From<$name> for TestRun {
                fn from(event: $name) -> Self {
                    Self::$name(event)
                }
            }
        )*

        #[cfg(test)]
        mod tests {
            use tidings_core::Event as _;

            use super::*;

            #[test]
            fn every_event_has_the_name_that_is_documented() {
                let names: Vec<&str> = TestRun::TYPES.iter().map(|name| name.as_str()).collect();
                assert_eq!(names, [$($text),*]);
            }
        }
    };
}

vocabulary! {
    RunPlanned: "test.run.planned",
    RunStarted: "test.run.started",
    RunFinished: "test.run.finished",
    SuiteStarted: "test.suite.started",
    SuiteFinished: "test.suite.finished",
    GroupStarted: "test.group.started",
    GroupFinished: "test.group.finished",
    CaseStarted: "test.case.started",
    CaseFinished: "test.case.finished",
    CaseSkipped: "test.case.skipped",
    StepStarted: "test.step.started",
    StepFinished: "test.step.finished",
    Output: "test.output",
    Attachment: "test.attachment",
    LogFile: "test.log_file",
    Progress: "test.progress",
    ErrorItem: "test.error",
    NodeJoined: "node.joined",
    NodeLost: "node.lost",
}
