//! `tidings verify`: whether journals are what was written, all of it and once.

use std::fs::File;
use std::io::BufReader;

use serde_json::{Map, Value, json};
use tidings_journal::{Fault, ReadError, Reader, VerifyReport};

use crate::args::VerifyArgs;
use crate::failure::{Failure, Verdict};
use crate::output::{Screen, print};

/// Verifies journals and prints what was found.
///
/// # Errors
///
/// [`Failure`] when a journal cannot be opened, before any is read, or when standard output
/// cannot be written to.
pub(crate) fn verify(args: &VerifyArgs, screen: &Screen) -> Result<Verdict, Failure> {
    let opened = args.logs.iter().map(|path| Reader::open(path).map_err(unopened));
    let readers = opened.collect::<Result<Vec<Reader<BufReader<File>>>, Failure>>()?;
    let mut verdict = Verdict::Complete;
    let mut found = Vec::new();
    for reader in readers {
        let name = reader.name().to_owned();
        let report = match tidings_journal::verify(reader) {
            Ok(report) => report,
            Err(fault) => {
                screen.fault(&Failure::Read { name, source: Box::new(fault) });
                verdict = Verdict::Incomplete;
                continue;
            }
        };
        if !report.is_sound() {
            verdict = Verdict::Incomplete;
        }
        if args.json {
            found.push(as_json(&report));
        } else {
            print(&format!("{report}\n"))?;
        }
    }
    if args.json {
        let sound = verdict == Verdict::Complete;
        print(&format!("{}\n", json!({ "sound": sound, "journals": found })))?;
    }
    Ok(verdict)
}

fn unopened(fault: ReadError) -> Failure {
    match fault {
        ReadError::Open { name, source, .. } => Failure::Open { name: name.to_string(), source },
        fault => Failure::Read { name: String::new(), source: Box::new(fault) },
    }
}

fn as_json(report: &VerifyReport) -> Value {
    let counts: Map<String, Value> =
        report.counts().map(|(label, count)| (label.to_owned(), count.into())).collect();
    let faults = report.faults().iter().map(|Fault { line, what, .. }| {
        json!({ "line": line, "kind": what.label(), "message": what.to_string() })
    });
    let rejections = report.rejections().iter().map(|rejection| {
        json!({
            "line": rejection.line,
            "event": rejection.event.to_string(),
            "reason": rejection.reason,
        })
    });
    let torn = report
        .torn
        .map(|torn| json!({ "line": torn.line, "offset": torn.offset, "bytes": torn.bytes }));
    json!({
        "name": report.name,
        "sound": report.is_sound(),
        "events": report.events,
        "sessions": report.sessions,
        "lanes": report.lanes,
        "unchecked": report.unchecked,
        "rejected": report.rejected,
        "torn": torn,
        "fault_count": report.fault_count(),
        "fault_counts": counts,
        "faults": faults.collect::<Vec<_>>(),
        "rejections": rejections.collect::<Vec<_>>(),
    })
}
