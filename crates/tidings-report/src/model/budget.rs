//! How much output and how many inline attachments one page carries.
//!
//! The reducer keeps more than a browser opens at ease. What failed goes first.

use std::collections::HashSet;

use tidings_testrun::CaseView;

use super::notes::{Extent, bytes_of};

/// The most bytes of output and inline attachments of all cases in one page.
const NOTES_BYTES_MAX: usize = 24 * 1024 * 1024;

/// Says which cases come with all that they wrote.
#[derive(Debug, Default)]
pub(super) struct Budget {
    /// The numbers of those that do not.
    short: HashSet<usize>,
}

impl Budget {
    /// The budget of all cases of a page; those that did not simply pass are served first.
    pub(super) fn of(cases: &[CaseView<'_>]) -> Self {
        let is_plain = |case: &CaseView<'_>| {
            !case.flaky && !case.status.is_none_or(tidings_testrun::Status::is_failed)
        };
        let mut short = HashSet::new();
        let mut left = NOTES_BYTES_MAX;
        for wants_plain in [false, true] {
            for case in cases.iter().filter(|case| is_plain(case) == wants_plain) {
                match left.checked_sub(bytes_of(case.notes)) {
                    Some(rest) => left = rest,
                    None => drop(short.insert(case.number)),
                }
            }
        }
        Self { short }
    }

    pub(super) fn extent(&self, case: &CaseView<'_>) -> Extent {
        if self.short.contains(&case.number) { Extent::Short } else { Extent::Whole }
    }
}
