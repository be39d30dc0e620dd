//! What tests say about events: a recorder, `assert_events!`, snapshots.
//!
//! # Define
//!
//! An event is a plain enum. Fields that differ from run to run are declared once, as
//! `volatile`; snapshots and comparisons leave them out.
//!
//! ```
//! # use tidings_derive::Event;
//! #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, Event)]
//! #[event(namespace = "quick_test", crate = "tidings_core")]
//! enum QuickTest {
//!     #[event(begin)]
//!     Started { test_name: String },
//!     #[event(name = "done", end(success))]
//!     Completed {
//!         steps: u32,
//!         #[event(volatile)]
//!         seconds: f64,
//!     },
//! }
//! ```
//!
//! # Observe
//!
//! A [`Recorder`] is an ordinary observer of one bus, so parallel tests do not hear each
//! other. [`test_bus`] makes a bus whose ids and times are the same every time.
//!
//! ```
//! # use tidings_derive::Event;
//! # #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, Event)]
//! # #[event(namespace = "quick_test", crate = "tidings_core")]
//! # enum QuickTest { #[event(begin)] Started { test_name: String },
//! #   #[event(name = "done", end(success))] Completed { steps: u32, #[event(volatile)] seconds: f64 } }
//! use tidings_assert::{Recorder, assert_events, test_bus};
//!
//! let (bus, clock) = test_bus();
//! let recorder = Recorder::on(&bus);
//!
//! let emitter = bus.emitter("quick_test", "test-001");
//! emitter.emit(QuickTest::Started { test_name: "x".to_owned() });
//! emitter.emit(QuickTest::Completed { steps: 3, seconds: 0.2 });
//!
//! assert_events!(recorder, exactly: [
//!     QuickTest::Started { test_name } if test_name == "x",
//!     QuickTest::Completed { steps: 3, .. },
//! ]);
//! ```
//!
//! # Assert
//!
//! [`assert_events!`] knows the clauses `exactly`, `in_order`, `any_order`, `never`, `count`,
//! `per` and `starts_before_finish`. One that does not hold says what differs, where else the
//! event was, and what would hold:
//!
//! ```
//! # use tidings_derive::Event;
//! # #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, Event)]
//! # #[event(namespace = "quick_test", crate = "tidings_core")]
//! # enum QuickTest { #[event(begin)] Started { test_name: String },
//! #   #[event(name = "done", end(success))] Completed { steps: u32, #[event(volatile)] seconds: f64 } }
//! # use tidings_assert::{Recorder, check_events, test_bus};
//! # let (bus, clock) = test_bus();
//! # let recorder = Recorder::on(&bus);
//! # let emitter = bus.emitter("quick_test", "test-001");
//! # emitter.emit(QuickTest::Started { test_name: "x".to_owned() });
//! # emitter.emit(QuickTest::Completed { steps: 3, seconds: 0.2 });
//! let mismatch = check_events!(recorder, exactly: [
//!     QuickTest::Started { .. },
//!     QuickTest::Completed { steps: 1..=2, .. },
//! ]).expect_err("there were three steps");
//!
//! expect_test::expect![[r#"
//!     exactly: expected 2 events, recorded 2: 1 different
//!
//!         expected                                  │ actual
//!       ✓ QuickTest::Started { .. }                 │ #1 quick_test.started { test_name: "x" }
//!       ✗ QuickTest::Completed { steps: 1..=2, .. } │ #2 quick_test.done { steps: 3, seconds: 0.2 }
//!                                                   │    field `steps`: expected 1..=2, got 3
//!
//!     this would hold:
//!
//!         exactly: [
//!             QuickTest::Started { .. },
//!             QuickTest::Completed { steps: 3, .. },
//!         ]
//! "#]]
//! .assert_eq(&mismatch.to_string());
//! ```
//!
//! # Wait, compare, keep
//!
//! [`Recorder::wait_for`] waits for an event of another thread without polling.
//! [`Recorder::snapshot`] is the recording as text with volatile fields and ids replaced, and
//! [`assert_same_events!`] compares two recordings by it.
//!
//! # Sinks
//!
//! With the feature `conformance` there is a suite that drives any sink through a delivery,
//! against a receiver that makes every sort of trouble: see the module `conformance`.
//!
//! # Limits
//!
//! A recorder keeps every event until it is cleared or dropped; one that must not grow is
//! [`bounded`](Recorder::bounded). Tables align up to 60 000 pairs of an expectation and an
//! event, those at both ends that agree not counted; beyond that they set the sides beside
//! each other. A suggestion has at most 100 entries; it writes a text as a guard,
//! `name == "x"`, which a field that is no `String` may have to spell differently.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(feature = "conformance")]
pub mod conformance;
mod expectation;
mod fixed;
mod macros;
mod pattern;
mod recorder;
mod report;
mod snapshot;

pub use expectation::{Count, Expectation};
pub use fixed::{
    TEST_BUS_ID, TEST_NODE, TEST_RUN, TEST_START, TestClock, test_bus, test_bus_builder,
};
pub use pattern::Pattern;
pub use recorder::{Recorder, WaitError};
pub use report::Mismatch;
pub use snapshot::{RedactionError, Snapshot};
