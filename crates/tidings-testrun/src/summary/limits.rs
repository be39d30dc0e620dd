//! What the reducer keeps at most. What goes beyond is counted, never lost silently.

/// The most bytes of output kept of one case, suite or run: the first and the last half.
pub const OUTPUT_BYTES_MAX: usize = 16 * 1024;

/// The most bytes of output and inline attachments kept of a whole summary.
///
/// Beyond it the output of passed cases goes first, oldest first; if there is none, what
/// comes new is not kept.
pub const OUTPUT_BYTES_TOTAL_MAX: usize = 64 * 1024 * 1024;

/// The most bytes kept of each text of a failure: message, details, expected, actual.
pub const FAILURE_TEXT_BYTES_MAX: usize = 32 * 1024;

/// How many bytes of failures are kept of a whole summary before each text of a further one is
/// cut to [`FAILURE_TEXT_BYTES_SHORT`].
pub const FAILURE_BYTES_TOTAL_MAX: usize = 64 * 1024 * 1024;

/// The most bytes kept of each text of a failure that comes after very many others.
pub const FAILURE_TEXT_BYTES_SHORT: usize = 512;

/// The most attempts kept of one case; the oldest go first.
pub const ATTEMPTS_KEPT_MAX: usize = 16;

/// The most steps kept of one case.
pub const STEPS_KEPT_MAX: usize = 64;

/// The most attachments kept of one item.
pub const ATTACHMENTS_KEPT_MAX: usize = 32;

/// The most log files kept of one item.
pub const LOG_FILES_KEPT_MAX: usize = 16;

/// The most properties kept of one item.
pub const PROPERTIES_KEPT_MAX: usize = 64;
