//! From the tree to text: the live picture, the plain lines and the summary.
//!
//! Pure functions of the tree, a time and a style. Their output holds no control character
//! but line breaks and our own colours, whatever the events say, and no line is wider than
//! it may be.

mod frame;
mod row;
mod run_failure;
mod run_frame;
mod run_line;
mod run_summary;
mod style;
mod summary;
#[cfg(test)]
mod tests;
mod totals;

pub use frame::render_frame;
pub(crate) use frame::render_rows;
pub(crate) use row::{Paint, Row, visible_width};
pub(crate) use run_failure::FailureDetails;
pub(crate) use run_frame::render_run_frame;
pub(crate) use run_line::render_run_error;
pub use run_summary::render_run_summary;
pub(crate) use run_summary::{Places, first_attempts_text};
pub use style::{Size, Style};
pub(crate) use summary::render_finished;
pub(crate) use summary::render_outside;
pub use summary::render_summary;
