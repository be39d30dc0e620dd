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

/// What an item that nobody ended says when it is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum OnDrop {
    #[default]
    Aborted,
    /// Of suites: success, or failure if something inside of it failed.
    AsInside,
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
    /// The kind of its entities, and its word in messages.
    fn word(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Suite => "suite",
            Self::Group => "group",
            Self::Case => "case",
            Self::Step => "step",
        }
    }

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
    /// The item right around it.
    outer: Option<u64>,
    has_failed: bool,
}

impl Open {
    /// Whether `inner` was begun inside of `outer`; two items may be of one name.
    ///
    /// An item in between that has ended no longer says where it was: then the names count.
    fn is_inside(&self, inner: &OpenItem, outer: u64, entity: &Entity) -> bool {
        let name = inner.emitter.entity();
        if name.depth() <= entity.depth() || !name.starts_with(entity) {
            return false;
        }
        let mut next = inner.outer;
        while let Some(key) = next {
            match self.items.get(&key) {
                _ if key == outer => return true,
                Some(item) => next = item.outer,
                None => return true,
            }
        }
        false
    }

    /// Remembers a failure at an item and all around it.
    fn mark(&mut self, key: Option<u64>) {
        let mut next = key;
        while let Some(item) = next.and_then(|key| self.items.get_mut(&key)) {
            item.has_failed = true;
            next = item.outer;
        }
    }
}

/// Whether what is around an event has failed by it.
fn is_failure(event: &TestRun) -> bool {
    match event {
        TestRun::CaseFinished(end) => end.status.is_failed() && !end.superseded,
        TestRun::CaseSkipped(end) => end.status.is_failed(),
        TestRun::GroupFinished(end) => end.status.is_failed() && !end.superseded,
        TestRun::SuiteFinished(end) => end.status.is_failed() && !end.superseded,
        TestRun::ErrorItem(_) => true,
        _ => false,
    }
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
    outer: Option<u64>,
    on_drop: OnDrop,
    is_ended: bool,
}

/// Where an item begins.
struct Place<'a> {
    level: Level,
    emitter: Emitter<TestRun>,
    open: &'a Arc<Mutex<Open>>,
    outer: Option<u64>,
}

impl Item {
    /// The outermost item.
    pub(super) fn outermost(emitter: Emitter<TestRun>, timing: Timing, started: TestRun) -> Self {
        let place = Place { level: Level::Run, emitter, open: &Arc::default(), outer: None };
        Self::begin(place, timing, 1, started)
    }

    fn begin(place: Place<'_>, timing: Timing, attempt: u32, started: TestRun) -> Self {
        let Place { level, emitter, open, outer } = place;
        let since = Instant::now();
        emitter.emit(started);
        let mut items = open.lock();
        let key = items.next;
        items.next += 1;
        let (emitter_too, has_failed) = (emitter.clone(), false);
        let item = OpenItem { level, attempt, emitter: emitter_too, since, outer, has_failed };
        items.items.insert(key, item);
        drop(items);
        let (open, on_drop) = (Arc::clone(open), OnDrop::default());
        let is_ended = false;
        Self { level, key, attempt, timing, since, emitter, open, outer, on_drop, is_ended }
    }

    /// An item right inside of this one.
    pub(super) fn child(&self, level: Level, name: &str, attempt: u32, started: TestRun) -> Self {
        let emitter = self.emitter.child(level.word(), name);
        let place = Place { level, emitter, open: &self.open, outer: Some(self.key) };
        Self::begin(place, self.timing, attempt, started)
    }

    /// Lets it end like what was inside of it when it is dropped, unless by a panic.
    pub(super) fn set_end_as_inside(&mut self) {
        self.on_drop = OnDrop::AsInside;
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
        let event = event.into();
        if is_failure(&event) {
            self.open.lock().mark(Some(self.key));
        }
        self.emitter.emit(event)
    }

    /// Ends it, and before it whatever is still open inside of it.
    pub(super) fn end(mut self, finished: impl Into<TestRun>) -> Receipt {
        self.is_ended = true;
        self.close(|_| finished.into())
    }

    /// Ends it while others still hold it; they must not end it, too.
    pub(super) fn end_shared(&self, finished: impl Into<TestRun>) -> Receipt {
        self.close(|_| finished.into())
    }

    /// Ends it, for another attempt to begin.
    pub(super) fn end_and_go_on(mut self, finished: impl Into<TestRun>) -> Ended {
        self.is_ended = true;
        self.close(|_| finished.into());
        Ended(self)
    }

    /// Emits its end, which is told whether something inside has failed.
    fn close(&self, finished: impl FnOnce(bool) -> TestRun) -> Receipt {
        let (has_failed, inside) = self.take_inside();
        // A case does not fail by its steps, nor what is around it.
        let is_cut_off = inside.values().any(|item| item.level != Level::Step);
        for item in inside.into_values().rev() {
            let message = format!("not ended before its {} was", self.level.word());
            let failure = Failure::new(FailureKind::Error, message);
            let duration = self.measured().map(|_| item.since.elapsed());
            item.emitter.emit(item.level.aborted(item.attempt, failure, duration));
        }
        let finished = finished(has_failed || is_cut_off);
        if is_cut_off || is_failure(&finished) {
            self.open.lock().mark(self.outer);
        }
        self.emitter.emit(finished)
    }

    /// Takes this item and those inside of it off the list; returns the latter, and whether
    /// something in here has failed.
    fn take_inside(&self) -> (bool, BTreeMap<u64, OpenItem>) {
        let entity = self.emitter.entity();
        let mut open = self.open.lock();
        let is_inside = |item: &OpenItem| open.is_inside(item, self.key, entity);
        let keys = open.items.iter().filter(|(_, item)| is_inside(item)).map(|(key, _)| *key);
        let keys: Vec<u64> = keys.collect();
        let own = open.items.remove(&self.key);
        let inside = keys.into_iter().filter_map(|key| open.items.remove_entry(&key)).collect();
        (own.is_some_and(|own| own.has_failed), inside)
    }

    fn ended_as_inside(&self, has_failed: bool) -> TestRun {
        let status = if has_failed { Status::Failure } else { Status::Success };
        let mut finished = SuiteFinished::new(status);
        (finished.attempt, finished.duration) = (self.attempt, self.measured());
        finished.into()
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
        let (emitter, outer) = (item.emitter.clone(), item.outer);
        let place = Place { level: item.level, emitter, open: &item.open, outer };
        Item::begin(place, item.timing, attempt, started)
    }
}

impl Drop for Item {
    fn drop(&mut self) {
        // Something around it may have ended it already.
        if self.is_ended || !self.open.lock().items.contains_key(&self.key) {
            return;
        }
        let message = match (std::thread::panicking(), self.on_drop) {
            (false, OnDrop::AsInside) => {
                self.close(|has_failed| self.ended_as_inside(has_failed));
                return;
            }
            (false, OnDrop::Aborted) => "not ended: its emitter was dropped",
            (true, _) => "not ended: its emitter was dropped by a panic",
        };
        let failure = Failure::new(FailureKind::Error, message);
        self.close(|_| self.level.aborted(self.attempt, failure, self.measured()));
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
