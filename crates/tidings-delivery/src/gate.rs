//! The gate of an endpoint: one pause for all that goes there.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

/// Says until when nothing is to be sent to an endpoint.
///
/// Deliveries that share a gate share its pauses: what one of them was told, "not before
/// four seconds", holds for all. A clone is the same gate.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<Mutex<Option<Instant>>>);

impl Gate {
    /// Shuts the gate until `opens`, unless it is shut for longer already.
    pub(crate) fn shut_until(&self, opens: Instant) {
        let mut shut = self.0.lock();
        *shut = Some(shut.map_or(opens, |until| until.max(opens)));
    }

    /// When it opens; none when it is open.
    pub(crate) fn opens_at(&self, now: Instant) -> Option<Instant> {
        self.0.lock().filter(|opens| *opens > now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_gate_opens_when_the_longest_pause_is_over() {
        let (gate, now) = (Gate::default(), Instant::now());
        let shared = gate.clone();
        gate.shut_until(now + Duration::from_secs(4));
        shared.shut_until(now + Duration::from_secs(1));
        assert_eq!(gate.opens_at(now), Some(now + Duration::from_secs(4)));
        assert_eq!(shared.opens_at(now + Duration::from_secs(4)), None);
    }
}
