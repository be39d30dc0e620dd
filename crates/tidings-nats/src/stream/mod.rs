//! Streams: what one has to be like, and having one.
//!
//! A stream that is missing is created with limits that are said; one that is there is used
//! as it is, after a look whether it keeps what it is given.

mod check;
mod ensure;
mod settings;

pub(crate) use check::Found;
pub(crate) use ensure::{ensure, of_jetstream};
pub use settings::{
    DUPLICATE_WINDOW_DEFAULT, MAX_AGE_DEFAULT, MAX_BYTES_DEFAULT, StreamSettings, StreamStorage,
    WhenFull,
};
