//! All suites of a stream: their names, which one a test belongs to, and what is left of them
//! at the end.
//!
//! One record a suite is kept; of tests only the running ones, and a hash of each failed one,
//! as a later attempt may name it.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use tidings_core::Entity;
use tidings_testrun::{ErrorItem, Failure, FailureKind, RunPlanned, SuiteStarted};

use crate::found::Found;
use crate::teller::Teller;

use super::names::{NextestName, attempt_of};
use super::suite::{Runner, Suite, SuiteEnd};

/// The suites of a stream.
#[derive(Debug)]
pub(super) struct Suites {
    run: Entity,
    all: Vec<Suite>,
    /// The suites of nextest.
    by_name: HashMap<Box<str>, usize>,
    /// How often cargo named a suite like this.
    names: HashMap<String, u32>,
    /// The suite that the last line was about.
    last: Option<usize>,
    /// The suite of libtest that began last.
    plain: Option<usize>,
    plain_count: u64,
    /// What cargo calls the suite that is announced next.
    hint: Option<String>,
    announced: Option<Announced>,
    failed: HashSet<u64>,
    hasher: RandomState,
}

/// A suite that was announced without a name, before its first test.
#[derive(Debug)]
struct Announced {
    count: Option<u64>,
    hint: Option<String>,
}

/// Where a line puts a test.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) suite: usize,
    pub(super) test: &'a str,
    pub(super) attempt: u32,
}

/// What a line says of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Begins,
    Runs,
    Ends,
}

impl Suites {
    /// The suites of a run.
    pub(super) fn new(run: &Entity) -> Self {
        Self {
            run: run.clone(),
            all: Vec::new(),
            by_name: HashMap::new(),
            names: HashMap::new(),
            last: None,
            plain: None,
            plain_count: 0,
            hint: None,
            announced: None,
            failed: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    /// Cargo names the suite that comes next.
    pub(super) fn name_next(&mut self, name: String) {
        self.hint = Some(name);
    }

    /// The suite that a place is in.
    pub(super) fn at(&mut self, place: usize) -> &mut Suite {
        &mut self.all[place]
    }

    /// Remembers that an attempt failed.
    pub(super) fn failed(&mut self, place: Place<'_>) {
        let hash = self.hasher.hash_one((place.suite, place.test));
        self.failed.insert(hash);
    }

    /// A suite without a name is announced; the next test says whose it is.
    pub(super) fn announce(&mut self, count: Option<u64>, teller: &mut Teller, found: &mut Found) {
        let hint = self.hint.take();
        match self.announced.take() {
            // The same suite announced twice.
            Some(earlier) if hint.is_none() && earlier.count == count => {
                self.announced = Some(earlier);
                return;
            }
            Some(earlier) => {
                self.open_plain(earlier, teller, found);
            }
            None => {}
        }
        self.bury(teller, found);
        self.announced = Some(Announced { count, hint });
    }

    /// A suite of nextest is announced.
    pub(super) fn announce_named(
        &mut self,
        name: &str,
        announced: (Option<u64>, Option<&str>),
        teller: &mut Teller,
        found: &mut Found,
    ) {
        let (count, kind) = announced;
        let place = self.nextest(name);
        let suite = &mut self.all[place];
        if let Some(kind) = kind.filter(|_| !teller.is_open(&suite.entity)) {
            let started = SuiteStarted::new().with_property("kind", kind);
            teller.say(&suite.entity, started, found);
        }
        plan(suite, count, teller, found);
        self.last = Some(place);
    }

    /// Where a test belongs, by the name that the stream gives it.
    pub(super) fn place<'a>(
        &mut self,
        name: &'a str,
        moment: Moment,
        teller: &mut Teller,
        found: &mut Found,
    ) -> Place<'a> {
        let parsed = NextestName::parse(name);
        let (suite, test) = match parsed {
            Some(parsed) => {
                let place = self.nextest(parsed.suite);
                if let Some(announced) = self.announced.take() {
                    plan(&mut self.all[place], announced.count, teller, found);
                }
                self.all[place].note_stress(parsed.stress);
                (place, parsed.test)
            }
            None => (self.plain_of(name, moment, teller, found), name),
        };
        self.last = Some(suite);
        self.attempted(suite, test, moment)
    }

    /// Whether the name of a test says which attempt it is.
    fn attempted<'a>(&self, suite: usize, test: &'a str, moment: Moment) -> Place<'a> {
        let itself = Place { suite, test, attempt: 1 };
        let known = &self.all[suite];
        let Some((base, attempt)) = attempt_of(test).filter(|_| !known.is_running(test)) else {
            return itself;
        };
        let is_one = match moment {
            Moment::Begins => self.failed.contains(&self.hasher.hash_one((suite, base))),
            _ => known.is_running(base) || known.runner == Runner::Nextest,
        };
        if is_one { Place { suite, test: base, attempt } } else { itself }
    }

    /// A suite ends.
    pub(super) fn end_suite(
        &mut self,
        name: Option<&str>,
        end: SuiteEnd,
        teller: &mut Teller,
        found: &mut Found,
    ) {
        let place = match (name, self.announced.take()) {
            (Some(name), _) => self.nextest(name),
            (None, Some(announced)) => self.open_plain(announced, teller, found),
            (None, None) => self.ending().unwrap_or_else(|| self.open_unannounced()),
        };
        let suite = &mut self.all[place];
        suite.ended = Some(end);
        match suite.runner {
            Runner::Libtest => {
                suite.settle_ignored(true, teller, found);
                teller.begin(&suite.entity, None, found);
                suite.close(teller, found);
            }
            // It may be announced again, for the tests that are still to come.
            Runner::Nextest => {
                let is_all = suite.begun >= suite.planned.unwrap_or(0) && !suite.has_running();
                if is_all {
                    suite.ended = Some(SuiteEnd { duration: None, ..end });
                    suite.close(teller, found);
                }
            }
        }
    }

    /// The suite that an end without a name is most likely of: that of the last line, or
    /// another one of libtest that has nothing to wait for.
    fn ending(&self) -> Option<usize> {
        let is_nextest = |place: &usize| self.all[*place].runner == Runner::Nextest;
        if let Some(last) = self.last.filter(is_nextest) {
            return Some(last);
        }
        let is_ready = |suite: &Suite| {
            suite.runner == Runner::Libtest && suite.lacks_end() && !suite.has_running()
        };
        let last = self.last.filter(|place| is_ready(&self.all[*place]));
        last.or_else(|| self.all.iter().rposition(is_ready)).or(self.last)
    }

    /// Cargo says that a binary failed: one that has not said so itself has died, maybe before
    /// it said anything.
    pub(super) fn binary_failed(&mut self, teller: &mut Teller, found: &mut Found) {
        if let Some(hint) = self.hint.take() {
            self.open_plain(Announced { count: None, hint: Some(hint) }, teller, found);
        } else if let Some(announced) = self.announced.take() {
            self.open_plain(announced, teller, found);
        }
        let Some(place) = self.plain else { return };
        let suite = &mut self.all[place];
        if suite.lacks_end() && suite.death.is_none() {
            suite.death = Some("cargo says so".to_owned());
        }
    }

    /// Cargo says how.
    pub(super) fn binary_died(&mut self, how: String) {
        let Some(place) = self.plain else { return };
        if let Some(death) = &mut self.all[place].death {
            *death = how;
        }
    }

    /// Ends what nextest leaves open; what the stream should still have said, if anything.
    pub(super) fn end_all(
        &mut self,
        has_failed: bool,
        teller: &mut Teller,
        found: &mut Found,
    ) -> Option<String> {
        if let Some(announced) = self.announced.take() {
            self.open_plain(announced, teller, found);
        }
        self.bury(teller, found);
        let mut missing = None;
        for (place, suite) in self.all.iter_mut().enumerate() {
            let is_last = self.plain == Some(place);
            match suite.runner {
                Runner::Nextest => suite.settle_ignored(has_failed, teller, found),
                Runner::Libtest if suite.lacks_end() && !is_last && !suite.has_running() => {
                    report_death(suite, teller, found);
                }
                Runner::Libtest => {}
            }
            if suite.runner == Runner::Nextest
                && has_failed
                && suite.says_that_tests_were_given_up()
            {
                suite.give_up(teller, found);
            }
            let is_cut = match suite.runner {
                Runner::Nextest => suite.lacks_end() || suite.has_running(),
                Runner::Libtest => suite.lacks_end() && is_last && suite.death.is_none(),
            };
            if is_cut && missing.is_none() {
                missing = Some(what_is_missing(suite));
            }
        }
        if missing.is_none() {
            self.correct_plans(has_failed, teller, found);
        }
        missing
    }

    /// nextest plans ignored tests that a filter leaves out, and says nothing of them later.
    fn correct_plans(&self, has_failed: bool, teller: &mut Teller, found: &mut Found) {
        let of_nextest = self.all.iter().filter(|suite| suite.runner == Runner::Nextest);
        for suite in of_nextest {
            let (Some(planned), Some(end)) = (suite.planned, suite.ended) else { continue };
            let unseen = planned.saturating_sub(suite.begun);
            // Only after a failure are tests given up. nextest says that they are filtered out,
            // and takes the ignored ones off once too often.
            let filtered_out = end.filtered_out.saturating_add(suite.ignored());
            let given_up = if has_failed { unseen.min(filtered_out) } else { 0 };
            if given_up < unseen {
                let plan = RunPlanned::count(suite.begun + given_up);
                teller.say(&suite.entity, plan, found);
            }
        }
    }

    /// Ends suites that died.
    fn bury(&mut self, teller: &mut Teller, found: &mut Found) {
        let Some(place) = self.plain else { return };
        let suite = &mut self.all[place];
        if suite.death.is_none() || !suite.lacks_end() {
            return;
        }
        if !suite.has_running() {
            report_death(suite, teller, found);
        }
        suite.close(teller, found);
        suite.is_announced = false;
    }

    fn nextest(&mut self, name: &str) -> usize {
        if let Some(place) = self.by_name.get(name) {
            return *place;
        }
        self.by_name.insert(name.into(), self.all.len());
        self.push(name, Runner::Nextest)
    }

    /// The suite of a test of libtest: where it is running, else the one that began last.
    fn plain_of(
        &mut self,
        test: &str,
        moment: Moment,
        teller: &mut Teller,
        found: &mut Found,
    ) -> usize {
        if moment != Moment::Begins {
            let is_there = |suite: &Suite| {
                let base = attempt_of(test).map_or(test, |(base, _)| base);
                suite.runner == Runner::Libtest
                    && (suite.is_running(test) || suite.is_running(base))
            };
            let here = self.plain.filter(|place| is_there(&self.all[*place]));
            if let Some(place) = here.or_else(|| self.all.iter().rposition(is_there)) {
                return place;
            }
        }
        if let Some(announced) = self.announced.take() {
            return self.open_plain(announced, teller, found);
        }
        match self.plain {
            Some(place) => place,
            None => self.open_unannounced(),
        }
    }

    fn open_unannounced(&mut self) -> usize {
        let hint = self.hint.take();
        let name = self.plain_name(hint);
        let place = self.push(&name, Runner::Libtest);
        self.plain = Some(place);
        place
    }

    fn open_plain(
        &mut self,
        announced: Announced,
        teller: &mut Teller,
        found: &mut Found,
    ) -> usize {
        let name = self.plain_name(announced.hint);
        let place = self.push(&name, Runner::Libtest);
        plan(&mut self.all[place], announced.count, teller, found);
        (self.plain, self.last) = (Some(place), Some(place));
        place
    }

    /// Unnamed suites are numbered among all of libtest.
    fn plain_name(&mut self, hint: Option<String>) -> String {
        self.plain_count += 1;
        let name = hint.unwrap_or_else(|| format!("suite {}", self.plain_count));
        let times = self.names.entry(name.clone()).or_insert(0);
        *times += 1;
        if *times == 1 { name } else { format!("{name} ({times})") }
    }

    fn push(&mut self, name: &str, runner: Runner) -> usize {
        self.all.push(Suite::new(self.run.child("suite", name), runner));
        self.all.len() - 1
    }
}

/// Begins a suite that was announced. Several binaries may share a name; then the larger
/// number stands, so that nothing is missed that does not exist.
fn plan(suite: &mut Suite, count: Option<u64>, teller: &mut Teller, found: &mut Found) {
    suite.is_resumed |= suite.ended.is_some();
    (suite.is_announced, suite.ended) = (true, None);
    teller.begin(&suite.entity, None, found);
    let Some(count) = count.filter(|count| suite.planned.is_none_or(|known| known < *count)) else {
        return;
    };
    suite.planned = Some(count);
    teller.say(&suite.entity, RunPlanned::count(count), found);
}

fn what_is_missing(suite: &Suite) -> String {
    let name = suite.entity.id().escape_debug();
    let what = if suite.lacks_end() { "the end" } else { "all results" };
    format!("{what} of the suite {name}")
}

/// A suite without an end and without a test to blame.
fn report_death(suite: &Suite, teller: &mut Teller, found: &mut Found) {
    let message = match &suite.death {
        Some(how) => format!("the test process failed: {how}"),
        None => "the test process ended without a result".to_owned(),
    };
    let item = ErrorItem::named("process", Failure::new(FailureKind::Error, message));
    teller.say(&suite.entity, item, found);
}
