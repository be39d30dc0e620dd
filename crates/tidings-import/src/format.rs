//! The formats by their names.

use std::fmt;
use std::str::FromStr;

use super::importer::Importer;

/// A format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// `libtest-json`: libtest and nextest.
    LibtestJson,
    /// `go-test-json`: `go test -json`, test2json.
    GoTestJson,
    /// `pytest-reportlog`: pytest's report log.
    PytestReportlog,
    /// `common-test`: events of Erlang's Common Test, one term a line.
    CommonTest,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] =
        [Self::LibtestJson, Self::GoTestJson, Self::PytestReportlog, Self::CommonTest];

    /// Its name on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LibtestJson => "libtest-json",
            Self::GoTestJson => "go-test-json",
            Self::PytestReportlog => "pytest-reportlog",
            Self::CommonTest => "common-test",
        }
    }

    /// An importer of a stream of this format; the entity of its run is `run/<run>`.
    pub fn importer(self, run: &str) -> Box<dyn Importer> {
        match self {
            Self::LibtestJson => Box::new(super::libtest::LibtestJson::new(run)),
            Self::GoTestJson => Box::new(super::go_test::GoTestJson::new(run)),
            Self::PytestReportlog => Box::new(super::pytest::PytestReportlog::new(run)),
            Self::CommonTest => Box::new(super::common_test::CommonTest::new(run)),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFormat {
    text: String,
}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Format::ALL.map(Format::as_str).join(", ");
        write!(f, "`{}` is no format (known: {known})", self.text.escape_debug())
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == text);
        found.ok_or_else(|| UnknownFormat { text: text.chars().take(60).collect() })
    }
}
