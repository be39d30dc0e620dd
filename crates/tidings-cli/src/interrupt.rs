//! SIGINT and SIGTERM: the first ends the reading, the second the process.
//!
//! A handler only sets a flag. Whoever waits looks at it from time to time, so there is no
//! wait that a signal does not end.

use std::ffi::c_int;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::output::Screen;

/// What shells add to the number of a signal for the exit status.
const STATUS_OF_SIGNALS: usize = 128;

/// Whether this command was asked to end; a handle that is cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    /// The exit status for the signal that came; 0 before one does.
    status: Arc<AtomicUsize>,
    noticed: Arc<OnceLock<Instant>>,
    screen: Screen,
}

impl Interrupt {
    /// Not interrupted, and deaf until it [listens](Self::listen).
    pub(crate) fn new(screen: &Screen) -> Self {
        Self { status: Arc::default(), noticed: Arc::default(), screen: screen.clone() }
    }

    /// From now on the first signal is noted here, and the second ends the process at once.
    ///
    /// # Errors
    ///
    /// That of the system, when it lets nobody listen; any signal then ends the process.
    pub(crate) fn listen(&self) -> io::Result<()> {
        let is_second = Arc::new(AtomicBool::new(false));
        for (signal, status) in [(SIGINT, status_of(SIGINT)), (SIGTERM, status_of(SIGTERM))] {
            let exit_status = c_int::try_from(status).unwrap_or(1);
            // They run in this order.
            flag::register_conditional_shutdown(signal, exit_status, Arc::clone(&is_second))?;
            flag::register(signal, Arc::clone(&is_second))?;
            flag::register_usize(signal, Arc::clone(&self.status), status)?;
        }
        Ok(())
    }

    /// Whether a signal came.
    pub(crate) fn is_set(&self) -> bool {
        self.since().is_some()
    }

    /// How long ago a signal was first noticed, which is told then.
    pub(crate) fn since(&self) -> Option<Duration> {
        self.exit_status()?;
        let noticed = self.noticed.get_or_init(|| {
            self.screen.say(
                "interrupted: nothing more is read, and what was read is delivered; \
                 another signal ends it at once",
            );
            Instant::now()
        });
        Some(noticed.elapsed())
    }

    /// What the exit status is to be, if a signal came.
    pub(crate) fn exit_status(&self) -> Option<u8> {
        let status = self.status.load(Ordering::Relaxed);
        (status > 0).then(|| u8::try_from(status).unwrap_or(u8::MAX))
    }

    /// As if a signal had come.
    #[cfg(test)]
    pub(crate) fn set(&self) {
        self.status.store(status_of(SIGINT), Ordering::Relaxed);
    }
}

fn status_of(signal: c_int) -> usize {
    STATUS_OF_SIGNALS + usize::try_from(signal).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::Memory;

    #[test]
    fn a_signal_is_told_once_and_gives_the_exit_status() {
        let memory = Memory::default();
        let interrupt = Interrupt::new(&memory.screen(false));
        assert_eq!((interrupt.since(), interrupt.exit_status()), (None, None));
        interrupt.set();
        assert!(interrupt.is_set() && interrupt.clone().is_set());
        assert_eq!(interrupt.exit_status(), Some(130));
        assert_eq!(memory.text().matches("interrupted: ").count(), 1, "{}", memory.text());
    }
}
