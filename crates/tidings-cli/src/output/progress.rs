//! Progress on a terminal: one line that is redrawn.
//!
//! A thread of its own looks at the meter and the report of the bus; whoever reads and
//! dispatches only counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use tidings_registry::{Bus, Report};

use super::number::{counted, grouped};
use super::screen::Screen;

/// From one drawing to the next.
const INTERVAL: Duration = Duration::from_millis(100);

/// What has been read and dispatched so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter {
    shared: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    events: AtomicU64,
    bytes: AtomicU64,
    /// How many bytes there are; 0 when that is not known.
    bytes_total: AtomicU64,
}

impl Meter {
    pub(crate) fn add_event(&self) {
        self.shared.events.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_bytes(&self, bytes: u64) {
        self.shared.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn set_bytes_total(&self, bytes: u64) {
        self.shared.bytes_total.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn events(&self) -> u64 {
        self.shared.events.load(Ordering::Relaxed)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.shared.bytes.load(Ordering::Relaxed)
    }

    fn line(&self, elapsed: Duration, report: &Report) -> String {
        let (events, bytes) = (self.events(), self.bytes());
        let read = match self.shared.bytes_total.load(Ordering::Relaxed) {
            0 => megabytes(bytes),
            total => {
                let percent = bytes.saturating_mul(100) / total;
                format!("{} of {} ({percent} %)", megabytes(bytes), megabytes(total))
            }
        };
        let rate = u128::from(events) * 1_000 / elapsed.as_millis().max(1);
        let rate = grouped(u64::try_from(rate).unwrap_or(u64::MAX));
        let done = format!("{}, {read}, {rate} events/s", counted(events, "event"));
        // One is in the hands of whoever is called inline, at any moment.
        let behind = report.observers.iter().filter(|observer| observer.counts.pending > 1);
        let behind = behind.map(|observer| {
            format!("{}: {} pending", observer.name, grouped(observer.counts.pending))
        });
        std::iter::once(done).chain(behind).collect::<Vec<String>>().join("; ")
    }
}

/// Draws until it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    screen: Screen,
}

impl Progress {
    /// Begins to draw, where there is a terminal that nobody else redraws.
    pub(crate) fn start(screen: &Screen, meter: &Meter, bus: &Bus) -> Self {
        let mut progress = Self { stop: None, thread: None, screen: screen.clone() };
        if !screen.is_terminal() || draws_elsewhere(&bus.report()) {
            return progress;
        }
        let (stop, stopped) = sync_channel::<()>(1);
        let (screen, meter, bus) = (screen.clone(), meter.clone(), bus.clone());
        let draw = move || {
            let begin = Instant::now();
            while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                screen.set_status(&meter.line(begin.elapsed(), &bus.report()));
            }
        };
        // Without a thread there is no progress line, and nothing else is missing.
        progress.thread = Builder::new().name("tidings progress".to_owned()).spawn(draw).ok();
        progress.stop = Some(stop);
        progress
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
        self.screen.clear_status();
    }
}

/// Whether an observer of the bus has a terminal of its own to draw on, as like as not this.
fn draws_elsewhere(report: &Report) -> bool {
    report.observers.iter().any(|observer| observer.kind == "console")
}

fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{} MB", grouped(tenths / 10), tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Memory;

    #[test]
    fn the_line_says_how_far_and_how_fast_and_who_is_behind() {
        let bus = Bus::new();
        let meter = Meter::default();
        for _event in 0..1_500 {
            meter.add_event();
        }
        meter.add_bytes(2_500_000);
        let line = meter.line(Duration::from_secs(3), &bus.report());
        assert_eq!(line, "1,500 events, 2.5 MB, 500 events/s");
        meter.set_bytes_total(10_000_000);
        let line = meter.line(Duration::from_secs(3), &bus.report());
        assert_eq!(line, "1,500 events, 2.5 MB of 10.0 MB (25 %), 500 events/s");
    }

    #[test]
    fn the_line_is_drawn_on_a_terminal_and_taken_away_at_the_end() {
        let (memory, bus) = (Memory::default(), Bus::new());
        let progress = Progress::start(&memory.screen(true), &Meter::default(), &bus);
        let deadline = Instant::now() + Duration::from_mins(1);
        while !memory.text().contains("0 events") {
            assert!(Instant::now() < deadline, "nothing was drawn");
            std::thread::yield_now();
        }
        drop(progress);
        assert!(memory.text().ends_with("\r\x1b[2K"), "{}", memory.text());
    }

    #[test]
    fn nothing_is_drawn_where_there_is_no_terminal() {
        let progress =
            Progress::start(&Memory::default().screen(false), &Meter::default(), &Bus::new());
        assert!(progress.thread.is_none());
    }
}
