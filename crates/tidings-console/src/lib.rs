//! Draws the entity tree of a Tidings bus live on a terminal, and plain lines elsewhere.
//!
//! A [`Console`] is an observer for the events of any user: it pairs beginnings with ends
//! by their `begin` and `end` hints. On a terminal it shows who runs and for how long, who
//! failed and why, and the counts; elsewhere it writes one line for each entity that ended.
//! At the end it repeats every failure, names what never ended and what took longest.
//!
//! ```text
//! ● suite/a_SUITE  2 passed, 1 failed                                          3s
//! ├─ ✓ case/adds                                                             12ms
//! ├─ ✗ case/subtracts  expected 1, got 2                                     34ms
//! ├─ ✓ case/divides                                                           8ms
//! └─ ● case/roots  case.step.reached                                           2s
//!
//! 1 running, 2 passed, 1 failed · 9 events
//! ```
//!
//! # Test runs
//!
//! Of the events of a [`TestRun`](tidings_testrun::TestRun) it knows more: attempts, skips
//! and by whom, errors that are no case, the plan. Beside the tree it keeps a
//! [`RunSummary`](tidings_testrun::RunSummary), and every number it shows of the run comes
//! from there, so that they are those of every other view. The last line of the picture says
//! how far the run is; when it has several nodes, what runs stands below its node:
//!
//! ```text
//! ● run/nightly                                                                7s
//! ├─ ✗ suite/login  1 passed (1 flaky), 1 failed, 1 skipped
//! │  ├─ ✓ case/accepts  attempt 2                                           120ms
//! │  ├─ ✗ case/refuses  AssertionError: the page differs                     34ms
//! │  └─ ○ case/locks  skipped by user: ticket 17
//! └─ · suite/billing
//!    └─ ● case/sums up                                                         2s
//!
//! 3/8 · 1 running, 1 passed (1 flaky), 1 failed, 1 skipped
//! ```
//!
//! At the end it prints [`render_run_summary`]: failures with their places, what they
//! expected and got; what took longest, was flaky, never ran; lost nodes; how the run ended,
//! and the totals. Events of others stay in the tree, and their failures are repeated beside
//! those of the run, without being counted twice.
//!
//! [`SuiteLog`] is a log of a test run as build tools have it: a block for each suite.
//!
//! In a step of GitHub Actions the lines of each suite stand in a group, and failures and
//! flaky cases are marked at their files: see [`AnnotationsChoice`].
//!
//! ```
//! use std::time::Duration;
//!
//! use serde_json::json;
//! use tidings_console::{ColourChoice, Console, MarksChoice, Mode};
//! use tidings_core::{EventType, Outcome, RawPayload, Role};
//! use tidings_registry::Bus;
//! # use std::io::Write;
//! # use std::sync::{Arc, Mutex};
//! # #[derive(Clone, Default)]
//! # struct Page(Arc<Mutex<Vec<u8>>>);
//! # impl Write for Page {
//! #     fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
//! #         self.0.lock().unwrap().write(bytes)
//! #     }
//! #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
//! # }
//! # let page = Page::default();
//! # let writer = page.clone();
//!
//! let bus = Bus::new();
//! // `Console::stdout().build()` in a program; here it writes to a page of ours.
//! let console = Console::to(writer)
//!     .mode(Mode::Tree)
//!     .colour(ColourChoice::Never)
//!     .marks(MarksChoice::Unicode)
//!     .build();
//! bus.subscribe(console).detach();
//!
//! let failed = RawPayload::new(json!({ "message": "expected 1, got 2" }))
//!     .with_role(Role::End(Outcome::Failure));
//! bus.raw_emitter("case", "subtracts").emit_as(&EventType::from_static("case.failed"), failed);
//! bus.close(Duration::from_secs(5))?;
//! # let text = String::from_utf8(page.0.lock().unwrap().clone())?;
//! assert!(text.starts_with("✗          case/subtracts  expected 1, got 2\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Printing while the tree is live
//!
//! **What others print to the same terminal is drawn over and spoils the picture**:
//! `println!` and `eprintln!` of a test, a child process, a logger. Ways out:
//!
//! - [`Console::print`] shows text above the picture; [`Console::writer`] does so with
//!   captured output. Both need the console in an `Arc`, whose clone the bus gets.
//! - Capture the output and put it into an event.
//! - [`Mode::Lines`] draws nothing: whatever is printed stays where it is.
//!
//! # What always holds
//!
//! - Nothing from an event or a printed text reaches the terminal raw: see [`escape`]. No
//!   line with such a text begins with `::` or holds `##[`, which the runner of GitHub Actions
//!   would obey: the character that makes it a command is shown by its escape.
//! - An emitter never waits for the writer. Lines wait in a buffer of
//!   [`BUFFER_BYTES_MAX`] bytes; those that find no room are counted, and the output says
//!   where they are missing.
//! - The picture is redrawn at most fifteen times a second ([`REDRAW_INTERVAL`]), in
//!   place, by moving up over its own lines; nothing is left to be restored when the
//!   process dies.
//! - Memory is bounded: [`NODES_MAX`], [`FAILURES_MAX`], [`TEXT_BYTES_MAX`],
//!   [`GROUPED_BYTES_MAX`]; of a test run, what its summary keeps.
//! - No emitter waits while a run is counted, unless thousands of its events come meanwhile.
//! - A reader that goes away (`| head`) ends the writing and nothing else.

mod annotation;
mod colour;
mod console;
mod duration;
mod escape;
#[cfg(test)]
mod fixture;
mod limiter;
mod line;
mod render;
mod run;
mod suite_log;
mod text;
mod tree;

pub use annotation::AnnotationsChoice;
pub use colour::{ColourChoice, MarksChoice, decide, is_utf8_locale};
pub use console::{
    BUFFER_BYTES_MAX, Console, ConsoleBuilder, ConsoleWriter, GROUPED_BYTES_MAX, Mode, UnknownMode,
};
pub use escape::escape;
pub use limiter::{REDRAW_INTERVAL, TICK_INTERVAL};
pub use render::{Size, Style, render_frame, render_run_summary, render_summary};
pub use suite_log::SuiteLog;
pub use text::TEXT_BYTES_MAX;
pub use tree::{
    FAILURES_MAX, Failure, Limits, NODES_MAX, SLOWEST_MAX, Slow, State, Tally, Totals, Tree,
};
