//! XML, the page, and the page while the run goes on.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tidings::Bus;
use tidings_junit::{JunitSettings, to_xml};
use tidings_report::{Lifecycles, Live, Model, Page};
use tidings_testrun::{LiveSummary, RunSummary};

use crate::markup::{check_page, check_xml};
use crate::payload::{PAYLOADS, Payload, between_neighbours};

fn reduced(payload: &Payload) -> RunSummary {
    let bus = Bus::new();
    let summary = LiveSummary::on(&bus);
    between_neighbours(&bus, payload);
    summary.finish();
    summary.snapshot()
}

#[test]
fn every_document_of_junit_is_legal_xml_without_foreign_elements() {
    for payload in PAYLOADS {
        check_xml(&to_xml(&reduced(payload), &JunitSettings::default()), payload.name);
    }
}

#[test]
fn no_payload_is_markup_in_the_page() {
    let nothing = Model::of(&RunSummary::new(), &Lifecycles::new());
    let frame = Page::html(&nothing);
    for payload in PAYLOADS {
        let page = Page::html(&Model::of(&reduced(payload), &Lifecycles::new()));
        check_page(&page, &frame, payload.name);
    }
}

#[test]
fn no_payload_breaks_the_stream_of_a_live_page() {
    for payload in PAYLOADS {
        let live = Live::builder().listen("127.0.0.1:0").interval(Duration::from_millis(1));
        let live = Arc::new(live.start().expect("a free port"));
        let bus = Bus::new();
        bus.subscribe(Arc::clone(&live)).detach();
        let mut socket = TcpStream::connect(live.address()).expect("it listens");
        socket.set_read_timeout(Some(Duration::from_mins(1))).expect("a timeout");
        let request = "GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n";
        socket.write_all(request.as_bytes()).expect("it is written");
        // The answer has begun, so that the end finds this reader there.
        let mut first = [0];
        socket.read_exact(&mut first).expect("it answers");
        let reading = std::thread::spawn(move || {
            let mut text = String::from_utf8_lossy(&first).into_owned();
            socket.read_to_string(&mut text).map(|_| text)
        });
        between_neighbours(&bus, payload);
        let report = bus.close(Duration::from_mins(1)).expect("it is not strict");
        assert!(report.complete, "{}: {report}", payload.name);
        let read = reading.join().expect("it does not panic");
        let text = read.unwrap_or_else(|fault| panic!("{}: {fault}", payload.name));
        assert_stream(payload.name, &text);
    }
}

fn assert_stream(name: &str, text: &str) {
    let (_, events) = text.split_once("\r\n\r\n").expect("an answer has a head");
    assert!(events.ends_with("event: end\ndata: {}\n\n"), "{name}");
    let mut ends = 0;
    for line in events.split('\n') {
        assert!(!line.contains(|c: char| c < ' '), "{name}");
        match line.split_once(": ") {
            Some(("data", data)) => {
                let read: Result<Value, _> = serde_json::from_str(data);
                assert!(read.is_ok(), "{name}");
            }
            Some(("event", event)) => ends += usize::from(event == "end"),
            Some(("id" | "retry", _)) => {}
            _ => assert!(line.is_empty() || line == ":", "{name}: {line}"),
        }
    }
    assert_eq!(ends, 1, "{name}");
}
