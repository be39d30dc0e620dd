//! `libtest-json`: what libtest writes with `--format json`, and nextest with
//! `--message-format libtest-json` or `libtest-json-plus`.
//!
//! Suites are test binaries. nextest names them in each test, `crate::binary$module::test`,
//! and announces one again whenever it has more to say of it. libtest names none: one has the
//! name that cargo's `Running` or `Doc-tests` line before it gives, and is numbered without.
//!
//! nextest tells of the last attempt only, as `test#3`: it is the third attempt at `test` if
//! that one is running and no test of the name `test#3` is, or if neither has begun; else
//! `#3` is part of a name. The attempts before it failed, as nothing else is tried again.

mod cargo;
mod importer;
mod names;
mod panic;
mod suite;
mod suites;

pub(crate) use importer::LibtestJson;
