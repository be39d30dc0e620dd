//! The handle: an observer that takes events in and never waits for its sink.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};
use tidings_core::{Envelope, Interest};
use tidings_registry::{Attachment, Counts, Observer, ObserverError};

use super::DeliveryBuilder;
use super::backlog::{Backlog, Limits};
use super::builder::{Settings, StartError};
use super::busy::Busy;
use super::courier::Courier;
use super::plan::Rhythm;
use super::shared::{HANG_AFTER, Shared};
use super::state::{Phase, State};
use crate::dead_letter::DeadLetters;
use crate::diagnostics::SinkDiagnostic;
use crate::settings::{Overflow, SpoolFsync, SpoolFull};
use crate::sink::Sink;
use crate::spool::Spool;

/// The most of a deadline that is kept back for writing to the spool what is left.
const SAVE_TIME_MAX: Duration = Duration::from_millis(250);

/// Makes an observer out of a [`Sink`]: a queue, batches, retry, a spool, dead letters, and a
/// thread of its own.
///
/// Taking an event in makes its JSON, at most once however many sinks want it, and puts it
/// into a queue. It waits for nobody unless [`Overflow::Block`] was asked for. What happens
/// then is in the report: every accepted event is delivered, failed, rejected, dropped,
/// spooled or pending.
///
/// Events reach the sink in the order they were accepted in, those that a spool kept before
/// all others. An event may arrive twice when nobody can know whether it arrived at all: an
/// answer was lost, the process was killed. Its event id tells.
///
/// An event that was delivered is dropped by a thread that emits another one, or soon by the
/// delivery's own; a payload whose `Drop` panics takes neither along.
///
/// ```
/// use std::time::Duration;
///
/// use tidings_delivery::{Batch, Delivery, Outcome, Sink};
/// use tidings_registry::Bus;
///
/// struct Count(u64);
///
/// impl Sink for Count {
///     fn send(&mut self, batch: &Batch<'_>) -> Outcome {
///         self.0 += batch.len() as u64;
///         Outcome::delivered()
///     }
/// }
///
/// let bus = Bus::new();
/// bus.subscribe(Delivery::builder(Count(0)).batch_events(100).start()?).detach();
/// bus.raw_emitter("case", "t1").emit("case.started", serde_json::json!({}))?;
/// let report = bus.close(Duration::from_secs(5))?;
/// assert!(report.complete, "{report}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Delivery {
    shared: Arc<Shared>,
    interest: Interest,
    kind: &'static str,
}

impl Delivery {
    /// Starts a delivery with defaults.
    ///
    /// # Errors
    ///
    /// [`StartError`] when the system gives no thread.
    pub fn new(sink: impl Sink) -> Result<Self, StartError> {
        Self::builder(sink).start()
    }

    /// Settings before it is started.
    pub fn builder<S: Sink>(sink: S) -> DeliveryBuilder<S> {
        DeliveryBuilder::new(sink)
    }

    pub(super) fn start(sink: impl Sink, settings: Settings) -> Result<Self, StartError> {
        let has_spool = settings.spool.is_some();
        let overflow = match settings.overflow {
            Some(Overflow::Spool) if !has_spool => return Err(StartError::NoSpool),
            Some(overflow) => overflow,
            None if has_spool => Overflow::Spool,
            None => Overflow::DropOldest,
        };
        let fsync = settings.spool.as_ref().map(|spool| spool.fsync);
        let spill_events = if fsync == Some(SpoolFsync::Event) { 1 } else { usize::MAX };
        let spool_full = settings.spool.as_ref().map_or(SpoolFull::default(), |spool| spool.full);
        let spool =
            settings.spool.as_ref().map(Spool::open).transpose().map_err(StartError::Spool)?;
        let dead_letters = settings.dead_letter.as_ref().map(|path| {
            DeadLetters::open(path)
                .map_err(|source| StartError::DeadLetter { path: path.clone(), source })
        });
        let kind = sink.kind();
        let limits =
            Limits { events: settings.queue_events, bytes: settings.queue_bytes, overflow };
        let mut state = State::new(Backlog::new(limits, spool));
        state.note_opened();
        let shared = Arc::new(Shared {
            name: settings.name.clone().unwrap_or_else(|| sink.name()),
            rhythm: rhythm(&settings),
            age_max: settings.retry.age_max_with(has_spool),
            retry: settings.retry,
            event_bytes_max: settings.event_bytes_max,
            block_timeout: settings.block_timeout,
            spool_full,
            spill_events,
            redaction: settings.redaction,
            gate: settings.gate,
            state: Mutex::new(state),
            wake: Condvar::new(),
            progress: Condvar::new(),
            room: Condvar::new(),
            dead_letters: dead_letters.transpose()?.map(Mutex::new),
            link: Mutex::default(),
            busy: Busy::new(),
            unfinished: AtomicBool::new(false),
            syncing: Mutex::new(()),
        });
        let courier = Courier::new(sink, Arc::clone(&shared));
        let name = format!("tidings {}", shared.name);
        thread::Builder::new()
            .name(name.chars().filter(|c| *c != '\0').take(60).collect())
            .spawn(move || courier.run())
            .map_err(StartError::Thread)?;
        Ok(Self { shared, interest: settings.interest, kind })
    }

    /// Ends accepting, and has everything sent by `deadline`; keeps what is left.
    fn finish_by(&self, deadline: Instant) {
        let save_by = before(deadline);
        let mut state = self.shared.state.lock();
        state.closing.get_or_insert(save_by);
        self.shared.wake.notify_all();
        self.shared.moved(&state);
        self.wait_until_final(&mut state, save_by);
        drop(state);
        self.shared.finalize();
        // The delivery's own thread may be at it.
        self.wait_until_final(&mut self.shared.state.lock(), deadline);
    }

    /// Why not all of it is delivered, in words; none when it is.
    fn fault(&self) -> Option<String> {
        let state = self.shared.state.lock();
        let (tally, earlier) = (state.backlog.tally, state.earlier_left);
        // What was overcome is no error.
        if tally.delivered == tally.accepted && earlier == 0 {
            return None;
        }
        let mut parts: Vec<String> = Vec::new();
        if earlier > 0 {
            parts.push(format!("{earlier} events of an earlier run are still in the spool"));
        }
        parts.extend(state.trouble());
        if let Some(busy) = self.shared.busy.time(Instant::now())
            && (busy >= HANG_AFTER || state.phase == Phase::Final)
        {
            let busy = busy.as_secs_f64();
            parts.push(format!("the sink has been at a batch for {busy:.1} s"));
        }
        if parts.is_empty() && state.phase == Phase::Final {
            parts.push("there was no time left to deliver the rest".to_owned());
        }
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    fn wait_until_final(&self, state: &mut MutexGuard<'_, State>, deadline: Instant) {
        while state.phase != Phase::Final {
            if self.shared.progress.wait_until(state, deadline).timed_out() {
                break;
            }
        }
    }
}

fn rhythm(settings: &Settings) -> Rhythm {
    // A batch that the queue cannot hold would never be full.
    let batch_events = settings.batch_events.min(settings.queue_events);
    let batch_bytes = settings.batch_bytes.min(settings.queue_bytes);
    Rhythm {
        send: settings.send,
        batch_events,
        batch_bytes,
        linger: settings.linger,
        nearly_full_events: (settings.queue_events / 4 * 3).max(1),
        nearly_full_bytes: (settings.queue_bytes / 4 * 3).max(1),
    }
}

/// Leaves time before a deadline to save what is left.
fn before(deadline: Instant) -> Instant {
    let left = deadline.saturating_duration_since(Instant::now());
    deadline.checked_sub((left / 5).min(SAVE_TIME_MAX)).unwrap_or(deadline)
}

impl Observer for Delivery {
    fn name(&self) -> String {
        self.shared.name.clone()
    }

    fn kind(&self) -> &'static str {
        self.kind
    }

    fn interest(&self) -> Interest {
        self.interest.clone()
    }

    fn attached(&self, attachment: &Attachment) {
        let untold = self.shared.link.lock().attach(attachment);
        for diagnostic in untold {
            let _receipt = attachment.emit(diagnostic);
        }
        let warnings = std::mem::take(&mut self.shared.state.lock().warnings);
        for reason in warnings {
            let observer = attachment.name().to_owned();
            let _receipt = attachment.emit(SinkDiagnostic::Warned { observer, reason });
        }
    }

    /// Puts the event into the queue.
    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        let redacted;
        let envelope = if self.shared.redaction.is_empty() {
            envelope
        } else {
            redacted = self.shared.redaction.apply(envelope);
            &redacted
        };
        match envelope.data() {
            Ok(data) => self.shared.accept(envelope, data.len()),
            Err(fault) => {
                let reason = format!("the event has no JSON form: {fault}");
                self.shared.bury_unencodable(envelope, &reason);
                Err(ObserverError::rejected(reason))
            }
        }
    }

    /// Sends what is there, and writes to the spool what could not be sent in time.
    fn flush(&self, deadline: Instant) -> Result<(), ObserverError> {
        let shared = &self.shared;
        let save_by = before(deadline);
        let mut state = shared.state.lock();
        let position = state.backlog.next_position();
        state.flushing += 1;
        shared.wake.notify_all();
        while !state.backlog.is_safe_before(position) && state.phase == Phase::Open {
            if shared.progress.wait_until(&mut state, save_by).timed_out() {
                shared.spill(&mut state);
                break;
            }
        }
        let (trash, spent) = (state.backlog.take_trash(), state.backlog.take_spent());
        state.flushing -= 1;
        let is_safe = state.backlog.is_safe_before(position);
        let pending = state.backlog.tally.pending() + state.backlog.unwritten();
        let trouble = state.trouble();
        drop(state);
        drop((trash, spent));
        // The device has it, or was never to be waited for.
        if shared.sync() && is_safe {
            return Ok(());
        }
        let why = trouble.map_or_else(String::new, |trouble| format!(": {trouble}"));
        Err(ObserverError::failed(format!("{pending} events were not delivered in time{why}")))
    }

    fn close(&self, deadline: Instant) -> Result<(), ObserverError> {
        self.finish_by(deadline);
        self.fault().map_or(Ok(()), |fault| Err(ObserverError::failed(fault)))
    }

    fn counts(&self) -> Option<Counts> {
        Some(self.shared.counts())
    }

    fn last_error(&self) -> Option<String> {
        self.fault()
    }
}

impl Drop for Delivery {
    /// Keeps what is left, in the spool if there is one, without waiting for the sink.
    fn drop(&mut self) {
        self.finish_by(Instant::now());
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.fmt(f)
    }
}
