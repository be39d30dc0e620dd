//! The way of relayed events to the bus of the observers: at their pace.
//!
//! A relay gives what the server has; observers with a queue take what they can. Between the
//! two is a bus of its own, which hands on an event when there is room for it.

use std::sync::{Arc, Mutex, PoisonError};

use tidings_core::{Envelope, Interest, Prefix};
use tidings_registry::{Bus, Observer, ObserverError};

use crate::feed::{Ended, Feeder};
use crate::output::{Diagnostics, Screen};

/// A bus that hands all its events on.
#[derive(Debug)]
pub(crate) struct Inlet {
    bus: Bus,
    diagnostics: Diagnostics,
}

struct Forward(Mutex<Feeder>);

impl Inlet {
    /// Hands on to this feeder. What the bus says of itself is told on the screen as well.
    pub(crate) fn new(feeder: Feeder, to: &Bus, screen: &Screen) -> Self {
        let bus = Bus::builder().run(to.run()).node(to.node()).build();
        let diagnostics = Diagnostics::listen(&bus, screen);
        bus.subscribe(Forward(Mutex::new(feeder))).detach();
        Self { bus, diagnostics }
    }

    pub(crate) fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Says how many lines were left out at last.
    pub(crate) fn end(self) {
        self.diagnostics.end();
    }
}

impl Observer for Forward {
    fn name(&self) -> String {
        "inlet".to_owned()
    }

    fn interest(&self) -> Interest {
        Interest::everything().with(Prefix::parse("tidings").expect("a segment is a prefix"))
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        let bytes = envelope.data().map_or(0, str::len);
        let mut feeder = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fed = feeder.feed(Arc::clone(envelope), u64::try_from(bytes).unwrap_or(u64::MAX));
        fed.map_err(|Ended| ObserverError::failed("the bus of the observers is closed"))
    }
}
