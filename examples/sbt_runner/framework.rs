//! A runner makes tasks of suites; tasks run tests and return further tasks, on any thread.
//!
//! `done` closes the bus: an event is accepted before and in the summary, or it is refused.

use std::{collections::BTreeMap, iter, sync::Mutex, thread, time::Duration};

use tidings::testrun::{
    CaseStarted, LiveSummary, RunEmitter, RunEnded, RunFinished, RunPlanned, RunSummary, SharedRun,
    SharedSuite, Status, SuiteStarted,
};
use tidings::{Bus, Receipt};

use crate::suites::{Test, selector};

pub(crate) struct Runner {
    bus: Bus,
    run: SharedRun,
    summary: LiveSummary,
}

impl Runner {
    pub(crate) fn start(bus: &Bus, id: &str, summary: LiveSummary) -> Self {
        Self { bus: bus.clone(), run: RunEmitter::start(bus, id).shared(), summary }
    }

    /// Plans these tests, and makes tasks of them; may be called again.
    pub(crate) fn tasks(&self, tests: Vec<Test>) -> Result<Vec<Task>, RunEnded> {
        let task = |(path, tests): (String, Vec<_>)| {
            // Plans of several entities add up; a second one of the run would replace the first.
            let plan = RunPlanned::selectors(tests.iter().map(selector));
            self.run.with(|run| run.emitter().child("suite", &path).emit(plan.into()))?;
            Ok(Task { run: self.run.clone(), outer: None, path, tests })
        };
        group(tests, 1).into_iter().map(task).collect()
    }

    /// Ends the run and what is open in it, lets handlers finish, and sums up. Once only.
    pub(crate) fn done(&self, within: Duration) -> Result<RunSummary, RunEnded> {
        let is_success = self.summary.with(RunSummary::is_success);
        let status = if is_success { Status::Success } else { Status::Failure };
        self.run.end(RunFinished::new(status))?;
        self.bus.close(within).ok(); // What a strict bus has to say is in its report, too.
        Ok(self.summary.snapshot())
    }
}

/// Tests by the paths of their suites, so many names deep.
fn group(tests: Vec<Test>, depth: usize) -> BTreeMap<String, Vec<Test>> {
    let mut suites = BTreeMap::<_, Vec<_>>::new();
    for test in tests {
        let path: Vec<_> = test.1.split('/').take(depth).collect();
        suites.entry(path.join("/")).or_default().push(test);
    }
    suites
}

/// Tests of one suite, and of the suites within it.
pub(crate) struct Task {
    run: SharedRun,
    outer: Option<SharedSuite>,
    path: String,
    tests: Vec<Test>,
}

impl Task {
    /// Runs the tests right in the suite, and returns a task for each suite within.
    pub(crate) fn execute(self) -> Result<Vec<Self>, RunEnded> {
        let Self { run, outer, path, tests } = self;
        let (depth, name) = (path.split('/').count(), path.rsplit('/').next().unwrap_or(&path));
        let started = SuiteStarted::new().with_fingerprint(tests[0].0);
        // It ends with the last task that has it: failed, if something within it has.
        let suite = run.with(|run| match &outer {
            Some(outer) => outer.suite_as(name, started),
            None => run.suite_as(name, started).shared(),
        })?;
        let (own, within): (Vec<_>, Vec<_>) = tests.into_iter().partition(|test| test.1 == path);
        for (fingerprint, _, name, test) in own {
            let case = suite.case_as(name, CaseStarted::new().with_fingerprint(fingerprint));
            if case.run(|_| test()) == Receipt::Closed {
                return Err(RunEnded);
            }
        }
        let task =
            |(path, tests)| Self { run: run.clone(), outer: Some(suite.clone()), path, tests };
        Ok(group(within, depth + 1).into_iter().map(task).collect())
    }

    /// Executes tasks on so many threads, and the tasks that those return.
    pub(crate) fn execute_all(tasks: Vec<Self>, threads: u8) -> Result<(), RunEnded> {
        let waiting = Mutex::new(tasks);
        let lock = || waiting.lock().expect("nothing panics that has it");
        let next = || lock().pop();
        let step = |task: Self| task.execute().map(|within| lock().extend(within));
        let serve = || iter::from_fn(next).try_for_each(step);
        thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(serve)).collect();
            threads.into_iter().try_for_each(|thread| thread.join().expect("panics are caught"))
        })
    }
}
