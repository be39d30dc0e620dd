//! The receiver answers, and says no.

use std::time::Duration;

use tidings_delivery::Then;

use crate::conformance::harness::{Harness, Trouble};
use crate::conformance::run::{BATCH_EVENTS, Run, Setup, emit, plain};
use crate::conformance::suite::{Failure, Suite};
use crate::conformance::verify::{Doubles, Ledger};
use crate::conformance::watched::Call;

/// What a poisoned event has in its text.
const POISON: &str = "poisoned7conformance";
/// Which events are poisoned: the first of all, two in a row, the last of a batch.
const POISONED: [usize; 4] = [0, 14, 15, 29];
/// Whole seconds are all that an HTTP header can ask for.
const PAUSE: Duration = Duration::from_secs(1);
/// How many events fit into the body that is not too large.
const EVENTS_THAT_FIT: usize = 3;

fn full_batches<'a>() -> Setup<'a> {
    Setup { full_batches: true, ..Setup::default() }
}

pub(super) fn a_part_that_was_taken<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    let batch = BATCH_EVENTS.min(suite.harness.batch_events_max());
    // From nothing of a batch to all but its last event.
    for events in [0, 1, batch / 2, batch.saturating_sub(1)] {
        suite.inject(Trouble::TakeSome { events })?;
    }
    let run = Run::start(suite, full_batches())?;
    run.emit_all();
    run.finish()?;
    run.had_trouble()
}

pub(super) fn a_poisoned_event<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    suite.inject(Trouble::Poison { marker: POISON.to_owned() })?;
    let run = Run::start(suite, full_batches())?;
    emit(&run.bus, 0..suite.options.events, |n| {
        if POISONED.contains(&n) { format!("{POISON} {n}") } else { plain(n) }
    });
    let report = run.close(suite.options.patience)?;
    let emitted = run.emitted();
    let (poisoned, well): (Vec<_>, Vec<_>) =
        emitted.iter().cloned().enumerate().partition(|(n, _)| POISONED.contains(n));
    let ids = |numbered: Vec<(usize, String)>| -> Vec<String> {
        numbered.into_iter().map(|(_, id)| id).collect()
    };
    let (poisoned, well) = (ids(poisoned), ids(well));
    run.compare(Ledger {
        emitted: &emitted,
        must: &well,
        must_not: &poisoned,
        doubles: Doubles::Forbidden,
    })?;
    let letters = run.dead_letters();
    let letters: Vec<&str> = letters.lines().filter(|line| !line.trim().is_empty()).collect();
    let is_in = |id: &String| letters.iter().any(|line| line.contains(&format!("\"{id}\"")));
    if letters.len() != poisoned.len() || !poisoned.iter().all(is_in) {
        let (dead, bad) = (letters.len(), poisoned.len());
        return Err(run.blame(&format!("{dead} dead letters for {bad} poisoned events")));
    }
    if report.counts.delivered + report.counts.rejected != emitted.len() as u64 {
        return Err(run.blame(&format!("the report counts otherwise: {:?}", report.counts)));
    }
    let reasons = run.log.look(|seen| seen.troubles().all(|call| has_reason(call.then())));
    if reasons { Ok(()) } else { Err(run.blame("an event was set aside for no reason")) }
}

pub(super) fn a_batch_that_is_too_large<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    let single = {
        let run = Run::start(suite, Setup { batch_events: Some(1), ..Setup::default() })?;
        run.emit_all();
        run.finish()?;
        run.log.look(|seen| seen.calls.iter().map(|call| call.bytes).max().unwrap_or(0))
    };
    suite.receiver().reset();
    suite.inject(Trouble::TooLarge { bytes: single * EVENTS_THAT_FIT })?;
    let run = Run::start(suite, full_batches())?;
    run.emit_all();
    run.finish()?;
    if suite.harness.batch_events_max() > EVENTS_THAT_FIT {
        run.had_trouble()?;
    }
    Ok(())
}

pub(super) fn a_refusal_for_the_moment<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    suite.inject(Trouble::Unavailable { times: 3 })?;
    let run = Run::start(suite, Setup::default())?;
    run.emit_all();
    run.finish()?;
    run.had_trouble()
}

pub(super) fn a_pause_that_was_asked_for<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    suite.inject(Trouble::RetryAfter { pause: PAUSE })?;
    let run = Run::start(suite, Setup::default())?;
    run.emit_all();
    run.finish()?;
    run.had_trouble()?;
    let paused = run.log.look(|seen| {
        let refused = seen.calls.iter().position(Call::is_trouble)?;
        let (ended, next) = (seen.calls[refused].ended?, seen.calls.get(refused + 1)?);
        Some(next.began.duration_since(ended))
    });
    match paused {
        Some(paused) if paused >= PAUSE => Ok(()),
        paused => Err(run.blame(&format!("of a pause of {PAUSE:?} it kept {paused:?}"))),
    }
}

pub(super) fn a_refusal_for_good<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    suite.inject(Trouble::Refuse)?;
    let run = Run::start(suite, Setup::default())?;
    run.emit_all();
    run.wait_for("the sink does not hold", |seen| {
        seen.troubles().filter(|call| matches!(call.then(), Some(Then::Hold { .. }))).count() > 2
    })?;
    let emitted = run.emitted();
    let must_not = &emitted;
    let doubles = Doubles::Forbidden;
    run.compare(Ledger { emitted: &emitted, must: &[], must_not, doubles })?;
    if !run.dead_letters().is_empty() {
        return Err(run.blame("events were given up that were to be held"));
    }
    suite.receiver().clear();
    run.finish()
}

fn has_reason(then: Option<&Then>) -> bool {
    match then {
        Some(
            Then::Retry { reason, .. }
            | Then::SetAside { reason, .. }
            | Then::Split { reason }
            | Then::Hold { reason }
            | Then::Stop { reason },
        ) => !reason.trim().is_empty(),
        _ => true,
    }
}
