//! What the bus has to say about its observers and sinks, told as it happens.
//!
//! Only what this bus says: diagnostics of an earlier run that are replayed are events like
//! any other. A place that is down says so over and over, so lines have a bound.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tidings_core::{Envelope, Event, Interest};
use tidings_delivery::SinkDiagnostic;
use tidings_nats::RelayDiagnostic;
use tidings_registry::{Bus, Observer, ObserverDiagnostic, ObserverError, Report};

use super::limiter::{Limiter, Passage};
use super::number::counted;
use super::screen::Screen;

/// What the report calls the observer, which is no business of the user's.
const KIND: &str = "tidings-diagnostics";
/// Observers of the commands themselves.
const OWN_KINDS: [&str; 3] = [KIND, FOLLOWED_KIND, "presence"];
/// What the report calls whoever follows a run to know when it ends.
pub(crate) const FOLLOWED_KIND: &str = "tidings-followed";
/// The most lines a second.
const LINES_MAX: u32 = 10;
const STRETCH: Duration = Duration::from_secs(1);
/// The most characters of the data of an unknown diagnostic.
const DATA_CHARACTERS_MAX: usize = 500;

/// Prints the diagnostics of one bus.
#[derive(Debug, Clone)]
pub(crate) struct Diagnostics {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    bus: tidings_core::BusId,
    screen: Screen,
    limiter: Mutex<Limiter>,
}

impl Diagnostics {
    /// Listens to `bus` for as long as it is open; before others, when it is the first.
    pub(crate) fn listen(bus: &Bus, screen: &Screen) -> Self {
        let limiter = Mutex::new(Limiter::new(LINES_MAX, STRETCH));
        let shared = Arc::new(Shared { bus: bus.id(), screen: screen.clone(), limiter });
        let diagnostics = Self { shared };
        bus.subscribe(diagnostics.clone()).detach();
        diagnostics
    }

    /// Says how many lines were left out at last.
    pub(crate) fn end(&self) {
        self.say_left_out(self.limiter().take_left_out());
    }

    /// Takes the observers of the commands out of a report, which is about those of the
    /// configuration.
    pub(crate) fn leave(report: &mut Report) {
        report.observers.retain(|observer| !OWN_KINDS.contains(&&*observer.kind));
    }

    fn say_left_out(&self, left_out: u64) {
        if left_out > 0 {
            let lines = counted(left_out, "more warning");
            self.shared.screen.say(&format!("({lines} in a short time left out)"));
        }
    }

    fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.shared.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Diagnostics {
    fn name(&self) -> String {
        "command line".to_owned()
    }

    fn kind(&self) -> &'static str {
        KIND
    }

    fn interest(&self) -> Interest {
        Interest::parse(["tidings"]).expect("a constant prefix")
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        if envelope.id().bus() != self.shared.bus {
            return Ok(());
        }
        let passage = self.limiter().admit(Instant::now());
        if let Passage::Print { left_out } = passage {
            self.say_left_out(left_out);
            let tone = if is_good_news(envelope) { "note" } else { "warning" };
            self.shared.screen.say(&format!("{tone}: {}", told(envelope)));
        }
        Ok(())
    }

    fn needs_close(&self) -> bool {
        false
    }
}

fn is_good_news(envelope: &Envelope) -> bool {
    [
        ObserverDiagnostic::RECOVERED,
        SinkDiagnostic::RECOVERED,
        RelayDiagnostic::RECOVERED,
        RelayDiagnostic::SAFE,
    ]
    .contains(envelope.event_type())
}

/// One line for a person.
fn told(envelope: &Envelope) -> String {
    let message = said(envelope, ObserverDiagnostic::message)
        .or_else(|| said(envelope, SinkDiagnostic::message))
        .or_else(|| said(envelope, RelayDiagnostic::message));
    if let Some(message) = message {
        return message;
    }
    let data = envelope.data().unwrap_or("(without a JSON form)");
    let short: String = data.chars().take(DATA_CHARACTERS_MAX).collect();
    format!("{} {short}", envelope.event_type())
}

/// What a diagnostic of type `E` says, if it is one.
fn said<E: Event>(envelope: &Envelope, message: impl Fn(&E) -> String) -> Option<String> {
    let event = envelope.event::<E>().ok()??;
    Some(message(&event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Memory;

    fn failing(bus: &Bus) {
        let subscription = bus.observe("case", |_| Err(ObserverError::failed("no room")));
        subscription.expect("a prefix").detach();
    }

    fn emit(bus: &Bus, events: usize) {
        let emitter = bus.raw_emitter("case", "t1");
        for _event in 0..events {
            emitter.emit("case.started", serde_json::json!({})).expect("a good type");
        }
    }

    #[test]
    fn a_failing_observer_is_told_in_words() {
        let (bus, memory) = (Bus::new(), Memory::default());
        Diagnostics::listen(&bus, &memory.screen(false));
        failing(&bus);
        emit(&bus, 1);
        let text = memory.text();
        assert!(text.starts_with("warning: observer `"), "{text}");
        assert!(text.ends_with("failed: no room\n"), "{text}");
    }

    #[test]
    fn a_flood_is_cut_and_counted() {
        let (bus, memory) = (Bus::new(), Memory::default());
        let diagnostics = Diagnostics::listen(&bus, &memory.screen(false));
        failing(&bus);
        emit(&bus, 1_000);
        diagnostics.end();
        let text = memory.text();
        let told = text.lines().filter(|line| line.starts_with("warning: ")).count();
        // A slow machine may need more than a second.
        assert!((10..1_000).contains(&told), "{told}");
        assert!(text.contains(" more warnings in a short time left out)"), "{text}");
    }

    #[test]
    fn the_diagnostics_of_a_replayed_run_are_not_told() {
        let (recorded, bus, memory) = (Bus::new(), Bus::new(), Memory::default());
        Diagnostics::listen(&bus, &memory.screen(false));
        let republish = bus.clone();
        let relay = recorded.observe("tidings", move |envelope| {
            republish.republish(Arc::clone(envelope));
        });
        let _relay = relay.expect("a prefix");
        failing(&recorded);
        emit(&recorded, 1);
        assert_eq!(memory.text(), "");
    }

    #[test]
    fn the_report_does_not_name_the_command_line() {
        let bus = Bus::new();
        Diagnostics::listen(&bus, &Memory::default().screen(false));
        let mut report = bus.report();
        assert_eq!(report.observers.len(), 1);
        Diagnostics::leave(&mut report);
        assert_eq!(report.observers, []);
    }
}
