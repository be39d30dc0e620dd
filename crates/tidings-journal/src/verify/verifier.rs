//! The verifier: one reading for everything but misplaced events, which need a second.
//!
//! Faults are collected, never thrown; only a failing input ends a verification.

use std::io::{BufRead, Seek};

use tidings_core::text::with_causes;
use tidings_core::wire::Received;

use super::fault::FaultKind;
use super::gaps::Gaps;
use super::order::{Lanes, Positions};
use super::rejection::Rejection;
use super::report::VerifyReport;
use crate::reader::{Entry, Line, ReadError, Reader};

/// Reads a whole journal and reports everything that is wrong with it.
///
/// * Every line can be read; the first is a header of a known format.
/// * Content ids are those that type, entity and data give.
/// * Positions start at 0 and go up by one, also from session to session, and a header says
///   where its session begins.
/// * Sequences go up on each lane. Where the header says that the session hears everything,
///   they go up by one. The first event of a lane in a session may have any sequence, since
///   the journal may have been opened later than the bus; what was lost before the first
///   and after the last event of a lane can therefore not be seen from sequences.
/// * An event that is missing from a lane and that a `tidings.observer.failed` with
///   `rejected: true` names, anywhere in the journal, is no fault: the report lists it among
///   its [`rejections`](VerifyReport::rejections). It does not matter whose rejection that
///   was, since a line that was taken out leaves a gap in positions all the same.
/// * No event is there twice, and no id says two things.
///
/// A torn last line is a warning. Memory depends on the number of lanes, of misplaced
/// events, of gaps that nothing explains yet and of rejections whose gap is yet to come, not
/// on the length; a journal that has misplaced events is read a second time.
///
/// ```no_run
/// use tidings_journal::{Reader, verify};
///
/// let report = verify(Reader::open("run.jsonl")?)?;
/// assert!(report.is_sound(), "{report}");
/// # Ok::<(), tidings_journal::ReadError>(())
/// ```
///
/// # Errors
///
/// [`ReadError::Io`] when the input fails. A bad line is no error but part of the report.
pub fn verify<R: BufRead + Seek>(mut reader: Reader<R>) -> Result<VerifyReport, ReadError> {
    let mut verifier = Verifier {
        report: VerifyReport::new(reader.name()),
        positions: Positions::default(),
        lanes: Lanes::default(),
        gaps: Gaps::default(),
    };
    while let Some(line) = reader.next_line() {
        match line {
            Ok(Line::Header(received)) => verifier.take_header(&reader, &received),
            Ok(Line::Event(entry)) => verifier.take_event(&reader, &entry),
            Err(fault) => verifier.take_fault(fault)?,
        }
    }
    let mut report = verifier.report;
    for (line, fault) in verifier.gaps.unexplained() {
        report.add(line, fault);
    }
    report.sessions = reader.sessions();
    report.lanes = verifier.lanes.len();
    report.torn = reader.torn();
    if report.sessions == 0 && report.events == 0 && report.is_sound() {
        report.add(1, FaultKind::HeaderMissing);
    }
    if verifier.lanes.has_misplaced() {
        reader.rewind()?;
        judge(&mut reader, verifier.lanes, &mut report)?;
    }
    report.sort();
    Ok(report)
}

struct Verifier {
    report: VerifyReport,
    positions: Positions,
    lanes: Lanes,
    gaps: Gaps,
}

impl Verifier {
    fn take_header<R: BufRead>(&mut self, reader: &Reader<R>, received: &Received) {
        let Some(header) = reader.header() else {
            return;
        };
        if let Some(fault) = self.positions.begin(header.continues_at) {
            self.report.add(header.line, fault);
        }
        self.check_content(header.line, received);
    }

    fn take_event<R: BufRead>(&mut self, reader: &Reader<R>, entry: &Entry) {
        if self.report.events == 0 && reader.sessions() == 0 {
            self.report.add(entry.line, FaultKind::HeaderMissing);
        }
        self.report.events += 1;
        if entry.received.recorded_content_id().is_none() {
            self.report.unchecked += 1;
        }
        self.check_content(entry.line, &entry.received);
        if let Some(fault) = self.positions.take(entry.position()) {
            self.report.add(entry.line, fault);
        }
        self.take_sequence(reader, entry);
        if let Some(rejection) = Rejection::read(entry) {
            self.reject(rejection);
        }
    }

    fn take_sequence<R: BufRead>(&mut self, reader: &Reader<R>, entry: &Entry) {
        let id = entry.envelope().id();
        let Some(step) = self.lanes.take(entry.line, id, reader.sessions()) else {
            return;
        };
        let everything = reader.header().is_some_and(|header| header.everything);
        let is_loss = everything && step.same_session;
        for rejection in self.gaps.pass(entry.line, id, step.after, is_loss) {
            self.report.note(rejection);
        }
    }

    /// Takes a rejection for the explanation of a gap that is there or may come.
    fn reject(&mut self, rejection: Rejection) {
        let last = self.lanes.last(rejection.event);
        if let Some(explained) = self.gaps.explain(rejection, last) {
            self.report.note(explained);
        }
    }

    fn check_content(&mut self, line: u64, received: &Received) {
        let Some(recorded) = received.recorded_content_id() else {
            return;
        };
        match received.recomputed_content_id() {
            Ok(recomputed) if recomputed == recorded => {}
            Ok(recomputed) => {
                self.report.add(line, FaultKind::ContentIdDiffers { recorded, recomputed });
            }
            Err(fault) => {
                // A report keeps no errors.
                let reason = with_causes(&fault);
                self.report.add(line, FaultKind::ContentIdImpossible { recorded, reason });
            }
        }
    }

    fn take_fault(&mut self, fault: ReadError) -> Result<(), ReadError> {
        match fault {
            ReadError::Line { line, fault, .. } => {
                self.report.add(line, FaultKind::BadLine(fault));
            }
            ReadError::Format { line, needed, .. } => {
                self.report.add(line, FaultKind::UnknownFormat { needed });
            }
            ReadError::Open { .. } | ReadError::Io { .. } => return Err(fault),
        }
        Ok(())
    }
}

/// The second reading: repetition, other content, or late?
fn judge<R: BufRead>(
    reader: &mut Reader<R>,
    mut lanes: Lanes,
    report: &mut VerifyReport,
) -> Result<(), ReadError> {
    while let Some(line) = reader.next_line() {
        match line {
            Ok(Line::Event(entry)) => {
                if let Some(fault) = lanes.judge(entry.line, &entry.received) {
                    report.add(entry.line, fault);
                }
            }
            Ok(Line::Header(_)) | Err(ReadError::Line { .. } | ReadError::Format { .. }) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}
