//! What `import` and `live` share: lines of some format, each dispatched as it is read.

use std::io::BufRead;
use std::sync::Arc;

use tidings_core::Envelope;
use tidings_journal::LINE_BYTES_MAX;
use tidings_testrun::RunSummary;

use crate::failure::Failure;
use crate::feed::{BytesLine, Counted, Ended, Feeder, Input, LineFaults, Lines};
use crate::import::{Importer, Line, Outlet};
use crate::interrupt::Interrupt;
use crate::output::Screen;

/// What became of an input.
#[derive(Debug)]
pub(super) struct Imported {
    pub(super) summary: RunSummary,
    /// The last line that was read.
    pub(super) line: u64,
    pub(super) bad_lines: u64,
    pub(super) foreign_lines: u64,
    /// Why it did not get to its end.
    pub(super) failure: Option<Failure>,
}

/// Reads an input to its end and dispatches what it holds.
pub(super) fn run(
    input: Input,
    importer: &mut dyn Importer,
    feeder: &mut Feeder,
    screen: &Screen,
    interrupt: &Interrupt,
) -> Imported {
    let mut faults = LineFaults::new(screen);
    let lines = Lines::new(Counted::new(input.reader, &feeder.meter().clone()), LINE_BYTES_MAX);
    let mut importing = Importing {
        name: &input.name,
        feeder,
        faults: &mut faults,
        interrupt,
        summary: RunSummary::new(),
        line: 0,
        is_ended: true,
    };
    let failure = importing.run(lines, importer).err();
    let Importing { mut summary, line, .. } = importing;
    summary.finish();
    let (bad_lines, foreign_lines) = (faults.end(), importer.foreign());
    Imported { summary, line, bad_lines, foreign_lines, failure }
}

/// Feeds the events of one line, and knows where it stands.
struct Importing<'a> {
    name: &'a str,
    feeder: &'a mut Feeder,
    faults: &'a mut LineFaults,
    interrupt: &'a Interrupt,
    summary: RunSummary,
    line: u64,
    is_ended: bool,
}

impl Importing<'_> {
    fn run<R: BufRead>(
        &mut self,
        mut lines: Lines<R>,
        importer: &mut dyn Importer,
    ) -> Result<(), Failure> {
        let read = self.read(&mut lines, importer);
        // What is open is ended also when the input failed.
        let is_cut_short = self.interrupt.is_set() || read.is_err();
        let ended = match read {
            Err(Failure::Closed { .. }) => Ok(()),
            _ => importer.end(is_cut_short, self).map_err(|Ended| self.closed()),
        };
        read.and(ended)
    }

    fn read<R: BufRead>(
        &mut self,
        lines: &mut Lines<R>,
        importer: &mut dyn Importer,
    ) -> Result<(), Failure> {
        loop {
            let line = match lines.next() {
                // The interruption, or the end of whoever writes, cut it in two.
                Ok(Some(line)) if !line.is_ended && self.interrupt.is_set() => return Ok(()),
                Ok(Some(line)) => line,
                Ok(None) => return Ok(()),
                Err(source) => {
                    let (name, source) = (self.name.to_owned(), Box::new(source));
                    return Err(Failure::Read { name, source });
                }
            };
            if self.take(&line, importer) == Err(Ended) {
                return Err(self.closed());
            }
        }
    }

    fn take(&mut self, line: &BytesLine<'_>, importer: &mut dyn Importer) -> Result<(), Ended> {
        self.line = line.number;
        self.is_ended = line.is_ended;
        if let Some(bytes) = line.bytes {
            return importer.take(Line { bytes, is_ended: line.is_ended }, self);
        }
        self.refuse(format!("the line has more than {LINE_BYTES_MAX} bytes"));
        Ok(())
    }

    fn closed(&self) -> Failure {
        Failure::Closed { name: self.name.to_owned(), line: self.line }
    }
}

impl Outlet for Importing<'_> {
    fn event(&mut self, envelope: Arc<Envelope>, bytes: usize) -> Result<(), Ended> {
        self.summary.apply(&envelope);
        self.feeder.feed(envelope, u64::try_from(bytes).unwrap_or(u64::MAX))
    }

    fn refuse(&mut self, reason: String) {
        let (name, line) = (self.name, self.line);
        let torn = if self.is_ended { "" } else { " (the last line was never finished)" };
        self.faults.add(format_args!("{name}:{line}: {reason}{torn}"));
    }
}
