//! Which CloudEvents these are: written into every line, and asked of every line.

/// The version of the CloudEvents specification.
pub const SPEC_VERSION: &str = "1.0";
