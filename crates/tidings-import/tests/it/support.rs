//! A stream as a summary, the way the command line reads it.

use tidings_core::{Attributes, Timestamp};
use tidings_import::{End, Format, Found, Line, Stamper};
use tidings_testrun::{RunSummary, TestRun};

/// What was made of a stream.
#[derive(Debug)]
pub(crate) struct Imported {
    pub(crate) summary: RunSummary,
    /// Every event with the path it is about: `suite/a > case/b`, without the run.
    pub(crate) events: Vec<(String, TestRun)>,
    /// What is wrong, with the number of the line.
    pub(crate) faults: Vec<(usize, String)>,
    pub(crate) foreign: u64,
    pub(crate) understood: u64,
}

/// Imports a whole stream. A last line without a line break is unfinished.
pub(crate) fn import(format: Format, stream: &str) -> Imported {
    let mut importer = format.importer("r");
    let mut found = Found::new();
    let mut stamper = Stamper::new("r", "n", Attributes::new());
    let mut summary = RunSummary::new();
    let (mut events, mut faults) = (Vec::new(), Vec::new());
    let mut take = |found: &mut Found, number: usize| {
        for said in found.take_said() {
            let path: Vec<String> =
                said.entity.pairs().skip(1).map(|(kind, id)| format!("{kind}/{id}")).collect();
            events.push((path.join(" > "), said.event.clone()));
            summary.apply(&stamper.stamp(said, Timestamp::now()));
        }
        faults.extend(found.take_faults().into_iter().map(|fault| (number, fault)));
    };
    let mut number = 0;
    for text in stream.split_inclusive('\n') {
        number += 1;
        let line = match text.strip_suffix('\n') {
            Some(text) => Line::whole(text),
            None => Line::unfinished(text),
        };
        importer.line(line, &mut found);
        take(&mut found, number);
    }
    importer.end(End::OfInput, &mut found);
    take(&mut found, number);
    let (foreign, understood) = (found.foreign(), found.understood());
    Imported { summary, events, faults, foreign, understood }
}
