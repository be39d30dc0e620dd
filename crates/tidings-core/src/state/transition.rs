//! A transition that was made.

use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;

use super::derived::Label;

/// One step of one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transition<S> {
    /// The name of the machine.
    pub machine: Arc<str>,
    /// The state it left.
    pub from: S,
    /// The state it entered.
    pub to: S,
    /// When, by the machine's clock.
    pub at: Duration,
    /// The how manieth transition of this machine it was, from 1.
    pub number: u64,
}

impl<S: Label> Display for Transition<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { machine, from, to, number, .. } = self;
        write!(out, "{machine}: `{}` to `{}` (#{number})", from.label(), to.label())
    }
}
