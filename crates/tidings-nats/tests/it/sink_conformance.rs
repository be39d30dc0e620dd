//! The sink passes the suite of all sinks, with real servers.

use std::time::Duration;

use tidings_assert::conformance::{self, Harness, Options, Receiver};
use tidings_delivery::Secret;
use tidings_fault_server::broker::BrokerVersion;
use tidings_nats::{NatsServer, NatsSink};

use crate::support::FaultyBroker;

const TIMEOUT: Duration = Duration::from_millis(500);
const PASSWORD: &str = "a1b2c3d4-hunter2";

struct Stream(FaultyBroker);

impl Harness for Stream {
    type Sink = NatsSink;

    fn sink(&self) -> NatsSink {
        let server = NatsServer::at(&self.0.url()).user_password("me", Secret::new(PASSWORD));
        NatsSink::builder(server).ack_timeout(TIMEOUT).build().expect("the settings are in order")
    }

    fn receiver(&self) -> &dyn Receiver {
        &self.0
    }

    fn timeout(&self) -> Duration {
        TIMEOUT
    }

    fn secrets(&self) -> Vec<String> {
        vec![PASSWORD.to_owned()]
    }

    fn debug(&self) -> Option<String> {
        Some(format!("{:?}", self.sink()))
    }
}

fn check(version: BrokerVersion) {
    let harness = Stream(FaultyBroker::start(version, "tidings", PASSWORD));
    let report = conformance::check_with(&harness, &Options::default().kills(4));
    // Events go one by one, and the server asks for no pauses.
    report.assert_with_skipped(2);
}

#[test]
fn it_passes_the_suite_of_all_sinks_with_an_old_server() {
    check(BrokerVersion::Old);
}

#[test]
fn it_passes_the_suite_of_all_sinks_with_a_new_server() {
    check(BrokerVersion::New);
}
