//! Tidings events to Splunk, by the HTTP Event Collector, with indexer acknowledgement.
//!
//! [`SplunkSink`] is a [`Sink`](tidings_delivery::Sink): a
//! [`Delivery`](tidings_delivery::Delivery) in front of it batches, retries and spools, and
//! the sink says what each reply means. Nothing is dropped because of a reply: what a retry
//! can mend is sent again, what a person must mend is held and told, and an event that
//! Splunk will never take is set aside with the reason.
//!
//! # What Splunk gets
//!
//! One envelope an event, its time exact to the nanosecond (Splunk itself keeps
//! microseconds of it):
//!
//! ```json
//! {"time":1795230202.119948123,"host":"lab-3","source":"/run-7/lab-3/suite/a/case/t1",
//!  "sourcetype":"tidings:event","index":"tests",
//!  "event":{"type":"quick_test.started","id":"…","contentid":"…","position":12,
//!           "run":"run-7","node":"lab-3","entity":{"suite":"a","case":"t1"},
//!           "attributes":{},"role":"begin","causedby":"…","data":{}},
//!  "fields":{"type":"quick_test.started","run":"run-7","node":"lab-3"}}
//! ```
//!
//! - `index` is there when one is configured, or when the attribute [`INDEX_ATTRIBUTE`] of
//!   the event names one, which then counts.
//! - `entity` is an object of the kinds. When a kind repeats, its ids are a list, the
//!   outermost first, and `entitypath` has the whole path as `[["kind","id"],…]`.
//! - `role` and `causedby` are there for events that have one; `contentid` is missing when
//!   the data of a foreign event repeats a key.
//! - `fields` are indexed: `index=tests type::quick_test.started` finds without parsing.
//!
//! # Events that arrive twice
//!
//! The collector does not recognise what it was sent before, so that an event whose reply
//! was late or lost is there twice, with the same `id`. A search drops doubles by
//!
//! ```text
//! index=tests sourcetype="tidings:event" | spath path=id output=event_id | dedup event_id
//! ```
//!
//! # What a reply means
//!
//! | reply | meaning |
//! |---|---|
//! | 2xx with code 0; 2xx without a body, if nobody asked for acknowledgement | taken |
//! | 2xx with code 24, 25 | taken; nothing is sent for [`SLOW_DOWN_DEFAULT`], or as long as `Retry-After` says |
//! | 8, 9, 18–20, 23, 26, 27; 408, 429, 5xx; no answer | sent again, not before `Retry-After` |
//! | 2xx with anything else, or with a body that is cut off | sent again, with what came |
//! | 6, 12, 13, 15 | the named event is set aside |
//! | 7 | the event is set aside if it names the index itself, else held |
//! | 1–5, 10, 11, 16, 21, 22; other 4xx, 3xx; an untrusted certificate | held, with what to change |
//! | 413 | sent in halves; an event that is alone is set aside |
//! | 14 | sent again at once without acknowledgement, which is over then; told once |
//!
//! A 2xx alone takes nothing: a login page that stands in between, or a `url` that leads
//! elsewhere, answers with it too.
//!
//! After 401 or 403 the token is read again where it is kept, and if it is another one, the
//! batch is sent once more with it.
//!
//! A reply may have an `invalid-event-number`: Splunk has taken the events before it, and
//! none from there on. So is it read, also with the codes that are retried, and counts from
//! 0; but with code 7 Splunk counts from 1. With
//! [`trust_event_number(false)`](SplunkSinkBuilder::trust_event_number), or without a number
//! that fits, a refused batch is split until the refused event is alone. Nothing counts as
//! taken then, so that no event is lost and some may be there twice.
//!
//! # Acknowledgement
//!
//! A reply says only that Splunk has read the events. With
//! [`acknowledge(true)`](SplunkSinkBuilder::acknowledge) a batch is delivered when Splunk
//! says that it is indexed. Up to [`UNCONFIRMED_MAX`] batches wait for it at a time, one
//! question asks for all of them, and a batch that is not confirmed in time is sent again.
//! Splunk tells each only once: if that very answer is lost, the batch is sent again too.
//! For events that it took before it refused one Splunk gives no id: they count as delivered,
//! unless event numbers are not trusted.

mod acks;
mod builder;
mod channel;
mod classify;
mod encode;
mod endpoint;
mod reason;
mod reply;
mod sink;

pub use builder::{
    ACK_POLL_DEFAULT, ACK_POLL_MIN, ACK_TIMEOUT_DEFAULT, SOURCETYPE_DEFAULT, SplunkSinkBuilder,
};
pub use classify::SLOW_DOWN_DEFAULT;
pub use encode::INDEX_ATTRIBUTE;
pub use sink::{SplunkSink, UNCONFIRMED_MAX};
pub use tidings_http_client::{Compression, InvalidClient, TokenSource};
