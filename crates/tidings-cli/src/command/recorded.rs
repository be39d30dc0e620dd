//! What commands share that only look at journals.

use std::path::PathBuf;
use std::sync::Arc;

use tidings_core::Envelope;

use crate::failure::{Failure, Verdict};
use crate::feed::{Input, Journals, LineFaults};
use crate::interrupt::Interrupt;
use crate::output::{Meter, Screen};

/// Journals that are open.
pub(super) struct Recorded {
    inputs: Vec<Input>,
}

impl Recorded {
    /// Opens all of them, or none.
    ///
    /// # Errors
    ///
    /// [`Failure::Open`].
    pub(super) fn open(logs: &[PathBuf], interrupt: &Interrupt) -> Result<Self, Failure> {
        let opened = logs.iter().map(|path| Input::open(path, interrupt));
        Ok(Self { inputs: opened.collect::<Result<Vec<Input>, Failure>>()? })
    }

    /// Looks at every event, and tells what cannot be read.
    ///
    /// The verdict is that of the reading: a line that could not be read or a file that
    /// failed is told, and what was read before and after it is there all the same.
    pub(super) fn read(
        self,
        screen: &Screen,
        interrupt: &Interrupt,
        mut look: impl FnMut(&Envelope),
    ) -> Verdict {
        let meter = Meter::default();
        let mut faults = LineFaults::new(screen);
        let mut journals =
            Journals { meter: &meter, screen, interrupt, faults: &mut faults, upto: None };
        let mut take = |envelope: Arc<Envelope>, _| {
            look(&envelope);
            Ok(())
        };
        let mut is_read = true;
        for input in self.inputs {
            if let Err(failure) = journals.read(input, &mut take) {
                screen.fault(&failure);
                is_read = false;
            }
        }
        let is_whole = is_read && faults.end() == 0;
        match interrupt.exit_status() {
            Some(status) => Verdict::Interrupted(status),
            None if is_whole => Verdict::Complete,
            None => Verdict::Incomplete,
        }
    }
}
