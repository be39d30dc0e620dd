//! The sink passes the suite of all sinks, with each of its bodies.

use std::time::Duration;

use tidings_assert::conformance::{self, Harness, Named, Names, Receiver};
use tidings_delivery::Secret;
use tidings_fault_server::{CloudEvents, FaultReceiver, FaultServer, JsonArray};
use tidings_http::{Encoding, HttpSink, Optics, TokenSource};

use crate::support::{TOKEN, sink};

const TIMEOUT: Duration = Duration::from_millis(400);

struct Bodies {
    receiver: FaultReceiver,
    encoding: fn() -> Encoding,
    names: Names,
}

impl Bodies {
    fn build(&self) -> HttpSink {
        sink(&self.receiver.server().url())
            .encoding((self.encoding)())
            .token(TokenSource::Fixed(Secret::new(TOKEN)))
            .timeout(TIMEOUT)
            .build()
            .expect("the settings are in order")
    }
}

impl Harness for Bodies {
    type Sink = Named<HttpSink>;

    fn sink(&self) -> Named<HttpSink> {
        self.names.named(self.build())
    }

    fn receiver(&self) -> &dyn Receiver {
        &self.receiver
    }

    fn timeout(&self) -> Duration {
        TIMEOUT
    }

    fn secrets(&self) -> Vec<String> {
        vec![TOKEN.to_owned()]
    }

    fn debug(&self) -> Option<String> {
        Some(format!("{:?}", self.build()))
    }
}

fn check(receiver: FaultReceiver, encoding: fn() -> Encoding, names: Names) {
    let harness = Bodies { receiver: receiver.echo(TOKEN), encoding, names };
    let report = conformance::check(&harness);
    report.assert_with_skipped(1);
    // No status of HTTP says how much of a body was taken.
    let skipped: Vec<&str> = report.skipped().collect();
    assert_eq!(skipped, ["a part that was taken is not sent again"], "{report}");
}

#[test]
fn cloud_events_pass_the_suite_of_all_sinks() {
    let server = FaultServer::start(CloudEvents::new()).expect("there is a port");
    check(FaultReceiver::new(server), || Encoding::CloudEvents, Names::default());
}

#[test]
fn bodies_without_event_ids_pass_the_suite_of_all_sinks() {
    let server = FaultServer::start(JsonArray::new()).expect("there is a port");
    let names = Names::default();
    let receiver = FaultReceiver::new(server).names(names.clone());
    check(receiver, || Encoding::Optics(Optics::new()), names);
}
