//! A bus with its observers from a TOML or JSON file.
//!
//! ```
//! use tidings_config::Config;
//!
//! let config = Config::from_toml(
//!     r#"
//!     run = "run-7"
//!     [[observer]]
//!     kind = "console"
//!     mode = "lines"
//!     interest = ["quick_test"]
//!     "#,
//!     ".",
//! )?;
//! let started = config.start()?;
//! started.bus().raw_emitter("case", "t1").emit("quick_test.started", serde_json::json!({}))?;
//! assert!(started.close()?.complete);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Everything is looked at when the configuration is loaded, and every fault is told with
//! file, line, column and what to do; nothing in the world changes before it is started. A
//! [kind](ObserverKind) of another crate can be named as soon as that crate is linked in.
//! [`read_file`] reads a file of settings of your own with the same care.
//!
#![doc = include_str!("../docs/configuration.md")]

mod config;
mod decode;
mod environment;
mod error;
mod file;
mod keys;
mod kind;
mod observer;
mod redacting;
mod source;
mod started;
mod starting;

pub use config::{Config, ConfigReader};
pub use error::{ConfigError, ConfigFault};
pub use file::read_file;
pub use keys::{
    CLOSE_TIMEOUT_DEFAULT, DEDUP_CAPACITY_DEFAULT, DEDUP_WINDOW_DEFAULT, QueueLimits,
    WAIT_MAX_DEFAULT,
};
pub use kind::{ObserverKind, OpenContext, OpenError, Opened};
pub use started::Started;
pub use starting::StartedViews;
/// The macro for kinds; what it writes names `typetag`, so have this in scope.
pub use typetag;
