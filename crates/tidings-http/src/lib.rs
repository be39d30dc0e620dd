//! Batches of Tidings events by HTTP: CloudEvents, JSON arrays, the Optics event API.
//!
//! A batch is one `POST` to one URL. What a server answers decides what becomes of the
//! events, and no answer loses one: what is unclear is kept and sent again, and what cannot
//! be taken is set aside with the server's reason.
//!
//! ```no_run
//! use tidings_delivery::Delivery;
//! use tidings_http::{Compression, HttpSink, TokenSource};
//!
//! let sink = HttpSink::builder("https://collector.example/events")
//!     .token(TokenSource::Env("COLLECTOR_TOKEN".to_owned()))
//!     .compression(Compression::GZIP)
//!     .build()?;
//! let observer = Delivery::builder(sink).start()?;
//! # drop(observer);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is sent
//!
//! | [`Encoding`] | content type | body |
//! |---|---|---|
//! | `CloudEvents`, the default | `application/cloudevents-batch+json; charset=UTF-8` | an array of CloudEvents 1.0 |
//! | `Json` | `application/json; charset=UTF-8` | an array of [plain objects](Encoding::Json) |
//! | [`Optics`] | `application/json` | an array of `{eventName, eventAttributes, mozarkEventAttributes}` |
//! | `Custom` | its own | whatever an [`Encoder`] of yours makes |
//!
//! Each post carries an `Idempotency-Key`, equal for every attempt at the same events. A
//! server that drops what it has seen, by this key or by the ids of the events, gets nothing
//! twice.
//!
//! # What an answer means
//!
//! | answer | what becomes of the events |
//! |---|---|
//! | 2xx | they are delivered |
//! | none: no connection, reset, time-out | sent again |
//! | 408, 425, 429, 5xx | sent again, not before the time in `Retry-After` |
//! | 409 | sent again: the server may be at work on them still; split after five attempts |
//! | 413 | sent in halves; a single event is set aside |
//! | 400, 422 | the same: the event that the server refuses is found and set aside with the server's reason. After ten single refusals without a success in between they are on hold: it is not the events |
//! | 401 | the token is read again and, if it is another one, tried at once; else on hold |
//! | 3xx, any other 4xx, a certificate that is not trusted | on hold: kept, with an alarm that says what to change |

mod builder;
mod classify;
mod encoding;
mod sink;

pub use builder::HttpSinkBuilder;
pub use encoding::{Encoder, Encoding, Frame, InvalidUtcOffset, Optics, UtcOffset};
pub use sink::HttpSink;
pub use tidings_http_client::{
    Compression, GZIP_LEVEL_DEFAULT, InvalidClient, TIMEOUT_DEFAULT, TokenSource,
};
