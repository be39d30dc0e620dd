//! Reads the streams of other test runners as events of a test run.
//!
//! An [`Importer`] takes one line after the other and says at once what each means, in the
//! words of [`tidings_testrun`]; a [`Stamper`] makes envelopes of that. Nothing here reads a
//! file or knows a bus.
//!
//! ```
//! use tidings_core::{Attributes, Timestamp};
//! use tidings_import::{End, Format, Found, Line, Stamper};
//! use tidings_testrun::RunSummary;
//!
//! let stream = r#"{"type":"suite","event":"started","test_count":1}
//! {"type":"test","event":"started","name":"adds"}
//! {"type":"test","name":"adds","event":"ok"}
//! {"type":"suite","event":"ok","passed":1,"failed":0,"ignored":0,"exec_time":0.01}"#;
//!
//! let mut importer = Format::LibtestJson.importer("nightly");
//! let mut found = Found::new();
//! for line in stream.lines() {
//!     importer.line(Line::whole(line), &mut found);
//! }
//! importer.end(End::OfInput, &mut found);
//! assert!(found.faults().is_empty());
//!
//! let mut summary = RunSummary::new();
//! let mut stamper = Stamper::new("nightly", "lab-3", Attributes::new());
//! for said in found.take_said() {
//!     summary.apply(&stamper.stamp(said, Timestamp::now()));
//! }
//! assert_eq!(summary.counts().passed(), 1);
//! ```
//!
//! # What every importer holds to
//!
//! - **Totals come from tests only.** What a stream says of its own totals is not believed.
//! - **Nothing is lost.** A line that is not of the format is kept as output of the run, and
//!   one that is and cannot be understood is a fault that says why; neither stops those after
//!   it.
//! - **Every item that begins has one end.** What the stream leaves open is aborted at its
//!   end, marked synthetic.
//! - **Memory is bounded by what is open**, not by what was read.

mod common_test;
mod format;
mod found;
mod go_test;
mod importer;
mod json_line;
mod libtest;
mod pytest;
mod stamper;
mod teller;

pub use format::{Format, UnknownFormat};
pub use found::{Found, Said};
pub use importer::{End, Importer, Line};
pub use stamper::Stamper;
