//! What a test run adds to the tree: ends that say more, and numbers that are those of every
//! other view.
//!
//! All totals come from [`RunSummary`](tidings_testrun::RunSummary); nothing is counted here.

mod board;
mod told;

pub(crate) use board::{Board, BoardKeeper, Followed, NodeRow};
pub(crate) use told::{RunEnd, RunError, Told, error_words, is_told, outer_place, words_of};
