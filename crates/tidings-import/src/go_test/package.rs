//! One package while it runs: its tests without an end, and what it says outside of them.

use std::collections::{BTreeSet, HashMap};

use tidings_core::{Entity, Timestamp};
use tidings_testrun::{
    Attachment, CaseStarted, ErrorItem, Failure, FailureKind, Output, Property, TestRun,
};

use crate::found::Found;
use crate::teller::{Teller, Took};

use super::entry::Entry;
use super::text::{
    Bounded, TIMED_OUT, Verdict, VerdictKind, failure_of_crash, glued_verdict, is_crash, is_frame,
    running_test,
};

/// A package that has not ended.
#[derive(Debug)]
pub(super) struct Package {
    suite: Entity,
    /// Whether an end of it has to come.
    pub(super) is_running: bool,
    entries: HashMap<String, Entry>,
    order: u64,
    has_failed: bool,
    timeout: Option<Timeout>,
    glued: HashMap<String, Verdict>,
    /// What it says outside of its tests.
    output: Bounded,
    /// All from the first line of a panic on, wherever it stands.
    crash: Bounded,
    is_build_failed: bool,
}

/// The time of a package is up.
#[derive(Debug)]
struct Timeout {
    /// What go says of it.
    why: String,
    /// Whether the next lines are those of `running tests:`.
    is_listing: bool,
    running: BTreeSet<String>,
}

/// The end of a test or of a package.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    pub(super) how: Ended,
    pub(super) took: Took,
}

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Passed,
    Failed,
    Skipped,
}

impl Timeout {
    fn take(&mut self, line: &str) {
        match running_test(line) {
            Some(test) if self.is_listing => drop(self.running.insert(test.to_owned())),
            _ => self.is_listing = line.trim_end() == "running tests:",
        }
    }
}

impl Package {
    pub(super) fn new(suite: Entity) -> Self {
        Self {
            suite,
            is_running: false,
            entries: HashMap::new(),
            order: 0,
            has_failed: false,
            timeout: None,
            glued: HashMap::new(),
            output: Bounded::default(),
            crash: Bounded::default(),
            is_build_failed: false,
        }
    }

    pub(super) fn begin(&mut self, at: Option<Timestamp>, teller: &mut Teller, found: &mut Found) {
        self.is_running = true;
        teller.begin(&self.suite, at, found);
    }

    /// A test begins, unless it is running.
    pub(super) fn run(
        &mut self,
        test: &str,
        at: Option<Timestamp>,
        teller: &mut Teller,
        found: &mut Found,
    ) {
        self.begin(at, teller, found);
        let case = self.case(test);
        let order = self.order;
        let entry = self.entries.entry(test.to_owned()).or_default();
        if entry.is_running {
            return;
        }
        (entry.is_running, entry.order) = (true, order);
        self.order += 1;
        let mut started = CaseStarted::new();
        started.at = at;
        teller.say(&case, started, found);
    }

    /// A test waits for others, or goes on.
    pub(super) fn pause(&mut self, test: &str, is_paused: bool) {
        if let Some(entry) = self.entries.get_mut(test) {
            entry.is_paused = is_paused;
        }
    }

    pub(super) fn attribute(&mut self, test: &str, property: Property) {
        self.entries.entry(test.to_owned()).or_default().note(property);
    }

    pub(super) fn artifacts(
        &self,
        test: Option<&str>,
        path: &str,
        teller: &mut Teller,
        found: &mut Found,
    ) {
        let about = test.map_or_else(|| self.suite.clone(), |test| self.case(test));
        teller.say(&about, Attachment::path("artifacts", path), found);
    }

    /// Takes a piece of output, of a test or of the package.
    pub(super) fn output(
        &mut self,
        test: Option<&str>,
        (said, output_type): (&str, Option<&str>),
        teller: &mut Teller,
        found: &mut Found,
    ) {
        self.watch(said);
        let is_result = test.is_none() && matches!(said.trim_end(), "PASS" | "FAIL");
        if is_result || is_frame(said) {
            return;
        }
        if let Some(test) = test {
            self.entries.entry(test.to_owned()).or_default().take(said, output_type);
            teller.say(&self.case(test), Output::stdout(said), found);
        } else {
            self.is_build_failed |= said.starts_with("FAIL\t")
                && (said.contains(" [build failed]") || said.contains(" [setup failed]"));
            teller.begin(&self.suite, None, found);
            self.output.push(said);
            teller.say(&self.suite, Output::stdout(said), found);
        }
    }

    /// Looks for what concerns more than the test whose output it is.
    fn watch(&mut self, text: &str) {
        if text.starts_with(TIMED_OUT) {
            let why = text.trim_end().to_owned();
            self.timeout = Some(Timeout { why, is_listing: false, running: BTreeSet::new() });
        } else if let Some(timeout) = &mut self.timeout {
            timeout.take(text);
        }
        if let Some((test, verdict)) = glued_verdict(text) {
            self.glued.insert(test.to_owned(), verdict);
        }
        if !self.crash.is_empty() || is_crash(text) {
            self.crash.push(text);
        }
    }

    /// A test ends.
    pub(super) fn end_test(
        &mut self,
        test: &str,
        Ending { how, took }: Ending,
        teller: &mut Teller,
        found: &mut Found,
    ) {
        self.begin(took.at, teller, found);
        let test = self.benchmark_of(test).unwrap_or(test).to_owned();
        let why = self.timed_out(&test).map(str::to_owned);
        let entry = self.entries.remove(&test).unwrap_or_default();
        let event = match (how, why) {
            (Ended::Passed, _) => entry.passed(took),
            (Ended::Skipped, _) => entry.skipped(took),
            (Ended::Failed, Some(why)) => entry.timed_out(&why, took),
            (Ended::Failed, None) => entry.failed(took),
        };
        self.has_failed |= how == Ended::Failed;
        teller.say(&self.case(&test), event, found);
    }

    /// A benchmark begins as `BenchmarkX` and ends as `BenchmarkX-8`.
    fn benchmark_of<'a>(&self, test: &'a str) -> Option<&'a str> {
        let (base, threads) = test.rsplit_once('-')?;
        let is_number = !threads.is_empty() && threads.bytes().all(|byte| byte.is_ascii_digit());
        let is_it = is_number && base.starts_with("Benchmark") && !self.entries.contains_key(test);
        let is_running = |entry: &Entry| entry.is_running;
        self.entries.get(base).is_some_and(is_running).then_some(base).filter(|_| is_it)
    }

    /// What go said of the time, if it was up for this test.
    fn timed_out(&self, test: &str) -> Option<&str> {
        let timeout = self.timeout.as_ref()?;
        let entry = self.entries.get(test)?;
        let is_it = if timeout.running.is_empty() {
            // Before Go 1.20 nothing said which tests were running.
            !entry.is_paused
        } else {
            timeout.running.contains(test)
        };
        is_it.then_some(timeout.why.as_str())
    }

    /// The package ends; what it is to be blamed for that no test is, if anything.
    pub(super) fn end(
        mut self,
        Ending { how: ended, took }: Ending,
        build: Option<Failure>,
        (teller, found): (&mut Teller, &mut Found),
    ) {
        teller.begin(&self.suite, None, found);
        self.end_entries(ended, took.at, teller, found);
        if ended == Ended::Failed && !self.has_failed {
            let mut item = match build {
                Some(failure) => ErrorItem::named("build", failure),
                None => ErrorItem::named("package", self.failure()),
            };
            item.at = took.at;
            teller.say(&self.suite, item, found);
        }
        teller.finish(&self.suite, took, found);
    }

    /// Whether it says that it does not build.
    pub(super) fn is_build_failed(&self) -> bool {
        self.is_build_failed
    }

    fn end_entries(
        &mut self,
        ended: Ended,
        at: Option<Timestamp>,
        teller: &mut Teller,
        found: &mut Found,
    ) {
        let mut names: Vec<String> = self.entries.keys().cloned().collect();
        names.sort_unstable_by_key(|name| self.entries[name].order);
        for test in names {
            let why = self.timed_out(&test).map(str::to_owned);
            let Some(entry) = self.entries.remove(&test).filter(|entry| entry.is_running) else {
                continue;
            };
            let is_benchmark = test.starts_with("Benchmark");
            let has_passed = is_benchmark && (entry.has_result || ended == Ended::Passed);
            let took = |verdict: &Verdict| Took { at, duration: verdict.elapsed };
            let event = match (self.glued.get(&test), why) {
                (Some(verdict), _) => match verdict.kind {
                    VerdictKind::Passed => entry.passed(took(verdict)),
                    VerdictKind::Failed => entry.failed(took(verdict)),
                    VerdictKind::Skipped => entry.skipped(took(verdict)),
                },
                (None, _) if has_passed => entry.passed(Took { at, duration: None }),
                (None, Some(why)) => entry.timed_out(&why, Took { at, duration: None }),
                (None, None) => entry.aborted(at),
            };
            self.has_failed |=
                matches!(&event, TestRun::CaseFinished(event) if event.status.is_failed());
            teller.say(&self.case(&test), event, found);
        }
    }

    /// Why it failed, if none of its tests did.
    fn failure(&self) -> Failure {
        if !self.crash.is_empty() {
            return failure_of_crash(&self.crash.text());
        }
        let text = self.output.text();
        let is_said = |line: &&str| {
            !line.trim().is_empty()
                && !line.starts_with("FAIL\t")
                && !line.starts_with("exit status")
        };
        let message = text.lines().rfind(is_said).map(str::trim);
        let message = message.unwrap_or("the package failed without a failed test");
        let mut failure = Failure::new(FailureKind::Error, message);
        failure.details = Some(text.trim_end().to_owned()).filter(|text| !text.is_empty());
        failure
    }

    fn case(&self, test: &str) -> Entity {
        self.suite.child("case", test)
    }
}
