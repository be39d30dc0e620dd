//! One suite: what was announced of it, and which of its tests are running.

use std::collections::HashMap;
use std::time::Duration;

use tidings_core::Entity;
use tidings_testrun::{CaseFinished, CaseSkipped, CaseStarted, Failure, FailureKind, Status};

use crate::found::Found;
use crate::teller::{Teller, Took};

/// The most lost attempts that are made up; of more only the first is.
const ATTEMPTS_MADE_UP_MAX: u32 = 64;

/// Who runs the tests of a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runner {
    Libtest,
    /// It names suites, and may end one before all its tests have ended.
    Nextest,
}

/// A suite, from its first test to the end of the stream.
#[derive(Debug)]
pub(super) struct Suite {
    pub(super) entity: Entity,
    pub(super) runner: Runner,
    /// How many tests were announced.
    pub(super) planned: Option<u64>,
    /// What its last end said, if that came after its last announcement.
    pub(super) ended: Option<SuiteEnd>,
    pub(super) is_announced: bool,
    /// Whether it was announced again after an end of its own: its last end then counts as left
    /// out what ran before.
    pub(super) is_resumed: bool,
    /// How many tests have begun.
    pub(super) begun: u64,
    /// How many ended as ignored.
    ignored: u64,
    /// How often a stress test ran all of it.
    stress_runs: u64,
    /// Why it has no end, if cargo said so.
    pub(super) death: Option<String>,
    open: HashMap<Box<str>, Open>,
}

/// What the end of a suite says that tests do not.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct SuiteEnd {
    pub(super) ignored: u64,
    pub(super) filtered_out: u64,
    pub(super) duration: Option<Duration>,
}

/// A running test.
#[derive(Debug, Clone, Copy)]
struct Open {
    attempt: u32,
    /// How often it has begun without an end: binaries may share a name.
    times: u64,
}

/// How a test ended.
#[derive(Debug)]
pub(super) enum Ending {
    Finished(CaseFinished),
    Skipped(CaseSkipped),
}

impl Suite {
    pub(super) fn new(entity: Entity, runner: Runner) -> Self {
        Self {
            entity,
            runner,
            planned: None,
            ended: None,
            is_announced: false,
            is_resumed: false,
            begun: 0,
            ignored: 0,
            stress_runs: 1,
            death: None,
            open: HashMap::new(),
        }
    }

    pub(super) fn is_running(&self, test: &str) -> bool {
        self.open.contains_key(test)
    }

    pub(super) fn has_running(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether its end was announced and never came.
    pub(super) fn lacks_end(&self) -> bool {
        self.is_announced && self.ended.is_none()
    }

    /// How many tests ended as ignored.
    pub(super) fn ignored(&self) -> u64 {
        self.ignored
    }

    pub(super) fn case(&self, test: &str) -> Entity {
        self.entity.child("case", test)
    }

    pub(super) fn note_stress(&mut self, number: Option<u64>) {
        let runs = number.map_or(1, |number| number.saturating_add(1));
        self.stress_runs = self.stress_runs.max(runs);
    }

    /// Whether its end counts the running tests among those that were given up: when enough
    /// have failed, nextest drops a test that waits for its next attempt without a word of it.
    ///
    /// nextest takes the ignored tests off once too often; where nothing is left then, nobody
    /// knows whether any were given up.
    pub(super) fn says_that_tests_were_given_up(&self) -> bool {
        let end = self.ended.filter(|end| end.filtered_out > 0 && !self.is_resumed);
        let Some(end) = end else { return false };
        let open: u64 = self.open.values().map(|open| open.times).sum();
        let unseen = self.planned.unwrap_or(0).saturating_sub(self.begun);
        let given_up = end.filtered_out.saturating_add(self.ignored);
        open.saturating_add(unseen) <= given_up
    }

    /// An attempt at a test begins.
    pub(super) fn start(
        &mut self,
        test: &str,
        attempt: u32,
        teller: &mut Teller,
        found: &mut Found,
    ) {
        teller.begin(&self.entity, None, found);
        if let Some(open) = self.open.get_mut(test) {
            open.times += 1;
            self.begun += 1;
            return;
        }
        if attempt == 1 {
            self.begun += 1;
        }
        self.open.insert(test.into(), Open { attempt, times: 1 });
        teller.say(&self.case(test), CaseStarted::new().with_attempt(attempt), found);
    }

    /// Makes up the ends of the attempts before this one, of which nextest says nothing.
    pub(super) fn catch_up(
        &mut self,
        test: &str,
        attempt: u32,
        teller: &mut Teller,
        found: &mut Found,
    ) {
        let case = self.case(test);
        let Some(open) = self.open.get_mut(test) else { return };
        while open.attempt < attempt {
            let failure = Failure::new(FailureKind::Error, "it was tried again after it failed");
            let mut event = CaseFinished::failed(failure).with_attempt(open.attempt);
            event.status = Status::Failure;
            teller.say(&case, event.superseded().synthetic(), found);
            let is_many = attempt - open.attempt > ATTEMPTS_MADE_UP_MAX;
            open.attempt = if is_many { attempt } else { open.attempt + 1 };
            teller.say(&case, CaseStarted::new().with_attempt(open.attempt), found);
        }
    }

    /// A test ends; one of the same name that began meanwhile begins.
    pub(super) fn end_test(
        &mut self,
        test: &str,
        ending: Ending,
        teller: &mut Teller,
        found: &mut Found,
    ) {
        teller.begin(&self.entity, None, found);
        let case = self.case(test);
        match ending {
            Ending::Finished(event) => teller.say(&case, event, found),
            Ending::Skipped(event) => {
                self.ignored += u64::from(event.status == Status::Ignored);
                teller.say(&case, event, found);
            }
        }
        let Some(open) = self.open.get_mut(test) else {
            self.begun += 1;
            return;
        };
        if open.times == 1 {
            self.open.remove(test);
            return;
        }
        *open = Open { attempt: 1, times: open.times - 1 };
        teller.say(&case, CaseStarted::new(), found);
    }

    /// Ends tests that began and of which nothing more came because they are ignored: nextest
    /// leaves them out when nothing of their suite ran after them.
    ///
    /// The end of the suite says how many are ignored, or more began than were announced, as
    /// they do when only ignored tests run; if more are open than that, or tests are missing
    /// though nothing has failed, nobody knows which ones they are.
    pub(super) fn settle_ignored(
        &mut self,
        has_failed: bool,
        teller: &mut Teller,
        found: &mut Found,
    ) {
        let Some(end) = self.ended else { return };
        let planned = self.planned.unwrap_or(0).saturating_mul(self.stress_runs);
        let ignored = end.ignored.saturating_mul(self.stress_runs);
        let left = ignored.max(self.begun.saturating_sub(planned)).saturating_sub(self.ignored);
        let open: u64 = self.open.values().map(|open| open.times).sum();
        let is_all_there = self.begun >= planned || has_failed;
        if open > left || !is_all_there {
            return;
        }
        let mut tests: Vec<_> = self.open.drain().collect();
        tests.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        for (test, open) in tests {
            for _ in 0..open.times {
                self.ignored += 1;
                teller.say(&self.case(&test), CaseSkipped::ignored(""), found);
            }
        }
    }

    /// Ends what runs in it without a result, and the suite.
    pub(super) fn close(&mut self, teller: &mut Teller, found: &mut Found) {
        self.give_up(teller, found);
        let duration = self.ended.and_then(|end| end.duration);
        teller.finish(&self.entity, Took { at: None, duration }, found);
    }

    /// Ends what runs in it without a result.
    pub(super) fn give_up(&mut self, teller: &mut Teller, found: &mut Found) {
        let why = match &self.death {
            Some(how) => format!("its process failed: {how}"),
            None => "its suite ended without a result of it".to_owned(),
        };
        let mut tests: Vec<_> = self.open.drain().collect();
        tests.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        for (test, open) in tests {
            let failure = Failure::new(FailureKind::Error, why.clone());
            let mut event = CaseFinished::failed(failure).with_attempt(open.attempt).synthetic();
            event.status = Status::Aborted;
            teller.say(&self.case(&test), event, found);
        }
    }
}
