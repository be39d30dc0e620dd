//! `tidings replay`: journals through the live dispatch path.
//!
//! Every journal is opened before the configuration is: a wrong name delivers nothing.

use tidings_journal::{ReadError, Reader};

use super::delivering::{Delivering, Reading, Task};
use crate::args::{DeliveringArgs, ReplayArgs};
use crate::failure::{Failure, Verdict};
use crate::feed::{Counted, Ended, Feeder, Input, LineFaults};
use crate::interrupt::Interrupt;
use crate::output::{Screen, counted};

/// Replays journals into the observers of a configuration.
///
/// # Errors
///
/// [`Failure`] before anything is delivered, or when the report cannot be written.
pub(crate) fn replay(
    args: &ReplayArgs,
    screen: &Screen,
    interrupt: &Interrupt,
) -> Result<Verdict, Failure> {
    let opened = args.logs.iter().map(|path| Input::open_file(path, interrupt));
    let inputs = opened.collect::<Result<Vec<Input>, Failure>>()?;
    let DeliveringArgs { observers, stall_timeout } = &args.delivering;
    let mut delivering = Delivering::begin(observers, *stall_timeout, screen, interrupt)?;
    if let Some(bytes) = inputs.iter().map(|input| input.bytes).sum() {
        delivering.feeder.meter().set_bytes_total(bytes);
    }
    let mut faults = LineFaults::new(screen);
    let journals = u64::try_from(inputs.len()).unwrap_or(u64::MAX);
    let mut replaying = Replaying {
        feeder: &mut delivering.feeder,
        faults: &mut faults,
        screen,
        interrupt,
        upto: None,
    };
    let failure = inputs.into_iter().try_for_each(|input| replaying.run(input)).err();
    let upto = replaying.upto;
    let bad_lines = faults.end();
    let events = delivering.feeder.meter().events();
    let (events, journals) = (counted(events, "event"), counted(journals, "journal"));
    let what = format!("replayed {events} from {journals}");
    delivering.end(&Reading { task: Task::Read(what), upto, bad_lines, failure })
}

/// Feeds the events of one journal after the other.
struct Replaying<'a> {
    feeder: &'a mut Feeder,
    faults: &'a mut LineFaults,
    screen: &'a Screen,
    interrupt: &'a Interrupt,
    /// Where an interruption ended it: `run.jsonl:37`.
    upto: Option<String>,
}

impl Replaying<'_> {
    /// Replays one journal; nothing of it when there was an interruption before.
    fn run(&mut self, input: Input) -> Result<(), Failure> {
        if self.upto.is_some() {
            return Ok(());
        }
        let Input { name, reader, .. } = input;
        let meter = self.feeder.meter().clone();
        let mut reader = Reader::new(Counted::new(reader, &meter), &name);
        let mut bytes_before = meter.bytes();
        let mut line = 0;
        for entry in reader.by_ref() {
            let line_bytes = meter.bytes() - bytes_before;
            bytes_before = meter.bytes();
            match entry {
                Ok(entry) => {
                    line = entry.line;
                    let fed = self.feeder.feed(entry.received.envelope, line_bytes);
                    fed.map_err(|Ended| Failure::Closed { name: name.clone(), line })?;
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
