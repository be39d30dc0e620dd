//! While nothing goes wrong.

use crate::conformance::harness::Harness;
use crate::conformance::run::{Run, Setup, emit, plain};
use crate::conformance::suite::{Failure, Suite};

/// How many events fit into the batches whose bytes are limited.
const EVENTS_OF_BYTES: usize = 4;

/// Two threads emit, each a lane of its own.
pub(super) fn in_order_each_once<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    let run = Run::start(suite, Setup::default())?;
    let half = suite.options.events / 2;
    let bus = &run.bus;
    std::thread::scope(|scope| {
        scope.spawn(|| emit(bus, 0..half, plain));
        emit(bus, half..suite.options.events, plain);
    });
    run.finish()
}

pub(super) fn batches_keep_their_limits<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    let mut single_bytes = 0;
    for events in [1, 7, suite.harness.batch_events_max().min(suite.options.events)] {
        let setup = Setup { full_batches: true, batch_events: Some(events), ..Setup::default() };
        let run = Run::start(suite, setup)?;
        run.emit_all();
        run.finish()?;
        let most = run.log.look(|seen| seen.calls.iter().map(|call| call.events).max());
        if most.is_none_or(|most| most > events) {
            return Err(Failure::seen(format!("a batch of {events} at most has {most:?} events")));
        }
        let bytes = |seen: &crate::conformance::watched::Seen| {
            seen.calls.iter().filter(|call| call.events == 1).map(|call| call.bytes).max()
        };
        single_bytes = run.log.look(bytes).unwrap_or(0).max(single_bytes);
        suite.receiver().reset();
    }
    let limit = single_bytes * EVENTS_OF_BYTES;
    let setup = Setup { full_batches: true, batch_bytes: Some(limit), ..Setup::default() };
    let run = Run::start(suite, setup)?;
    run.emit_all();
    run.finish()?;
    let most = run.log.look(|seen| seen.calls.iter().map(|call| call.bytes).max());
    if most.is_none_or(|most| most > limit) {
        return Err(Failure::seen(format!("a batch of {limit} bytes at most has {most:?}")));
    }
    Ok(())
}
