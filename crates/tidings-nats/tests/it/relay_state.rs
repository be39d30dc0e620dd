//! Live on a node, relayed at the master: observers end in the same state.

use std::sync::Arc;

use tidings_fault_server::broker::{Broker, BrokerVersion};
use tidings_registry::Bus;
use tidings_testrun::{
    CaseSkipped, ErrorItem, Failure, FailureKind, LegalOrder, LiveSummary, RunEmitter, RunPlanned,
    RunSummary,
};

use crate::relay_support::{Heard, Node, WITHIN, is_soon, relay};

fn run_suites(bus: &Bus) {
    let run = RunEmitter::start(bus, "nightly");
    run.plan(RunPlanned::count(60));
    std::thread::scope(|scope| {
        for number in 0..3 {
            let run = &run;
            scope.spawn(move || {
                let suite = run.suite(&format!("suite {number}"));
                for name in 0..18 {
                    let case = suite.case(&format!("case {name}"));
                    case.stdout("working\n");
                    case.step("one").success();
                    match name % 4 {
                        0 => drop(case.success()),
                        1 => drop(case.failure(Failure::assertion("differs").with_expected("1"))),
                        2 => drop(case.retry(Failure::new(FailureKind::Timeout, "slow")).success()),
                        _ => drop(case.skipped(CaseSkipped::by_user("not today"))),
                    }
                }
                suite.error(ErrorItem::named("teardown", Failure::new(FailureKind::Teardown, "x")));
                suite.success();
            });
        }
    });
    run.failure(Failure::new(FailureKind::Error, "some failed"));
}

/// All that views of a run show, as text.
///
/// Of what ran side by side the order is that of the threads, which is no part of the state.
fn shown(summary: &RunSummary) -> String {
    let mut cases = summary.cases();
    cases.sort_by_key(|case| case.entity.to_string());
    for case in &mut cases {
        case.number = 0;
    }
    let failures = summary.failures();
    let mut failures: Vec<String> =
        failures.iter().map(|failure| format!("{} {:?}", failure.name, failure.failure)).collect();
    failures.sort_unstable();
    format!(
        "{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:?} {:?} {:?}",
        summary.counts(),
        cases,
        summary.suites(),
        failures,
        summary.status(),
        summary.never_ran(),
        summary.unreadable()
    )
}

#[test]
fn live_on_a_node_is_relayed_at_the_master() {
    for version in BrokerVersion::ALL {
        let broker = Broker::start(version).expect("a server");
        let url = broker.url();
        let master = Bus::new();
        let heard = Heard::on(&master);
        let (there, there_order) = (LiveSummary::on(&master), Arc::new(LegalOrder::new()));
        master.subscribe(Arc::clone(&there_order)).detach();
        let relay = relay(&url, &master);
        let node = Node::start(&url, "nightly", "a");
        let (here, here_order) = (LiveSummary::on(&node.bus), Arc::new(LegalOrder::new()));
        node.bus.subscribe(Arc::clone(&here_order)).detach();
        run_suites(&node.bus);
        let sent = node.sent.all();
        assert!(is_soon(|| heard.len() >= sent.len()), "{:?}", relay.report());
        let (mut sent, mut heard) = (sent, heard.all());
        // Two threads may be heard here in another order than they were sent in.
        sent.sort_by_key(|envelope| envelope.id());
        heard.sort_by_key(|envelope| envelope.id());
        for (sent, heard) in sent.iter().zip(heard) {
            assert_eq!(sent.id(), heard.id());
            assert_eq!(sent.data(), heard.data());
            assert_eq!((sent.time(), sent.elapsed()), (heard.time(), heard.elapsed()));
            assert_eq!((sent.run(), sent.node()), (heard.run(), heard.node()));
            assert_eq!((sent.entity(), sent.role()), (heard.entity(), heard.role()));
        }
        assert_eq!(shown(&here.snapshot()), shown(&there.snapshot()));
        assert_eq!(here.snapshot().counts().total(), 57);
        assert_eq!(here_order.illegal(), there_order.illegal());
        assert_eq!(here_order.illegal_count(), 0);
        node.close();
        drop(relay.stop(WITHIN));
    }
}
