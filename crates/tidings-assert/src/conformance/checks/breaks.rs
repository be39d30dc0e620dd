//! The receiver does not answer, or not in time.

use crate::conformance::harness::{Harness, Trouble};
use crate::conformance::run::{Run, Setup, emit, plain};
use crate::conformance::suite::{Failure, Suite};
use crate::conformance::verify::Doubles;

pub(super) fn a_hang_before<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    hang(suite, Trouble::HangBefore, Doubles::Forbidden)
}

pub(super) fn a_hang_after<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    hang(suite, Trouble::HangAfter, Doubles::Recognisable)
}

fn hang<H: Harness>(
    suite: &Suite<'_, H>,
    trouble: Trouble,
    doubles: Doubles,
) -> Result<(), Failure> {
    suite.inject(trouble)?;
    let run = Run::start(suite, Setup::default())?;
    run.emit_all();
    run.wait_for("no call of `send` has ended", |seen| {
        seen.calls.first().is_some_and(|call| call.ended.is_some())
    })?;
    run.finish_with(doubles)?;
    run.had_trouble()?;
    let longest = run.log.look(|seen| {
        let took = |call: &crate::conformance::watched::Call| {
            call.ended.map(|ended| ended.duration_since(call.began))
        };
        seen.calls.iter().filter_map(took).max()
    });
    match longest {
        Some(longest) if longest <= suite.send_max() => Ok(()),
        longest => {
            let timeout = suite.harness.timeout();
            Err(run.blame(&format!("a `send` with a time-out of {timeout:?} took {longest:?}")))
        }
    }
}

pub(super) fn a_reset_before<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    first_and_middle(suite, Trouble::ResetBefore)?.finish()
}

pub(super) fn a_reset_after<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    first_and_middle(suite, Trouble::ResetAfter)?.finish_with(Doubles::Recognisable)
}

/// A sink that ran out of time all the same, on a busy machine, cannot know what was taken.
pub(super) fn a_slow_reader<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    let run = first_and_middle(suite, Trouble::SlowRead)?;
    run.close(suite.options.patience)?;
    match run.had_trouble() {
        Ok(()) => run.finish_with(Doubles::Recognisable),
        Err(_) => run.finish(),
    }
}

/// The trouble meets the first batch, and one in the middle, on a connection that is in use.
fn first_and_middle<'a, H: Harness>(
    suite: &'a Suite<'a, H>,
    trouble: Trouble,
) -> Result<Run<'a, H>, Failure> {
    suite.inject(trouble.clone())?;
    let run = Run::start(suite, Setup::default())?;
    let half = suite.options.events / 2;
    emit(&run.bus, 0..half, plain);
    settle(suite, &run)?;
    suite.inject(trouble)?;
    emit(&run.bus, half..suite.options.events, plain);
    Ok(run)
}

/// It goes away between two batches and comes back after some attempts.
pub(super) fn a_receiver_that_was_away<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    let run = Run::start(suite, Setup::default())?;
    let half = suite.options.events / 2;
    emit(&run.bus, 0..half, plain);
    settle(suite, &run)?;
    suite.inject(Trouble::Down)?;
    emit(&run.bus, half..suite.options.events, plain);
    run.wait_for("the sink does not notice", |seen| seen.troubles().count() > 2)?;
    suite.receiver().clear();
    run.finish()
}

/// Waits until everything so far has arrived.
fn settle<H: Harness>(suite: &Suite<'_, H>, run: &Run<'_, H>) -> Result<(), Failure> {
    let settled = run.bus.barrier(suite.options.patience);
    settled.map_err(|error| run.blame(&format!("events did not get through: {error}")))
}
