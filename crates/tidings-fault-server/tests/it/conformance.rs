//! The server is a receiver of the suite: the smallest sinks that there are pass.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};
use tidings_assert::conformance::{self, Harness, Named, Names, Options, Receiver};
use tidings_core::Envelope;
use tidings_delivery::{Batch, Outcome, Secret, Sink, Unencodable};
use tidings_fault_server::{CloudEvents, FaultReceiver, FaultServer, Hec, JsonArray};

const TIMEOUT: Duration = Duration::from_millis(400);
const TOKEN: &str = "token-of-the-smallest-sink";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    CloudEvents,
    /// Has no event id.
    Anonymous,
    Hec,
}

/// Posts each batch on a connection of its own.
struct Smallest {
    body: Body,
    address: SocketAddr,
}

impl Smallest {
    fn post(&self, batch: &Batch<'_>) -> io::Result<String> {
        let events = String::from_utf8_lossy(batch.bytes());
        let events = events.trim_end_matches(['\n', ',']).replace('\n', ",");
        let (path, body) = match self.body {
            Body::Hec => ("/services/collector/event", events.replace("},{", "}{")),
            _ => ("/", format!("[{events}]")),
        };
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        let length = body.len();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nconnection: close\r\nauthorization: Splunk {TOKEN}\r\n\
             content-length: {length}\r\n\r\n{body}"
        )?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        Ok(reply)
    }
}

impl Sink for Smallest {
    fn encode(
        &mut self,
        envelope: &Envelope,
        position: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Unencodable> {
        let mut text = String::new();
        tidings_core::wire::write_event(envelope, Some(position), &mut text)
            .map_err(|fault| Unencodable::new(fault.to_string()))?;
        let data: Value = serde_json::from_str(envelope.data().unwrap_or("null"))
            .map_err(|fault| Unencodable::new(fault.to_string()))?;
        match self.body {
            Body::CloudEvents => out.extend_from_slice(text.as_bytes()),
            Body::Anonymous => out.extend_from_slice(data.to_string().as_bytes()),
            Body::Hec => {
                let event = json!({ "id": envelope.id().to_string(), "data": data });
                out.extend_from_slice(json!({ "event": event }).to_string().as_bytes());
            }
        }
        out.push(b'\n');
        Ok(())
    }

    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        let reply = match self.post(batch) {
            Ok(reply) => Secret::new(TOKEN).scrub(&reply),
            Err(error) => return Outcome::retry(error.to_string()),
        };
        let (head, body) = reply.split_once("\r\n\r\n").unwrap_or((&reply, ""));
        let status = head.split(' ').nth(1).unwrap_or_default();
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let index = body["invalid-event-number"].as_u64().and_then(|n| usize::try_from(n).ok());
        match (status, index) {
            ("200", _) => Outcome::delivered(),
            ("400", Some(index)) => Outcome::set_aside(index, reply).after_taking(index),
            ("400" | "413", _) => Outcome::split(reply),
            ("401" | "403", _) => Outcome::hold(reply),
            ("429", _) => Outcome::retry_after(Duration::from_secs(1), reply),
            ("", _) => Outcome::retry("there is no reply"),
            (_, index) => Outcome::retry(reply).after_taking(index.unwrap_or(0)),
        }
    }
}

struct SmallestHarness {
    receiver: FaultReceiver,
    body: Body,
    names: Names,
}

impl SmallestHarness {
    fn new(body: Body) -> Self {
        let names = Names::default();
        let receiver = match body {
            Body::CloudEvents => FaultReceiver::new(start(CloudEvents::new())),
            Body::Anonymous => FaultReceiver::new(start(JsonArray::new())).names(names.clone()),
            Body::Hec => FaultReceiver::hec(start(Hec::new().token(TOKEN))),
        };
        Self { receiver: receiver.echo(TOKEN), body, names }
    }
}

impl Harness for SmallestHarness {
    type Sink = Named<Smallest>;

    fn sink(&self) -> Named<Smallest> {
        self.names.named(Smallest { body: self.body, address: self.receiver.server().address() })
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
}

fn start(protocol: impl tidings_fault_server::Protocol) -> FaultServer {
    FaultServer::start(protocol).expect("a port is free")
}

fn check(body: Body) -> Vec<String> {
    let report = conformance::check_with(&SmallestHarness::new(body), &Options::default().kills(4));
    report.assert_with_skipped(usize::from(body != Body::Hec));
    report.skipped().map(str::to_owned).collect()
}

#[test]
fn the_smallest_sink_of_cloud_events_passes_but_for_parts() {
    assert_eq!(check(Body::CloudEvents), ["a part that was taken is not sent again"]);
}

#[test]
fn bodies_without_ids_are_known_by_their_names() {
    assert_eq!(check(Body::Anonymous), ["a part that was taken is not sent again"]);
}

#[test]
fn the_smallest_sink_of_the_event_collector_passes_everything() {
    assert!(check(Body::Hec).is_empty());
}
