//! What an event is: types, entities, envelopes, ids, canonical JSON, emitters and state
//! machines of the Tidings event bus.
//!
//! No threads and no I/O live here. Users depend on the facade crate `tidings`; authors of
//! places (consoles, files, endpoints) depend on this crate and on `tidings-registry`,
//! where the bus lives that an [`Emitter`] needs.
//!
//! # An event, its name and its id
//!
//! An [`Event`] is an enum or a struct of yours. Each variant is an [`EventType`], a dotted
//! name that a [`Prefix`] filters by. What an event says about an [`Entity`] has a name of
//! its own, the [`ContentId`]: the same in every process and language, see
//! [how it is made](docs::content_id).
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use tidings_core::{ContentId, Entity, Event as _, Prefix};
//! use tidings_derive::Event;
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
//! #[event(namespace = "quick_test", crate = "tidings_core")]
//! enum QuickTest {
//!     #[event(begin)]
//!     Started { test_name: String },
//!     #[event(name = "done", end(success))]
//!     Completed {
//!         test_name: String,
//!         #[event(volatile)]
//!         seconds: f64,
//!     },
//! }
//!
//! let done = |seconds| QuickTest::Completed { test_name: "boot".to_owned(), seconds };
//! assert_eq!(done(0.25).event_type(), "quick_test.done");
//! assert!(Prefix::parse("*.done")?.matches(&QuickTest::COMPLETED));
//!
//! let case = Entity::new("suite", "smoke").child("case", "boot");
//! let id = ContentId::of(&done(0.25), &case)?;
//! assert_eq!(id, ContentId::of(&done(9.75), &case)?); // `seconds` is volatile.
//! assert_ne!(id, ContentId::of(&done(0.25), &Entity::new("case", "boot"))?);
//!
//! let read = QuickTest::decode(1, r#"{"seconds":0.25,"test_name":"boot"}"#)?;
//! assert_eq!(read, done(0.25));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # One occurrence, here and elsewhere
//!
//! An [`Envelope`] is one saying of it, with an [`EventId`] that is never used twice. On
//! the [`wire`] it is a CloudEvent, which reads back to the same ids, times, entity and
//! data, byte for byte; [`Envelope::event`] makes the typed event of it again.
//!
//! ```
//! # use serde::{Deserialize, Serialize};
//! # use tidings_derive::Event;
//! use std::sync::Arc;
//! use std::time::Duration;
//! use tidings_core::{
//!     Attributes, BusId, Context, Entity, Envelope, EventId, Head, Lane, Timestamp, wire,
//! };
//!
//! # #[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
//! # #[event(namespace = "quick_test", crate = "tidings_core")]
//! # enum QuickTest { Started { test_name: String } }
//! let started = QuickTest::Started { test_name: "boot".to_owned() };
//! let attributes = Attributes::new().with("application", "MyApp");
//! let context = Context::new("run-7".into(), "lab-3".into(), Entity::new("case", "boot"), attributes);
//! let envelope = Envelope::new(
//!     Head::new(
//!         EventId::new(BusId::from_u128(7), Lane::new(0), 41),
//!         QuickTest::STARTED,
//!         Arc::new(context),
//!         "2026-11-21T08:30:02Z".parse::<Timestamp>()?,
//!         Duration::from_millis(5),
//!     ),
//!     started,
//! );
//! let mut line = String::new();
//! wire::write_event(&envelope, None, &mut line)?;
//!
//! let received = wire::read_event(&line)?.envelope;
//! assert_eq!(received.id(), envelope.id());
//! assert_eq!(received.content_id(), envelope.content_id());
//! let event = received.event::<QuickTest>()?.expect("one of its types");
//! assert_eq!(*event, QuickTest::Started { test_name: "boot".to_owned() });
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Which event may follow which
//!
//! A [state machine](state) says so, and [`Emitter::transition`] changes its state and
//! emits the event as one.
//!
//! ```
//! use tidings_core::state::{StateMachine, Table};
//!
//! let table = Table::builder("case").initial("idle").edge("idle", "running").build()?;
//! let machine = StateMachine::with_table("case#17", &table);
//! machine.transition("running")?;
//! assert_eq!(
//!     machine.transition("idle").unwrap_err().to_string(),
//!     "case#17: `idle` is not allowed in `running` (allowed: none, `running` is terminal)"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to read on
//!
//! | you want to | read |
//! |---|---|
//! | name an event, filter by names | [`EventType`], [`Prefix`], [`Interest`] |
//! | write an event by hand | [`Event`] |
//! | emit, typed or raw | [`Emitter`], [`RawEmitter`], [`Receipt`] |
//! | add context | [`Attributes`], [`Scope`] |
//! | read what another program wrote | [`wire`], [`RawPayload`], [`RawJson`] |
//! | make canonical JSON | [`json`] |
//! | stop the clock in a test | [`Clock`], [`ManualClock`] |
//! | order events | [`state`] |

pub mod attributes;
mod content_id;
pub mod docs;
pub mod emitter;
mod entity;
pub mod envelope;
pub mod event;
mod event_type;
mod id;
pub mod json;
mod prefix;
mod receipt;
pub mod state;
mod sync;
#[doc(hidden)]
pub mod text;
pub mod time;
pub mod wire;

pub use attributes::{ATTRIBUTE_DEPTH_MAX, Attributes, Scope, ScopeGuard, Scoped};
pub use content_id::{ContentId, InvalidContentId};
pub use emitter::{Emitter, RawEmitError, RawEmitter, TypeTable};
pub use entity::{ENTITY_DEPTH_MAX, Entity, InvalidEntity};
pub use envelope::{Context, Envelope, Head};
pub use event::{
    DecodeError, Descriptor, Event, EventRef, InvalidJson, Outcome, Payload, RawJson, RawPayload,
    Role,
};
pub use event_type::{EVENT_TYPE_BYTES_MAX, EventType, InvalidEventType, RESERVED_SEGMENT};
pub use id::{BusId, EventId, InvalidBusId, InvalidEventId, Lane};
pub use prefix::{Interest, InvalidPrefix, Prefix, Segment};
pub use receipt::{Receipt, Tally};
pub use time::{Clock, InvalidTimestamp, ManualClock, SystemClock, Timestamp};

/// What generated code names; no part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use serde;
    pub use std;

    pub use crate::event::{
        DecodeError, Descriptor, EVENT_TYPES_MAX, Event, Outcome, Role, concat, decode_unit,
        decode_value, decode_variant,
    };
    pub use crate::event_type::EventType;
    pub use crate::json::{EncodeError, Encoder};
    pub use crate::state;
}
