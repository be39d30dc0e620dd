//! From one line of JSON to an envelope.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::SPEC_VERSION;
use super::line::{Line, Members};
use super::memory::Memory;
use crate::envelope::Encoded;
use crate::event::{Payload, RawJson, RawPayload, Role};
use crate::json::EncodeError;
use crate::text;
use crate::{
    Attributes, BusId, ContentId, Context, Entity, Envelope, EventId, EventType, Head,
    InvalidBusId, Timestamp,
};

/// An envelope that came from elsewhere, and its place there.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Received {
    /// The envelope, its ids, times, run, node and entity as they were.
    pub envelope: Arc<Envelope>,
    /// The gapless count of the journal or delivery that wrote it.
    pub position: Option<u64>,
}

impl Received {
    /// The content id that its type, entity and data give, whatever the line said.
    ///
    /// [`Envelope::content_id`] trusts the line when it says one; a verifier compares.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] when the data has no canonical form: a key stands in it twice.
    pub fn recomputed_content_id(&self) -> Result<ContentId, EncodeError> {
        let envelope = &*self.envelope;
        let Some(raw) = envelope.payload().as_raw() else {
            return envelope.content_id().map_err(Clone::clone);
        };
        let unsaid = RawPayload::new(raw.data().clone()).with_volatile(raw.volatile().iter());
        Encoded::new(&unsaid, envelope.event_type(), envelope.entity())
            .map(|encoded| encoded.content_id())
    }

    /// The content id that the line said, if it said one.
    pub fn recorded_content_id(&self) -> Option<ContentId> {
        self.envelope.payload().as_raw().and_then(RawPayload::content_id)
    }
}

/// Reads one CloudEvent that Tidings wrote.
///
/// Whoever reads many has an [`EventReader`] do it.
///
/// # Errors
///
/// [`InvalidCloudEvent`], which names the attribute and what is wrong with it.
pub fn read_event(text: &str) -> Result<Received, InvalidCloudEvent> {
    EventReader { memory: Memory::default() }.read(text)
}

/// Reads CloudEvents, one after the other.
///
/// It reads as [`read_event`] does. What later events say again, an entity for example, is
/// not made again but shared with the earlier ones; what it keeps for that is bounded.
///
/// ```
/// use tidings_core::wire::EventReader;
///
/// let line = concat!(
///     r#"{"specversion":"1.0","id":"01890a5d-ac96-774b-bcce-b302099a8057.0.7","#,
///     r#""type":"lab.warm","time":"2026-01-01T00:00:00Z","runid":"r","#,
///     r#""node":"n","entity":"[[\"lab\",\"3\"]]","data":{"celsius":21.5}}"#,
/// );
/// let mut reader = EventReader::new();
/// let received = reader.read(line)?;
/// assert_eq!(received.envelope.data(), Ok(r#"{"celsius":21.5}"#));
/// assert_eq!(reader.read(line)?.envelope.entity(), received.envelope.entity());
/// # Ok::<(), tidings_core::wire::InvalidCloudEvent>(())
/// ```
#[derive(Debug)]
pub struct EventReader {
    memory: Memory,
}

impl EventReader {
    /// A reader that has read nothing yet.
    pub fn new() -> Self {
        Self { memory: Memory::new() }
    }

    /// Reads one event.
    ///
    /// # Errors
    ///
    /// [`InvalidCloudEvent`], as [`read_event`]; the next event can be read all the same.
    pub fn read(&mut self, text: &str) -> Result<Received, InvalidCloudEvent> {
        match Line::cut(text) {
            Some(line) => self.received(&line),
            None => self.received(&members(text)?.line()),
        }
    }

    fn received(&mut self, line: &Line<'_>) -> Result<Received, InvalidCloudEvent> {
        if line.specversion != SPEC_VERSION {
            return Err(attribute("specversion", "only version 1.0 of CloudEvents can be read"));
        }
        let head = Head::new(
            self.id(line)?,
            self.event_type(line.event_type)?,
            self.context(line)?,
            line.time.parse::<Timestamp>().map_err(|fault| attribute("time", &fault))?,
            Duration::from_nanos(decimal("elapsedns", line.elapsed)?.unwrap_or(0)),
        );
        let cause = line.caused_by.map(str::parse::<EventId>).transpose();
        let head = head.with_cause(cause.map_err(|fault| attribute("causedby", &fault))?);
        Ok(Received {
            envelope: Arc::new(Envelope::new(head, read_payload(line)?)),
            position: decimal("position", line.position)?,
        })
    }

    /// The id, which must agree with what else says its parts.
    fn id(&mut self, line: &Line<'_>) -> Result<EventId, InvalidCloudEvent> {
        let id = EventId::parse_with(line.id, |text| self.bus(text).ok());
        let id = id.map_err(|fault| attribute("id", &fault))?;
        let disagrees = |name| attribute(name, &format!("it disagrees with the id {id}"));
        if line.lane.is_some_and(|lane| lane != id.lane().number()) {
            return Err(disagrees("lane"));
        }
        let bus = line.bus.map(|text| self.bus(text)).transpose();
        match bus.map_err(|fault| attribute("busid", &fault))? {
            Some(bus) if bus != id.bus() => return Err(disagrees("busid")),
            _ => {}
        }
        match decimal("sequence", line.sequence)? {
            Some(sequence) if sequence != id.sequence() => Err(disagrees("sequence")),
            _ => Ok(id),
        }
    }

    fn bus(&mut self, text: &str) -> Result<BusId, InvalidBusId> {
        if let Some(bus) = self.memory.bus(text) {
            return Ok(bus);
        }
        let bus = text.parse()?;
        self.memory.keep_bus(text, bus);
        Ok(bus)
    }

    fn event_type(&mut self, name: &str) -> Result<EventType, InvalidCloudEvent> {
        if let Some(known) = self.memory.event_type(name) {
            return Ok(known.clone());
        }
        let event_type = EventType::foreign(name).map_err(|fault| attribute("type", &fault))?;
        self.memory.keep_type(&event_type);
        Ok(event_type)
    }

    fn context(&mut self, line: &Line<'_>) -> Result<Arc<Context>, InvalidCloudEvent> {
        if let Some(known) = self.memory.context(line) {
            return Ok(Arc::clone(known));
        }
        let entity = Entity::from_json(&line.entity.meant());
        let entity = entity.map_err(|fault| attribute("entity", &fault))?;
        let attributes = match line.attributes {
            None => Attributes::new(),
            Some(text) => match self.memory.attributes(text) {
                Some(known) => known,
                None => serde_json::from_str(&text.meant())
                    .map_err(|fault| attribute("attributes", &fault))?,
            },
        };
        let (run, node) = self.memory.place(line);
        let context = Arc::new(Context::new(run, node, entity, attributes));
        self.memory.keep_context(line, &context);
        Ok(context)
    }
}

impl Default for EventReader {
    fn default() -> Self {
        Self::new()
    }
}

#[cold]
fn members(text: &str) -> Result<Members<'_>, InvalidCloudEvent> {
    // Serde would take a list for a struct, its elements for the members in their order.
    if !text.trim_ascii_start().starts_with('{') {
        return Err(InvalidCloudEvent::Json("an object is expected".to_owned()));
    }
    serde_json::from_str(text).map_err(|fault| InvalidCloudEvent::Json(told(&fault)))
}

/// The message. Of its place the column alone: "line 1" of what is itself a line of a file
/// would send people to the wrong one.
fn told(fault: &serde_json::Error) -> String {
    let text = fault.to_string();
    match text.rsplit_once(" at line 1 column ") {
        Some((message, column)) => format!("{message} at column {column}"),
        None => text,
    }
}

fn read_payload(line: &Line<'_>) -> Result<RawPayload, InvalidCloudEvent> {
    let data = line.data.map_or_else(RawJson::null, RawJson::from);
    let mut payload = RawPayload::new(data);
    if let Some(names) = line.volatile.filter(|names| !names.is_empty()) {
        payload = payload.with_volatile(names.split(','));
    }
    if let Some(role) = line.role {
        // A role that a newer writer invented is not worth losing the event.
        payload = payload.with_role(role.parse().unwrap_or(Role::Point));
    }
    match line.content_id.map(str::parse::<ContentId>).transpose() {
        Ok(Some(content_id)) => Ok(payload.with_content_id(content_id)),
        Ok(None) => Ok(payload),
        Err(fault) => Err(attribute("contentid", &fault)),
    }
}

fn decimal(name: &'static str, text: Option<&str>) -> Result<Option<u64>, InvalidCloudEvent> {
    let Some(text) = text else { return Ok(None) };
    match text::read_digits(text) {
        None => Err(attribute(name, "a decimal number in quotes is expected")),
        number => Ok(number),
    }
}

#[cold]
fn attribute(name: &'static str, fault: &(impl ToString + ?Sized)) -> InvalidCloudEvent {
    InvalidCloudEvent::Attribute { name, reason: fault.to_string() }
}

/// Why a text is no CloudEvent of Tidings.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidCloudEvent {
    /// The text is no JSON, or an attribute is missing or of the wrong JSON type.
    #[error("not a CloudEvent in JSON: {0}")]
    Json(String),
    /// An attribute has a value that it cannot have.
    #[error("the attribute `{name}` cannot be read: {reason}")]
    #[non_exhaustive]
    Attribute {
        /// The attribute's name.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Lane;
    use crate::wire::write_event;

    fn head(context: Context) -> Head {
        Head::new(
            EventId::new(BusId::from_u128(5), Lane::new(3), 9),
            EventType::foreign("Foreign.Type").expect("printable"),
            Arc::new(context),
            Timestamp::from_nanos(1_795_230_202_119_948_123),
            Duration::from_nanos(77),
        )
        .with_cause(Some(EventId::new(BusId::from_u128(5), Lane::new(0), 1)))
    }

    fn line(data: &str) -> String {
        let entity = Entity::new("suite", "a b").child("case", "\"t1\"");
        let attributes = Attributes::new().with("n", 1).with("s", "x\u{1}");
        let context = Context::new("run 7".into(), "me@lab".into(), entity, attributes);
        let payload = RawPayload::new(RawJson::parse(data).expect("JSON"))
            .with_volatile(["seconds", "at"])
            .with_role(Role::Begin);
        let mut text = String::new();
        write_event(&Envelope::new(head(context), payload), Some(12), &mut text).expect("raw");
        text
    }

    #[test]
    fn what_was_written_reads_back_to_the_same_line() {
        let first = line(r#"{"seconds": 1.50, "b": [1,2]}"#);
        let received = read_event(&first).expect("its own line");
        assert_eq!(received.position, Some(12));
        let mut second = String::new();
        write_event(&*received.envelope, received.position, &mut second).expect("raw");
        assert_eq!(second, first);
        assert!(first.contains(r#""data":{"seconds": 1.50, "b": [1,2]}"#), "{first}");
    }

    #[test]
    fn data_with_line_breaks_stays_on_its_line() {
        let text = line("{\"a\":\n 1,\r\n \"b\": \"x\\ny\"}");
        assert_eq!(text.lines().count(), 1);
        assert!(text.ends_with(r#""data":{"a":  1,   "b": "x\ny"}}"#), "{text}");
    }

    #[test]
    fn duplicate_keys_pass_without_a_content_id() {
        let text = line(r#"{"a":1,"a":2}"#);
        assert!(!text.contains("contentid"), "{text}");
        assert!(text.ends_with(r#""data":{"a":1,"a":2}}"#), "{text}");
    }

    #[test]
    fn a_content_id_is_recomputed_whatever_the_line_said() {
        let text = line(r#"{"b": 1.50, "seconds": 2}"#);
        let received = read_event(&text).expect("its own line");
        let recomputed = received.recomputed_content_id().expect("canonical");
        assert_eq!(received.recorded_content_id(), Some(recomputed));
        let changed = read_event(&text.replace("1.50", "1.51")).expect("still an event");
        assert_eq!(changed.recorded_content_id(), Some(recomputed));
        assert_ne!(changed.recomputed_content_id(), Ok(recomputed));
        let volatile = read_event(&text.replace("\"seconds\": 2", "\"seconds\": 3"));
        let volatile = volatile.expect("still an event").recomputed_content_id();
        assert_eq!(volatile, Ok(recomputed));
    }

    #[test]
    fn a_list_is_no_event_whatever_it_holds() {
        for list in ["[]", " [\"1.0\"]", "", "null", "\"{}\""] {
            let fault = read_event(list).expect_err(list).to_string();
            assert_eq!(fault, "not a CloudEvent in JSON: an object is expected");
        }
    }

    #[test]
    fn broken_json_is_told_by_its_column() {
        let fault = read_event("{\"id\":}").expect_err("broken").to_string();
        assert_eq!(fault, "not a CloudEvent in JSON: expected value at column 7");
    }

    #[test]
    fn an_attribute_that_lies_is_named() {
        let good = line("null");
        for (from, to, name) in [
            ("\"lane\":3", "\"lane\":4", "`lane`"),
            ("00000000000000000009", "00000000000000000008", "`sequence`"),
            ("\"specversion\":\"1.0\"", "\"specversion\":\"0.3\"", "`specversion`"),
            ("2026-", "20x6-", "`time`"),
            ("Foreign.Type", "Foreign..Type", "`type`"),
            ("00000000000000000012", "12x", "`position`"),
            ("\"entity\":\"[[", "\"entity\":\"[", "`entity`"),
        ] {
            assert!(good.contains(from), "{from} is in {good}");
            let fault = read_event(&good.replace(from, to)).expect_err(name).to_string();
            assert!(fault.contains(name), "{fault}");
        }
        let missing = read_event("{\"specversion\":\"1.0\"}").expect_err("no id").to_string();
        assert!(missing.contains("missing field `id`"), "{missing}");
    }
}
