//! What each event does: cases begin and end, and suites and groups around them.

use tidings_core::Entity;
use tidings_testrun::{
    CaseFinished, CaseSkipped, CaseStarted, ErrorItem, Failure, FailureKind, LogFile, SkippedBy,
    Status,
};

use crate::found::Found;
use crate::teller::{Teller, Took};

use super::event::{Function, Place};
use super::node::{Announced, Group, Node, Waiting};
use super::outcome::Outcome;
use super::term::Term;

/// One node, and who tells of it.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub(super) node: &'a mut Node,
    pub(super) teller: &'a mut Teller,
    pub(super) found: &'a mut Found,
}

impl Stage<'_> {
    /// A function is going to run, and keeps its log there.
    pub(super) fn announced(&mut self, place: Place, log: Option<String>) {
        if place.suite.is_none() {
            self.node.hint = log.as_deref().and_then(suite_in_path);
        }
        match (place.function, place.suite) {
            (Function::Case { name, group }, Some(suite)) => {
                self.node.names_groups |= group.is_some();
                self.node.announce(&suite, &name, Announced { group, log });
            }
            (function, _) => {
                self.node.names_groups |= matches!(function, Function::InitGroup(Some(_)));
                self.node.log = log;
            }
        }
    }

    /// A function has begun.
    pub(super) fn started(&mut self, place: Place) {
        match place.function {
            Function::InitSuite => {
                self.leave_suite();
                if let Some(suite) = place.suite.or_else(|| self.node.hint.take()) {
                    self.enter_suite(&suite);
                }
            }
            Function::InitGroup(Some(name)) => {
                self.node.push_group(&name);
                if let Some(suite) = place.suite.or_else(|| self.node.suite.clone()) {
                    self.enter_group(&suite, &name);
                }
            }
            Function::Case { name, group } => {
                if let Some(suite) = place.suite {
                    self.start_case(&suite, &name, group);
                }
            }
            _ => {}
        }
    }

    /// A function has ended.
    pub(super) fn done(&mut self, place: Place, result: &Term) {
        let suite = place.suite.clone().or_else(|| self.node.suite.clone());
        let outcome = Outcome::of(result, suite.as_deref().unwrap_or_default());
        match (place.function, place.suite) {
            (Function::Case { name, group }, Some(suite)) => {
                self.end_case(&suite, &name, group.as_deref(), outcome);
            }
            (function, suite) => self.end_around(&function, suite, outcome, result),
        }
    }

    /// Something does not run at all.
    pub(super) fn skipped(&mut self, place: Place, by: SkippedBy, reason: String) {
        match (place.function, place.suite) {
            (Function::Case { name, group }, Some(suite)) => {
                self.node.names_groups |= group.is_some();
                let place = group.clone().map_or(Group::Unknown, Group::Named);
                let case = self.case(&suite, &name, &place);
                // One that had begun ends so.
                if self.teller.is_open(&case) {
                    self.node.stop(&suite, &name, group.as_deref());
                } else {
                    self.node.plan.see(&case, name == "all");
                }
                self.teller.say(&case, skip(by, reason), self.found);
                self.tell_next(&case);
            }
            (Function::InitGroup(Some(name)), suite) => {
                self.node.push_group(&name);
                if let Some(suite) = suite.or_else(|| self.node.suite.clone()) {
                    self.enter_group(&suite, &name);
                }
            }
            (Function::EndGroup(name), _) => self.leave_group(name.as_deref()),
            (Function::EndSuite, _) => self.leave_suite(),
            _ => {}
        }
    }

    /// The suite that runs is over: so are its groups.
    pub(super) fn leave_suite(&mut self) {
        let Some(name) = self.node.suite.take() else { return };
        let suite = self.teller.suite(&name);
        self.finish_within(&suite);
        self.teller.finish(&suite, Took::default(), self.found);
        self.node.groups.clear();
        self.node.forget_announced();
    }

    /// Tells of the cases that wait for another of their name, which now never ends.
    pub(super) fn end_waiting(&mut self, why: &str) {
        while let Some(case) = self.node.waits_somewhere() {
            let mut event = CaseFinished::failed(Failure::new(FailureKind::Error, why));
            event.status = Status::Aborted;
            self.teller.say(&case, event.synthetic(), self.found);
            self.tell_next(&case);
        }
    }

    fn enter_suite(&mut self, name: &str) -> Entity {
        if self.node.suite.as_deref() != Some(name) {
            self.leave_suite();
            self.node.suite = Some(name.to_owned());
        }
        let suite = self.teller.suite(name);
        self.teller.begin(&suite, None, self.found);
        suite
    }

    fn enter_group(&mut self, suite: &str, name: &str) -> Entity {
        let groups = self.node.groups_to(name);
        self.enter_groups(suite, &groups)
    }

    fn enter_groups(&mut self, suite: &str, groups: &[String]) -> Entity {
        let mut entity = self.enter_suite(suite);
        for group in groups {
            entity = entity.child("group", group);
            if !self.teller.is_open(&entity) {
                self.teller.begin(&entity, None, self.found);
                self.node.told.push(entity.clone());
            }
        }
        entity
    }

    /// A case at its place. Its group is known, or known to be none, or not known: then it is
    /// the innermost one that has begun.
    fn case(&mut self, suite: &str, name: &str, group: &Group) -> Entity {
        self.enter_suite(suite);
        let groups = match group {
            Group::Named(group) => self.node.groups_to(group),
            Group::None if self.node.names_groups => Vec::new(),
            Group::None | Group::Unknown => self.node.groups.clone(),
        };
        self.enter_groups(suite, &groups).child("case", name)
    }

    fn start_case(&mut self, suite: &str, name: &str, group: Option<String>) {
        let announced = self.node.announced(suite, name);
        let (group, log) = match (group, announced) {
            (Some(group), announced) => (Group::Named(group), announced.and_then(|it| it.log)),
            (None, Some(Announced { group, log })) => {
                (group.map_or(Group::None, Group::Named), log)
            }
            (None, None) => (Group::Unknown, None),
        };
        let case = self.case(suite, name, &group);
        self.node.run(suite, name, case.clone());
        if self.teller.is_open(&case) {
            self.node.wait(case, Waiting { log });
        } else {
            self.tell_start(&case, log);
        }
    }

    fn tell_start(&mut self, case: &Entity, log: Option<String>) {
        self.node.plan.see(case, false);
        self.teller.say(case, CaseStarted::new(), self.found);
        if let Some(path) = log {
            self.teller.say(case, LogFile::new(path), self.found);
        }
    }

    fn tell_next(&mut self, case: &Entity) {
        if let Some(waiting) = self.node.stop_waiting(case) {
            self.tell_start(case, waiting.log);
        }
    }

    fn end_case(&mut self, suite: &str, name: &str, group: Option<&str>, outcome: Outcome) {
        let stopped = self.node.stop(suite, name, group);
        let stopped = stopped.or_else(|| self.stop_other(suite));
        let case = match (stopped, &outcome) {
            (Some(case), _) => case,
            (None, Outcome::FrameworkFailed(failure)) => {
                let around = self.around(Some(suite.to_owned()));
                let item = ErrorItem::named(name, failure.clone());
                self.teller.say(&around, item, self.found);
                return;
            }
            (None, _) => {
                self.start_case(suite, name, group.map(str::to_owned));
                let started = self.node.stop(suite, name, group);
                started.expect("a case that was just started runs")
            }
        };
        match outcome {
            Outcome::Success => self.finish_case(&case, CaseFinished::new(Status::Success)),
            Outcome::Skipped { by, reason } => {
                self.teller.say(&case, skip(by, reason), self.found);
            }
            Outcome::Failed(failure) | Outcome::FrameworkFailed(failure) => {
                self.finish_case(&case, CaseFinished::failed(failure));
            }
            Outcome::TeardownFailed(failure) => {
                let item = ErrorItem::named("end_per_testcase", failure);
                self.teller.say(&case, item, self.found);
                self.finish_case(&case, CaseFinished::new(Status::Success));
            }
        }
        self.tell_next(&case);
    }

    fn finish_case(&mut self, case: &Entity, event: CaseFinished) {
        self.teller.say(case, event, self.found);
    }

    /// Old versions name the module and function that a case was in when its time ran out.
    fn stop_other(&mut self, suite: &str) -> Option<Entity> {
        if self.node.suite.as_deref() == Some(suite) {
            return None;
        }
        let ((suite, case), _) = self.node.only_running()?;
        let (suite, case) = (suite.clone(), case.clone());
        self.node.stop(&suite, &case, None)
    }

    /// A function has ended that is no case.
    fn end_around(
        &mut self,
        function: &Function,
        suite: Option<String>,
        outcome: Outcome,
        result: &Term,
    ) {
        let failure = match outcome {
            Outcome::Failed(failure)
            | Outcome::TeardownFailed(failure)
            | Outcome::FrameworkFailed(failure) => Some(failure),
            Outcome::Skipped { .. } => failure_in_skip(result, suite.as_deref()),
            Outcome::Success => None,
        };
        if let Some(mut failure) = failure {
            failure.kind = match function {
                Function::InitSuite | Function::InitGroup(_) => FailureKind::Setup,
                Function::EndSuite | Function::EndGroup(_) => FailureKind::Teardown,
                _ => failure.kind,
            };
            let entity = self.place_of(function, suite);
            if let Some(path) = self.node.log.take() {
                self.teller.say(&entity, LogFile::new(path), self.found);
            }
            let item = ErrorItem::named(function.name(), failure);
            self.teller.say(&entity, item, self.found);
        }
        match function {
            Function::EndGroup(name) => self.leave_group(name.as_deref()),
            Function::EndSuite => self.leave_suite(),
            _ => {}
        }
    }

    /// What an error in a function is about.
    fn place_of(&mut self, function: &Function, suite: Option<String>) -> Entity {
        let suite = match function {
            Function::Framework(_) => suite.or_else(|| self.node.hint.clone()),
            _ => suite.or_else(|| self.node.suite.clone()).or_else(|| self.node.hint.clone()),
        };
        let Some(suite) = suite else { return self.teller.run().clone() };
        match function {
            Function::InitGroup(name) | Function::EndGroup(name) => {
                match name.clone().or_else(|| self.node.groups.last().cloned()) {
                    Some(name) => self.enter_group(&suite, &name),
                    None => self.enter_suite(&suite),
                }
            }
            _ => self.enter_suite(&suite),
        }
    }

    /// The suite if there is one, else the run.
    fn around(&mut self, suite: Option<String>) -> Entity {
        match suite.filter(|suite| self.node.suite.as_ref() == Some(suite)) {
            Some(suite) => self.teller.suite(&suite),
            None => self.teller.run().clone(),
        }
    }

    /// A group has ended, and all within it; the innermost one if it is not named.
    fn leave_group(&mut self, name: Option<&str>) {
        let Some(name) = name.or(self.node.groups.last().map(String::as_str)) else { return };
        let groups = self.node.groups_to(name);
        if let Some(suite) = &self.node.suite {
            let suite = self.teller.suite(suite);
            let group = groups.iter().fold(suite, |entity, name| entity.child("group", name));
            self.finish_within(&group);
        }
        self.node.groups.truncate(groups.len() - 1);
    }

    /// Ends the groups that are something or are within it, innermost first.
    fn finish_within(&mut self, around: &Entity) {
        let is_within = |entity: &Entity| {
            std::iter::successors(Some(entity.clone()), Entity::parent).any(|it| it == *around)
        };
        let told = std::mem::take(&mut self.node.told);
        let (mut within, outside): (Vec<_>, Vec<_>) = told.into_iter().partition(is_within);
        self.node.told = outside;
        within.sort_by_key(|group| std::cmp::Reverse(group.depth()));
        for group in within {
            self.teller.finish(&group, Took::default(), self.found);
        }
    }
}

fn skip(by: SkippedBy, reason: String) -> CaseSkipped {
    match by {
        SkippedBy::User => CaseSkipped::by_user(reason),
        _ => CaseSkipped::automatically(reason),
    }
}

/// A function around cases may be skipped because what tells of it has failed.
fn failure_in_skip(result: &Term, suite: Option<&str>) -> Option<Failure> {
    let (_, [reason]) = result.tagged()? else { return None };
    let ("failed", [what]) = reason.tagged()? else { return None };
    matches!(what.tagged(), Some(("error", _)))
        .then(|| super::reason::failure_of(what, suite.unwrap_or_default()))
}

/// The suite in `…/ct.suites.a_SUITE.logs/…`, which a test of one suite logs to.
fn suite_in_path(path: &str) -> Option<String> {
    let folders = path.split(['/', '\\']);
    let names = folders.filter_map(|folder| folder.strip_suffix(".logs"));
    let mut suites = names.filter_map(|name| name.rsplit('.').next());
    suites.rfind(|name| name.ends_with("_SUITE")).map(str::to_owned)
}
