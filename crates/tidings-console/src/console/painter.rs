//! The thread that writes.
//!
//! It takes what there is to write under the lock, and writes it without.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::MutexGuard;

use super::lines::Printed;
use super::screen::Screen;
use super::shared::{End, Fault, Output, Phase, Shared, State};
use crate::annotation::render_annotations;
use crate::limiter::{Limiter, Pace, Picture};
use crate::line::{gap_json_line, gap_line};
use crate::render::{
    render_frame, render_outside, render_rows, render_run_frame, render_run_summary, render_summary,
};
use crate::run::BoardKeeper;

/// How long a writer that would block is left alone.
const WOULD_BLOCK_WAIT: Duration = Duration::from_millis(5);

/// Starts the thread with the first event or printed text.
pub(super) fn start(shared: &Arc<Shared>, state: &mut State) {
    if !matches!(state.phase, Phase::Idle(_)) {
        return;
    }
    let Phase::Idle(writer) = std::mem::replace(&mut state.phase, Phase::Working) else {
        return;
    };
    let painter = Painter {
        shared: Arc::clone(shared),
        writer,
        limiter: Limiter::default(),
        screen: Screen::default(),
        keeper: BoardKeeper::default(),
        last_words: String::new(),
    };
    let spawned =
        thread::Builder::new().name("tidings-console".to_owned()).spawn(move || painter.run());
    if let Err(error) = spawned {
        state.phase = Phase::Ended;
        state.fault = Some(Fault::Failed(format!("failed to start the painter thread: {error}")));
    }
}

struct Painter {
    shared: Arc<Shared>,
    writer: Box<dyn Write + Send>,
    limiter: Limiter,
    screen: Screen,
    /// The numbers of the test run, as they are shown.
    keeper: BoardKeeper,
    /// The summary of the test run in words, once nothing more will come.
    last_words: String,
}

/// What is to be written next.
struct Job {
    text: String,
    /// Which of its lines are no events.
    printed: Printed,
    /// The flushes that are answered by it.
    ticket: u64,
    is_last: bool,
}

impl Painter {
    fn run(mut self) {
        // Also when a writer of the user panics, whoever waits must hear of the end.
        let _ended = Ending(Arc::clone(&self.shared));
        while let Some(job) = self.next_job() {
            let (written, result) = write_counted(&mut *self.writer, job.text.as_bytes());
            let mut state = self.shared.state.lock();
            match result {
                Ok(()) => {
                    state.counts.delivered += std::mem::take(&mut state.held_count);
                    state.held_bytes = 0;
                    state.held_lines = 0;
                    state.flush_done = job.ticket;
                    self.shared.done.notify_all();
                }
                Err(error) => {
                    state.lose(job.printed.others_within(&job.text.as_bytes()[..written]), &error);
                    return;
                }
            }
            if job.is_last || state.end == End::Abandoned {
                return;
            }
        }
    }

    /// Waits until there is something to write.
    fn next_job(&mut self) -> Option<Job> {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.state.lock();
        loop {
            if state.end == End::Abandoned {
                return None;
            }
            let pace = match shared.plan.output {
                Output::Live => self.live_pace(&state),
                Output::Finished | Output::Lines | Output::Json => line_pace(&state),
            };
            match pace {
                Pace::Draw => {
                    // A flush that is asked for while the run is counted wants what came
                    // before it counted too: the next job answers it.
                    let asked = state.flush_asked;
                    self.follow_run(&mut state);
                    return (state.end != End::Abandoned).then(|| self.job(asked, &mut state));
                }
                Pace::Wait(wait) => {
                    // The elapsed times wait for a tick, a change waits for no event.
                    state.wakes = !state.changed;
                    shared.work.wait_for(&mut state, wait);
                }
                Pace::Rest => {
                    state.wakes = true;
                    shared.work.wait(&mut state);
                }
            }
            state.wakes = false;
        }
    }

    /// Looks at the test run, if there is one, without the lock on the state: counting takes
    /// its time, and no emitter is to wait for it.
    fn follow_run(&mut self, state: &mut MutexGuard<'_, State>) {
        if !state.has_run() {
            return;
        }
        let is_last = state.is_closing();
        MutexGuard::unlocked(state, || self.look(is_last));
        if !is_last && state.is_closing() {
            MutexGuard::unlocked(state, || self.look(true));
        }
    }

    fn look(&mut self, is_last: bool) {
        let plan = &self.shared.plan;
        let mut follower = self.shared.follow();
        let is_live = plan.output == Output::Live;
        if !is_last {
            if is_live {
                self.keeper.refresh(follower.followed(), || plan.clock.elapsed());
            }
            return;
        }
        let summary = follower.finish();
        let width = if is_live { plan.picture().0.width } else { plan.line_width() };
        let words = render_run_summary(summary, plan.limits, width, plan.style);
        self.last_words = if plan.is_annotated && !is_live {
            render_annotations(summary) + &words
        } else {
            words
        };
        if is_live {
            self.keeper.recount(follower.followed());
        }
    }

    fn live_pace(&mut self, state: &State) -> Pace {
        let now = self.shared.plan.clock.elapsed();
        if state.is_closing() || state.flush_asked > state.flush_done {
            return self.limiter.force(now);
        }
        // Events may have come while the others were counted.
        let is_stale = self.keeper.is_stale(state.run_events);
        let picture = if state.changed || is_stale {
            Picture::Changed
        } else if state.tree.totals().running > 0 {
            Picture::Running
        } else {
            Picture::Still
        };
        self.limiter.ask(now, picture)
    }

    fn job(&mut self, asked: u64, state: &mut MutexGuard<'_, State>) -> Job {
        let is_last = state.is_closing();
        let ticket = if is_last { state.flush_asked } else { asked };
        if is_last || ticket > state.flush_done {
            state.release_groups();
        }
        let (mut text, printed) = state.take_lines();
        self.push_gap(&mut text, state);
        match self.shared.plan.output {
            Output::Live => text = self.picture(&text, state),
            Output::Finished | Output::Lines => self.push_summary(&mut text, state),
            Output::Json => {}
        }
        Job { text, printed, ticket, is_last }
    }

    fn picture(&mut self, above: &str, state: &mut State) -> String {
        let plan = &self.shared.plan;
        let (size, columns) = plan.picture();
        let now = state.now(plan.clock.elapsed());
        state.changed = false;
        if state.tree.totals().events == 0 {
            return self.screen.redraw(above, "", columns);
        }
        let board = state.has_run().then(|| self.keeper.board());
        if !state.is_closing() {
            let frame = match board {
                Some(board) => render_run_frame(&state.tree, board, now, size, plan.style),
                None => render_frame(&state.tree, now, size, plan.style),
            };
            return self.screen.redraw(above, &frame, columns);
        }
        let rows = render_rows(&state.tree, board, now, size, plan.style);
        let mut text = self.screen.redraw(above, &rows, columns);
        text.push('\n');
        text.push_str(&self.summary(state, size.width));
        text
    }

    /// What is said at the end: of the test run, if there is one, and of the tree only what
    /// the run knows nothing of.
    fn summary(&self, state: &State, width: usize) -> String {
        let style = self.shared.plan.style;
        if state.has_run() {
            render_outside(&state.tree, width, style) + &self.last_words
        } else {
            render_summary(&state.tree, width, style)
        }
    }

    /// Says how many lines are missing here.
    fn push_gap(&self, text: &mut String, state: &mut State) {
        let gap = std::mem::take(&mut state.gap);
        match self.shared.plan.output {
            _ if gap == 0 => {}
            Output::Json => text.push_str(&gap_json_line(gap, state.counts.dropped)),
            Output::Live | Output::Finished | Output::Lines => {
                text.push_str(&gap_line(gap, self.shared.plan.style));
            }
        }
    }

    fn push_summary(&self, text: &mut String, state: &State) {
        // Lines of all events need no summary of their own, but a test run has one.
        let is_any = state.has_run() || state.tree.totals().events > 0;
        if state.is_closing() && is_any {
            text.push('\n');
            text.push_str(&self.summary(state, self.shared.plan.line_width()));
        }
    }
}

fn line_pace(state: &State) -> Pace {
    let is_asked = state.is_closing() || state.flush_asked > state.flush_done;
    if is_asked || state.lines.count() > 0 || state.gap > 0 { Pace::Draw } else { Pace::Rest }
}

impl State {
    fn is_closing(&self) -> bool {
        self.end == End::Closing
    }

    /// Moves what waits into the hands of the writer.
    fn take_lines(&mut self) -> (String, Printed) {
        let lines = std::mem::take(&mut self.lines);
        self.held_bytes = lines.len();
        self.held_count = lines.events();
        self.held_lines = lines.count();
        lines.into_text()
    }

    /// Ends the writing for good; so many whole lines, not counting printed ones, did get
    /// through.
    fn lose(&mut self, written: u64, error: &io::Error) {
        // The lines of a picture or a summary are no events.
        let written = written.min(self.held_count);
        self.counts.delivered += written;
        self.held_count -= written;
        self.fault = Some(match error.kind() {
            io::ErrorKind::BrokenPipe => Fault::ReaderGone,
            _ => Fault::Failed(format!("failed to write to the console: {error}")),
        });
    }
}

/// Says that the painter has ended, however it did.
struct Ending(Arc<Shared>);

impl Drop for Ending {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.phase = Phase::Ended;
        if thread::panicking() {
            state.fault = Some(Fault::Failed("the writer of the console panicked".to_owned()));
        }
        state.give_up();
        self.0.done.notify_all();
    }
}

/// Writes and flushes; returns how many bytes got through.
fn write_counted(writer: &mut dyn Write, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut written = 0;
    while written < bytes.len() {
        match writer.write(&bytes[written..]) {
            Ok(0) => return (written, Err(io::ErrorKind::WriteZero.into())),
            Ok(count) => written += count,
            Err(error) => {
                if let Err(error) = pause_if_passing(error) {
                    return (written, Err(error));
                }
            }
        }
    }
    loop {
        match writer.flush() {
            Ok(()) => return (written, Ok(())),
            Err(error) => {
                if let Err(error) = pause_if_passing(error) {
                    return (written, Err(error));
                }
            }
        }
    }
}

/// A terminal that another program has made non-blocking says that it would block.
fn pause_if_passing(error: io::Error) -> io::Result<()> {
    match error.kind() {
        io::ErrorKind::Interrupted => Ok(()),
        io::ErrorKind::WouldBlock => {
            thread::park_timeout(WOULD_BLOCK_WAIT);
            Ok(())
        }
        _ => Err(error),
    }
}
