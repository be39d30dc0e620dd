//! Journals as their users meet them: files on disk, buses, killed processes.

#![expect(clippy::needless_raw_string_hashes, reason = "this is how `expect-test` writes them")]

mod formats;
mod killing;
mod python;
mod reading;
mod rejecting;
mod replaying;
mod sharing;
mod support;
mod verifying;
mod writing;
