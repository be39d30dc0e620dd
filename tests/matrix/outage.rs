//! A server that goes away and comes back on the same port.

use tidings_delivery::SinkDiagnostic;

use crate::fixture::{EVENTS, LONG, Site, accounted, holds_text};
use crate::place::{Place, Trust};
use crate::rows::print_line;

/// How many events arrive before the server goes away.
const BEFORE: usize = 300;

#[test]
fn after_an_outage_all_arrives_over_http() {
    check(Place::Http);
}

#[test]
fn after_an_outage_all_arrives_at_splunk() {
    check(Place::Splunk);
}

#[test]
fn after_an_outage_all_is_indexed_by_splunk() {
    check(Place::SplunkIndexed);
}

fn check(place: Place) {
    let site = Site::new(place, None);
    let run = site.run(LONG, &Trust::Everybody);
    run.emit(BEFORE);
    run.bus.barrier(LONG).expect("it arrives");
    site.arrived().assert_are(&run.ids());
    site.server.stop();
    // None of these waits: there is nobody yet who could let it go.
    run.emit(EVENTS - BEFORE);
    run.bus.barrier(LONG).expect("what is in the spool is safe");
    let counts = run.counts();
    assert_eq!((counts.delivered, counts.spooled), (BEFORE as u64, (EVENTS - BEFORE) as u64));
    assert!(holds_text(&site.spool(), run.ids().last().expect("there are some")));
    site.leaks.look_into("the spool during the outage", &site.spool());
    site.server.restart().expect("the port is still free");
    let report = run.close(LONG, &site.leaks);
    assert!(report.complete && accounted(&report).delivered == EVENTS as u64, "{report}");
    let arrived = site.arrived();
    print_line(&site, "an_outage", &run.ids(), &arrived);
    arrived.assert_are(&run.ids());
    assert_eq!(arrived.doubled, 0);
    let told = run.diagnostics();
    assert!(!told.iter().any(|told| matches!(told, SinkDiagnostic::Dropped { .. })), "{told:?}");
    assert!(site.server.connections() <= 3, "{}", site.server.connections());
    site.check_for_leaks();
    site.leaks.assert_none();
}
