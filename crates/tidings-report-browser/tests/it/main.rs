//! The page in a real browser: what is shown, what can be done with it, and what never happens.

mod access;
mod driver;
mod filter;
mod hostile;
mod large;
mod live;
mod page;
mod recording;
mod runs;
mod timeline;
mod tree;
