//! Journals: their events one after the other, their faults told.

use std::sync::Arc;

use tidings_core::Envelope;
use tidings_journal::{ReadError, Reader};

use super::faults::LineFaults;
use super::feeder::Ended;
use super::input::{Counted, Input};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::{Meter, Screen, counted};

/// Reads journals, for whoever takes their events.
pub(crate) struct Journals<'a> {
    pub(crate) meter: &'a Meter,
    pub(crate) screen: &'a Screen,
    pub(crate) interrupt: &'a Interrupt,
    pub(crate) faults: &'a mut LineFaults,
    /// Where an interruption ended it: `run.jsonl:37`.
    pub(crate) upto: Option<String>,
}

impl Journals<'_> {
    /// Hands on the events of one journal, each with the bytes of its line; nothing of it
    /// when there was an interruption before.
    ///
    /// # Errors
    ///
    /// [`Failure::Read`] and [`Failure::Closed`].
    pub(crate) fn read(
        &mut self,
        input: Input,
        take: &mut dyn FnMut(Arc<Envelope>, u64) -> Result<(), Ended>,
    ) -> Result<(), Failure> {
        if self.upto.is_some() {
            return Ok(());
        }
        let Input { name, reader, .. } = input;
        let mut reader = Reader::new(Counted::new(reader, self.meter), &name);
        let mut bytes_before = self.meter.bytes();
        let mut line = 0;
        for entry in reader.by_ref() {
            let line_bytes = self.meter.bytes() - bytes_before;
            bytes_before = self.meter.bytes();
            match entry {
                Ok(entry) => {
                    line = entry.line;
                    let taken = take(entry.received.envelope, line_bytes);
                    taken.map_err(|Ended| Failure::Closed { name: name.clone(), line })?;
                }
                Err(fault) if fault.is_line() => self.faults.add(fault),
                Err(fault) => return Err(unread(&name, fault)),
            }
        }
        if self.interrupt.is_set() {
            self.upto = Some(format!("{name}:{line}"));
        } else if let Some(torn) = reader.torn() {
            self.screen.say(&format!(
                "warning: {name}:{}: the last line was never finished and is left out ({})",
                torn.line,
                counted(torn.bytes, "byte"),
            ));
        }
        Ok(())
    }
}

fn unread(name: &str, fault: ReadError) -> Failure {
    Failure::Read { name: name.to_owned(), source: Box::new(fault) }
}
