//! A node runs suites and tells its event handlers. Beside the events of Common Test it emits
//! those of any test run, so that whatever knows these can be an event handler.

use std::path::{Path, PathBuf};
use std::{collections::BTreeMap, error::Error, fs, fs::File, io::Write, process::Command};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tidings::config::{Config, Started};
use tidings::testrun::{CaseFinished, CaseSkipped, ErrorItem, Failure, Output};
use tidings::testrun::{RunEmitter, RunFinished, SkippedBy, Status, TestRun};
use tidings::{Bus, Emitter, Entity, Event};

#[rustfmt::skip] // A table. The time of each event is on its envelope.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "ct")]
enum Ct {
    StartLogging { log_dir: PathBuf },
    TestStart { log_dir: PathBuf },
    StartInfo { tests: usize, suites: usize, cases: usize },
    TcLogfile { of: FuncOrGroup, log_file: PathBuf },
    TcStart { of: FuncOrGroup },
    TcDone { of: FuncOrGroup, result: TcResult },
    TcUserSkip { of: FuncOrGroup, reason: String },
    TcAutoSkip { of: FuncOrGroup, reason: String },
    TestStats { ok: u64, failed: u64, user_skipped: u64, auto_skipped: u64 },
    TestDone,
    StopLogging,
    StartMake { dir: PathBuf }, FinishedMake { dir: PathBuf },
    StartWriteFile { path: PathBuf }, FinishedWriteFile { path: PathBuf },
}

/// A case, or a function such as `init_per_suite`; one of a group with the group's properties.
#[rustfmt::skip]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FuncOrGroup { suite: String, group: Option<String>, repeat: Option<usize>, func: String }

#[rustfmt::skip]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TcResult { Ok, Skipped(CaseSkipped), Failed(Failure) }

/// A command of the shell that ends with 0 or, to be skipped, with 77; more in `spec.toml`.
#[rustfmt::skip] // A table: one key a line.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Function {
    of: FuncOrGroup,
    run: String,
    #[serde(default)] end: String,
    skip: Option<String>,
    #[serde(default)] event_handler: BTreeMap<String, Vec<Value>>,
}

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) struct Node {
    pub(crate) bus: Bus,
    log_dir: PathBuf,
    handlers: BTreeMap<String, Started>,
    /// Ok, failed, skipped by the user, skipped automatically.
    stats: [u64; 4],
    why_not: Vec<(Entity, CaseSkipped)>,
}

impl Node {
    pub(crate) fn start(bus: Bus, logs: &Path, handlers: &[Value]) -> Outcome<Self> {
        let (log_dir, why_not) = (logs.join(bus.node()), Vec::new());
        fs::create_dir_all(&log_dir)?;
        let mut node = Self { bus, log_dir, handlers: BTreeMap::new(), stats: [0; 4], why_not };
        node.set_handlers("", handlers).map(|()| node)
    }

    /// Starts them, and only then ends those that had the name.
    fn set_handlers(&mut self, name: &str, handlers: &[Value]) -> Outcome {
        let config = json!({ "observer": handlers }).to_string();
        let started = Config::from_json(&config, &self.log_dir)?.start_on(self.bus.clone())?;
        self.handlers.insert(name.into(), started);
        Ok(())
    }

    pub(crate) fn run(&mut self, functions: &[Function]) -> Outcome {
        let test_run = RunEmitter::start(&self.bus, self.bus.run());
        let (run, dir) = (test_run.emitter().cast::<Ct>(), self.log_dir.clone());
        run.emit(Ct::StartLogging { log_dir: dir.clone() });
        run.emit(Ct::TestStart { log_dir: dir.clone() });
        run.emit(Ct::StartMake { dir: dir.clone() });
        let suites: Vec<_> = functions.chunk_by(|a, b| a.of.suite == b.of.suite).collect();
        suites.iter().try_for_each(|suite| fs::create_dir_all(dir.join(&suite[0].of.suite)))?;
        run.emit(Ct::FinishedMake { dir: dir.clone() });
        let group = |it: &Function| (it.of.suite.clone(), it.of.group.clone());
        let groups = functions.chunk_by(|a, b| group(a) == group(b));
        let all = groups.flat_map(|all| (0..all[0].of.repeat.unwrap_or(1)).flat_map(move |_| all));
        let cases = all.clone().filter(|it| !it.of.func.contains("_per_")).count();
        run.emit(Ct::StartInfo { tests: 1, suites: suites.len(), cases });
        all.enumerate().try_for_each(|(number, it)| self.function(number, it, &run))?;
        run.emit(Ct::TestDone);
        let path = dir.join("totals.info");
        run.emit(Ct::StartWriteFile { path: path.clone() });
        fs::write(&path, format!("{:?}\n", self.stats))?;
        run.emit(Ct::FinishedWriteFile { path });
        run.emit(Ct::StopLogging);
        let status = if self.stats[1] > 0 { Status::Failure } else { Status::Success };
        test_run.finish(RunFinished::new(status));
        Ok(())
    }

    /// Calls it, or skips it if something in its suite or group says why.
    fn function(&mut self, number: usize, function: &Function, run: &Emitter<Ct>) -> Outcome {
        let Function { of, skip, event_handler, .. } = function;
        event_handler.iter().try_for_each(|(name, handlers)| self.set_handlers(name, handlers))?;
        let is_case = !of.func.contains("_per_");
        let here = run.child("suite", &of.suite);
        let here = of.group.iter().fold(here, |here, group| here.child("group", group));
        let here = if is_case { here.child("case", &of.func) } else { here };
        let place = here.entity();
        self.why_not.retain(|it| it.0 != *place || !of.func.starts_with("init_per_"));
        let why = self.why_not.iter().find(|it| place.starts_with(&it.0)).map(|it| it.1.clone());
        let result = match why.or_else(|| skip.as_ref().map(CaseSkipped::by_user)) {
            Some(why) => {
                let (of, reason) = (of.clone(), why.reason.clone().unwrap_or_default());
                here.emit(match why.by {
                    Some(SkippedBy::User) => Ct::TcUserSkip { of, reason },
                    _ => Ct::TcAutoSkip { of, reason },
                });
                TcResult::Skipped(why)
            }
            None => self.call(number, function, &here)?,
        };
        #[rustfmt::skip] // A table: what is counted, and what is said of a test run.
        let (count, event): (_, TestRun) = match (result, is_case) {
            (TcResult::Ok, true) => (0, CaseFinished::new(Status::Success).into()),
            (TcResult::Failed(failure), true) => (1, CaseFinished::failed(failure).into()),
            (TcResult::Skipped(why), true) => (if why.by == Some(SkippedBy::User) { 2 } else { 3 }, why.into()),
            (TcResult::Ok, false) => return Ok(()),
            (TcResult::Skipped(why), false) => { self.why_not.push((place.clone(), why)); return Ok(()) }
            (TcResult::Failed(failure), false) => {
                self.why_not.push((place.clone(), CaseSkipped::automatically(format!("{} failed", of.func))));
                (1, ErrorItem::named(&of.func, failure).into())
            }
        };
        here.cast().emit(event);
        self.stats[count] += 1;
        let [ok, failed, user_skipped, auto_skipped] = self.stats;
        here.emit(Ct::TestStats { ok, failed, user_skipped, auto_skipped });
        Ok(())
    }

    fn call(&self, number: usize, it: &Function, here: &Emitter<Ct>) -> Outcome<TcResult> {
        let Function { of, run, end, .. } = it;
        let log_file = self.log_dir.join(&of.suite).join(format!("{}.{number}.log", of.func));
        let mut log = File::create(&log_file)?;
        here.emit(Ct::TcLogfile { of: of.clone(), log_file });
        here.emit(Ct::TcStart { of: of.clone() });
        let mut result = TcResult::Ok;
        for line in [run, end].into_iter().filter(|line| !line.is_empty()) {
            let it = Command::new("sh").args(["-c", line]).current_dir(&self.log_dir).output()?;
            let said = String::from_utf8_lossy(&[it.stdout, it.stderr].concat()).into_owned();
            result = match (result, it.status.code()) {
                (result, Some(0)) | (result @ TcResult::Failed(_), _) => result,
                (_, Some(77)) => TcResult::Skipped(CaseSkipped::by_user(said.trim())),
                _ => TcResult::Failed(Failure::from_text(&said)),
            };
            log.write_all(said.as_bytes())?;
            here.cast().emit(Output::stdout(said));
        }
        here.emit(Ct::TcDone { of: of.clone(), result: result.clone() });
        Ok(result)
    }
}
