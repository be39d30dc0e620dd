//! Configurations from the outside: what is said of wrong ones, and what right ones do.

#![expect(clippy::needless_raw_string_hashes, reason = "the form that `expect-test` writes")]

mod examples;
mod messages;
mod running;
mod secrets;
mod support;
