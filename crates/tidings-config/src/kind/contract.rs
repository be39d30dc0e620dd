//! The contract of a kind.

use std::path::{Path, PathBuf};

use tidings_core::Interest;

use super::Opened;
use crate::environment::Environment;

/// What a table with this `kind` becomes: an observer or a sink.
///
/// Implemented by the struct of the kind's own keys, under the name that stands at `kind`.
/// Keys that the struct does not have are errors, with the nearest one that it has; the
/// [common keys and those of deliveries](crate#keys) are taken out before, so a kind cannot
/// have keys of these names. With `#[serde(flatten)]` a struct hides which keys it has, and
/// unknown ones are passed over.
///
/// A crate that defines a kind must be linked into the program that loads the
/// configuration; `use that_crate as _;` does it where nothing else is used of it.
///
/// ```
/// use serde::Deserialize;
/// use tidings_config::{Config, ObserverKind, OpenContext, OpenError, Opened, typetag};
/// use tidings_delivery::{Batch, Outcome, Sink};
///
/// #[derive(Debug)]
/// struct Shelf { room: usize }
///
/// impl Sink for Shelf {
///     fn send(&mut self, batch: &Batch<'_>) -> Outcome {
///         match batch.len() <= self.room {
///             true => Outcome::delivered(),
///             false => Outcome::retry("the shelf is full").after_taking(self.room),
///         }
///     }
/// }
///
/// #[derive(Debug, Deserialize)]
/// struct ShelfKeys { room: usize }
///
/// #[typetag::deserialize(name = "shelf")]
/// impl ObserverKind for ShelfKeys {
///     fn open(self: Box<Self>, _: &OpenContext<'_>) -> Result<Opened, OpenError> {
///         if self.room == 0 {
///             return Err(OpenError::at_key("room", "a shelf has room for something"));
///         }
///         Ok(Opened::sink(Shelf { room: self.room }))
///     }
/// }
///
/// let config = Config::from_toml("[[observer]]\nkind = \"shelf\"\nroom = 5\n", ".")?;
/// let fault = Config::from_toml("[[observer]]\nkind = \"shelf\"\nroom = 0\n", ".").unwrap_err();
/// assert_eq!(
///     fault.to_string(),
///     "configuration:3:8: a shelf has room for something\n  |\n3 | room = 0\n  |        ^"
/// );
/// # Ok::<(), tidings_config::ConfigError>(())
/// ```
#[typetag::deserialize]
pub trait ObserverKind {
    /// Makes it.
    ///
    /// Called once, when the configuration is loaded, also for an observer that is not
    /// enabled. It may look at the world, at a token or a certificate, and must not change
    /// it.
    ///
    /// # Errors
    ///
    /// [`OpenError`] with the key that is to be changed. One about something
    /// [missing](OpenError::missing) in the world is ignored for an observer that is not
    /// enabled.
    fn open(self: Box<Self>, context: &OpenContext<'_>) -> Result<Opened, OpenError>;
}

/// What a kind may want to know beside its own keys.
#[derive(Debug)]
pub struct OpenContext<'a> {
    base_folder: &'a Path,
    environment: &'a Environment,
    interest: Option<&'a Interest>,
}

impl<'a> OpenContext<'a> {
    pub(crate) fn new(
        base_folder: &'a Path,
        environment: &'a Environment,
        interest: Option<&'a Interest>,
    ) -> Self {
        Self { base_folder, environment, interest }
    }

    /// A path as it is meant: seen from the folder of the configuration.
    pub fn resolve(&self, path: impl AsRef<Path>) -> PathBuf {
        self.base_folder.join(path)
    }

    /// A variable of the environment; use no other way to ask for it, as
    /// [a test](crate::ConfigReader::environment) may stand in for the environment.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.environment.get(name)
    }

    /// The same for those who have to ask later.
    pub(crate) fn environment(
        &self,
    ) -> impl Fn(&str) -> Option<String> + Send + Sync + use<> + 'static {
        let environment = self.environment.clone();
        move |name| environment.get(name)
    }

    /// What the observer is to hear; none when it was not said. It is kept to it anyway.
    pub fn interest(&self) -> Option<&'a Interest> {
        self.interest
    }
}

/// Why a kind could not be made of its keys.
///
/// Texts are for people: lower case, without a full stop, and without a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct OpenError {
    key: Option<String>,
    message: String,
    is_missing: bool,
}

impl OpenError {
    /// For a reason that no single key has.
    pub fn new(message: impl Into<String>) -> Self {
        Self { key: None, message: message.into(), is_missing: false }
    }

    /// The value of this key cannot be used.
    pub fn at_key(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..Self::new(message) }
    }

    /// What this key names is not there: a variable, a file.
    pub fn missing(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { is_missing: true, ..Self::at_key(key, message) }
    }

    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.is_missing
    }
}
