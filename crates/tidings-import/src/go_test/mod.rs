//! `go-test-json`: what `go test -json` and test2json write, from the versions without `start`
//! to those with build events, attributes and artifacts.
//!
//! A package is a suite. A test that has an end of its own is a case, and so is each of its
//! subtests, beside it. One that has none is aborted when its package ends, but for two: a
//! benchmark, whose result is its end, and a test whose `--- PASS` stands behind text without
//! a line break, where test2json does not see it.
//!
//! A package that fails without a failed test is an error of the suite: it does not build, or
//! died outside of its tests.

mod build;
mod entry;
mod importer;
mod package;
mod text;

pub(crate) use importer::GoTestJson;
