//! What importers share: the run, its suites and cases that are open, and their ends.
//!
//! Only what is open is in memory. A suite that is begun again after its end is begun again;
//! what is open at the end of the stream is ended there.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tidings_core::{Entity, Timestamp};
use tidings_testrun::{
    CaseFinished, Failure, FailureKind, GroupFinished, GroupStarted, Output, RunFinished,
    RunStarted, Status, StepFinished, SuiteFinished, SuiteStarted, TestRun,
};

use super::found::{Found, Said};
use super::importer::{End, Line};

/// Tells the events of one run, and knows what is open.
#[derive(Debug)]
pub(crate) struct Teller {
    run: Entity,
    /// What is open: the run, suites, groups, cases and steps, in the order they began.
    open: HashMap<Key, Open>,
    begun: u64,
    node: Option<Arc<str>>,
}

/// How many running cases a fault names.
const NAMES_TOLD_MAX: usize = 3;

/// What it is about, and on which node.
type Key = (Entity, Option<Arc<str>>);

#[derive(Debug, Clone, Copy)]
struct Open {
    level: Level,
    /// The how-manieth thing that began.
    order: u64,
    attempt: u32,
    has_failed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Run,
    Suite,
    Group,
    Case,
    Step,
}

impl Teller {
    /// Tells of the run with this id; its entity is `run/<id>`.
    pub(crate) fn new(run: &str) -> Self {
        Self { run: Entity::new("run", run), open: HashMap::new(), begun: 0, node: None }
    }

    /// What the run is called in entities.
    pub(crate) fn run(&self) -> &Entity {
        &self.run
    }

    /// From here on, events are those of this machine.
    pub(crate) fn set_node(&mut self, node: Option<Arc<str>>) {
        self.node = node;
    }

    /// Says something about anything. Begins and ends are remembered; the end of what is not
    /// open is said all the same.
    pub(crate) fn say(&mut self, entity: &Entity, event: impl Into<TestRun>, found: &mut Found) {
        let event = event.into();
        self.follow(entity, &event);
        let said = Said::new(entity.clone(), event);
        found.say(match &self.node {
            Some(node) => said.on_node(Arc::clone(node)),
            None => said,
        });
    }

    /// Begins the run, unless it is open.
    pub(crate) fn begin_run(&mut self, started: RunStarted, found: &mut Found) {
        if !self.is_open(&self.run.clone()) {
            self.say(&self.run.clone(), started, found);
        }
    }

    /// The entity of a suite of the run.
    pub(crate) fn suite(&self, name: &str) -> Entity {
        self.run.child("suite", name)
    }

    /// Begins a suite or a group, whichever the kind of the entity says, unless it is open.
    pub(crate) fn begin(&mut self, entity: &Entity, at: Option<Timestamp>, found: &mut Found) {
        if self.is_open(entity) {
            return;
        }
        if entity.kind() == "group" {
            let mut started = GroupStarted::new();
            started.at = at;
            self.say(entity, started, found);
        } else {
            let mut started = SuiteStarted::new();
            started.at = at;
            self.say(entity, started, found);
        }
    }

    /// Ends a suite or a group that is open: a failure if anything in it has failed.
    pub(crate) fn finish(&mut self, entity: &Entity, took: Took, found: &mut Found) {
        let Some(open) = self.open.get(&self.key(entity)).copied() else { return };
        self.finish_open(entity, open, took, found);
    }

    /// Whether it has begun and not ended, on the present node.
    pub(crate) fn is_open(&self, entity: &Entity) -> bool {
        self.open.contains_key(&self.key(entity))
    }

    /// How many cases have begun and not ended.
    pub(crate) fn open_cases(&self) -> usize {
        self.open.values().filter(|open| open.level == Level::Case).count()
    }

    /// Keeps a line that is not of the format as output of the run, and counts it.
    pub(crate) fn foreign(&mut self, line: Line<'_>, found: &mut Found) {
        if line.text.trim().is_empty() {
            return;
        }
        found.count_foreign();
        self.begin_run(RunStarted::new(), found);
        let text = if line.is_whole { format!("{}\n", line.text) } else { line.text.to_owned() };
        self.say(&self.run.clone(), Output::stdout(text), found);
    }

    /// Says that the stream ends before something that should have come, and which cases were
    /// still running.
    pub(crate) fn fault_cut(&self, before: &str, found: &mut Found) {
        let is_case = |(_, open): &(&Key, &Open)| open.level == Level::Case;
        let mut cases: Vec<_> = self.open.iter().filter(is_case).collect();
        cases.sort_by_key(|(_, open)| open.order);
        let names: Vec<String> = cases
            .iter()
            .take(NAMES_TOLD_MAX)
            .map(|((case, _), _)| case.id().escape_debug().to_string())
            .collect();
        let running = match (cases.len(), names.join(", ")) {
            (0, _) => "no case was running".to_owned(),
            (1, name) => format!("1 case was still running ({name})"),
            (count, names) if count > NAMES_TOLD_MAX => {
                format!("{count} cases were still running ({names}, …)")
            }
            (count, names) => format!("{count} cases were still running ({names})"),
        };
        found.fault(format!("the stream ends before {before}: {running}"));
    }

    /// Says so if no line of the whole stream was of the format; whether that is so.
    pub(crate) fn fault_none_understood(format: &str, found: &mut Found) -> bool {
        if found.understood() > 0 {
            return false;
        }
        match found.foreign() {
            0 if found.faults_count() > 0 => {}
            0 => found.fault("the stream is empty"),
            1 => found.fault(format!("its only line is not {format}; is `--from` right?")),
            lines => {
                found.fault(format!("none of the {lines} lines is {format}; is `--from` right?"));
            }
        }
        true
    }

    /// Ends everything that is open, innermost first, and then the run.
    ///
    /// Cases and steps are aborted and marked synthetic, as nobody said how they ended; the
    /// run is, too, when `is_cut` says that the stream should have gone on.
    pub(crate) fn end(&mut self, end: End, is_cut: bool, took: Took, found: &mut Found) {
        self.end_items(end, took, found);
        self.end_run(is_cut.then_some(why_aborted(end)), took, found);
    }

    /// Ends everything that is open but the run, for a stream that says how that ended.
    pub(crate) fn end_items(&mut self, end: End, took: Took, found: &mut Found) {
        let why = why_aborted(end);
        let node = self.node.take();
        let mut open: Vec<(Key, Open)> = self.open.iter().map(|(k, v)| (k.clone(), *v)).collect();
        open.retain(|(_, open)| open.level != Level::Run);
        open.sort_by_key(|((entity, _), open)| (std::cmp::Reverse(entity.depth()), open.order));
        for ((entity, node), open) in open {
            self.node = node;
            // One that something within it has failed since is another than it was.
            let open = self.open.get(&self.key(&entity)).copied().unwrap_or(open);
            match open.level {
                Level::Case => {
                    let mut event = CaseFinished::failed(aborted(why));
                    (event.status, event.attempt) = (Status::Aborted, open.attempt);
                    self.say(&entity, event.synthetic(), found);
                }
                Level::Step => {
                    let mut event = StepFinished::failed(aborted(why));
                    (event.status, event.attempt) = (Status::Aborted, open.attempt);
                    self.say(&entity, event.synthetic(), found);
                }
                _ => self.finish_open(&entity, open, Took { at: took.at, duration: None }, found),
            }
        }
        self.node = node;
    }

    /// Whether it is open and anything in it has failed.
    pub(crate) fn has_failed(&self, entity: &Entity) -> bool {
        self.open.get(&self.key(entity)).is_some_and(|open| open.has_failed)
    }

    fn end_run(&mut self, cut: Option<&str>, took: Took, found: &mut Found) {
        let Some(open) = self.open.get(&self.key(&self.run)).copied() else { return };
        let mut event = match cut {
            Some(why) => {
                let mut event = RunFinished::failed(aborted(why)).synthetic();
                event.status = Status::Aborted;
                event
            }
            None => RunFinished::new(open.status()),
        };
        (event.at, event.duration) = (took.at, took.duration);
        self.say(&self.run.clone(), event, found);
    }

    fn finish_open(&mut self, entity: &Entity, open: Open, took: Took, found: &mut Found) {
        if open.level == Level::Group {
            let mut event = GroupFinished::new(open.status());
            (event.at, event.duration) = (took.at, took.duration);
            self.say(entity, event, found);
        } else {
            let mut event = SuiteFinished::new(open.status());
            (event.at, event.duration) = (took.at, took.duration);
            self.say(entity, event, found);
        }
    }

    fn key(&self, entity: &Entity) -> Key {
        // The run is one, on whatever nodes.
        let node = self.node.clone().filter(|_| *entity != self.run);
        (entity.clone(), node)
    }

    fn follow(&mut self, entity: &Entity, event: &TestRun) {
        match event {
            TestRun::RunStarted(_) => self.opened(entity, Level::Run, 1),
            TestRun::SuiteStarted(_) => self.opened(entity, Level::Suite, 1),
            TestRun::GroupStarted(_) => self.opened(entity, Level::Group, 1),
            TestRun::CaseStarted(event) => self.opened(entity, Level::Case, event.attempt),
            TestRun::StepStarted(event) => self.opened(entity, Level::Step, event.attempt),
            TestRun::RunFinished(_)
            | TestRun::SuiteFinished(_)
            | TestRun::GroupFinished(_)
            | TestRun::StepFinished(_) => self.closed(entity, false),
            TestRun::CaseFinished(event) => {
                self.closed(entity, event.status.is_failed() && !event.superseded);
            }
            TestRun::CaseSkipped(event) => self.closed(entity, event.status.is_failed()),
            TestRun::ErrorItem(_) => self.failed(entity),
            _ => {}
        }
    }

    fn opened(&mut self, entity: &Entity, level: Level, attempt: u32) {
        let order = self.begun;
        self.begun += 1;
        let open = Open { level, order, attempt, has_failed: false };
        self.open.insert(self.key(entity), open);
    }

    fn closed(&mut self, entity: &Entity, has_failed: bool) {
        self.open.remove(&self.key(entity));
        if has_failed {
            self.failed(entity);
        }
    }

    /// Something in here has failed, and so has all that is open around it.
    fn failed(&mut self, entity: &Entity) {
        for around in std::iter::successors(Some(entity.clone()), Entity::parent) {
            if let Some(open) = self.open.get_mut(&self.key(&around)) {
                open.has_failed = true;
            }
        }
    }
}

/// When something ended and how long it took, as far as the stream says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Took {
    pub(crate) at: Option<Timestamp>,
    pub(crate) duration: Option<Duration>,
}

impl Open {
    fn status(self) -> Status {
        if self.has_failed { Status::Failure } else { Status::Success }
    }
}

fn why_aborted(end: End) -> &'static str {
    match end {
        End::Interrupted => "not ended when the import was interrupted",
        End::OfInput => "not ended when the stream ended",
    }
}

fn aborted(why: &str) -> Failure {
    Failure::new(FailureKind::Error, why)
}

#[cfg(test)]
mod tests {
    use tidings_testrun::{CaseStarted, ErrorItem, StepStarted};

    use super::*;

    /// A teller with an open run, and what it says.
    struct Told {
        teller: Teller,
        found: Found,
    }

    impl Told {
        fn new() -> Self {
            let (mut teller, mut found) = (Teller::new("r"), Found::new());
            teller.begin_run(RunStarted::new(), &mut found);
            Self { teller, found }
        }

        fn say(&mut self, entity: &Entity, event: impl Into<TestRun>) {
            self.teller.say(entity, event, &mut self.found);
        }

        fn begin(&mut self, entity: &Entity) {
            self.teller.begin(entity, None, &mut self.found);
        }

        fn finish(&mut self, entity: &Entity) {
            self.teller.finish(entity, Took::default(), &mut self.found);
        }

        fn end(&mut self, end: End, is_cut: bool) -> Vec<Said> {
            self.found.take_said();
            self.teller.end(end, is_cut, Took::default(), &mut self.found);
            self.found.take_said()
        }
    }

    fn suite() -> Entity {
        Entity::new("run", "r").child("suite", "s")
    }

    fn failed() -> CaseFinished {
        CaseFinished::failed(Failure::assertion("no"))
    }

    /// What ended, how, and whether that was made up.
    fn ends(said: &[Said]) -> Vec<(String, Status, bool)> {
        let end = |said: &Said| {
            let (status, synthetic) = match &said.event {
                TestRun::RunFinished(event) => (event.status, event.synthetic),
                TestRun::SuiteFinished(event) => (event.status, event.synthetic),
                TestRun::GroupFinished(event) => (event.status, event.synthetic),
                TestRun::CaseFinished(event) => (event.status, event.synthetic),
                TestRun::StepFinished(event) => (event.status, event.synthetic),
                _ => return None,
            };
            Some((said.entity.id().to_owned(), status, synthetic))
        };
        said.iter().filter_map(end).collect()
    }

    fn ended(id: &str, status: Status, synthetic: bool) -> (String, Status, bool) {
        (id.to_owned(), status, synthetic)
    }

    #[test]
    fn what_is_open_at_the_end_is_ended_innermost_first() {
        let mut told = Told::new();
        let group = suite().child("group", "g");
        let (a, b) = (group.child("case", "a"), suite().child("case", "b"));
        told.begin(&suite());
        told.begin(&group);
        told.say(&a, CaseStarted::new());
        told.say(&a.child("step", "x"), StepStarted::new());
        told.say(&b, CaseStarted::new());
        let said = told.end(End::OfInput, true);
        let wanted = [
            ended("x", Status::Aborted, true),
            ended("a", Status::Aborted, true),
            ended("g", Status::Failure, false),
            ended("b", Status::Aborted, true),
            ended("s", Status::Failure, false),
            ended("r", Status::Aborted, true),
        ];
        assert_eq!(ends(&said), wanted);
        assert!(told.end(End::OfInput, true).is_empty(), "nothing is ended twice");
    }

    #[test]
    fn a_case_that_is_open_at_the_end_fails_what_is_around_it_and_keeps_its_attempt() {
        let mut told = Told::new();
        told.begin(&suite());
        told.say(&suite().child("case", "a"), CaseStarted::new().with_attempt(3));
        let said = told.end(End::Interrupted, false);
        let TestRun::CaseFinished(event) = &said[0].event else { unreachable!("it is first") };
        assert_eq!(event.attempt, 3);
        let why = &event.failure.as_ref().expect("said").message;
        assert_eq!(why, "not ended when the import was interrupted");
        assert_eq!(
            ends(&said)[1..],
            [ended("s", Status::Failure, false), ended("r", Status::Failure, false)]
        );
    }

    #[test]
    fn a_failure_is_one_of_all_that_is_around_it_and_of_nothing_else() {
        let mut told = Told::new();
        let other = Entity::new("run", "r").child("suite", "t");
        told.begin(&suite());
        told.begin(&other);
        told.say(&suite().child("case", "a"), failed());
        let said = told.end(End::OfInput, false);
        let wanted = [
            ended("s", Status::Failure, false),
            ended("t", Status::Success, false),
            ended("r", Status::Failure, false),
        ];
        assert_eq!(ends(&said), wanted);
    }

    #[test]
    fn an_attempt_that_another_follows_is_no_failure_and_an_error_of_its_own_is_one() {
        let mut told = Told::new();
        told.begin(&suite());
        told.say(&suite().child("case", "a"), failed().superseded());
        assert!(!told.teller.has_failed(&suite()));
        told.say(&suite(), ErrorItem::new(Failure::default()));
        assert!(told.teller.has_failed(&suite()));
        assert!(told.teller.has_failed(&Entity::new("run", "r")));
    }

    #[test]
    fn a_suite_begins_once_until_its_end_and_then_again() {
        let mut told = Told::new();
        told.found.take_said();
        told.begin(&suite());
        told.begin(&suite());
        told.say(&suite().child("case", "a"), failed());
        told.finish(&suite());
        told.finish(&suite());
        told.begin(&suite());
        told.finish(&suite());
        let said = told.found.take_said();
        assert_eq!(said.len(), 5);
        // What failed the first time did not fail the second time.
        let wanted = [ended("s", Status::Failure, false), ended("s", Status::Success, false)];
        assert_eq!(ends(&said)[1..], wanted);
    }

    #[test]
    fn what_is_open_on_one_node_is_not_open_on_another_and_the_run_is_one() {
        let mut told = Told::new();
        let case = suite().child("case", "a");
        for node in ["n1", "n2"] {
            told.teller.set_node(Some(node.into()));
            assert!(!told.teller.is_open(&suite()));
            told.begin(&suite());
            told.say(&case, CaseStarted::new());
        }
        assert!(told.teller.is_open(&Entity::new("run", "r")));
        told.say(&case, failed());
        told.teller.set_node(None);
        assert_eq!(told.teller.open_cases(), 1);
        let said = told.end(End::OfInput, false);
        let nodes: Vec<_> = said.iter().map(|said| said.node.as_deref()).collect();
        assert_eq!(nodes, [Some("n1"), Some("n1"), Some("n2"), None]);
        assert_eq!(ends(&said)[3], ended("r", Status::Failure, false));
    }

    #[test]
    fn the_end_of_what_is_not_open_is_said_all_the_same() {
        let mut told = Told::new();
        told.found.take_said();
        told.say(&suite().child("case", "a"), CaseFinished::new(Status::Success));
        assert_eq!(told.found.said().len(), 1);
        assert_eq!(told.teller.open_cases(), 0);
    }

    #[test]
    fn a_run_that_never_began_does_not_end() {
        let (mut teller, mut found) = (Teller::new("r"), Found::new());
        teller.end(End::OfInput, true, Took::default(), &mut found);
        assert!(found.said().is_empty());
    }

    #[test]
    fn ends_have_the_time_of_the_end_and_only_the_run_has_its_duration() {
        let mut told = Told::new();
        told.begin(&suite());
        told.found.take_said();
        let at = Some(Timestamp::from_nanos(7));
        let took = Took { at, duration: Some(Duration::from_secs(3)) };
        told.teller.end(End::OfInput, false, took, &mut told.found);
        let said = told.found.take_said();
        let TestRun::SuiteFinished(suite) = &said[0].event else { unreachable!("it is first") };
        assert_eq!((suite.at, suite.duration), (at, None));
        let TestRun::RunFinished(run) = &said[1].event else { unreachable!("it is second") };
        assert_eq!((run.at, run.duration), (at, Some(Duration::from_secs(3))));
    }

    #[test]
    fn a_foreign_line_begins_the_run_and_is_its_output() {
        let (mut teller, mut found) = (Teller::new("r"), Found::new());
        teller.foreign(Line::whole("  \t"), &mut found);
        assert_eq!((found.foreign(), found.said().len()), (0, 0));
        teller.foreign(Line::whole("a"), &mut found);
        teller.foreign(Line::unfinished("b"), &mut found);
        assert_eq!(found.foreign(), 2);
        let run = Entity::new("run", "r");
        let wanted = [
            Said::new(run.clone(), RunStarted::new()),
            Said::new(run.clone(), Output::stdout("a\n")),
            Said::new(run, Output::stdout("b")),
        ];
        assert_eq!(found.said(), wanted);
    }

    #[test]
    fn a_cut_names_the_first_cases_that_were_running() {
        let mut told = Told::new();
        for number in 0..NAMES_TOLD_MAX {
            told.say(&suite().child("case", &format!("c{number}\n")), CaseStarted::new());
            told.teller.fault_cut("the end", &mut told.found);
        }
        told.say(&suite().child("case", "last"), CaseStarted::new());
        told.teller.fault_cut("the end", &mut told.found);
        let faults = told.found.take_faults();
        assert_eq!(faults[0], r"the stream ends before the end: 1 case was still running (c0\n)");
        assert_eq!(
            faults[1],
            r"the stream ends before the end: 2 cases were still running (c0\n, c1\n)"
        );
        assert!(faults[NAMES_TOLD_MAX].ends_with(", …)"), "{}", faults[NAMES_TOLD_MAX]);
    }

    #[test]
    fn a_stream_of_nothing_that_was_understood_is_a_fault() {
        let fault = |foreign: usize| {
            let (mut teller, mut found) = (Teller::new("r"), Found::new());
            (0..foreign).for_each(|_| teller.foreign(Line::whole("x"), &mut found));
            assert!(Teller::fault_none_understood("such", &mut found));
            found.take_faults().join("; ")
        };
        assert_eq!(fault(0), "the stream is empty");
        assert_eq!(fault(1), "its only line is not such; is `--from` right?");
        assert_eq!(fault(37), "none of the 37 lines is such; is `--from` right?");
        let mut found = Found::new();
        found.count_understood();
        assert!(!Teller::fault_none_understood("such", &mut found));
    }
}
