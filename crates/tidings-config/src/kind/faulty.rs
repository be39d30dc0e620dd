//! The kind `faulty`: an observer that is broken on purpose, to see what the others make of it.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use serde::Deserialize;
use tidings_core::Envelope;
use tidings_registry::{Observer, ObserverError};

use super::{ObserverKind, OpenContext, OpenError, Opened};

#[derive(Debug, Deserialize)]
struct FaultyKeys {
    does: Fault,
}

/// What it does with each event.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Fault {
    Fail,
    Panic,
    Hang,
}

impl Observer for Fault {
    fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
        match self {
            Self::Fail => Err(ObserverError::failed("it fails on purpose")),
            // Without the message on standard error: this one is no news to anybody.
            Self::Panic => resume_unwind(Box::new("it panics on purpose")),
            Self::Hang => loop {
                thread::park();
            },
        }
    }
}

#[typetag::deserialize(name = "faulty")]
impl ObserverKind for FaultyKeys {
    fn open(self: Box<Self>, _: &OpenContext<'_>) -> Result<Opened, OpenError> {
        Ok(Opened::observer(move |_| Ok(self.does)))
    }
}
