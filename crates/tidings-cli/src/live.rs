//! The only file that knows configurations: a bus with its observers, and their limits.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tidings_config::{Config, Started};
use tidings_delivery::{QUEUE_BYTES_DEFAULT, QUEUE_EVENTS_DEFAULT};
use tidings_registry::{Bus, QUEUE_CAPACITY_DEFAULT};

use crate::failure::Failure;
use crate::feed::Window;
use crate::output::{Diagnostics, Screen};

/// A bus with the observers of a configuration.
#[derive(Debug)]
pub(crate) struct Live {
    started: Started,
    diagnostics: Diagnostics,
    window: Window,
}

impl Live {
    /// Loads a configuration and starts its observers. What they have to say of themselves,
    /// also while they start, is told on `screen`.
    ///
    /// # Errors
    ///
    /// [`Failure::Configuration`] with the place and what to do.
    pub(crate) fn start(path: &Path, screen: &Screen) -> Result<Self, Failure> {
        let config = Config::load(path)?;
        let text = fs::read_to_string(path)
            .map_err(|source| Failure::Open { name: path.display().to_string(), source })?;
        for warning in config.warnings() {
            screen.say(&format!("warning: {warning}"));
        }
        let bus = config.bus_builder().build();
        let diagnostics = Diagnostics::listen(&bus, screen);
        Ok(Self { started: config.start_on(bus)?, diagnostics, window: window_of(&text) })
    }

    pub(crate) fn bus(&self) -> &Bus {
        self.started.bus()
    }

    pub(crate) fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// How long the close may take, as the configuration says.
    pub(crate) fn close_timeout(&self) -> Duration {
        self.started.close_timeout()
    }

    /// What the least of all queues holds.
    pub(crate) fn window(&self) -> Window {
        self.window
    }
}

/// The least of all queues of a configuration that was loaded before, in either format.
///
/// What is not said there has a default. An observer that is not enabled counts as well,
/// which only makes the window smaller.
fn window_of(text: &str) -> Window {
    let narrow = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let whole = Window {
        events: narrow(QUEUE_EVENTS_DEFAULT.min(QUEUE_CAPACITY_DEFAULT)),
        bytes: narrow(QUEUE_BYTES_DEFAULT),
    };
    let read = serde_json::from_str(text).ok().or_else(|| toml::from_str(text).ok());
    let config: Value = read.unwrap_or_default();
    let observers = config.get("observer").and_then(Value::as_array);
    let queues = observers.into_iter().flatten().filter_map(|observer| observer.get("queue"));
    queues.fold(whole, |window, queue| {
        let limit = |key, default| queue.get(key).and_then(Value::as_u64).unwrap_or(default);
        window.least(Window {
            events: limit("events", whole.events).max(1),
            bytes: limit("bytes", whole.bytes).max(1),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_queue_is_what_may_wait() {
        let whole = window_of("[[observer]]\nkind = \"console\"\n");
        assert_eq!(whole, Window { events: 10_000, bytes: 64 * 1024 * 1024 });
        let toml = "[[observer]]\nqueue = { events = 500 }\n[[observer]]\n[observer.queue]\nevents = 700\nbytes = 9\n";
        let json = r#"{"observer":[{"queue":{"events":500}},{"queue":{"events":700,"bytes":9}}]}"#;
        for text in [toml, json] {
            assert_eq!(window_of(text), Window { events: 500, bytes: 9 });
        }
    }
}
