//! Observers on their way to a bus, some of them before the others.
//!
//! When one cannot be started, none is left on the bus.

use std::collections::HashMap;
use std::time::Duration;

use tidings_delivery::Gate;
use tidings_registry::{Bus, Subscription};

use crate::error::ConfigError;
use crate::observer::Planned;
use crate::source::Source;
use crate::started::{Started, Store};

/// A bus with the views of a configuration; its other observers are not started yet.
///
/// See [`Config::start_views_on`](crate::Config::start_views_on).
#[derive(Debug)]
#[must_use = "the views are cancelled when it is dropped"]
pub struct StartedViews {
    starting: Starting,
    others: Vec<Planned>,
}

impl StartedViews {
    pub(crate) fn new(starting: Starting, others: Vec<Planned>) -> Self {
        Self { starting, others }
    }

    /// The bus.
    pub fn bus(&self) -> &Bus {
        &self.starting.bus
    }

    /// As [`Started::pages`].
    pub fn pages(&self) -> &[String] {
        &self.starting.pages
    }

    /// Registers the observers that are no views, in their order, behind the views.
    ///
    /// # Errors
    ///
    /// As [`Config::start`](crate::Config::start); no observer is left on the bus then.
    pub fn start_others(mut self) -> Result<Started, ConfigError> {
        let others = self.others.into_iter();
        for planned in others {
            self.starting.start(planned)?;
        }
        Ok(self.starting.finish())
    }
}

/// What is registered so far.
#[derive(Debug)]
pub(crate) struct Starting {
    // Dropped before the subscriptions, so that a close reports them as what they are.
    bus: Bus,
    source: Source,
    gates: HashMap<String, Gate>,
    subscriptions: Vec<Subscription>,
    pages: Vec<String>,
    warnings: Vec<String>,
    stores: Vec<Store>,
    close_timeout: Duration,
}

impl Starting {
    pub(crate) fn new(
        bus: Bus,
        source: Source,
        (warnings, stores, close_timeout): (Vec<String>, Vec<Store>, Duration),
    ) -> Self {
        Self {
            bus,
            source,
            gates: HashMap::new(),
            subscriptions: Vec::new(),
            pages: Vec::new(),
            warnings,
            stores,
            close_timeout,
        }
    }

    pub(crate) fn start(&mut self, planned: Planned) -> Result<(), ConfigError> {
        let page = planned.page();
        match planned.start(&self.bus, &mut self.gates) {
            Ok(subscription) => {
                self.subscriptions.push(subscription);
                self.pages.extend(page.and_then(|page| page.get().cloned()));
                Ok(())
            }
            Err(fault) => {
                self.source.report(fault);
                Err(self.source.error())
            }
        }
    }

    pub(crate) fn finish(self) -> Started {
        let Self { bus, subscriptions, warnings, pages, stores, close_timeout, .. } = self;
        let started = Started::new(bus, subscriptions, warnings, close_timeout);
        started.serving(pages).keeping(stores)
    }
}
