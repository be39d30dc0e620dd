//! How much of the log is safe with everybody, in a file beside it.
//!
//! Behind the log it may be, so that observers get something twice, and never ahead of it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::Destination;

/// What the name of the log has behind it.
const EXTENSION: &str = ".checkpoint";

/// The file of a checkpoint.
#[derive(Debug, Clone)]
pub(crate) struct Checkpoint {
    path: PathBuf,
    place: Destination,
}

impl Checkpoint {
    /// That of a log.
    ///
    /// # Errors
    ///
    /// [`Failure::Place`] when it cannot be written.
    pub(crate) fn beside(log: &Path) -> Result<Self, Failure> {
        let mut name = log.as_os_str().to_owned();
        name.push(EXTENSION);
        let path = PathBuf::from(name);
        let place = Destination::at("checkpoint", &path)?;
        Ok(Self { path, place })
    }

    /// The first position of the log that is not known to be safe; 0 where nothing is known.
    ///
    /// # Errors
    ///
    /// [`Failure::Log`] when the file is there, and is none of these.
    pub(crate) fn read(&self) -> Result<u64, Failure> {
        let failed = |source| Failure::Log { path: self.path.clone(), source };
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(0),
            Err(fault) => return Err(failed(fault.into())),
        };
        let value: Option<Value> = serde_json::from_str(&text).ok();
        let position = value.and_then(|value| value["position"].as_u64());
        position.ok_or_else(|| {
            failed(
                "it is no checkpoint: remove it to have observers get the whole log again".into(),
            )
        })
    }

    /// Says that everything before this position is safe.
    ///
    /// # Errors
    ///
    /// [`Failure::Write`]; what was said before holds then.
    pub(crate) fn write(&self, position: u64) -> Result<(), Failure> {
        self.place.write_json(&json!({ "position": position }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_what_was_written_last_and_nothing_is_known_without() {
        let folder = tempfile::tempdir().expect("a folder");
        let checkpoint = Checkpoint::beside(&folder.path().join("log.jsonl")).expect("a place");
        assert_eq!(checkpoint.read().expect("none"), 0);
        checkpoint.write(7).expect("written");
        checkpoint.write(u64::MAX).expect("written");
        assert_eq!(checkpoint.read().expect("one"), u64::MAX);
        fs::write(folder.path().join("log.jsonl.checkpoint"), "{\"position\":").expect("a file");
        assert!(matches!(checkpoint.read(), Err(Failure::Log { .. })));
    }
}
