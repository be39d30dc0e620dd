//! What is tested: suites bear a fingerprint, by which a framework finds them.

use std::{error::Error, fmt::Debug};

use tidings::journal::Reader;
use tidings::testrun::{Selector, Status, UnknownName};

/// An annotation, a superclass, and one that has to be asked for.
pub(crate) const FINGERPRINTS: [&str; 3] = ["@Sums", "extends Words", "@Broken"];

/// Success, or a status for not having run; an error or a panic is a failure.
pub(crate) type Outcome = Result<Status, Box<dyn Error>>;

/// Fingerprint and path of its suite (`sums/division` is in `sums`), name, what it does.
pub(crate) type Test = (&'static str, &'static str, &'static str, fn() -> Outcome);

/// The tests with these fingerprints that are selected. A selector that means none is an error.
pub(crate) fn discover(marks: &[String], selectors: &[String]) -> Result<Vec<Test>, UnknownName> {
    let mut found = TESTS.to_vec();
    found.retain(|(mark, ..)| marks.iter().any(|wanted| wanted == mark));
    let known: Vec<_> = found.iter().map(selector).collect();
    let selected = Selector::expand(selectors, &known)?;
    found.retain(|test| selected.contains(&selector(test)));
    Ok(found)
}

pub(crate) fn selector((_, suite, name, _): &Test) -> Selector {
    Selector::nested_test(suite.split('/'), *name)
}

fn check<T: Debug + PartialEq>(actual: &T, expected: &T) -> Status {
    assert_eq!(actual, expected);
    Status::Success
}

const TESTS: [Test; 13] = [
    ("@Sums", "sums", "adds", || Ok(check(&[1, 2].iter().sum(), &3))),
    ("@Sums", "sums", "takes roots", || Ok(Status::Pending)),
    ("@Sums", "sums/division", "halves", || Ok(check(&(8 / 2), &4))),
    ("@Sums", "sums/division/negative", "halves", || Ok(check(&(-8 / 2), &-4))),
    ("@Sums", "sums/division/negative", "rounds down", || Ok(Status::Ignored)),
    ("extends Words", "words", "counts", || Ok(check(&"to be or not".split(' ').count(), &4))),
    ("extends Words", "words/shouting", "shouts", || Ok(check(&"a".to_uppercase(), &"A".into()))),
    ("@Broken", "broken", "adds wrongly", || Ok(check(&[1, 2].iter().sum(), &4))),
    ("@Broken", "broken", "opens", || Ok(Reader::open("none").map(|_| Status::Success)?)),
    ("@Broken", "broken", "opens too", || Ok(Reader::open("none").map(|_| Status::Success)?)),
    ("@Broken", "broken", "takes long", || Ok(Status::Skipped)),
    ("@Broken", "broken", "needs a screen", || Ok(Status::Canceled)),
    ("@Broken", "broken/division", "divides by zero", || Ok(check(&(1 / "0".parse::<i32>()?), &0))),
];
