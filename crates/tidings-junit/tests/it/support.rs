//! A bus with a summary on it, and a parser that looks at nothing but XML.

#![expect(clippy::panic, reason = "a test fails by it, and shows the document")]

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use tidings_core::{Entity, Envelope, ManualClock, Timestamp, wire};
use tidings_junit::{JunitSettings, to_xml};
use tidings_registry::Bus;
use tidings_testrun::{LiveSummary, RunSummary, TestRun};

/// 2026-11-21T02:57:56Z.
pub(crate) const START: Timestamp = Timestamp::from_nanos(1_795_229_876_000_000_000);

/// A bus whose clock stands still, and what its events come to.
pub(crate) struct Scene {
    pub(crate) bus: Bus,
    live: LiveSummary,
    heard: Arc<Mutex<Vec<Arc<Envelope>>>>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::on_node("lab-3")
    }

    pub(crate) fn on_node(node: &str) -> Self {
        let bus = Bus::builder().run("run-7").node(node).clock(ManualClock::new(START)).build();
        let live = LiveSummary::on(&bus);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        let keep = move |envelope: &Arc<Envelope>| kept.lock().push(Arc::clone(envelope));
        bus.observe("**", keep).expect("everything").detach();
        Self { bus, live, heard }
    }

    pub(crate) fn say(&self, entity: &Entity, event: impl Into<TestRun>) {
        self.bus.emitter_for(entity.clone()).emit(event.into());
    }

    /// Says what others have heard on their nodes.
    pub(crate) fn hear(&self, other: &Self) {
        for envelope in &*other.heard.lock() {
            self.bus.republish(Arc::clone(envelope));
        }
    }

    /// Every event as a line of a journal.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |(position, envelope): (usize, &Arc<Envelope>)| {
            let mut text = String::new();
            let written = wire::write_event(&**envelope, Some(position as u64), &mut text);
            written.expect("test runs have a JSON form");
            text
        };
        self.heard.lock().iter().enumerate().map(line).collect()
    }

    pub(crate) fn summary(&self) -> RunSummary {
        self.live.snapshot()
    }

    pub(crate) fn xml(&self) -> String {
        to_xml(&self.summary(), &JunitSettings::new())
    }

    pub(crate) fn document(&self) -> Element {
        Element::parse(&self.xml())
    }
}

/// The entity `suite/<a>/…/case/<z>` for `a/…/z`.
pub(crate) fn case(path: &str) -> Entity {
    let ids: Vec<&str> = path.split('/').collect();
    let kinds = |place| match place {
        _ if place + 1 == ids.len() => "case",
        0 => "suite",
        _ => "group",
    };
    let pairs = ids.iter().enumerate().map(|(place, id)| (kinds(place), *id));
    Entity::from_path(pairs).expect("not empty")
}

/// An element with all that a parser sees of it.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: BTreeMap<String, String>,
    pub(crate) children: Vec<Self>,
    pub(crate) text: String,
}

impl Element {
    /// The outermost element of a document.
    pub(crate) fn parse(xml: &str) -> Self {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = true;
        let mut open = vec![Self::default()];
        loop {
            let event = reader.read_event().unwrap_or_else(|fault| panic!("{fault}:\n{xml}"));
            let inner = open.last_mut().expect("ends match beginnings");
            match event {
                Event::Start(tag) => open.push(Self::begin(&tag)),
                Event::Empty(tag) => inner.children.push(Self::begin(&tag)),
                Event::End(_) => {
                    let ended = open.pop().expect("it began");
                    open.last_mut().expect("it is in something").children.push(ended);
                }
                Event::Text(text) => inner.text.push_str(&text.xml10_content().expect("text")),
                Event::GeneralRef(reference) => {
                    let name = reference.decode().expect("text");
                    let known = format!("&{name};");
                    inner.text.push_str(&quick_xml::escape::unescape(&known).expect("predefined"));
                }
                Event::Decl(_) => {}
                Event::Eof => break,
                other => panic!("nothing but elements and text was written: {other:?}"),
            }
        }
        assert_eq!(open.len(), 1, "everything has ended");
        open.remove(0).children.remove(0)
    }

    fn begin(tag: &BytesStart<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let attributes = tag.attributes().map(|attribute| {
            let attribute = attribute.expect("an attribute stands once");
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).expect("legal");
            (text(attribute.key.as_ref()), value.into_owned())
        });
        Self {
            name: text(tag.name().as_ref()),
            attributes: attributes.collect(),
            ..Self::default()
        }
    }

    #[track_caller]
    pub(crate) fn get(&self, name: &str) -> &str {
        self.attributes.get(name).unwrap_or_else(|| panic!("no `{name}` in {self:?}"))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    #[track_caller]
    pub(crate) fn number(&self, name: &str) -> u64 {
        self.get(name).parse().expect("a number")
    }

    pub(crate) fn all<'a, 'n>(
        &'a self,
        name: &'n str,
    ) -> impl Iterator<Item = &'a Self> + use<'a, 'n> {
        self.children.iter().filter(move |child| child.name == name)
    }

    #[track_caller]
    pub(crate) fn only(&self, name: &str) -> &Self {
        let found: Vec<_> = self.all(name).collect();
        assert_eq!(found.len(), 1, "one `{name}` in {self:#?}");
        found[0]
    }

    /// Every element, this one first.
    pub(crate) fn everything(&self) -> Vec<&Self> {
        let inner = self.children.iter().flat_map(Self::everything);
        std::iter::once(self).chain(inner).collect()
    }

    /// All texts and values of attributes.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let elements = self.everything().into_iter();
        let texts = elements.flat_map(|element| {
            element.attributes.values().chain([&element.text]).map(String::as_str)
        });
        texts.collect()
    }

    pub(crate) fn suites(&self) -> Vec<&Self> {
        self.all("testsuite").collect()
    }

    #[track_caller]
    pub(crate) fn suite(&self, name: &str) -> &Self {
        let found = self.all("testsuite").find(|suite| suite.get("name") == name);
        found.unwrap_or_else(|| panic!("no suite `{name}` in {self:#?}"))
    }

    #[track_caller]
    pub(crate) fn case(&self, name: &str) -> &Self {
        let mut cases = self.everything().into_iter().filter(|element| element.name == "testcase");
        let found = cases.find(|case| case.get("name") == name);
        found.unwrap_or_else(|| panic!("no case `{name}` in {self:#?}"))
    }

    /// The properties of a suite or a case.
    pub(crate) fn properties(&self) -> Vec<(&str, &str)> {
        let properties = self.all("properties").flat_map(|all| all.all("property"));
        properties.map(|property| (property.get("name"), property.get("value"))).collect()
    }
}
