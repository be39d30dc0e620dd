//! `tidings replay`: journals through the live dispatch path.
//!
//! Every journal is opened before the configuration is: a wrong name delivers nothing.

use tidings_journal::{ReadError, Reader};

use super::delivering::{Delivering, Reading};
use crate::args::ReplayArgs;
use crate::failure::{Failure, Verdict};
use crate::feed::{Counted, Ended, Feeder, Input, LineFaults};
use crate::output::{Screen, counted};

/// Replays journals into the observers of a configuration.
///
/// # Errors
///
/// [`Failure`] before anything is delivered, or when the report cannot be written.
pub(crate) fn replay(args: &ReplayArgs, screen: &Screen) -> Result<Verdict, Failure> {
    let opened = args.logs.iter().map(|path| Input::open_file(path));
    let inputs = opened.collect::<Result<Vec<Input>, Failure>>()?;
    let mut delivering = Delivering::begin(&args.delivering, screen)?;
    if let Some(bytes) = inputs.iter().map(|input| input.bytes).sum() {
        delivering.feeder.meter().set_bytes_total(bytes);
    }
    let mut faults = LineFaults::new(screen);
    let mut failure = None;
    let journals = u64::try_from(inputs.len()).unwrap_or(u64::MAX);
    for input in inputs {
        if let Err(fault) = replay_one(input, &mut delivering.feeder, &mut faults, screen) {
            failure = Some(fault);
            break;
        }
    }
    let bad_lines = faults.end();
    let events = delivering.feeder.meter().events();
    let (events, journals) = (counted(events, "event"), counted(journals, "journal"));
    let what = format!("replayed {events} from {journals}");
    delivering.end(&Reading { what, bad_lines, failure })
}

fn replay_one(
    input: Input,
    feeder: &mut Feeder,
    faults: &mut LineFaults,
    screen: &Screen,
) -> Result<(), Failure> {
    let meter = feeder.meter().clone();
    let mut reader = Reader::new(Counted::new(input.reader, &meter), &input.name);
    let mut bytes_before = meter.bytes();
    for entry in reader.by_ref() {
        let line_bytes = meter.bytes() - bytes_before;
        bytes_before = meter.bytes();
        match entry {
            Ok(entry) => feeder
                .feed(entry.received.envelope, line_bytes)
                .map_err(|Ended| Failure::Closed { name: input.name.clone(), line: entry.line })?,
            Err(fault) if fault.is_line() => faults.add(fault),
            Err(fault) => return Err(unread(&input.name, fault)),
        }
    }
    if let Some(torn) = reader.torn() {
        screen.say(&format!(
            "warning: {}:{}: the last line was never finished and is left out ({})",
            input.name,
            torn.line,
            counted(torn.bytes, "byte"),
        ));
    }
    Ok(())
}

fn unread(name: &str, fault: ReadError) -> Failure {
    Failure::Read { name: name.to_owned(), source: Box::new(fault) }
}
