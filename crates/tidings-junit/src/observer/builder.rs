//! The settings of the observer.

use std::path::PathBuf;

use super::Junit;
use crate::settings::JunitSettings;

/// The settings of a [`Junit`], each with a default but the path.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until an observer is built with it"]
pub struct JunitBuilder {
    path: PathBuf,
    settings: JunitSettings,
}

impl JunitBuilder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, settings: JunitSettings::new() }
    }

    /// What can be chosen about the report.
    pub fn settings(mut self, settings: JunitSettings) -> Self {
        self.settings = settings;
        self
    }

    /// The observer. Nothing is written yet, and no folder made.
    pub fn build(self) -> Junit {
        Junit::new(self.path, self.settings)
    }
}
