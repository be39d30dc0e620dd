//! What a report promises: to parsers, to readers, and to whoever adds it up.

mod common_test;
mod document;
mod example;
mod observer;
mod property;
mod support;
