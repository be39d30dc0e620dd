//! The payloads, and what is emitted of each: a neighbour, the payload, a neighbour.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tidings::{Bus, Entity, Event, EventType};
use tidings_testrun::{
    Attachment, CaseFinished, CaseStarted, ErrorItem, Failure, LogFile, Output, RunPlanned,
    RunStarted, Selector, SuiteStarted, TestRun,
};

/// The type of the events around a payload.
pub(crate) const NEIGHBOUR: &str = "hostile.neighbour";

/// How deep the deep ones are.
const LEVELS: usize = 10_000;
/// How long the long one is.
const LONG_BYTES: usize = 5_000_000;

/// Something that a test may say.
pub(crate) struct Payload {
    pub(crate) name: &'static str,
    content: Content,
}

enum Content {
    /// A text, for every place that takes one.
    Text(&'static str),
    /// Events of its own.
    Events(fn(&Bus)),
}

const fn text(name: &'static str, text: &'static str) -> Payload {
    Payload { name, content: Content::Text(text) }
}

const fn events(name: &'static str, emit: fn(&Bus)) -> Payload {
    Payload { name, content: Content::Events(emit) }
}

/// Every payload.
pub(crate) const PAYLOADS: &[Payload] = &[
    text("controls", "\0\u{1}\u{7}\u{8}\t\r\n\u{b}\u{7f}\u{80}\u{85}\u{9b}31m"),
    text("escape sequences", "\u{1b}[2J\u{1b}]0;title\u{7}\u{1b}P\u{1b}\\\u{1b}c"),
    text("directions", "\u{202e}live\u{2066}\u{200e}\u{61c}\u{2028}\u{2029}\u{feff}"),
    text("script", "</script><script>alert(1)</script><!--<script>"),
    text("markup", "<img src=x onerror='alert(1)'>&lt;]]><![CDATA[&#0;\""),
    text("noncharacters", "\u{fffe}\u{ffff}\u{fdd0}\u{10ffff}\u{e000}"),
    text("commands", "::error file=a::b\n##[error]c\n  ::set-env name=A::b"),
    text("templates", "{{data}}{{script}}${x}%s%n\\u001b[2J"),
    text("event stream", "x\n\ndata: {}\n\nevent: end\r\n\r\nid: 9"),
    text("nothing", ""),
    events("five megabytes", long),
    events("deep text", deep_text),
    events("deep object", deep_object),
    events("deep value", |bus| emit(bus, Hostile::Nested { nested: Nested::new(LEVELS) })),
    events("no numbers", no_numbers),
    events("large numbers", large_numbers),
    events("duplicate keys", duplicate_keys),
    events("names of 200 bytes", longest_name),
];

/// Values that are hard to write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "hostile")]
pub(crate) enum Hostile {
    Float {
        value: f64,
        single: f32,
    },
    Large {
        unsigned: u64,
        signed: i128,
        least: i128,
    },
    Flat {
        key: u8,
        #[serde(flatten)]
        rest: BTreeMap<String, u8>,
    },
    Nested {
        nested: Nested,
    },
}

/// As deep as one likes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Nested(Option<Box<Nested>>);

impl Nested {
    fn new(levels: usize) -> Self {
        (0..levels).fold(Self(None), |inner, _| Self(Some(Box::new(inner))))
    }
}

/// Emits a payload between two neighbours, and answers the ids of these.
pub(crate) fn between_neighbours(bus: &Bus, payload: &Payload) -> [String; 2] {
    let before = neighbour(bus, "before");
    match payload.content {
        Content::Text(text) => say(bus, text),
        Content::Events(emit) => emit(bus),
    }
    [before, neighbour(bus, "after")]
}

fn neighbour(bus: &Bus, id: &str) -> String {
    let heard = Arc::<Mutex<Option<String>>>::default();
    let noted = Arc::clone(&heard);
    let note = move |envelope: &Arc<tidings::Envelope>| {
        *noted.lock().expect("nobody panics with it") = Some(envelope.id().to_string());
    };
    let listening = bus.observe(NEIGHBOUR, note).expect("a prefix");
    bus.raw_emitter("neighbour", id).emit(NEIGHBOUR, json!({ "is": id })).expect("a type");
    drop(listening);
    let id = heard.lock().expect("nobody panicked with it").take();
    id.expect("it was heard")
}

fn emit(bus: &Bus, event: Hostile) {
    bus.emitter::<Hostile>("value", "v").emit(event);
}

/// Says a text at every place that takes one.
fn say(bus: &Bus, text: &str) {
    let foreign = EventType::foreign(text).ok();
    let event_type = foreign.unwrap_or_else(|| EventType::from_static("hostile.said"));
    let data = json!({ text: text, "message": text, "list": [text, { text: [text] }] });
    let emitter = bus.raw_emitter(text, text).child("case", text).with(text, text);
    emitter.emit_as(&event_type, data);
    let failed = tidings::RawPayload::new(json!({ "message": text }));
    let failed = failed.with_role(tidings::Role::End(tidings::Outcome::Failure));
    emitter.emit_as(&EventType::from_static("hostile.failed"), failed);
    let say = |entity: &Entity, event: TestRun| {
        bus.emitter_for(entity.clone()).emit(event);
    };
    let run = Entity::new("run", text);
    let suite = run.child("suite", text);
    let case = suite.child("case", text);
    say(&run, RunStarted::new().into());
    say(&run, RunPlanned::selectors([Selector::test(text, format!("{text} unseen"))]).into());
    say(&suite, SuiteStarted::new().with_property(text, text).into());
    say(&case, CaseStarted::new().with_fingerprint(text).into());
    say(&case, Output::stdout(text).into());
    say(&case, Attachment::path(text, text).with_media_type(text).into());
    say(&case, LogFile::new(text).into());
    let failure = Failure::assertion(text).with_class(text).with_details(text);
    let failure = failure.with_expected(text).with_actual(text).at_line(text, 1);
    say(&suite, ErrorItem::named(text, failure.clone()).into());
    say(&case, CaseFinished::failed(failure).into());
}

fn long(bus: &Bus) {
    let text = "<\u{1b}é".repeat(LONG_BYTES / 4);
    bus.raw_emitter("text", "long").emit("hostile.long", json!({ "text": text })).expect("a type");
    let case = Entity::new("case", "long");
    let emitter = bus.emitter_for::<TestRun>(case);
    emitter.emit(CaseStarted::new().into());
    emitter.emit(Output::stdout(text.clone()).into());
    emitter.emit(CaseFinished::failed(Failure::assertion(text)).into());
}

fn deep_text(bus: &Bus) {
    let text = "[".repeat(LEVELS) + &"]".repeat(LEVELS);
    bus.raw_emitter("text", "deep").emit_text("hostile.deep", &text).expect("it is JSON");
}

fn deep_object(bus: &Bus) {
    let text = "{\"a\":".repeat(LEVELS) + "1" + &"}".repeat(LEVELS);
    bus.raw_emitter("text", "deep").emit_text("hostile.deep", &text).expect("it is JSON");
}

fn no_numbers(bus: &Bus) {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        emit(bus, Hostile::Float { value, single: 0.0 });
    }
    emit(bus, Hostile::Float { value: 0.0, single: f32::NAN });
    let lines = bus.raw_emitter("text", "nan").emit_text("hostile.nan", "{\"value\":NaN}");
    assert!(lines.is_err(), "it is no JSON");
    bus.raw_emitter("text", "huge").emit_text("hostile.huge", "[1e999,-0]").expect("it is JSON");
}

fn large_numbers(bus: &Bus) {
    emit(bus, Hostile::Large { unsigned: u64::MAX, signed: i128::MAX, least: i128::MIN });
    let case = bus.emitter_for::<TestRun>(Entity::new("case", "large"));
    bus.emitter_for::<TestRun>(Entity::new("run", "r")).emit(RunPlanned::count(u64::MAX).into());
    bus.emitter_for::<TestRun>(Entity::new("suite", "s")).emit(RunPlanned::count(u64::MAX).into());
    let long = std::time::Duration::MAX;
    case.emit(CaseStarted::new().with_attempt(u32::MAX).into());
    case.emit(CaseFinished::failed(Failure::assertion("late")).with_duration(long).into());
}

fn duplicate_keys(bus: &Bus) {
    let rest = BTreeMap::from([("key".to_owned(), 2), ("other".to_owned(), 3)]);
    emit(bus, Hostile::Flat { key: 1, rest });
    let text = "{\"a\":1,\"\\u0061\":2}";
    bus.raw_emitter("text", "twice").emit_text("hostile.twice", text).expect("it is JSON");
}

fn longest_name(bus: &Bus) {
    let name = "n".repeat(200);
    bus.raw_emitter("name", &name).emit(&name, json!({})).expect("it fits");
    let too_long = bus.raw_emitter("name", "n").emit(&"n".repeat(201), json!({}));
    assert!(too_long.is_err(), "a type of 201 bytes is refused");
}
