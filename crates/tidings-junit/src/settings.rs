//! What the reader of a report may want otherwise.

/// What can be chosen about a report; the default fits every CI system that we know.
///
/// ```
/// use tidings_junit::{JunitSettings, to_xml};
/// use tidings_testrun::RunSummary;
///
/// let settings = JunitSettings::new().name("nightly on arm64");
/// let xml = to_xml(&RunSummary::new(), &settings);
/// assert!(xml.contains(r#"<testsuites name="nightly on arm64" tests="0""#));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use = "settings do nothing until a report is made with them"]
pub struct JunitSettings {
    pub(crate) name: Option<String>,
}

impl JunitSettings {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the report is called, and the suite of what is in no suite; by default the run.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}
