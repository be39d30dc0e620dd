//! What is to run: a number, or a list of selectors.

use serde::{Deserialize, Serialize};
use tidings_derive::Event;

/// `test.run.planned`: what is to run. About a run, or about a suite that plans for itself.
///
/// A second plan for the same entity from the same node takes the place of the first; plans
/// of several entities and nodes add up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Event)]
#[event(namespace = "test.run", name = "planned", crate = "tidings_core")]
#[serde(default)]
#[non_exhaustive]
pub struct RunPlanned {
    /// How many cases, when only the number is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Which ones, when that is known; then the number is not looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub selectors: Vec<Selector>,
}

impl RunPlanned {
    /// This many cases.
    pub fn count(count: u64) -> Self {
        Self { count: Some(count), selectors: Vec::new() }
    }

    /// These.
    pub fn selectors(selectors: impl IntoIterator<Item = Selector>) -> Self {
        Self { count: None, selectors: selectors.into_iter().collect() }
    }
}

/// What a plan, or a request to run something, names.
///
/// Names are those of entities, without the run: a case of the entity
/// `run/r/suite/a/group/g/case/t` is `Test { suite: "a", test: "t" }` whatever its group,
/// and `NestedTest { path: ["a", "g"], test: "t" }` in this group only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Selector {
    /// All of a suite; seen as soon as one case of it was.
    Suite {
        /// The outermost suite.
        suite: String,
    },
    /// One case of a suite, however deep.
    Test {
        /// The outermost suite.
        suite: String,
        /// The case.
        test: String,
    },
    /// All of a suite or group within a suite.
    NestedSuite {
        /// Suites and groups, outermost first.
        path: Vec<String>,
    },
    /// One case at one place.
    NestedTest {
        /// Suites and groups, outermost first.
        path: Vec<String>,
        /// The case.
        test: String,
    },
    /// All cases whose name contains this text.
    TestWildcard {
        /// The text.
        text: String,
    },
    /// Something that this version does not know; it is never missed.
    #[serde(other)]
    Other,
}

impl Selector {
    /// All of a suite.
    pub fn suite(suite: impl Into<String>) -> Self {
        Self::Suite { suite: suite.into() }
    }

    /// One case of a suite.
    pub fn test(suite: impl Into<String>, test: impl Into<String>) -> Self {
        Self::Test { suite: suite.into(), test: test.into() }
    }

    /// All of a suite or group within a suite.
    pub fn nested_suite<T: Into<String>>(path: impl IntoIterator<Item = T>) -> Self {
        Self::NestedSuite { path: path.into_iter().map(Into::into).collect() }
    }

    /// One case at one place.
    pub fn nested_test<T: Into<String>>(
        path: impl IntoIterator<Item = T>,
        test: impl Into<String>,
    ) -> Self {
        Self::NestedTest { path: path.into_iter().map(Into::into).collect(), test: test.into() }
    }

    /// All cases whose name contains a text.
    pub fn wildcard(text: impl Into<String>) -> Self {
        Self::TestWildcard { text: text.into() }
    }

    /// Whether it names the case `test` in these suites and groups, outermost first.
    ///
    /// ```
    /// use tidings_testrun::Selector;
    ///
    /// assert!(Selector::test("a", "t").matches(&["a", "g"], "t"));
    /// assert!(!Selector::nested_test(["a"], "t").matches(&["a", "g"], "t"));
    /// assert!(Selector::nested_suite(["a", "g"]).matches(&["a", "g", "h"], "t"));
    /// ```
    pub fn matches(&self, path: &[&str], test: &str) -> bool {
        match self {
            Self::Suite { suite } => path.first() == Some(&suite.as_str()),
            Self::Test { suite, test: wanted } => {
                wanted == test && path.first() == Some(&suite.as_str())
            }
            Self::NestedSuite { path: wanted } => {
                wanted.len() <= path.len() && wanted.iter().zip(path).all(|(want, id)| want == id)
            }
            Self::NestedTest { path: wanted, test: name } => {
                name == test && wanted.iter().map(String::as_str).eq(path.iter().copied())
            }
            Self::TestWildcard { text } => test.contains(text.as_str()),
            Self::Other => true,
        }
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Suite { suite } => f.write_str(suite),
            Self::Test { suite, test } => write!(f, "{suite}/{test}"),
            Self::NestedSuite { path } => f.write_str(&path.join("/")),
            Self::NestedTest { path, test } => write!(f, "{}/{test}", path.join("/")),
            Self::TestWildcard { text } => write!(f, "*{text}*"),
            Self::Other => f.write_str("?"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_names_what_it_says_and_no_more() {
        let (path, test) = (["a", "g"], "login works");
        for (selector, is_named) in [
            (Selector::suite("a"), true),
            (Selector::suite("g"), false),
            (Selector::test("a", "login works"), true),
            (Selector::test("g", "login works"), false),
            (Selector::nested_suite(["a"]), true),
            (Selector::nested_suite(["a", "g", "h"]), false),
            (Selector::nested_test(["a", "g"], "login works"), true),
            (Selector::nested_test(["a"], "login works"), false),
            (Selector::wildcard("login"), true),
            (Selector::wildcard("logout"), false),
        ] {
            assert_eq!(selector.matches(&path, test), is_named, "{selector}");
        }
    }

    #[test]
    fn a_selector_of_tomorrow_is_read_and_names_everything() {
        let text = r#"{"selectors":[{"kind":"tag","tag":"slow"},{"kind":"suite","suite":"a"}]}"#;
        let plan: RunPlanned = serde_json::from_str(text).expect("reads");
        assert_eq!(plan.selectors, [Selector::Other, Selector::suite("a")]);
    }
}
