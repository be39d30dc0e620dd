//! The sink passes the suite of all sinks, with and without acknowledgement.

use std::time::Duration;

use tidings_assert::conformance::{self, Harness, Receiver};
use tidings_fault_server::{FaultReceiver, FaultServer, Hec};
use tidings_splunk::SplunkSink;

use crate::support::{TOKEN, builder};

const TIMEOUT: Duration = Duration::from_millis(400);

struct Collector {
    receiver: FaultReceiver,
    acknowledge: bool,
}

impl Harness for Collector {
    type Sink = SplunkSink;

    fn sink(&self) -> SplunkSink {
        builder(self.receiver.server())
            .timeout(TIMEOUT)
            .acknowledge(self.acknowledge)
            .ack_poll(Duration::from_millis(10))
            .build()
            .expect("the settings are in order")
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
        Some(format!("{:?}", self.sink()))
    }
}

fn check(hec: Hec, acknowledge: bool) {
    let server = FaultServer::start(hec.token(TOKEN)).expect("there is a port");
    let receiver = FaultReceiver::hec(server).echo(TOKEN);
    conformance::check(&Collector { receiver, acknowledge }).assert();
}

#[test]
fn it_passes_the_suite_of_all_sinks() {
    check(Hec::new(), false);
}

#[test]
fn it_passes_the_suite_of_all_sinks_with_acknowledgement() {
    check(Hec::new().acknowledge(), true);
}
