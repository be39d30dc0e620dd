//! Files of settings that are not a configuration of Tidings.
//!
//! Which keys there are is for the type to say; how a fault is told, and that no secret is
//! shown with it, is the same as everywhere.

use std::path::Path;

use serde::de::DeserializeOwned;

use crate::decode::read_document;
use crate::error::ConfigError;
use crate::source::Source;

/// Reads a file of settings of your own as `T`: TOML if its name ends with `.toml`, JSON if
/// with `.json`.
///
/// Say `#[serde(deny_unknown_fields)]`, and every key that `T` does not have is told with
/// the nearest one that it has. A key that is missing is told where something like it
/// stands. Values are shown with the line they stand in, but for those of keys such as
/// `token` and `password`, and texts that may be URLs with a secret.
///
/// ```
/// use serde::Deserialize;
/// use tidings_config::read_file;
///
/// #[derive(Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Pool {
///     workers: u8,
/// }
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("pool.toml");
/// std::fs::write(&path, "workers = 4\n")?;
/// assert_eq!(read_file::<Pool>(&path)?.workers, 4);
///
/// std::fs::write(&path, "wokers = 4\n")?;
/// let fault = read_file::<Pool>(&path).err().expect("there is a slip");
/// assert_eq!(
///     fault.to_string(),
///     format!(
///         "{}:1:1: unknown key `wokers`\n  |\n1 | wokers = 4\n  | ^^^^^^ did you mean `workers`?",
///         path.display()
///     )
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ConfigError`] when the file cannot be read, and with what was found wrong in it. What a
/// type of yours says of a value, by `serde::de::Error::custom`, stands there as it is.
pub fn read_file<T: DeserializeOwned>(path: impl AsRef<Path>) -> Result<T, ConfigError> {
    let (source, table) = Source::open(path.as_ref())?;
    read_document(table, &source).ok_or_else(|| source.error())
}
