//! What the vocabulary, the emitters, the monitor and the reducer promise together.

mod emitting;
mod evolving;
mod order;
mod replaying;
mod sharing;
mod shuffling;
mod summarising;
mod support;
