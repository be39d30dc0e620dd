//! Threads: what may be shared among them and sent between them.

use std::fs::File;
use std::io::BufReader;

use tidings_journal::{
    Entry, Fault, Header, Journal, JournalBuilder, JournalError, ReadError, Reader, Rejection,
    ReplayError, ReplayReport, VerifyReport,
};

/// Compiles for nothing else.
fn shared<T: Send + Sync + 'static>() {}

#[test]
fn journals_and_readers_are_shared_among_threads() {
    shared::<Journal>();
    shared::<JournalBuilder>();
    shared::<Reader<BufReader<File>>>();
    shared::<Entry>();
    shared::<Header>();
}

#[test]
fn reports_and_errors_are_shared_among_threads() {
    shared::<VerifyReport>();
    shared::<Fault>();
    shared::<Rejection>();
    shared::<ReplayReport>();
    shared::<ReplayError>();
    shared::<ReadError>();
    shared::<JournalError>();
}
