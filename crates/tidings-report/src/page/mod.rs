//! The HTML of the page: one file with everything in it.

mod assets;
mod escape;
mod html;

pub use html::Page;
