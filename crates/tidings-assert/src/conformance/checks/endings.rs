//! A close that cannot wait, and a process that was killed.

use std::time::Duration;

use crate::conformance::folder::Folder;
use crate::conformance::harness::{Harness, Trouble};
use crate::conformance::run::{BATCH_EVENTS, Run, Setup, emit, plain};
use crate::conformance::suite::{Failure, Suite};
use crate::conformance::verify::{Doubles, Ledger};
use crate::conformance::watched::{KillAt, Seen};

/// How long a close is given beside a receiver that hangs.
const CLOSE_WITHIN: Duration = Duration::from_millis(100);
/// How long a flush is given beside a sink that stands still.
const FLUSH_WITHIN: Duration = Duration::from_millis(25);

/// Once with a spool, which keeps everything for the next process, and once without.
pub(super) fn a_close_in_a_hang<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    let (left, copied) = (folder("left")?, folder("copied")?);
    for spool in [None, Some(left.path())] {
        suite.receiver().reset();
        suite.inject(Trouble::HangBefore)?;
        let run = Run::start(suite, Setup { spool, ..Setup::default() })?;
        run.emit_all();
        run.wait_for("no batch was sent", Seen::is_sending)?;
        let report = run.close(CLOSE_WITHIN)?;
        let accepted = suite.receiver().accepted().len() as u64;
        if report.counts.delivered > accepted {
            let counts = report.counts;
            return Err(run.blame(&format!("{accepted} events were taken, and it says {counts:?}")));
        }
        if spool.is_some() {
            copied.fill_from(left.path()).map_err(Failure::own)?;
            run.log.kill();
            suite.receiver().clear();
            resume(suite, &copied, &run, &run.emitted(), Doubles::Forbidden)?;
        }
    }
    Ok(())
}

/// Kills processes while they send, and starts others over what they left.
pub(super) fn a_killed_process<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    let mut random = Random(suite.options.seed);
    for kill in 0..suite.options.kills {
        suite.receiver().reset();
        let batches = suite.options.events / BATCH_EVENTS;
        let kill_at = KillAt { call: 1 + random.below(batches), has_sent: random.below(2) == 1 };
        kill_one(suite, kill_at, 1 + random.below(2 * BATCH_EVENTS)).map_err(|failure| {
            match failure {
                Failure::Seen(reason) => {
                    Failure::Seen(format!("kill {kill}, {kill_at:?}: {reason}"))
                }
                unsupported @ Failure::Unsupported(_) => unsupported,
            }
        })?;
    }
    Ok(())
}

/// Emits and flushes in steps until the sink stands still, then a little more; what has
/// been flushed by then must arrive.
fn kill_one<H: Harness>(suite: &Suite<'_, H>, kill_at: KillAt, step: usize) -> Result<(), Failure> {
    let (left, copied) = (folder("left")?, folder("copied")?);
    let setup = Setup { spool: Some(left.path()), kill_at: Some(kill_at), ..Setup::default() };
    let run = Run::start(suite, setup)?;
    let (mut next, mut flushed, mut last_steps) = (0, 0, 3);
    while next < suite.options.events && last_steps > 0 {
        let end = (next + step).min(suite.options.events);
        // A lane of its own for every second step.
        if (next / step).is_multiple_of(2) {
            emit(&run.bus, next..end, plain);
        } else {
            let bus = &run.bus;
            std::thread::scope(|scope| {
                scope.spawn(|| emit(bus, next..end, plain));
            });
        }
        next = end;
        if run.bus.barrier(FLUSH_WITHIN).is_ok() {
            flushed = run.emitted().len();
        }
        last_steps -= usize::from(run.log.look(|seen| seen.stands_still));
    }
    run.wait_for("the sink was not called often enough to be killed", |seen| seen.stands_still)?;
    copied.fill_from(left.path()).map_err(Failure::own)?;
    run.log.kill();
    resume(suite, &copied, &run, &run.emitted()[..flushed], Doubles::Recognisable)
}

/// Starts a new process over the spool of a dead one; what it kept must arrive.
fn resume<H: Harness>(
    suite: &Suite<'_, H>,
    spool: &Folder,
    dead: &Run<'_, H>,
    must: &[String],
    doubles: Doubles,
) -> Result<(), Failure> {
    let run = Run::start(suite, Setup { spool: Some(spool.path()), ..Setup::default() })?;
    let report = run.close(suite.options.patience)?;
    let emitted = dead.emitted();
    run.compare(Ledger { emitted: &emitted, must, must_not: &[], doubles })?;
    if report.counts.spooled + report.counts.pending > 0 {
        return Err(run.blame(&format!("not all that was kept was sent: {:?}", report.counts)));
    }
    Ok(())
}

fn folder(name: &str) -> Result<Folder, Failure> {
    let unique = tidings_core::BusId::generate();
    Folder::new(&format!("{unique}-{name}")).map_err(Failure::own)
}

/// Numbers that look random: `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % end.max(1) as u64).unwrap_or(0)
    }
}
