//! From names that somebody typed to the cases that they mean.

use std::collections::HashSet;

use thiserror::Error;

use super::Selector;

/// The most suites that [`UnknownName`] lists.
const SUITES_LISTED_MAX: usize = 10;

impl Selector {
    /// Which of the `known` cases these names mean: each once, in the order of `known`;
    /// without a name all of them.
    ///
    /// A name reads as a selector is shown: `suite`, `suite/group`, `suite/group/case`,
    /// `suite/case` for that case of the suite however deep, and `*text*` for the cases with
    /// this text in their own name. What is known are [`Test`](Self::Test) and
    /// [`NestedTest`](Self::NestedTest); other selectors name no single case, and are passed
    /// over.
    ///
    /// # Errors
    ///
    /// [`UnknownName`] for the first name that means no case.
    ///
    /// ```
    /// use tidings_testrun::{RunPlanned, Selector};
    ///
    /// let known = [
    ///     Selector::nested_test(["sums"], "adds"),
    ///     Selector::nested_test(["sums", "division"], "halves"),
    ///     Selector::nested_test(["words"], "shouts"),
    /// ];
    /// assert_eq!(Selector::expand(&["sums/division", "*out*"], &known)?, &known[1..]);
    /// let plan = RunPlanned::selectors(Selector::expand(&["sums/halves"], &known)?);
    /// assert_eq!(plan.selectors, [known[1].clone()]);
    ///
    /// let unknown = Selector::expand(&["sum"], &known).expect_err("there is no such suite");
    /// assert_eq!(unknown.to_string(), "`sum` names no test: the suites are `sums`, `words`");
    /// # Ok::<(), tidings_testrun::UnknownName>(())
    /// ```
    pub fn expand(names: &[impl AsRef<str>], known: &[Self]) -> Result<Vec<Self>, UnknownName> {
        let is_unknown = |name: &&str| !known.iter().any(|case| case.is_meant_by(name));
        if let Some(name) = names.iter().map(AsRef::as_ref).find(is_unknown) {
            return Err(UnknownName::new(name, known));
        }
        let is_meant = |case: &&Self| match names {
            [] => case.place().is_some(),
            names => names.iter().any(|name| case.is_meant_by(name.as_ref())),
        };
        let mut told = HashSet::new();
        let meant = known.iter().filter(is_meant).filter(|case| told.insert(*case));
        Ok(meant.cloned().collect())
    }

    /// Where the one case is that it names, and its name.
    fn place(&self) -> Option<(&[String], &String)> {
        match self {
            Self::Test { suite, test } => Some((std::slice::from_ref(suite), test)),
            Self::NestedTest { path, test } => Some((path, test)),
            _ => None,
        }
    }

    fn is_meant_by(&self, name: &str) -> bool {
        let Some((path, test)) = self.place() else { return false };
        let part = name.strip_prefix('*').and_then(|rest| rest.strip_suffix('*'));
        part.is_some_and(|part| test.contains(part))
            || (1..=path.len()).any(|depth| is_path(name, &path[..depth]))
            || is_path(name, path.iter().chain([test]))
            || is_path(name, path.iter().take(1).chain([test]))
    }
}

/// Whether a name is these, with slashes between them; a part may have slashes of its own.
fn is_path<'a>(name: &str, parts: impl IntoIterator<Item = &'a String>) -> bool {
    let mut rest = Some(name);
    for (place, part) in parts.into_iter().enumerate() {
        rest = rest.and_then(|rest| if place > 0 { rest.strip_prefix('/') } else { Some(rest) });
        rest = rest.and_then(|rest| rest.strip_prefix(part.as_str()));
    }
    rest == Some("")
}

/// A name that means no known case; see [`Selector::expand`].
///
/// Its text is safe to show: names are escaped in it, and at most 10 suites are listed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{}` names no test: {}", name.escape_debug(), listed(suites))]
pub struct UnknownName {
    name: String,
    suites: Vec<String>,
}

impl UnknownName {
    fn new(name: &str, known: &[Selector]) -> Self {
        let mut suites: Vec<String> = Vec::new();
        for (path, _) in known.iter().filter_map(Selector::place) {
            suites.extend(path.first().filter(|suite| !suites.contains(suite)).cloned());
        }
        Self { name: name.to_owned(), suites }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The outermost suites that there are.
    pub fn suites(&self) -> &[String] {
        &self.suites
    }
}

fn listed(suites: &[String]) -> String {
    let shown = suites.iter().take(SUITES_LISTED_MAX);
    let shown: Vec<_> = shown.map(|suite| format!("`{}`", suite.escape_debug())).collect();
    match suites.len().saturating_sub(SUITES_LISTED_MAX) {
        _ if suites.is_empty() => "there is no suite".into(),
        0 => format!("the suites are {}", shown.join(", ")),
        more => format!("the suites are {} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Selector> {
        let places: [(&[&str], &str); 5] = [
            (&["sums"], "adds"),
            (&["sums", "division"], "halves"),
            (&["sums", "division", "negative"], "halves"),
            (&["words"], "a/b"),
            (&[], "alone"),
        ];
        let case =
            |(path, test): &(&[&str], &str)| Selector::nested_test(path.iter().copied(), *test);
        places.iter().map(case).collect()
    }

    #[test]
    fn a_name_means_suites_places_and_cases_as_they_are_shown() {
        let cases: [(&[&str], &[usize]); 12] = [
            (&[], &[0, 1, 2, 3, 4]),
            (&["sums"], &[0, 1, 2]),
            (&["sums/division"], &[1, 2]),
            (&["sums/adds"], &[0]),
            (&["sums/halves"], &[1, 2]),
            (&["sums/division/halves"], &[1]),
            (&["sums/division/negative/halves"], &[2]),
            (&["*alv*"], &[1, 2]),
            (&["words/a/b"], &[3]),
            (&["alone"], &[4]),
            // The order and the number are those of what is known.
            (&["words", "sums/adds", "sums/adds"], &[0, 3]),
            (&["*a*", "alone"], &[0, 1, 2, 3, 4]),
        ];
        for (names, expected) in cases {
            let expected: Vec<_> = expected.iter().map(|at| known()[*at].clone()).collect();
            assert_eq!(Selector::expand(names, &known()), Ok(expected), "{names:?}");
        }
    }

    #[test]
    fn what_is_shown_of_a_known_case_means_that_case() {
        for case in known().iter().filter(|case| **case != known()[4]) {
            let meant = Selector::expand(&[case.to_string()], &known()).expect("it is known");
            assert_eq!(meant, std::slice::from_ref(case));
        }
    }

    #[test]
    fn a_name_that_means_nothing_is_an_error_that_is_safe_to_show() {
        for name in ["sum", "sums/", "/sums", "sums/division/adds", "words/a", "*nosuch*", "*", ""]
        {
            let unknown = Selector::expand(&["sums", name], &known()).expect_err(name);
            assert_eq!((unknown.name(), unknown.suites().len()), (name, 2));
        }
        let suites: Vec<_> = (0..12).map(|n| Selector::test(format!("s{n}\n"), "t")).collect();
        let text = Selector::expand(&["\u{1b}[2J"], &suites).expect_err("unknown").to_string();
        assert!(text.starts_with(r"`\u{1b}[2J` names no test: the suites are `s0\n`, "), "{text}");
        assert!(text.ends_with(r", `s9\n` and 2 more"), "{text}");
        let none = Selector::expand(&["x"], &[Selector::suite("x")]).expect_err("no case");
        assert_eq!(none.to_string(), "`x` names no test: there is no suite");
    }
}
