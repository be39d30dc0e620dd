//! Turning trouble into diagnostics.
//!
//! Called by whichever thread met the trouble. On a lane that is delivering, the
//! diagnostic is queued behind the current event, like anything else emitted there.

use std::sync::Arc;

use tidings_core::emitter::Dispatch;
use tidings_core::{Emitter, Entity, Envelope, EventId, EventType};

use super::Shared;
use crate::deliver::Failure;
use crate::diagnostics::ObserverDiagnostic;
use crate::entry::Entry;
use crate::sync::atomic::Ordering;

/// The most bytes of an event's `Debug` text that a diagnostic keeps.
const DEBUG_BYTES_MAX: usize = 4_096;

impl Shared {
    pub(crate) fn diagnose_failure(
        &self,
        entry: &Entry,
        envelope: &Arc<Envelope>,
        failure: &Failure,
        removed: bool,
    ) {
        // Never about themselves: the failure is counted, and that is all.
        if envelope.event_type().is_reserved() {
            return;
        }
        self.diagnose(ObserverDiagnostic::Failed {
            observer: entry.name.clone(),
            reason: failure.reason.clone(),
            event: Some(envelope.id()),
            event_type: Some(envelope.event_type().clone()),
            rejected: failure.rejected,
            removed,
            debug: (!has_json(envelope)).then(|| debug_text(envelope)),
        });
    }

    pub(crate) fn diagnose_hook(&self, entry: &Entry, reason: &str) {
        self.diagnose_plain(&entry.name, None, reason);
    }

    pub(super) fn diagnose_processor(&self, number: usize, event: &EventType, reason: &str) {
        self.diagnose_plain(&format!("processor#{}", number + 1), Some(event), reason);
    }

    fn diagnose_plain(&self, observer: &str, event: Option<&EventType>, reason: &str) {
        self.diagnose(ObserverDiagnostic::Failed {
            observer: observer.to_owned(),
            reason: reason.to_owned(),
            event: None,
            event_type: event.cloned(),
            rejected: false,
            removed: false,
            debug: None,
        });
    }

    pub(super) fn diagnose_stall(&self, entry: &Entry) {
        entry.set_stalled();
        self.diagnose(ObserverDiagnostic::Stalled {
            observer: entry.name.clone(),
            pending: entry.counts().pending,
        });
    }

    pub(crate) fn diagnose_recovered(&self, entry: &Entry) {
        self.diagnose(ObserverDiagnostic::Recovered { observer: entry.name.clone() });
    }

    pub(super) fn diagnose_cut(&self, event_type: &EventType, cause: EventId) {
        let observer = self.observer_of_this_thread();
        self.diagnose(ObserverDiagnostic::ChainCut {
            observer,
            cause,
            event_type: event_type.clone(),
            limit: self.chain_max,
        });
    }

    fn diagnose(&self, diagnostic: ObserverDiagnostic) {
        #[cfg(feature = "tracing")]
        tracing::warn!(bus = %self.id, observer = diagnostic.observer(), "{}", diagnostic.message());
        let Some(bus) = self.strong() else { return };
        let entity = Entity::new("observer", diagnostic.observer());
        let emitter = Emitter::new(bus as Arc<dyn Dispatch>, entity);
        // Nobody may be listening; what it says stands in the report as well.
        let _receipt = emitter.emit(diagnostic);
    }

    /// The name of the observer that runs on this thread.
    fn observer_of_this_thread(&self) -> Option<String> {
        let inline = crate::lane::with_lane(self, |lane| lane.shared.busy().map(|(key, _)| key));
        let worker = || crate::lane::current_worker().map(|worker| worker.observer_key);
        let key = inline.or_else(worker)?;
        self.registry.lock().entries.get(&key).map(|entry| entry.name.clone())
    }

    pub(super) fn counters(&self) -> (u64, u64, u64) {
        (
            self.suppressed.load(Ordering::Relaxed),
            self.filtered.load(Ordering::Relaxed),
            self.cut_off.load(Ordering::Relaxed),
        )
    }
}

/// Whether the event can be kept as JSON; its `Serialize` may panic.
fn has_json(envelope: &Envelope) -> bool {
    let mut has_json = false;
    let asked = crate::deliver::contained(|| {
        has_json = envelope.data().is_ok();
        Ok(())
    });
    asked.is_ok() && has_json
}

/// The payload's `Debug` text, cut at a character.
fn debug_text(envelope: &Envelope) -> String {
    use std::fmt::Write as _;

    /// Stops the formatting once there is enough, however much there would be; also of one
    /// that does not care.
    struct Cut {
        text: String,
        is_full: bool,
    }

    impl std::fmt::Write for Cut {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            let room = DEBUG_BYTES_MAX.saturating_sub(self.text.len());
            if self.is_full {
                return Err(std::fmt::Error);
            }
            if text.len() <= room {
                self.text.push_str(text);
                return Ok(());
            }
            self.is_full = true;
            self.text.push_str(&text[..text.floor_char_boundary(room)]);
            self.text.push('…');
            Err(std::fmt::Error)
        }
    }

    let mut cut = Cut { text: String::new(), is_full: false };
    let formatted = crate::deliver::contained(|| {
        let _enough = write!(cut, "{:?}", envelope.payload());
        Ok(())
    });
    if let Err(failure) = formatted {
        cut.text.push_str(&failure.reason);
    }
    cut.text
}
