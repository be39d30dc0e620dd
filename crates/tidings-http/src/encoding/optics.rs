//! The event API of Optics.
//!
//! Its attributes are written after the data, and go before fields of the same name in it:
//! a name never stands twice in one object.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;
use tidings_core::{Attributes, Envelope};
use tidings_delivery::Unencodable;

use super::contract::unencodable;
use super::text::{push_member, push_name, push_text};
use super::{Encoder, UtcOffset};

const DATE_TIME: &str = "dateTime";
const APPLICATION_NAME: &str = "applicationName";

/// What stands in `eventAttributes`, and which attributes of an event it comes from: the
/// first of them that there is.
const FROM_ATTRIBUTES: [(&str, &[&str]); 3] = [
    ("testCaseName", &["testCaseName"]),
    (APPLICATION_NAME, &[APPLICATION_NAME]),
    ("applicationVersion", &["applicationVersion", "appVersion"]),
];

/// The event API of Optics: `POST` to the URL as it is given, usually one that ends in
/// `/v1/event/batchevent`, of an array of
///
/// ```json
/// {"eventName":"button_clicked",
///  "eventAttributes":{"button_id":"submit","dateTime":"2026-11-21T08:22:09.216158+05:30",
///    "testCaseName":"test_login","applicationName":"MyApp","applicationVersion":"1.0.0"},
///  "mozarkEventAttributes":{"applicationName":"MyApp","appVersion":"1.0.0"}}
/// ```
///
/// The name is that of the type without its first segment, if it has more than one. The
/// attributes are the fields of the data, then the time, and those of the event's own
/// attributes that are called `testCaseName`, `applicationName`, and `applicationVersion` or
/// `appVersion`, and [those that were named](Self::event_attributes). Data that is not an
/// object stands under `data`; null is left out.
///
/// ```
/// use tidings_core::Attributes;
/// use tidings_http::{Encoding, HttpSink, Optics};
///
/// let optics = Optics::new()
///     .utc_offset("+05:30".parse()?)
///     .static_attributes(Attributes::new().with("appVersion", "1.0.0"));
/// let sink = HttpSink::builder("https://optics.example/v1/event/batchevent")
///     .encoding(Encoding::Optics(optics))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Optics {
    utc_offset: UtcOffset,
    static_attributes: Attributes,
    /// Names of further attributes, none of them written anyway.
    event_attributes: Vec<Box<str>>,
}

impl Optics {
    /// Times in UTC, no static attributes, no further attributes of events.
    pub fn new() -> Self {
        Self::default()
    }

    /// How far the clocks that `dateTime` is told by are ahead of UTC.
    #[must_use]
    pub fn utc_offset(mut self, utc_offset: UtcOffset) -> Self {
        self.utc_offset = utc_offset;
        self
    }

    /// What stands in `mozarkEventAttributes` of each event, behind `applicationName`.
    #[must_use]
    pub fn static_attributes(mut self, attributes: Attributes) -> Self {
        self.static_attributes = attributes;
        self
    }

    /// Which further attributes of an event stand in its `eventAttributes`, in this order
    /// and behind all others, on top of those that were named before: what a processor or a
    /// scope adds, for example. One that an event does not have is left out.
    ///
    /// ```
    /// # use tidings_http::Optics;
    /// let optics = Optics::new().event_attributes(["deviceModel", "networkType"]);
    /// ```
    #[must_use]
    pub fn event_attributes<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        for name in names {
            let name = name.as_ref();
            let is_written = name == DATE_TIME
                || FROM_ATTRIBUTES.iter().any(|(known, _)| *known == name)
                || self.event_attributes.iter().any(|known| **known == *name);
            if !is_written {
                self.event_attributes.push(name.into());
            }
        }
        self
    }

    /// What stands behind the data and the time.
    fn own_attributes<'a>(
        &'a self,
        attributes: &'a Attributes,
    ) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let known = FROM_ATTRIBUTES.into_iter().filter_map(|(name, sources)| {
            Some((name, sources.iter().find_map(|source| attributes.get(source))?))
        });
        let named = self.event_attributes.iter();
        known.chain(named.filter_map(|name| Some((&**name, attributes.get(name)?))))
    }

    fn push_event_attributes(
        &self,
        envelope: &Envelope,
        out: &mut String,
    ) -> Result<(), Unencodable> {
        push_name(out, "eventAttributes");
        out.push('{');
        self.push_data(envelope, out)?;
        push_name(out, DATE_TIME);
        out.push('"');
        self.utc_offset.push_moment(out, envelope.time());
        out.push('"');
        for (name, value) in self.own_attributes(envelope.attributes()) {
            push_member(out, name, value);
        }
        out.push('}');
        Ok(())
    }

    /// Appends the fields of the data, but for those that are about to be written.
    fn push_data(&self, envelope: &Envelope, out: &mut String) -> Result<(), Unencodable> {
        let data = envelope.data().map_err(unencodable)?.trim();
        let Some(fields) = data.strip_prefix('{').and_then(|fields| fields.strip_suffix('}'))
        else {
            if data != "null" {
                push_name(out, "data");
                out.push_str(data);
            }
            return Ok(());
        };
        // A name in the data can only be one of these if their text is somewhere in it; an
        // escaped one is not seen as text, and a letter is only ever escaped by its number.
        let escape = if self.event_attributes.is_empty() { "\\u" } else { "\\" };
        let may_repeat = |name: &str| data.contains(name) || data.contains(escape);
        let own = FROM_ATTRIBUTES.iter().map(|(name, _)| *name).chain([DATE_TIME]);
        if !own.chain(self.event_attributes.iter().map(|name| &**name)).any(may_repeat) {
            out.push_str(fields.trim());
            return Ok(());
        }
        let fields: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(data).map_err(|fault| unencodable(&fault))?;
        let is_written = |name: &str| {
            name == DATE_TIME
                || self.own_attributes(envelope.attributes()).any(|(own, _)| own == name)
        };
        for (name, value) in fields.iter().filter(|(name, _)| !is_written(name)) {
            push_name(out, name);
            out.push_str(value.get());
        }
        Ok(())
    }

    fn push_static_attributes(&self, attributes: &Attributes, out: &mut String) {
        push_name(out, "mozarkEventAttributes");
        out.push('{');
        let application = self.static_attributes.get(APPLICATION_NAME);
        if let Some(name) = application.or_else(|| attributes.get(APPLICATION_NAME)) {
            push_member(out, APPLICATION_NAME, name);
        }
        for (name, value) in
            self.static_attributes.iter().filter(|(name, _)| *name != APPLICATION_NAME)
        {
            push_member(out, name, value);
        }
        out.push('}');
    }
}

impl Encoder for Optics {
    fn content_type(&self) -> &'static str {
        "application/json"
    }

    fn encode(
        &mut self,
        envelope: &Envelope,
        _position: u64,
        out: &mut String,
    ) -> Result<(), Unencodable> {
        let event_type = envelope.event_type().as_str();
        out.push('{');
        push_name(out, "eventName");
        push_text(out, event_type.split_once('.').map_or(event_type, |(_, name)| name));
        self.push_event_attributes(envelope, out)?;
        self.push_static_attributes(envelope.attributes(), out);
        out.push('}');
        Ok(())
    }
}
