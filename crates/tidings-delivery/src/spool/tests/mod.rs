//! Spools put through everything that can happen to one.

mod bounds;
mod damage;
mod failing;
mod format;
mod model;
mod opening;
mod support;
