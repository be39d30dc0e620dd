//! A bus that runs with its observers.

use std::time::Duration;

use tidings_registry::{Bus, CloseError, CloseReport, Subscription};

/// A bus and the observers of its configuration.
///
/// Keeps the observers registered for as long as it lives. Dropping it closes the bus if
/// nobody else has a handle of it, and cancels the observers.
#[derive(Debug)]
#[must_use = "the observers are cancelled when it is dropped"]
pub struct Started {
    // Dropped before the subscriptions, so that a close reports them as what they are.
    bus: Bus,
    subscriptions: Vec<Subscription>,
    warnings: Vec<String>,
    close_timeout: Duration,
}

impl Started {
    pub(crate) fn new(
        bus: Bus,
        subscriptions: Vec<Subscription>,
        warnings: Vec<String>,
        close_timeout: Duration,
    ) -> Self {
        Self { bus, subscriptions, warnings, close_timeout }
    }

    /// The bus.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// What a person should know though nothing is wrong; see
    /// [`Config::warnings`](crate::Config::warnings).
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How long [`close`](Self::close) may take.
    pub fn close_timeout(&self) -> Duration {
        self.close_timeout
    }

    /// Closes the bus within the time that the configuration gives it; see [`Bus::close`].
    ///
    /// # Errors
    ///
    /// [`CloseError`] when the bus is strict and not everything was delivered.
    pub fn close(&self) -> Result<CloseReport, CloseError> {
        self.bus.close(self.close_timeout)
    }

    /// The bus alone; the observers stay for as long as it is open.
    pub fn detach(self) -> Bus {
        self.subscriptions.into_iter().for_each(Subscription::detach);
        self.bus
    }
}
