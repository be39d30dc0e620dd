//! Real TLS: a certificate that is not trusted, one that is, and the switch that says so.

use std::time::Duration;

use tidings_delivery::SinkDiagnostic;
use tidings_fault_server::Identity;

use crate::fixture::{BATCH_EVENTS, EVENTS, LONG, Site, accounted};
use crate::place::{Place, Trust};
use crate::rows::print_line;

/// Makes a test of each fact at each place.
macro_rules! at_each_place {
    ($($fact:ident)+) => {
        mod http {
            $(#[test] fn $fact() { super::$fact(super::Place::Http); })+
        }
        mod splunk {
            $(#[test] fn $fact() { super::$fact(super::Place::Splunk); })+
        }
        mod splunk_indexed {
            $(#[test] fn $fact() { super::$fact(super::Place::SplunkIndexed); })+
        }
    };
}

at_each_place! {
    a_certificate_that_is_not_trusted_holds_all_until_it_is
    the_danger_switch_accepts_any_certificate
}

fn a_certificate_that_is_not_trusted_holds_all_until_it_is(place: Place) {
    let identity = Identity::generate().expect("there is randomness");
    let site = Site::new(place, Some(&identity));
    let run = site.run(LONG, &Trust::Everybody);
    run.emit(BATCH_EVENTS);
    assert!(site.server.wait_for(LONG, |observed| observed.handshakes_failed > 0));
    run.emit(EVENTS - BATCH_EVENTS);
    run.bus.barrier(LONG).expect("what is in the spool is safe");
    site.leaks.look_into("the spool while it is held", &site.spool());
    let report = run.close(Duration::from_millis(500), &site.leaks);
    assert!(!report.complete && accounted(&report).spooled == EVENTS as u64, "{report}");
    let told = run.diagnostics();
    let is_alarm = |told: &&SinkDiagnostic| match told {
        SinkDiagnostic::Held { reason, alarm, .. } => *alarm && reason.contains("`ca_file`"),
        _ => false,
    };
    assert_eq!(told.iter().filter(is_alarm).count(), 1, "{told:?}");
    assert!(site.server.requests().is_empty(), "something was sent to somebody untrusted");

    let connections = site.server.connections();
    let authority = site.file("authority.pem");
    std::fs::write(&authority, identity.ca_pem()).expect("it can be written");
    let trusting = site.run(LONG, &Trust::Authority(authority));
    let report = trusting.close(LONG, &site.leaks);
    assert!(report.complete, "{report}");
    let arrived = site.arrived();
    print_line(&site, "a_certificate_that_is_not_trusted", &run.ids(), &arrived);
    arrived.assert_are(&run.ids());
    assert_eq!(arrived.doubled, 0);
    assert_eq!(site.dead_letters(), [""; 0]);
    assert!(site.server.connections() - connections <= 2, "{}", site.server.connections());
    site.check_for_leaks();
    site.leaks.assert_none();
}

fn the_danger_switch_accepts_any_certificate(place: Place) {
    let identity = Identity::self_signed().expect("there is randomness");
    let site = Site::new(place, Some(&identity));
    let run = site.run(LONG, &Trust::Danger);
    run.emit(EVENTS);
    let report = run.close(LONG, &site.leaks);
    assert!(report.complete && accounted(&report).delivered == EVENTS as u64, "{report}");
    let arrived = site.arrived();
    print_line(&site, "danger_switched_on", &run.ids(), &arrived);
    arrived.assert_are(&run.ids());
    assert_eq!(arrived.doubled, 0);
    assert_eq!(site.server.connections(), 1);
    site.check_for_leaks();
    site.leaks.assert_none();
}
