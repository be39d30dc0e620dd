//! Places: what the tests write to, and how they look at what is there.

use std::fs;
use std::path::Path;
use std::time::Duration;

use quick_xml::events::Event as Xml;
use tidings::delivery::{Batch, Delivery, DeliveryBuilder, Outcome, Retry, Sink, SpoolSettings};
use tidings::http::HttpSink;
use tidings::journal::{Reader, verify};

/// How long is waited for what comes at once unless something is wrong.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Sets every event aside.
pub(crate) struct Refuse;

impl Sink for Refuse {
    fn send(&mut self, _: &Batch<'_>) -> Outcome {
        Outcome::set_aside(0, "nobody wants it")
    }
}

/// A delivery by HTTP that tries again soon, with a spool.
pub(crate) fn delivery(url: &str, spool: &Path) -> DeliveryBuilder<HttpSink> {
    let sink = HttpSink::builder(url).proxy(Some("")).build().expect("the settings are in order");
    let retry = Retry::default().first(Duration::from_millis(1)).cap(Duration::from_millis(5));
    Delivery::builder(sink)
        .linger(Duration::from_millis(1))
        .retry(retry)
        .spool(SpoolSettings::new(spool))
}

/// How many events of this type a journal has, in which nothing is wrong.
pub(crate) fn in_journal(path: &Path, event_type: &str) -> usize {
    let report = verify(Reader::open(path).expect("a journal")).expect("it can be read");
    assert!(report.is_sound(), "{report}");
    let events = Reader::open(path).expect("a journal").map(|line| line.expect("it was sound"));
    events.filter(|entry| entry.envelope().event_type().as_str() == event_type).count()
}

/// How many cases a report has; it must be whole.
pub(crate) fn cases_in(path: &Path) -> usize {
    let text = fs::read_to_string(path).expect("a report");
    let mut xml = quick_xml::Reader::from_str(&text);
    let (mut cases, mut depth, mut roots) = (0, 0, 0);
    loop {
        match xml.read_event().expect("whole XML") {
            Xml::Start(tag) => {
                cases += usize::from(tag.name().as_ref() == b"testcase");
                roots += usize::from(depth == 0);
                depth += 1;
            }
            Xml::Empty(tag) => cases += usize::from(tag.name().as_ref() == b"testcase"),
            Xml::End(_) => depth -= 1,
            Xml::Eof => break,
            _ => {}
        }
    }
    assert_eq!((depth, roots), (0, 1), "half a report: {text}");
    cases
}
