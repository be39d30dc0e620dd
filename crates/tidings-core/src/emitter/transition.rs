//! A state change and its event, as one.

use std::sync::{Arc, PoisonError};

use thiserror::Error;

use super::dispatch::{Accepted, Dispatch, Owned, Stream, TypeSlot};
use super::typed::Emitter;
use crate::Receipt;
use crate::event::Event;
use crate::state::{IllegalTransition, Label, StateMachine, Transition, TransitionError};
use crate::sync::Mutex;

impl<E: Event> Emitter<E> {
    /// Makes a transition and emits its event, both or neither.
    ///
    /// The state and the event's sequence change in one critical section, on a lane that
    /// belongs to the machine, so the events of one machine arrive in the order of its
    /// transitions whichever threads make them. One thread at a time delivers them; the
    /// others get [`Receipt::Reentrant`]. Content dedup does not apply.
    ///
    /// # Errors
    ///
    /// [`EmitTransitionError`] when the transition is not allowed or the bus is closed;
    /// then nothing changed and nothing was emitted.
    pub fn transition<S: Label>(
        &self,
        machine: &StateMachine<S>,
        target: impl Into<S>,
        event: E,
    ) -> Result<(Transition<S>, Receipt), EmitTransitionError<S>> {
        let (dispatch, source, table) = self.parts();
        let stream = machine.stream(dispatch.as_ref());
        let index = event.descriptor_index();
        let mut draft = Owned::new(&E::DESCRIPTORS[index].event_type, event);
        let slot = TypeSlot::Known(table, index);
        let (transition, accepted) = machine
            .transition_with(target, |_| stream.accept(source, slot, &mut draft))
            .map_err(|fault| match fault {
                TransitionError::Illegal(illegal) => EmitTransitionError::Illegal(illegal),
                TransitionError::CalledOff(_closed) => {
                    EmitTransitionError::Closed { machine: machine.name().to_owned() }
                }
            })?;
        let receipt = match accepted {
            Accepted::Settled(receipt) => receipt,
            Accepted::Drain => stream.drain(),
        };
        Ok((transition, receipt))
    }
}

/// The lanes of one machine, one per bus it was used with.
#[derive(Default)]
pub(crate) struct Streams(Mutex<Vec<(u64, Arc<dyn Stream>)>>);

impl Streams {
    pub(crate) fn on(&self, bus: &dyn Dispatch) -> Arc<dyn Stream> {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, stream)) = streams.iter().find(|(key, _)| *key == bus.key()) {
            return Arc::clone(stream);
        }
        let stream = bus.stream();
        streams.push((bus.key(), Arc::clone(&stream)));
        stream
    }
}

/// Why a transition was not made and its event not emitted.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum EmitTransitionError<S: Label> {
    /// The machine does not allow it.
    #[error(transparent)]
    Illegal(IllegalTransition<S>),
    /// The bus is closed.
    #[error("the bus is closed; `{machine}` stays as it is")]
    #[non_exhaustive]
    Closed {
        /// The machine's name.
        machine: String,
    },
}
