//! What several tests need.

use serde::Deserialize;
use tidings_config::{
    Config, ConfigError, ConfigReader, ObserverKind, OpenContext, OpenError, Opened, typetag,
};
use tidings_delivery::{Batch, Outcome, Sink};

/// The token that no output may show.
pub(crate) const TOKEN: &str = "hunter2";

/// Reads with an environment in which `TOKEN` is set and `BLANK` is blank.
pub(crate) fn reader() -> ConfigReader {
    Config::reader().environment(|name| match name {
        "TOKEN" | "SPLUNK_HEC_TOKEN" => Some(TOKEN.to_owned()),
        "BLANK" => Some("  ".to_owned()),
        _ => None,
    })
}

/// What is said of a wrong configuration.
pub(crate) fn faults(toml: &str) -> String {
    error(toml).to_string()
}

pub(crate) fn error(toml: &str) -> ConfigError {
    reader().toml(toml, "no/such/folder").expect_err("it is wrong")
}

/// A kind of this program, which keeps nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ShelfKeys {
    room: u8,
    side: Option<Side>,
    endpoint: Option<String>,
    seen: Option<std::path::PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    Left,
    Right,
    At { metres: f64 },
}

/// A kind of this program that reads a password from a variable.
#[derive(Debug, Deserialize)]
pub(crate) struct VaultKeys {
    password_env: String,
    #[serde(rename = "token_env")]
    _token_env: Option<String>,
}

#[typetag::deserialize(name = "vault")]
impl ObserverKind for VaultKeys {
    fn open(self: Box<Self>, context: &OpenContext<'_>) -> Result<Opened, OpenError> {
        let message = || format!("variable `{}` is not set", self.password_env);
        context.variable(&self.password_env).ok_or_else(|| OpenError::new(message()))?;
        Ok(Opened::disabled("it is a vault"))
    }
}

/// Takes nothing and asks for a pause, or appends each batch to a file.
#[derive(Debug)]
struct Shelf(ShelfKeys);

impl Sink for Shelf {
    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let Some(path) = &self.0.seen else { return Outcome::retry("no room") };
        let mut text = std::fs::read_to_string(path).unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(batch.bytes()));
        std::fs::write(path, text)
            .map_or_else(|fault| Outcome::hold(fault.to_string()), |()| Outcome::delivered())
    }
}

#[typetag::deserialize(name = "shelf")]
impl ObserverKind for ShelfKeys {
    fn open(mut self: Box<Self>, context: &OpenContext<'_>) -> Result<Opened, OpenError> {
        if matches!(self.side, Some(Side::At { metres }) if metres < 0.0) {
            return Err(OpenError::at_key("side", "a shelf stands at 0 or behind"));
        }
        if matches!(self.side, Some(Side::Left | Side::Right)) && self.room == 0 {
            return Err(OpenError::new("a shelf at a side has room"));
        }
        self.seen = self.seen.map(|path| context.resolve(path));
        Ok(match self.endpoint.clone() {
            Some(endpoint) => Opened::sink_at(endpoint, Shelf(*self)),
            None => Opened::sink(Shelf(*self)),
        })
    }
}
