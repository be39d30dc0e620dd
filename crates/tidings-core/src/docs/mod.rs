//! Pages to read: there is nothing in here to call.
//!
//! They stand beside the code so that their links are checked, and change with it.

#[doc = include_str!("../../docs/content_id.md")]
pub mod content_id {}
