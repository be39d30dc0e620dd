//! A node: a test framework whose events go to the master, through a spool.

use std::{fs, path::Path, thread, time::Duration};

use tidings::Bus;
use tidings::delivery::{Delivery, SpoolSettings};
use tidings::nats::{NatsServer, NatsSink};
use tidings::testrun::{CaseStarted, RunEmitter, RunPlanned, Status};

pub(crate) const CASES: u64 = 60; // One in twenty fails.
pub(crate) const LONG_CASE: &str = "case 25"; // One that takes its time.

/// Runs its cases, but those that were run before it was killed; whether all was delivered.
pub(crate) fn run(url: &str, (run, name): (&str, &str), folder: &Path) -> crate::Fallible<bool> {
    let bus = Bus::builder().run(run).node(name).build();
    let sink = NatsSink::builder(NatsServer::at(url)).heartbeat(Duration::from_millis(400));
    let delivery = Delivery::builder(sink.node_of(&bus).build()?)
        .linger(Duration::from_millis(5))
        .spool(SpoolSettings::new(folder.join(name)));
    bus.subscribe(delivery.start()?).detach();
    let before = cases_done(folder, name);
    let run = RunEmitter::start(&bus, name);
    run.plan(RunPlanned::count(CASES));
    let suite = run.suite("protocol");
    for number in before..CASES {
        // The first one here may have been running when the node was killed.
        let attempt = if number == before && before > 0 { 2 } else { 1 };
        let name_of_case = format!("case {number}");
        let case = suite.case_as(&name_of_case, CaseStarted::new().with_attempt(attempt));
        let work = if name_of_case == LONG_CASE { 500 } else { 20 };
        thread::park_timeout(Duration::from_millis(work)); // In place of what is tested.
        let answer = if number % 20 == 7 { Err("no answer") } else { Ok(Status::Success) };
        case.run(|_| answer);
        // All so far is with the broker, or in the spool: a kill costs none of it.
        bus.barrier(Duration::from_secs(20))?;
        fs::write(folder.join(name).with_extension("done"), (number + 1).to_string())?;
    }
    suite.success();
    run.success();
    Ok(bus.close(Duration::from_secs(30))?.complete)
}

/// How many cases a node has run and flushed.
pub(crate) fn cases_done(folder: &Path, name: &str) -> u64 {
    let text = fs::read_to_string(folder.join(name).with_extension("done"));
    text.ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}
