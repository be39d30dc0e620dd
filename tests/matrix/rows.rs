//! The rows that differ in nothing but the fault.

use std::time::Duration;

use tidings_delivery::SinkDiagnostic;
use tidings_fault_server::Fault;

use crate::fixture::{
    Arrived, BATCH_EVENTS, EVENTS, LONG, POISON, POISONED, Run, Site, TIMEOUT_SHORT, accounted,
};
use crate::place::{Place, Trust};

/// The most bytes of a body where that is the fault.
const BODY_BYTES_MAX: usize = 20_000;
/// The pause that a server asks for.
const RETRY_AFTER: Duration = Duration::from_secs(4);

/// A fault, and what it may do.
#[derive(Debug, Clone, Copy)]
struct Row {
    fault: FaultOf,
    doubles: Doubles,
    /// How many connections there may be.
    connections_max: usize,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
enum FaultOf {
    None,
    /// These are in line for the first posts.
    Line(fn(&Site) -> Vec<Fault>),
    /// The first post gets no answer until it is released, long after the sink gave up.
    Held(fn() -> Fault),
    /// The first post is answered with `Retry-After`.
    RetryAfter,
    /// The server refuses one event for good.
    Poison,
    /// The server refuses long bodies.
    ShortBodies,
}

/// Whether events may arrive twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doubles {
    Never,
    /// Those of a batch whose answer was lost: nobody can know what became of it.
    OfTheBatch,
}

/// Makes a test of each row at each place.
macro_rules! matrix {
    ($($fact:ident: $row:expr;)+) => {
        mod http {
            use super::{Place, check};
            $(#[test] fn $fact() { check(Place::Http, stringify!($fact), super::$fact()); })+
        }
        mod splunk {
            use super::{Place, check};
            $(#[test] fn $fact() { check(Place::Splunk, stringify!($fact), super::$fact()); })+
        }
        mod splunk_indexed {
            use super::{Place, check};
            $(
                #[test]
                fn $fact() { check(Place::SplunkIndexed, stringify!($fact), super::$fact()); }
            )+
        }
        $(fn $fact() -> Row { $row })+
    };
}

matrix! {
    a_server_in_order:
        row(FaultOf::None, Doubles::Never, 1);
    a_server_that_is_busy_after_half_a_batch:
        row(FaultOf::Line(busy_after_half), Doubles::Never, 1);
    one_poisoned_event:
        row(FaultOf::Poison, Doubles::Never, 1);
    bodies_above_20_kb_refused:
        row(FaultOf::ShortBodies, Doubles::Never, 1);
    the_first_two_posts_forbidden:
        row(FaultOf::Line(forbidden_twice), Doubles::Never, 1);
    three_times_unavailable:
        row(FaultOf::Line(unavailable_thrice), Doubles::Never, 1);
    too_many_requests_with_retry_after_4:
        row(FaultOf::RetryAfter, Doubles::Never, 1);
    a_reply_that_comes_after_the_timeout:
        row(FaultOf::Held(|| Fault::HangAfter), Doubles::OfTheBatch, 3);
    a_reset_before_acceptance:
        row(FaultOf::Line(|_| vec![Fault::ResetBefore]), Doubles::Never, 3);
    a_reset_after_acceptance:
        row(FaultOf::Line(|_| vec![Fault::ResetAfter]), Doubles::OfTheBatch, 3);
    a_half_open_hang:
        row(FaultOf::Held(|| Fault::HangBefore), Doubles::Never, 3);
    a_reply_that_is_no_http:
        row(FaultOf::Line(|_| vec![Fault::GarbageReply]), Doubles::Never, 3);
    a_connection_closed_without_a_word:
        row(FaultOf::Line(|_| vec![Fault::CloseIdle]), Doubles::Never, 4);
}

fn row(fault: FaultOf, doubles: Doubles, connections_max: usize) -> Row {
    Row { fault, doubles, connections_max }
}

/// The collector says which events it took. An array has no word for it: a server that took
/// half of one and answered 503 all the same could not be told from one that lost its reply.
/// The nearest honest answer takes nothing.
fn busy_after_half(site: &Site) -> Vec<Fault> {
    match site.place {
        Place::Http => vec![site.place.refusal(503, 9, &format!("busy, {}", site.token()))],
        Place::Splunk | Place::SplunkIndexed => vec![Fault::TakeHalf { status: 503 }],
    }
}

fn forbidden_twice(site: &Site) -> Vec<Fault> {
    vec![site.place.refusal(403, 4, &format!("Invalid token {}", site.token())); 2]
}

fn unavailable_thrice(site: &Site) -> Vec<Fault> {
    vec![site.place.refusal(503, 8, &format!("down, dear {}", site.token())); 3]
}

/// Runs one row at one place.
fn check(place: Place, name: &str, row: Row) {
    let site = Site::new(place, None);
    prepare(&site, row.fault);
    let timeout = if matches!(row.fault, FaultOf::Held(_)) { TIMEOUT_SHORT } else { LONG };
    let run = site.run(timeout, &Trust::Everybody);
    emit_during(&site, &run, row.fault);
    run.counts();
    site.leaks.look_into("the spool in the midst of it", &site.spool());
    if matches!(row.fault, FaultOf::Held(_)) {
        let retried = site.server.wait_for(LONG, |observed| observed.accepted.len() >= EVENTS / 2);
        assert!(retried, "the sink never gave up");
        site.server.release();
    }
    run.bus.barrier(LONG).expect("what is in the spool is safe");
    // All is told before the bus closes: then nobody hears it.
    let whole = EVENTS - usize::from(matches!(row.fault, FaultOf::Poison));
    let all_came = site.server.wait_for(LONG, |observed| observed.accepted.len() >= whole);
    assert!(all_came, "only {} of {whole} came", site.arrived().ids.len());
    let report = run.close(LONG, &site.leaks);
    let counts = accounted(&report);
    let mut expected = run.ids();
    if let FaultOf::Poison = row.fault {
        let poisoned = expected.remove(POISONED);
        assert_eq!((counts.delivered, counts.rejected), (EVENTS as u64 - 1, 1), "{report}");
        check_dead_letter(&site, &run, &poisoned);
    } else {
        assert!(report.complete && counts.delivered == EVENTS as u64, "{report}");
        assert_eq!(site.dead_letters(), [""; 0]);
    }
    let arrived = site.arrived();
    print_line(&site, name, &expected, &arrived);
    arrived.assert_are(&expected);
    match row.doubles {
        Doubles::Never => assert_eq!(arrived.doubled, 0),
        Doubles::OfTheBatch => assert!(arrived.doubled >= BATCH_EVENTS, "the fault did not happen"),
    }
    check_what_the_fault_did(&site, &run, row);
    site.check_for_leaks();
    site.leaks.assert_none();
}

fn prepare(site: &Site, fault: FaultOf) {
    let server = &site.server;
    match fault {
        FaultOf::None => {}
        FaultOf::Line(faults) => faults(site).into_iter().for_each(|fault| server.inject(fault)),
        FaultOf::Held(fault) => server.inject(fault()),
        FaultOf::RetryAfter => server.inject(Fault::retry_after(429, RETRY_AFTER.as_secs())),
        FaultOf::Poison => {
            let done = server.rules(|rules| rules.poison(|json| json.contains(POISON)));
            done.expect("it has rules");
        }
        FaultOf::ShortBodies => {
            let done = server.rules(|rules| rules.body_bytes_max(BODY_BYTES_MAX));
            done.expect("it has rules");
        }
    }
}

/// Emits a batch, waits until it has met its fault, and emits the rest. Where the server
/// holds on to the first one, it still does when the last emit has returned.
fn emit_during(site: &Site, run: &Run, fault: FaultOf) {
    run.emit(BATCH_EVENTS);
    let met = match fault {
        FaultOf::Held(_) => site.server.wait_for(LONG, |observed| observed.hanging == 1),
        _ => site.server.wait_for(LONG, |observed| {
            observed.requests.iter().any(|request| request.method == "POST")
        }),
    };
    assert!(met, "no batch came");
    run.emit(EVENTS - BATCH_EVENTS);
    match fault {
        FaultOf::Held(_) => {
            let holds = site.server.wait_for(Duration::ZERO, |observed| observed.hanging == 1);
            assert!(holds, "the server let go before the last emit returned");
        }
        FaultOf::RetryAfter => {
            assert_eq!(site.arrivals.all().len(), 1, "the pause was over before the last emit");
        }
        _ => {}
    }
}

fn check_dead_letter(site: &Site, run: &Run, poisoned: &str) {
    let letters = site.dead_letters();
    assert_eq!(letters.len(), 1, "{letters:?}");
    let letter: serde_json::Value = serde_json::from_str(&letters[0]).expect("it is JSON");
    assert_eq!(letter["id"], poisoned);
    assert_eq!(letter["data"]["text"], POISON);
    let reason = letter["reason"].as_str().expect("it is a text");
    let said = if site.place == Place::Http { "an event is not valid" } else { "code 6" };
    assert!(reason.contains("400") && reason.contains(said), "{reason}");
    let told = run.diagnostics();
    let is_it = |told: &SinkDiagnostic| matches!(told, SinkDiagnostic::SetAside { event, .. } if event.to_string() == poisoned);
    assert_eq!(told.iter().filter(|told| is_it(told)).count(), 1, "{told:?}");
}

/// A row in which nothing happened proves nothing.
fn check_what_the_fault_did(site: &Site, run: &Run, row: Row) {
    let (arrivals, batches) = (site.arrivals.all(), EVENTS / BATCH_EVENTS);
    match row.fault {
        FaultOf::None => assert_eq!(arrivals.len(), batches),
        FaultOf::RetryAfter => {
            let pause = arrivals[1].duration_since(arrivals[0]);
            assert!(pause >= RETRY_AFTER, "the next post came after {pause:?}");
        }
        _ => assert!(arrivals.len() >= batches, "{}", arrivals.len()),
    }
    assert!(site.server.wait_for(Duration::ZERO, |observed| observed.faults_left == 0));
    if let FaultOf::Line(faults) = row.fault
        && matches!(faults(site)[0], Fault::Status { status: 403, .. })
    {
        check_alarm(run);
    }
    assert!(site.server.connections() <= row.connections_max, "{}", site.server.connections());
}

/// A person is called once, and told when it is over.
fn check_alarm(run: &Run) {
    let told = run.diagnostics();
    let alarms =
        told.iter().filter(|told| matches!(told, SinkDiagnostic::Held { alarm: true, .. }));
    assert_eq!(alarms.count(), 1, "{told:?}");
    let recovered = told.iter().filter(|told| matches!(told, SinkDiagnostic::Recovered { .. }));
    assert_eq!(recovered.count(), 1, "{told:?}");
}

/// A line of the table.
#[expect(clippy::print_stdout, reason = "the table is what one reads to see what a fault costs")]
pub(crate) fn print_line(site: &Site, name: &str, expected: &[String], arrived: &Arrived) {
    let lost = expected.iter().filter(|id| !arrived.ids.contains(id)).count();
    println!(
        "| {:14} | {:44} | lost {lost} | doubled {:3} | {:3} requests | {} connections |",
        format!("{:?}", site.place),
        name.replace('_', " "),
        arrived.doubled,
        site.server.requests().len(),
        site.server.connections(),
    );
}
