//! From the tree to text: the live picture, the plain lines and the summary.
//!
//! Pure functions of the tree, a time and a style. Their output holds no control character
//! but line breaks and our own colours, whatever the events say, and no line is wider than
//! it may be.

mod frame;
mod row;
mod style;
mod summary;
#[cfg(test)]
mod tests;

pub use frame::render_frame;
pub(crate) use frame::render_rows;
pub(crate) use row::{Paint, Row, visible_width};
pub use style::{Size, Style};
pub(crate) use summary::render_finished;
pub use summary::render_summary;
