//! Recorded streams of real runners, and what is wrong with others.

mod common_test;
mod go_test;
mod libtest;
mod pytest;
mod support;
