//! What emitters of all levels share: the item that is open, and how it ends.
//!
//! Every item that was begun through an emitter gets exactly one end in its own time: the one
//! that is said, or a synthetic `aborted` when its emitter is dropped, or when something
//! around it ends first, innermost first. A result that is said after that is emitted all the
//! same: what really happened is worth more than the order.

use std::collections::BTreeMap;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tidings_core::{Emitter, Entity, Receipt};

use crate::vocabulary::{
    CaseFinished, Failure, FailureKind, GroupFinished, RunFinished, Status, StepFinished,
    SuiteFinished, TestRun,
};

/// Whether emitters measure how long items take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Timing {
    /// From the making of an emitter to its end, unless the end brings its own duration.
    #[default]
    Measured,
    /// Only what the ends say; for importers, whose own time means nothing.
    AsSaid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Run,
    Suite,
    Group,
    Case,
    Step,
}

impl Level {
    fn aborted(self, attempt: u32, failure: Failure, duration: Option<Duration>) -> TestRun {
        macro_rules! aborted {
            ($event:ident) => {{
                let mut event = $event::new(Status::Aborted).with_failure(failure).synthetic();
                (event.attempt, event.duration) = (attempt, duration);
                event.into()
            }};
        }
        match self {
            Self::Run => aborted!(RunFinished),
            Self::Suite => aborted!(SuiteFinished),
            Self::Group => aborted!(GroupFinished),
            Self::Case => aborted!(CaseFinished),
            Self::Step => aborted!(StepFinished),
        }
    }
}

/// The items of one run that have begun and not ended, in the order they began.
#[derive(Debug, Default)]
struct Open {
    next: u64,
    items: BTreeMap<u64, OpenItem>,
}

#[derive(Debug)]
struct OpenItem {
    level: Level,
    attempt: u32,
    emitter: Emitter<TestRun>,
    since: Instant,
}

/// One item; ends it when dropped.
#[derive(Debug)]
pub(super) struct Item {
    level: Level,
    key: u64,
    attempt: u32,
    timing: Timing,
    since: Instant,
    emitter: Emitter<TestRun>,
    open: Arc<Mutex<Open>>,
    is_ended: bool,
}

impl Item {
    /// The outermost item.
    pub(super) fn outermost(emitter: Emitter<TestRun>, timing: Timing, started: TestRun) -> Self {
        let open = Arc::default();
        Self::begin(Level::Run, emitter, &open, (timing, 1), started)
    }

    fn begin(
        level: Level,
        emitter: Emitter<TestRun>,
        open: &Arc<Mutex<Open>>,
        (timing, attempt): (Timing, u32),
        started: TestRun,
    ) -> Self {
        let since = Instant::now();
        emitter.emit(started);
        let mut items = open.lock();
        let key = items.next;
        items.next += 1;
        items.items.insert(key, OpenItem { level, attempt, emitter: emitter.clone(), since });
        drop(items);
        let open = Arc::clone(open);
        Self { level, key, attempt, timing, since, emitter, open, is_ended: false }
    }

    /// An item right inside of this one.
    pub(super) fn child(&self, level: Level, name: &str, attempt: u32, started: TestRun) -> Self {
        let kind = match level {
            Level::Run => "run",
            Level::Suite => "suite",
            Level::Group => "group",
            Level::Case => "case",
            Level::Step => "step",
        };
        let emitter = self.emitter.child(kind, name);
        Self::begin(level, emitter, &self.open, (self.timing, attempt), started)
    }

    pub(super) fn entity(&self) -> &Entity {
        self.emitter.entity()
    }

    pub(super) fn attempt(&self) -> u32 {
        self.attempt
    }

    pub(super) fn emitter(&self) -> &Emitter<TestRun> {
        &self.emitter
    }

    /// The duration to say, when the end did not bring its own.
    pub(super) fn measured(&self) -> Option<Duration> {
        (self.timing == Timing::Measured).then(|| self.since.elapsed())
    }

    pub(super) fn emit(&self, event: impl Into<TestRun>) -> Receipt {
        self.emitter.emit(event.into())
    }

    /// Ends it, and before it whatever is still open inside of it.
    pub(super) fn end(mut self, finished: impl Into<TestRun>) -> Receipt {
        self.is_ended = true;
        self.close(|| finished.into())
    }

    /// Ends it, for another attempt to begin.
    pub(super) fn end_and_go_on(mut self, finished: impl Into<TestRun>) -> Ended {
        self.is_ended = true;
        self.close(|| finished.into());
        Ended(self)
    }

    fn close(&self, finished: impl FnOnce() -> TestRun) -> Receipt {
        let inside = self.take_inside();
        for item in inside.into_values().rev() {
            let message = format!("not ended before its {} was", self.word());
            let failure = Failure::new(FailureKind::Error, message);
            let duration = self.measured().map(|_| item.since.elapsed());
            item.emitter.emit(item.level.aborted(item.attempt, failure, duration));
        }
        self.emitter.emit(finished())
    }

    /// Takes this item and those inside of it off the list, and returns the latter.
    fn take_inside(&self) -> BTreeMap<u64, OpenItem> {
        let entity = self.emitter.entity();
        let mut open = self.open.lock();
        open.items.remove(&self.key);
        let is_inside = |item: &OpenItem| {
            let inner = item.emitter.entity();
            inner.depth() > entity.depth() && inner.starts_with(entity)
        };
        open.items.extract_if(.., |_, item| is_inside(item)).collect()
    }

    fn word(&self) -> &'static str {
        match self.level {
            Level::Run => "run",
            Level::Suite => "suite",
            Level::Group => "group",
            Level::Case => "case",
            Level::Step => "step",
        }
    }
}

// Test frameworks emit inside of `catch_unwind`. The list of open items is changed in single
// steps under its lock, and nothing in there panics.
impl UnwindSafe for Item {}
impl RefUnwindSafe for Item {}

/// An item that has ended, and may be tried again.
#[derive(Debug)]
pub(super) struct Ended(Item);

impl Ended {
    /// The next attempt at the same item.
    pub(super) fn again(&self, attempt: u32, started: TestRun) -> Item {
        let Self(item) = self;
        let settings = (item.timing, attempt);
        Item::begin(item.level, item.emitter.clone(), &item.open, settings, started)
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        // Something around it may have ended it already.
        if self.is_ended || !self.open.lock().items.contains_key(&self.key) {
            return;
        }
        let message = if std::thread::panicking() {
            "not ended: its emitter was dropped by a panic"
        } else {
            "not ended: its emitter was dropped"
        };
        let failure = Failure::new(FailureKind::Error, message);
        self.close(|| self.level.aborted(self.attempt, failure, self.measured()));
    }
}

/// The methods that emitters of all levels have.
macro_rules! emitter {
    ($name:ident, $what:literal) => {
        impl $name {
            /// What its events are about.
            pub fn entity(&self) -> &tidings_core::Entity {
                self.item.entity()
            }

            /// The emitter behind it, for events of any other kind about the same entity:
            /// `cast` it.
            pub fn emitter(&self) -> &tidings_core::Emitter<crate::TestRun> {
                self.item.emitter()
            }

            /// Emits a piece of its output.
            pub fn output(&self, output: crate::Output) -> tidings_core::Receipt {
                self.item.emit(output)
            }

            /// Emits what it wrote to standard output.
            pub fn stdout(&self, text: impl Into<String>) -> tidings_core::Receipt {
                self.item.emit(crate::Output::stdout(text))
            }

            /// Emits what it wrote to standard error.
            pub fn stderr(&self, text: impl Into<String>) -> tidings_core::Receipt {
                self.item.emit(crate::Output::stderr(text))
            }

            /// Attaches something to it.
            pub fn attach(&self, attachment: crate::Attachment) -> tidings_core::Receipt {
                self.item.emit(attachment)
            }

            /// Says where it keeps its log.
            pub fn log_file(&self, path: impl Into<String>) -> tidings_core::Receipt {
                self.item.emit(crate::LogFile::new(path))
            }

            #[doc = concat!("Emits an error about this ", $what, " that is no case, and counts by itself: a broken setup or teardown.")]
            pub fn error(&self, error: crate::ErrorItem) -> tidings_core::Receipt {
                self.item.emit(error)
            }
        }
    };
}

/// The ways to end what every level but the case has.
macro_rules! ends {
    ($name:ident, $finished:ident, $what:literal) => {
        impl $name {
            #[doc = concat!("Ends this ", $what, " as it should.")]
            pub fn success(self) -> tidings_core::Receipt {
                self.finish(crate::$finished::new(crate::Status::Success))
            }

            #[doc = concat!("Ends this ", $what, " with a failure, whose kind says the status.")]
            pub fn failure(self, failure: crate::Failure) -> tidings_core::Receipt {
                self.finish(crate::$finished::failed(failure))
            }

            #[doc = concat!("Ends this ", $what, " like this.")]
            ///
            /// The duration is measured if it brings none, and what is still open inside ends
            /// before it: aborted, and marked synthetic.
            pub fn finish(self, mut finished: crate::$finished) -> tidings_core::Receipt {
                finished.attempt = self.item.attempt();
                finished.duration = finished.duration.or_else(|| self.item.measured());
                self.item.end(finished)
            }
        }
    };
}

pub(super) use {emitter, ends};
