//! What the emitting threads and the painter share, behind one short lock.
//!
//! Nothing here writes, no test run is counted, and no code of the user runs under the lock.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tidings_core::{Clock, Entity, Envelope, Timestamp};
use tidings_registry::{Counts, ObserverError};

use super::builder::Terminal;
use super::follower::Follower;
use super::groups::{Group, Groups, Taken};
use super::lines::{Lines, count_lines, printable, split_lines};
use super::painter;
use crate::line::{event_line, json_line};
use crate::render::{Size, Style, render_finished, render_run_error};
use crate::run::{Told, is_told};
use crate::tree::{Change, Limits, Tree};

/// How many bytes of lines wait for the writer at most, those in its hands included. A
/// longer line passes when nothing else waits.
pub const BUFFER_BYTES_MAX: usize = 1024 * 1024;

/// What is written, once the terminal is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    Live,
    Finished,
    Lines,
    Json,
}

/// What does not change any more.
pub(super) struct Plan {
    pub(super) output: Output,
    pub(super) style: Style,
    pub(super) terminal: Terminal,
    pub(super) width: Option<usize>,
    pub(super) limits: Limits,
    /// Whether lines are grouped and annotated for the runner of GitHub Actions.
    pub(super) is_annotated: bool,
    pub(super) clock: Arc<dyn Clock>,
}

impl Plan {
    /// The size of the picture, and the columns of the terminal it stands on. One column
    /// is left free, because some terminals wrap when the last one is written, and one row
    /// for the cursor.
    pub(super) fn picture(&self) -> (Size, usize) {
        let size = self.terminal.size();
        let free = size.width.saturating_sub(1);
        let width = self.width.map_or(free, |width| width.min(free));
        (Size::new(width, size.height.saturating_sub(1)), size.width)
    }

    /// The columns of plain lines: as many as they need, unless told otherwise.
    pub(super) fn line_width(&self) -> usize {
        self.width.unwrap_or(usize::MAX)
    }
}

/// Why nothing is written any more.
#[derive(Debug)]
pub(super) enum Fault {
    /// The reader has gone; that is its right.
    ReaderGone,
    /// The writer failed.
    Failed(String),
}

/// Whether the output is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Open,
    /// With its last words.
    Closing,
    /// A close ran out of time: without another word.
    Abandoned,
}

/// Where the painter thread is.
pub(super) enum Phase {
    Idle(Box<dyn Write + Send>),
    Working,
    Ended,
}

pub(super) struct State {
    pub(super) tree: Tree,
    /// How many events of a test run have come.
    pub(super) run_events: u64,
    /// Events of the test run that its summary has not taken yet.
    pub(super) unread: Vec<Arc<Envelope>>,
    /// Lines that are held back until their suite has ended.
    groups: Groups,
    /// When, by our clock, the latest event came.
    latest_at: Duration,
    pub(super) changed: bool,
    /// Lines that wait.
    pub(super) lines: Lines,
    /// What the writer holds: bytes, events, and lines of any kind.
    pub(super) held_bytes: usize,
    pub(super) held_count: u64,
    pub(super) held_lines: u64,
    /// Lines left out since the output last said so.
    pub(super) gap: u64,
    pub(super) counts: Counts,
    pub(super) phase: Phase,
    pub(super) end: End,
    pub(super) flush_asked: u64,
    pub(super) flush_done: u64,
    pub(super) fault: Option<Fault>,
    /// Whether an event is to wake the painter; not while it waits for the next redraw.
    pub(super) wakes: bool,
}

pub(super) struct Shared {
    pub(super) plan: Plan,
    /// Locked before the state, never after it.
    pub(super) follower: Mutex<Follower>,
    pub(super) state: Mutex<State>,
    pub(super) work: Condvar,
    pub(super) done: Condvar,
}

/// What an event becomes before the lock is taken.
enum Prepared {
    Change(Box<Change>),
    Line(String),
}

impl Shared {
    pub(super) fn new(plan: Plan, writer: Box<dyn Write + Send>) -> Self {
        Self {
            follower: Mutex::new(Follower::default()),
            state: Mutex::new(State {
                tree: Tree::new(plan.limits),
                run_events: 0,
                unread: Vec::new(),
                groups: Groups::default(),
                latest_at: Duration::ZERO,
                changed: false,
                lines: Lines::default(),
                held_bytes: 0,
                held_count: 0,
                held_lines: 0,
                gap: 0,
                counts: Counts::default(),
                phase: Phase::Idle(writer),
                end: End::Open,
                flush_asked: 0,
                flush_done: 0,
                fault: None,
                wakes: false,
            }),
            work: Condvar::new(),
            done: Condvar::new(),
            plan,
        }
    }

    pub(super) fn output(&self) -> Output {
        self.plan.output
    }

    /// Takes one event, on whatever thread it was emitted.
    pub(super) fn take(this: &Arc<Self>, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        let is_tree = matches!(this.plan.output, Output::Live | Output::Finished);
        if is_tree && envelope.event_type().is_reserved() {
            Self::take_diagnostic(this, envelope);
            return Ok(());
        }
        let prepared = match this.plan.output {
            Output::Live | Output::Finished => Ok(Prepared::Change(Box::new(Change::of(envelope)))),
            Output::Lines => Ok(Prepared::Line(event_line(envelope, this.plan.style))),
            Output::Json => json_line(envelope).map(Prepared::Line),
        };
        let is_of_run = match &prepared {
            Ok(Prepared::Change(change)) => change.told().is_some(),
            Ok(Prepared::Line(_)) => this.plan.output == Output::Lines && is_told(envelope),
            Err(_) => false,
        };
        // What is answered with an error is counted by the bus.
        let prepared = prepared?;
        let now = this.plan.clock.elapsed();
        let mut state = this.state.lock();
        state.counts.accepted += 1;
        match &state.fault {
            Some(Fault::ReaderGone) => state.counts.delivered += 1,
            Some(Fault::Failed(_)) => state.counts.dropped += 1,
            None if state.end != End::Open => state.counts.dropped += 1,
            None => {
                painter::start(this, &mut state);
                if is_of_run {
                    state.run_events += 1;
                    state.unread.push(Arc::clone(envelope));
                }
                this.put(&mut state, prepared, now);
                this.wake(&mut state);
            }
        }
        let waiting = state.unread.len();
        drop(state);
        this.relieve(waiting);
        Ok(())
    }

    /// A diagnostic is nothing that is tested: it has a line above the tree, and no place in
    /// it.
    fn take_diagnostic(this: &Arc<Self>, envelope: &Envelope) {
        let is_whole = Self::print(this, &event_line(envelope, Style::plain()));
        let mut state = this.state.lock();
        state.counts.accepted += 1;
        if is_whole {
            state.counts.delivered += 1;
        } else {
            state.counts.dropped += 1;
        }
    }

    /// Takes text of anybody, and says whether it took all of it.
    pub(super) fn print(this: &Arc<Self>, text: &str) -> bool {
        if this.plan.output == Output::Json {
            return false;
        }
        let lines = printable(text);
        let mut state = this.state.lock();
        if state.end != End::Open {
            return false;
        }
        if !lines.is_empty() {
            painter::start(this, &mut state);
        }
        if state.fault.is_some() {
            return false;
        }
        state.changed |= this.plan.output == Output::Live && !lines.is_empty();
        let is_whole = state.push_printed(&lines);
        this.wake(&mut state);
        is_whole
    }

    fn wake(&self, state: &mut State) {
        if state.wakes {
            state.wakes = false;
            self.work.notify_one();
        }
    }

    fn put(&self, state: &mut State, prepared: Prepared, now: Duration) {
        let change = match prepared {
            Prepared::Change(change) => change,
            Prepared::Line(line) => return state.push_line(&line),
        };
        if state.tree.latest().is_none_or(|latest| change.time() >= latest) {
            state.latest_at = now;
        }
        state.changed = true;
        match self.apply(state, *change) {
            Some((entity, line)) if self.plan.is_annotated => state.push_grouped(&entity, &line),
            Some((_, line)) => state.push_line(&line),
            None => state.counts.delivered += 1,
        }
    }

    /// Changes the tree; returns the line that the change is worth, if there are lines, and
    /// what it is about.
    fn apply(&self, state: &mut State, change: Change) -> Option<(Entity, String)> {
        let has_lines = self.plan.output == Output::Finished;
        let (width, style) = (self.plan.line_width(), self.plan.style);
        let error_line = match change.told().filter(|_| has_lines) {
            Some(Told::Error(error)) => {
                let line = render_run_error(change.entity(), error, width, style);
                Some((change.entity().clone(), line))
            }
            _ => None,
        };
        let finished = state.tree.apply_change(change).filter(|_| has_lines);
        let line = finished.map(|finished| {
            let line = render_finished(&finished, width, style);
            (finished.entity, line)
        });
        line.or(error_line)
    }

    pub(super) fn counts(&self) -> Counts {
        let state = self.state.lock();
        let pending = state.lines.events() + state.groups.events() + state.held_count;
        Counts { pending, ..state.counts }
    }

    pub(super) fn flush(&self, deadline: Instant) -> Result<(), ObserverError> {
        let mut state = self.state.lock();
        if matches!(state.phase, Phase::Idle(_)) {
            return Ok(());
        }
        state.flush_asked += 1;
        let ticket = state.flush_asked;
        self.work.notify_one();
        while state.flush_done < ticket && matches!(state.phase, Phase::Working) {
            if self.done.wait_until(&mut state, deadline).timed_out() && state.flush_done < ticket {
                return Err(ObserverError::failed("the writer did not take everything in time"));
            }
        }
        state.result()
    }

    /// Lets the painter finish, without waiting for it.
    pub(super) fn begin_close(&self) {
        let mut state = self.state.lock();
        if state.end == End::Open {
            state.end = End::Closing;
        }
        self.work.notify_one();
    }

    pub(super) fn close(&self, deadline: Instant) -> Result<(), ObserverError> {
        self.begin_close();
        let mut state = self.state.lock();
        while matches!(state.phase, Phase::Working) {
            let timed_out = self.done.wait_until(&mut state, deadline).timed_out();
            if timed_out && matches!(state.phase, Phase::Working) {
                state.end = End::Abandoned;
                let waiting = state.lines.count() + state.groups.events() + state.held_lines;
                return Err(ObserverError::failed(format!(
                    "the writer hangs: {waiting} lines and the end of the output were not written"
                )));
            }
        }
        state.result()
    }
}

impl State {
    /// Whether there is a test run.
    pub(super) fn has_run(&self) -> bool {
        self.run_events > 0
    }

    fn push_line(&mut self, line: &str) {
        let waiting = self.lines.len() + self.held_bytes;
        if waiting > 0 && waiting + line.len() > BUFFER_BYTES_MAX {
            self.counts.dropped += 1;
            self.gap += 1;
            return;
        }
        self.lines.push_event(line);
    }

    /// A line that stands in the group of its suite.
    fn push_grouped(&mut self, entity: &Entity, line: &str) {
        match self.groups.take(entity, line) {
            Taken::Held => {}
            Taken::Full(group) => self.push_group(&group),
            Taken::Now(group) => {
                if let Some(group) = group {
                    self.push_group(&group);
                }
                self.push_line(line);
            }
        }
    }

    /// A group is written as a whole, or with a gap in it; it always ends.
    fn push_group(&mut self, group: &Group) {
        self.lines.push_printed(&group.begin());
        for line in group.lines() {
            self.push_line(line);
        }
        self.lines.push_printed(Group::end());
    }

    /// Lets go of the lines that are held back.
    pub(super) fn release_groups(&mut self) {
        for group in self.groups.release() {
            self.push_group(&group);
        }
    }

    /// As many of the lines as find room; says whether all do.
    fn push_printed(&mut self, lines: &str) -> bool {
        let waiting = self.lines.len() + self.held_bytes;
        let first = lines.find('\n').map_or(0, |end| end + 1);
        let room = BUFFER_BYTES_MAX.saturating_sub(waiting);
        let room = if waiting == 0 { room.max(first) } else { room };
        let (kept, missing) = split_lines(lines, room);
        self.lines.push_printed(kept);
        self.gap += count_lines(missing.as_bytes());
        missing.is_empty()
    }

    /// Gives up what waits, by what made it so.
    pub(super) fn give_up(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        let grouped = std::mem::take(&mut self.groups).events();
        let waiting = lines.events() + grouped + std::mem::take(&mut self.held_count);
        self.held_bytes = 0;
        self.held_lines = 0;
        match self.fault {
            Some(Fault::ReaderGone) => self.counts.delivered += waiting,
            Some(Fault::Failed(_)) | None => self.counts.dropped += waiting,
        }
    }

    /// The time of the latest event and what has passed since.
    pub(super) fn now(&self, elapsed: Duration) -> Timestamp {
        let latest = self.tree.latest().unwrap_or(Timestamp::from_nanos(0));
        latest.saturating_add(elapsed.saturating_sub(self.latest_at))
    }

    fn result(&self) -> Result<(), ObserverError> {
        match &self.fault {
            Some(Fault::Failed(text)) => Err(ObserverError::failed(text.clone())),
            Some(Fault::ReaderGone) | None => Ok(()),
        }
    }
}
