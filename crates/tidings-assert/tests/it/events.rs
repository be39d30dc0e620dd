//! The events that the tests emit, and a bus to emit them on.

use expect_test::Expect;
use serde::{Deserialize, Serialize};
use tidings_assert::{Mismatch, Recorder, test_bus};
use tidings_core::Emitter;
use tidings_derive::Event;
use tidings_registry::Bus;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "quick_test", crate = "tidings_core")]
pub(crate) enum QuickTest {
    #[event(begin)]
    Started {
        test_name: String,
    },
    Step {
        n: u32,
        status: Status,
    },
    Note(String, i64),
    Idle,
    #[event(name = "done", end(success))]
    Completed {
        steps: u32,
        #[event(volatile)]
        seconds: f64,
    },
    #[event(end(failure))]
    Failed {
        reason: Option<String>,
        code: i32,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Status {
    Passed,
    Skipped,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(name = "other.ping", crate = "tidings_core")]
pub(crate) struct Ping {
    pub(crate) n: u32,
}

pub(crate) struct Fixture {
    pub(crate) bus: Bus,
    pub(crate) recorder: Recorder,
    pub(crate) emitter: Emitter<QuickTest>,
}

pub(crate) fn fixture() -> Fixture {
    let (bus, _clock) = test_bus();
    let recorder = Recorder::on(&bus);
    let emitter = bus.emitter("case", "t1");
    Fixture { bus, recorder, emitter }
}

pub(crate) fn recorded(events: impl IntoIterator<Item = QuickTest>) -> Recorder {
    let fixture = fixture();
    for event in events {
        fixture.emitter.emit(event);
    }
    fixture.recorder
}

pub(crate) fn started(name: &str) -> QuickTest {
    QuickTest::Started { test_name: name.to_owned() }
}

pub(crate) fn step(n: u32) -> QuickTest {
    QuickTest::Step { n, status: Status::Passed }
}

pub(crate) fn completed(steps: u32) -> QuickTest {
    QuickTest::Completed { steps, seconds: 0.25 }
}

pub(crate) fn failed(code: i32) -> QuickTest {
    QuickTest::Failed { reason: None, code }
}

/// What is suggested, without the indentation of the report.
pub(crate) fn check(result: Result<(), Mismatch>, expected: &Expect) {
    let text = result.expect_err("it does not hold").to_string();
    let (_, paste) = text.split_once("this would hold:\n\n").expect("there is a suggestion");
    let lines = paste.lines().map(|line| line.strip_prefix("    ").unwrap_or(line));
    expected.assert_eq(&format!("{}\n", lines.collect::<Vec<_>>().join("\n")));
}
