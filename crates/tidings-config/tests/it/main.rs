//! Configurations from the outside: what is said of wrong ones, and what right ones do.

#![expect(clippy::needless_raw_string_hashes, reason = "the form that `expect-test` writes")]

mod examples;
#[cfg(feature = "live")]
mod live;
mod messages;
#[cfg(feature = "nats")]
mod nats;
mod own_files;
mod running;
mod secrets;
mod support;
