//! The thread of a relay.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tidings_core::time::moment::deadline_in;
use tidings_core::{BusId, Emitter, Receipt};
use tidings_registry::Bus;

use crate::server::NatsError;
use crate::source::{Arrived, Place, Taken};
use crate::{NatsSource, Seen};

use super::checkpoint::Checkpoints;
use super::clock::{TICK_MAX, WaitingClock};
use super::diagnostics::RelayDiagnostic;
use super::floor::Floor;
use super::order::{Limits, Order, Standing, Step};
use super::report::RelayReport;
use super::settings::RelaySettings;

/// How often the report is brought up to date while events come.
const REPORT_INTERVAL: Duration = Duration::from_millis(50);
/// The most messages that are no events, and the most gaps, that are told one by one.
const TOLD_MAX: u64 = 1_000;

/// What the thread and the handle share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) stop: AtomicBool,
    /// How long the end may take, once it is to stop.
    pub(super) stop_within: Mutex<Duration>,
    pub(super) report: Mutex<RelayReport>,
}

/// What is put in order: an event, or the position of one that is not republished.
type Item = Option<Arrived>;

pub(super) struct Worker {
    source: NatsSource,
    bus: Bus,
    shared: Arc<Shared>,
    seen: Seen,
    order: Order<Item>,
    floor: Floor,
    checkpoints: Checkpoints,
    settings: RelaySettings,
    clock: WaitingClock,
    now: Duration,
    report: RelayReport,
    reported: Instant,
    /// Events since it was asked whether they are safe.
    unasked: u64,
    acknowledged: Option<Place>,
    failures: u64,
    diagnostics: Emitter<RelayDiagnostic>,
    steps: Vec<Step<Item>>,
}

/// The bus takes nothing more.
struct Closed;

impl Worker {
    pub(super) fn new(
        source: NatsSource,
        bus: &Bus,
        mut settings: RelaySettings,
        shared: Arc<Shared>,
    ) -> std::io::Result<Self> {
        let barrier = bus.clone();
        let safe = settings.safe.take().unwrap_or_else(|| {
            Box::new(move |within| barrier.barrier(within).map_err(|fault| fault.to_string()))
        });
        let limits = Limits { wait: settings.hold, events: settings.hold_events };
        let now = Instant::now();
        Ok(Self {
            source,
            bus: bus.clone(),
            shared,
            seen: std::mem::take(&mut settings.seen),
            order: Order::new(limits),
            floor: Floor::default(),
            checkpoints: Checkpoints::start(safe)?,
            settings,
            clock: WaitingClock::new(now),
            now: Duration::ZERO,
            report: RelayReport::default(),
            reported: now,
            unasked: 0,
            acknowledged: None,
            failures: 0,
            diagnostics: bus.emitter("relay", "nats"),
            steps: Vec::new(),
        })
    }

    pub(super) fn run(mut self) {
        let ended = self.relay();
        if ended.is_ok() {
            self.finish();
        }
        self.report.ended = true;
        self.publish_report();
    }

    fn relay(&mut self) -> Result<(), Closed> {
        while !self.shared.stop.load(Ordering::Acquire) {
            let taken = self.source.take(self.patience());
            self.now = self.clock.look(Instant::now(), self.source.is_connected());
            let is_idle = !matches!(taken, Ok(Some(_)));
            match taken {
                Ok(Some(taken)) => self.take(taken)?,
                Ok(None) => {}
                Err(fault) => self.stalled(&fault),
            }
            if self.order.deadline().is_some_and(|deadline| deadline <= self.now) {
                self.order.expire(self.now, &mut self.steps);
                self.carry_out()?;
            }
            self.look_at_checkpoints();
            if is_idle || self.reported.elapsed() >= REPORT_INTERVAL {
                self.publish_report();
            }
            if self.bus.is_closed() {
                return Err(Closed);
            }
        }
        Ok(())
    }

    /// How long to wait for the next event.
    fn patience(&self) -> Duration {
        let until = self.order.deadline().map(|deadline| deadline.saturating_sub(self.now));
        let answer = if self.checkpoints.is_asking() { TICK_MAX / 10 } else { TICK_MAX };
        until.unwrap_or(TICK_MAX).min(answer)
    }

    fn take(&mut self, taken: Taken) -> Result<(), Closed> {
        self.recovered();
        match taken {
            Taken::Event(arrived) => self.take_event(arrived),
            Taken::Unreadable { place, reason } => {
                self.floor.pass(place);
                self.report.unreadable += 1;
                if self.report.unreadable <= TOLD_MAX {
                    self.diagnostics.emit(RelayDiagnostic::Unreadable { reason });
                }
                Ok(())
            }
        }
    }

    fn take_event(&mut self, arrived: Arrived) -> Result<(), Closed> {
        let id = arrived.envelope.id();
        let is_new = arrived.is_wanted && self.seen.insert(id);
        self.report.repeated += u64::from(arrived.is_wanted && !is_new);
        // When others are filtered out, a position that is missing means nothing.
        let position = arrived.position.filter(|_| self.source.is_whole());
        let standing = Standing { bus: id.bus(), position };
        let place = arrived.place;
        if is_new {
            self.floor.take(place);
            self.order.take(standing, Some(arrived), self.now, &mut self.steps);
        } else {
            self.floor.pass(place);
            self.order.take(standing, None, self.now, &mut self.steps);
        }
        self.carry_out()
    }

    fn carry_out(&mut self) -> Result<(), Closed> {
        let mut steps = std::mem::take(&mut self.steps);
        for step in steps.drain(..) {
            match step {
                Step::Let(Some(arrived)) => self.republish(arrived)?,
                Step::Late(Some(arrived)) => {
                    self.report.late += 1;
                    self.republish(arrived)?;
                }
                Step::Gap { bus, from, to } => self.tell_gap(bus, from, to),
                // What lies before a beginning was relayed before, is too old for the stream,
                // or was not asked for: the first position is in the report.
                Step::Let(None) | Step::Late(None) | Step::Begins => {}
            }
        }
        self.steps = steps;
        Ok(())
    }

    fn republish(&mut self, arrived: Arrived) -> Result<(), Closed> {
        let Arrived { envelope, position, place, .. } = arrived;
        let bus = envelope.id().bus();
        if let Some(node) = self.report.node(envelope.run(), envelope.node(), bus) {
            node.relayed += 1;
            node.last_position = node.last_position.max(position);
            // None is the least of all.
            node.first_position = node.first_position.into_iter().chain(position).min();
        }
        if self.bus.republish(envelope) == Receipt::Closed {
            return Err(Closed);
        }
        self.floor.release(place);
        self.report.relayed += 1;
        self.unasked += 1;
        Ok(())
    }

    fn tell_gap(&mut self, bus: BusId, from: u64, to: u64) {
        let missing = to.saturating_sub(from);
        let before = self.report.missing;
        self.report.missing = before.saturating_add(missing);
        let Some(node) = self.report.nodes.get_mut(&bus) else { return };
        node.missing = node.missing.saturating_add(missing);
        if before < TOLD_MAX {
            let (run, node) = (node.run.clone(), node.node.clone());
            self.diagnostics.emit(RelayDiagnostic::Gap { run, node, from, to });
        }
    }

    fn look_at_checkpoints(&mut self) {
        if let Some((place, answer)) = self.checkpoints.answer(Duration::ZERO) {
            self.answered(place, answer);
        }
        let now = Instant::now();
        let is_much = self.unasked >= self.settings.checkpoint_events;
        // One that was answered with no is asked again at the interval, however much there is.
        let is_much = is_much && self.report.not_safe.is_none();
        if !self.checkpoints.is_asking() && (is_much || self.checkpoints.is_due(now)) {
            self.ask(self.settings.safe_within);
        }
    }

    /// Asks about everything that is finished, if it is not acknowledged.
    fn ask(&mut self, within: Duration) {
        let next = deadline_in(self.settings.checkpoint_interval);
        let place = self.floor.place();
        let news = place.filter(|place| self.acknowledged != Some(*place));
        if let Some(place) = news {
            self.unasked = 0;
            self.checkpoints.ask(place, within, next);
        }
    }

    fn answered(&mut self, place: Place, answer: Result<(), String>) {
        match answer {
            Ok(()) => {
                if self.report.not_safe.take().is_some() {
                    self.diagnostics.emit(RelayDiagnostic::Safe);
                }
                match self.source.acknowledge_through(place) {
                    Ok(()) => {
                        self.acknowledged = Some(place);
                        self.report.acknowledged = place.sequence;
                    }
                    Err(fault) => self.report.last_error = Some(fault.to_string()),
                }
            }
            Err(reason) => {
                let was_safe = self.report.not_safe.replace(reason.clone()).is_none();
                if was_safe {
                    self.diagnostics.emit(RelayDiagnostic::Unsafe { reason });
                }
            }
        }
    }

    fn stalled(&mut self, fault: &NatsError) {
        let reason = fault.to_string();
        let alarm = fault.needs_a_person();
        self.failures += 1;
        if self.failures == 1 || (alarm && self.report.last_error.as_ref() != Some(&reason)) {
            let reason = reason.clone();
            self.diagnostics.emit(RelayDiagnostic::Stalled { reason, alarm });
        }
        self.report.last_error = Some(reason);
    }

    fn recovered(&mut self) {
        if self.failures > 0 {
            self.diagnostics.emit(RelayDiagnostic::Recovered { failures: self.failures });
            self.failures = 0;
        }
    }

    /// Hands on what was held, and has everything acknowledged that is safe in time.
    fn finish(&mut self) {
        let deadline = deadline_in(*self.shared.stop_within.lock());
        self.order.release(self.now, &mut self.steps);
        if self.carry_out().is_err() {
            return;
        }
        let left = || deadline.saturating_duration_since(Instant::now());
        if let Some((place, answer)) = self.checkpoints.answer(left()) {
            self.answered(place, answer);
        }
        if !self.checkpoints.is_asking() {
            self.ask(left());
            if let Some((place, answer)) = self.checkpoints.answer(left()) {
                self.answered(place, answer);
            }
        }
    }

    fn publish_report(&mut self) {
        self.reported = Instant::now();
        let source = self.source.report();
        (self.report.pending, self.report.sessions) = (source.pending, source.sessions);
        self.report.connected = self.source.is_connected();
        self.report.unacknowledged = self.acknowledged != self.floor.place();
        self.report.held = u64::try_from(self.order.held()).unwrap_or(u64::MAX);
        self.shared.report.lock().clone_from(&self.report);
    }
}
