//! Whether the console speaks to the runner of GitHub Actions.

/// Whether the lines are grouped and annotated for GitHub Actions.
///
/// With annotations each failure of a test run becomes an `::error` at the close, each flaky
/// case a `::warning`, on its file and line. GitHub shows ten of each for a step; how many
/// more there are is said in a line. The lines of each suite stand in a group that can be
/// folded: they are held back until it has ended,
/// [`GROUPED_BYTES_MAX`](crate::GROUPED_BYTES_MAX) bytes of all suites at most, and the line
/// of the suite follows below.
///
/// The live tree and [`Mode::Json`](crate::Mode::Json) have neither, and the lines of
/// [`Mode::Lines`](crate::Mode::Lines), one an event, stay in their order, without groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AnnotationsChoice {
    /// When `GITHUB_ACTIONS` is `true` and the console writes to standard output or standard
    /// error, where the runner reads.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Whether this is a step of GitHub Actions.
pub(crate) fn is_github(env: &impl Fn(&str) -> Option<String>) -> bool {
    env("GITHUB_ACTIONS").as_deref() == Some("true")
}
