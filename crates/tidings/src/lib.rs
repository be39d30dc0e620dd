//! The event bus under a test framework.
//!
//! You write an enum of your own events. Tidings gives every event an identity, hands it to
//! every interested observer, delivers it to consoles and files, and lets unit tests assert
//! exactly what was emitted.
//!
//! # Define, observe, emit
//!
//! ```
//! use std::time::Duration;
//!
//! use serde::{Deserialize, Serialize};
//! use tidings::{Bus, Event};
//!
//! #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
//! #[event(namespace = "quick_test")]
//! enum QuickTest {
//!     #[event(begin)]
//!     Started { test_name: String },
//!     #[event(name = "done", end(success))]
//!     Completed { #[event(volatile)] seconds: f64 },
//!     #[event(end(failure))]
//!     Failed { error_message: String },
//! }
//!
//! let bus = Bus::new();
//! let _subscription = bus.on::<QuickTest>(|event, envelope| {
//!     assert_eq!(envelope.entity().id(), "test-001");
//!     assert!(matches!(event, QuickTest::Started { .. } | QuickTest::Completed { .. }));
//! });
//! let emitter = bus.emitter::<QuickTest>("quick_test", "test-001");
//! let receipt = emitter.emit(QuickTest::Started { test_name: "handshake".into() });
//! assert_eq!(receipt.delivered(), 1);
//! emitter.emit(QuickTest::Completed { seconds: 0.25 });
//!
//! let report = bus.close(Duration::from_secs(5))?;
//! assert!(report.complete);
//! # Ok::<(), tidings::CloseError>(())
//! ```
//!
//! # Where to read on
//!
//! | you want to | read |
//! |---|---|
//! | define events | [`Event`], [`EventType`], [`Role`] |
//! | emit them | [`Emitter`], [`RawEmitter`], [`Receipt`], [`Attributes`], [`Scope`] |
//! | hear them | [`Bus`], [`Observer`], [`Registration`], [`Subscription`], [`Prefix`] |
//! | know what became of them | [`Report`], [`Bus::close`], [`ObserverDiagnostic`] |
//! | tell equal events apart, or not | [`EventId`], [`ContentId`], [`Dedup`] |
//! | say which event may follow which | [`state`], [`Monitor`] |
//! | assert them | `assert` (feature `assert`) |
//! | watch them | `console` (feature `console`) |
//! | speak of runs, suites, cases and outcomes | `testrun` (feature `testrun`) |
//! | read another runner's stream | `import` (feature `import`) |
//! | show how a run went | `junit`, `report` (features of these names), `live` |
//! | keep them | `journal` (feature `journal`) |
//! | send them to a place that can fail | `delivery`, `http`, `splunk` (features of these names) |
//! | bring many machines together | `nats` (feature `nats`) |
//! | let a file say where they go | `config` (feature `config`) |
//! | write a sink, and prove it | `delivery::Sink`, `assert::conformance` (feature `conformance`) |
//!
//! Examples on the pages of single items name the inner crates (`tidings_core::…`) and say
//! `#[event(crate = "tidings_core")]`; with this crate it is `tidings::…`, and no `crate` at all.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `derive` | yes | `#[derive(Event)]` and `#[derive(State)]` |
//! | `assert` | no | `assert`: recorder, `assert_events!`, snapshots; for dev-dependencies |
//! | `console` | no | `console`: the entity tree on a terminal, plain lines elsewhere |
//! | `journal` | no | `journal`: JSON Lines of CloudEvents, replay and verify |
//! | `testrun` | no | `testrun`: runs, suites, cases, outcomes, and one reducer for every view |
//! | `junit` | no | `junit`: the summary of a run as `JUnit` XML |
//! | `import` | no | `import`: libtest, `go test`, pytest and Common Test as events of a run |
//! | `report` | no | `report`: the page of a run, one self-contained HTML file |
//! | `live` | no | `report::Live`: the page while the run goes on; brings an HTTP server |
//! | `delivery` | no | `delivery`: sinks, queues, batches, retry, spool, dead letters |
//! | `http` | no | `http`: `CloudEvents`, JSON arrays or the Optics event API by HTTP |
//! | `splunk` | no | `splunk`: Splunk's HTTP Event Collector |
//! | `nats` | no | `nats`: events of many nodes at one master, over NATS `JetStream`; brings tokio |
//! | `config` | no | `config`: a bus with its observers from a TOML or JSON file, with all places |
//! | `conformance` | no | `assert::conformance`: the suite that a sink is proved by |
//! | `tracing` | no | every diagnostic of a bus as a `tracing` warning |

#[cfg(feature = "assert")]
pub use tidings_assert as assert;
#[cfg(feature = "config")]
pub use tidings_config as config;
#[cfg(feature = "console")]
pub use tidings_console as console;
#[doc(hidden)]
pub use tidings_core::__private;
pub use tidings_core::emitter::EmitTransitionError;
pub use tidings_core::event::{EVENT_TYPES_MAX, InvalidRole, Volatile};
#[cfg(feature = "derive")]
pub use tidings_core::state::State;
pub use tidings_core::{
    ATTRIBUTE_DEPTH_MAX, Attributes, BusId, Clock, ContentId, Context, DecodeError, Descriptor,
    ENTITY_DEPTH_MAX, EVENT_TYPE_BYTES_MAX, Emitter, Entity, Envelope, Event, EventId, EventRef,
    EventType, Head, Interest, InvalidBusId, InvalidContentId, InvalidEntity, InvalidEventId,
    InvalidEventType, InvalidJson, InvalidPrefix, InvalidTimestamp, Lane, ManualClock, Outcome,
    Payload, Prefix, RESERVED_SEGMENT, RawEmitError, RawEmitter, RawJson, RawPayload, Receipt,
    Role, Scope, ScopeGuard, Scoped, SystemClock, Tally, Timestamp, docs, emitter, envelope, json,
    state, wire,
};
#[cfg(feature = "delivery")]
pub use tidings_delivery as delivery;
#[cfg(feature = "derive")]
pub use tidings_derive::{Event, State};
#[cfg(feature = "http")]
pub use tidings_http as http;
#[cfg(feature = "import")]
pub use tidings_import as import;
#[cfg(feature = "journal")]
pub use tidings_journal as journal;
#[cfg(feature = "junit")]
pub use tidings_junit as junit;
#[cfg(feature = "nats")]
pub use tidings_nats as nats;
pub use tidings_registry::{
    Attachment, BLOCK_TIMEOUT_DEFAULT, BarrierError, Bus, BusBuilder, CHAIN_MAX_DEFAULT,
    CLOSE_ON_DROP_MAX, CloseError, CloseReport, Counts, Dedup, Deliver, Metrics, MetricsSnapshot,
    Monitor, Observer, ObserverDiagnostic, ObserverError, ObserverReport, ObserverResult, Overflow,
    Processing, QUEUE_CAPACITY_DEFAULT, Registration, Report, StillRunning, Strictness,
    SubscribeError, Subscription, TypeMetrics, Verdict, is_observer_thread,
};
#[cfg(feature = "report")]
pub use tidings_report as report;
#[cfg(feature = "splunk")]
pub use tidings_splunk as splunk;
#[cfg(feature = "testrun")]
pub use tidings_testrun as testrun;

/// README's code runs as it stands there.
#[cfg(all(doctest, feature = "assert"))]
#[doc = include_str!("../../../README.md")]
#[derive(Debug)]
pub struct Readme;
