//! `tidings import`: lines of some format, dispatched as they arrive.

use std::io::BufRead;
use std::sync::Arc;

use tidings_core::Envelope;
use tidings_journal::LINE_BYTES_MAX;

use super::delivering::{Delivering, Reading, Task};
use crate::args::{DeliveringArgs, ImportArgs};
use crate::failure::{Failure, Verdict};
use crate::feed::{BytesLine, Counted, Ended, Feeder, Input, LineFaults, Lines};
use crate::import::{Importer, Outlet, importer};
use crate::interrupt::Interrupt;
use crate::output::{Screen, counted};

/// Imports the events of a file or of standard input.
///
/// # Errors
///
/// [`Failure`] before anything is delivered, or when the report cannot be written.
pub(crate) fn import(
    args: &ImportArgs,
    screen: &Screen,
    interrupt: &Interrupt,
) -> Result<Verdict, Failure> {
    let input = Input::open(&args.file, interrupt)?;
    let DeliveringArgs { observers, stall_timeout } = &args.delivering;
    let mut delivering = Delivering::begin(observers, *stall_timeout, screen, interrupt)?;
    if let Some(bytes) = input.bytes {
        delivering.feeder.meter().set_bytes_total(bytes);
    }
    let mut faults = LineFaults::new(screen);
    let name = input.name;
    let meter = delivering.feeder.meter().clone();
    let lines = Lines::new(Counted::new(input.reader, &meter), LINE_BYTES_MAX);
    let mut importing = Importing {
        name: &name,
        feeder: &mut delivering.feeder,
        faults: &mut faults,
        interrupt,
        line: 0,
        is_ended: true,
    };
    let failure = importing.run(lines, &mut *importer(args.from)).err();
    let upto = interrupt.is_set().then(|| format!("line {}", importing.line));
    let bad_lines = faults.end();
    let events = delivering.feeder.meter().events();
    let what = format!("imported {} from {name}", counted(events, "event"));
    delivering.end(&Reading { task: Task::Read(what), upto, bad_lines, failure })
}

/// Feeds the events of one line, and knows where it stands.
struct Importing<'a> {
    name: &'a str,
    feeder: &'a mut Feeder,
    faults: &'a mut LineFaults,
    interrupt: &'a Interrupt,
    line: u64,
    is_ended: bool,
}

impl Importing<'_> {
    fn run<R: BufRead>(
        &mut self,
        mut lines: Lines<R>,
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
                return Err(Failure::Closed { name: self.name.to_owned(), line: line.number });
            }
        }
    }

    fn take(&mut self, line: &BytesLine<'_>, importer: &mut dyn Importer) -> Result<(), Ended> {
        self.line = line.number;
        self.is_ended = line.is_ended;
        let Some(bytes) = line.bytes else {
            self.refuse(format!("the line has more than {LINE_BYTES_MAX} bytes"));
            return Ok(());
        };
        match std::str::from_utf8(bytes) {
            Ok(text) => importer.take(text, self),
            Err(fault) => {
                let byte = fault.valid_up_to() + 1;
                self.refuse(format!("byte {byte} of the line is not UTF-8"));
                Ok(())
            }
        }
    }
}

impl Outlet for Importing<'_> {
    fn event(&mut self, envelope: Arc<Envelope>, bytes: usize) -> Result<(), Ended> {
        self.feeder.feed(envelope, u64::try_from(bytes).unwrap_or(u64::MAX))
    }

    fn refuse(&mut self, reason: String) {
        let (name, line) = (self.name, self.line);
        let torn = if self.is_ended { "" } else { " (the last line was never finished)" };
        self.faults.add(format_args!("{name}:{line}: {reason}{torn}"));
    }
}
