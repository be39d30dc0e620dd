//! Closures as observers.

use std::marker::PhantomData;
use std::sync::Arc;

use tidings_core::{Envelope, Event, Interest};

use super::{Observer, ObserverError};

/// What a closure that observes may return: nothing, or a result.
#[diagnostic::on_unimplemented(
    message = "a closure that observes returns `()` or a `Result<(), E>`, not `{Self}`",
    note = "end its last expression with `;` to return nothing",
    note = "an `E` is any error type, or `ObserverError::failed(\"why\")`"
)]
pub trait ObserverResult {
    /// As what [`Observer::on_event`] returns.
    ///
    /// # Errors
    ///
    /// The closure's own error.
    fn into_result(self) -> Result<(), ObserverError>;
}

impl ObserverResult for () {
    fn into_result(self) -> Result<(), ObserverError> {
        Ok(())
    }
}

impl<E: Into<ObserverError>> ObserverResult for Result<(), E> {
    fn into_result(self) -> Result<(), ObserverError> {
        self.map_err(Into::into)
    }
}

/// A closure over envelopes.
pub(crate) struct Closure<F> {
    pub(crate) interest: Interest,
    pub(crate) function: F,
}

impl<F, R> Observer for Closure<F>
where
    F: Fn(&Arc<Envelope>) -> R + Send + Sync + 'static,
    R: ObserverResult,
{
    fn name(&self) -> String {
        format!("closure({})", self.interest)
    }

    fn interest(&self) -> Interest {
        self.interest.clone()
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        (self.function)(envelope).into_result()
    }

    fn needs_close(&self) -> bool {
        false
    }
}

/// A closure over events of one type, wherever they came from.
pub(crate) struct TypedClosure<E, F> {
    pub(crate) function: F,
    pub(crate) event: PhantomData<fn(E)>,
}

impl<E, F, R> Observer for TypedClosure<E, F>
where
    E: Event,
    F: Fn(&E, &Arc<Envelope>) -> R + Send + Sync + 'static,
    R: ObserverResult,
{
    fn name(&self) -> String {
        format!("on<{}>", super::contract::short_type_name(std::any::type_name::<E>()))
    }

    fn interest(&self) -> Interest {
        Interest::types(E::TYPES.iter().copied())
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        match envelope.event::<E>()? {
            Some(event) => (self.function)(&event, envelope).into_result(),
            // Another event type of this program has taken the same name.
            None => Ok(()),
        }
    }

    fn needs_close(&self) -> bool {
        false
    }
}
