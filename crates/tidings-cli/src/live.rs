//! The only file that knows configurations: a bus with its observers, and their limits.

use std::path::Path;
use std::time::Duration;

use tidings_config::{Config, QueueLimits, Started, StartedViews};
use tidings_delivery::{QUEUE_BYTES_DEFAULT, QUEUE_EVENTS_DEFAULT};
use tidings_registry::Bus;

use crate::failure::Failure;
use crate::feed::Window;
use crate::output::{Diagnostics, Screen};

/// The configuration of whoever has none.
const CONSOLE: &str = "[[observer]]\nkind = \"console\"\n";

/// What observers there are to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Observers<'a> {
    /// Those of this file.
    Configured(&'a Path),
    /// A console on standard output.
    Console,
    /// None.
    Nobody,
}

/// A bus with the observers of a configuration.
#[derive(Debug)]
pub(crate) struct Live {
    started: Started,
    diagnostics: Diagnostics,
    window: Window,
}

/// A configuration that was read, and of which nothing is started yet.
#[derive(Debug)]
pub(crate) struct Planned(Config);

impl Planned {
    /// Reads a file, and tells its warnings.
    ///
    /// # Errors
    ///
    /// [`Failure::Configuration`] with the place and what to do.
    pub(crate) fn read(path: &Path, screen: &Screen) -> Result<Self, Failure> {
        let config = Config::load(path)?;
        for warning in config.warnings() {
            screen.say(&format!("warning: {warning}"));
        }
        Ok(Self(config))
    }

    /// Starts the views, which show what they are given from now on; the other observers
    /// wait for [`Views::start_others`].
    ///
    /// # Errors
    ///
    /// As [`Live::start`].
    pub(crate) fn start_views(self, screen: &Screen) -> Result<Views, Failure> {
        let window = window_of(&self.0);
        let bus = self.0.bus_builder().build();
        let diagnostics = Diagnostics::listen(&bus, screen);
        let started = self.0.start_views_on(bus)?;
        tell_pages(started.pages(), screen);
        Ok(Views { started, diagnostics, window })
    }
}

/// A bus with the views of a configuration.
#[derive(Debug)]
pub(crate) struct Views {
    started: StartedViews,
    diagnostics: Diagnostics,
    window: Window,
}

impl Views {
    pub(crate) fn bus(&self) -> &Bus {
        self.started.bus()
    }

    /// As [`Live::window`].
    pub(crate) fn window(&self) -> Window {
        self.window
    }

    /// Starts the observers that are no views.
    ///
    /// # Errors
    ///
    /// As [`Live::start`].
    pub(crate) fn start_others(self) -> Result<Live, Failure> {
        let Self { started, diagnostics, window } = self;
        Ok(Live { started: started.start_others()?, diagnostics, window })
    }
}

impl Live {
    /// Starts observers. What they have to say of themselves, also while they start, is
    /// told on `screen`.
    ///
    /// # Errors
    ///
    /// [`Failure::Configuration`] with the place and what to do.
    pub(crate) fn start(observers: &Observers<'_>, screen: &Screen) -> Result<Self, Failure> {
        let Planned(config) = match observers {
            Observers::Configured(path) => Planned::read(path, screen)?,
            // Without a file nobody is warned that there is no observer.
            Observers::Console => Planned(Config::from_toml(CONSOLE, "")?),
            Observers::Nobody => Planned(Config::from_toml("", "")?),
        };
        let window = window_of(&config);
        let bus = config.bus_builder().build();
        let diagnostics = Diagnostics::listen(&bus, screen);
        let started = config.start_on(bus)?;
        tell_pages(started.pages(), screen);
        Ok(Self { started, diagnostics, window })
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

fn tell_pages(pages: &[String], screen: &Screen) {
    for page in pages {
        screen.say(&format!("live at {page}"));
    }
}

/// How much may wait for the observers.
fn window_of(config: &Config) -> Window {
    let narrow = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let (events, bytes) = match config.least_queue() {
        Some(QueueLimits { events, bytes }) => (events, bytes),
        None => (QUEUE_EVENTS_DEFAULT, QUEUE_BYTES_DEFAULT),
    };
    Window { events: narrow(events), bytes: narrow(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(toml: &str) -> Window {
        window_of(&Config::from_toml(toml, "").expect("it is right"))
    }

    #[test]
    fn the_least_queue_is_what_may_wait() {
        let whole = Window { events: 10_000, bytes: 64 * 1024 * 1024 };
        assert_eq!(window("[[observer]]\nkind = \"console\"\n"), whole);
        let http = "[[observer]]\nkind = \"http\"\nurl = \"http://h\"\nqueue";
        let toml = format!("{http} = {{ events = 500 }}\n{http} = {{ events = 700, bytes = 9 }}\n");
        assert_eq!(window(&toml), Window { events: 500, bytes: 9 });
    }
}
