//! One event as a line: type, entity, content.
//!
//! Numbers keep their digits, names come in canonical order. A payload without JSON is
//! shown by its Debug text, and says so.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;
use tidings_core::event::Volatile;
use tidings_core::{Envelope, EventId};

use super::alias::Aliases;
use super::redact::Redaction;
use crate::report::text;

pub(super) struct Renderer<'a> {
    aliases: Aliases,
    redactions: &'a [Redaction],
}

/// One event, taken apart to be compared.
pub(super) struct Parts {
    pub(super) line: String,
    pub(super) event_type: String,
    pub(super) entity: String,
    /// None if the content is not a JSON object.
    pub(super) fields: Option<BTreeMap<String, String>>,
    pub(super) content: String,
}

/// A JSON text, one level deep.
pub(super) enum Json<'a> {
    Object(BTreeMap<String, &'a RawValue>),
    Array(Vec<&'a RawValue>),
    Text(String),
    /// A number, a literal, or no JSON at all: shown as it is.
    Other(&'a str),
}

/// Reads one level.
pub(super) fn json(text: &str) -> Json<'_> {
    let read = match text.as_bytes().first() {
        Some(b'{') => serde_json::from_str(text).ok().map(Json::Object),
        Some(b'[') => serde_json::from_str(text).ok().map(Json::Array),
        Some(b'"') => serde_json::from_str(text).ok().map(Json::Text),
        _ => None,
    };
    read.unwrap_or(Json::Other(text))
}

impl<'a> Renderer<'a> {
    pub(super) fn new(events: &[Arc<Envelope>], redactions: &'a [Redaction]) -> Self {
        Self { aliases: Aliases::of(events), redactions }
    }

    pub(super) fn event_id(&mut self, id: EventId) -> String {
        self.aliases.event_id(id)
    }

    pub(super) fn origin(&mut self, event: &Envelope) -> String {
        self.aliases.origin(event)
    }

    /// Everything that two equal events have in common, on one line.
    pub(super) fn content(&mut self, event: &Envelope) -> String {
        let mut line = text::escaped(event.event_type().as_str());
        line.push(' ');
        line.push_str(&self.entity(event));
        let content = match event.data() {
            Ok(data) => self.value(data, &mut Vec::new(), event.payload().volatile()),
            Err(error) => self.debug(event, &error.to_string()),
        };
        if !matches!(content.as_str(), "{}" | "null") {
            line.push(' ');
            line.push_str(&content);
        }
        line
    }

    /// The same, taken apart.
    pub(super) fn parts(&mut self, event: &Envelope) -> Parts {
        let line = self.content(event);
        let fields = match event.data().map(json) {
            Ok(Json::Object(members)) => {
                let volatile = event.payload().volatile();
                let member = |(name, value): (String, &RawValue)| {
                    let key = self.key(&name);
                    (key, self.member(name, value.get(), &mut Vec::new(), volatile))
                };
                Some(members.into_iter().map(member).collect())
            }
            Ok(_) | Err(_) => None,
        };
        let event_type = text::escaped(event.event_type().as_str());
        let entity = self.entity(event);
        let content = line[event_type.len() + 1 + entity.len()..].trim_start().to_owned();
        Parts { line, event_type, entity, fields, content }
    }

    fn entity(&mut self, event: &Envelope) -> String {
        let pairs: Vec<String> = event
            .entity()
            .pairs()
            .map(|(kind, id)| {
                let is_hidden = self.redactions.iter().any(|path| path.hides_id_of(kind));
                let id = if is_hidden { format!("[{kind}]") } else { self.aliases.text(id) };
                format!("{kind}/{id}")
            })
            .collect();
        text::escaped(&pairs.join("/"))
    }

    fn value(&mut self, data: &str, path: &mut Vec<String>, volatile: Volatile<'_>) -> String {
        match json(data) {
            Json::Object(members) if members.is_empty() => "{}".to_owned(),
            Json::Object(members) => {
                let members: Vec<String> = members
                    .into_iter()
                    .map(|(name, value)| {
                        let shown = self.key(&name);
                        format!("{shown}: {}", self.member(name, value.get(), path, volatile))
                    })
                    .collect();
                format!("{{ {} }}", members.join(", "))
            }
            Json::Array(items) => {
                let items: Vec<String> = items
                    .into_iter()
                    .enumerate()
                    .map(|(index, value)| {
                        self.member(index.to_string(), value.get(), path, volatile)
                    })
                    .collect();
                format!("[{}]", items.join(", "))
            }
            Json::Text(content) => self.quoted(&content),
            Json::Other(other) => text::escaped(other),
        }
    }

    fn member(
        &mut self,
        name: String,
        value: &str,
        path: &mut Vec<String>,
        volatile: Volatile<'_>,
    ) -> String {
        let is_volatile = path.is_empty() && volatile.contains(&name);
        path.push(name);
        let hidden = is_volatile || self.redactions.iter().any(|redaction| redaction.hides(path));
        let shown = if hidden {
            format!("[{}]", text::escaped(&path[path.len() - 1]))
        } else {
            self.value(value, path, volatile)
        };
        path.pop();
        shown
    }

    fn key(&mut self, name: &str) -> String {
        let is_plain = !name.is_empty()
            && name.chars().all(|character| character.is_alphanumeric() || character == '_');
        if is_plain { name.to_owned() } else { self.quoted(name) }
    }

    fn quoted(&mut self, content: &str) -> String {
        let renamed = self.aliases.text(content);
        let quoted = serde_json::to_string(&renamed).expect("a text is always JSON");
        text::escaped(&quoted)
    }

    fn debug(&mut self, event: &Envelope, reason: &str) -> String {
        let volatile = event.payload().volatile();
        let mut fields = Vec::new();
        event.payload().fields(&mut |name, value| {
            let shown = if volatile.contains(name) {
                format!("[{name}]")
            } else {
                self.aliases.text(&format!("{value:?}"))
            };
            fields.push(text::escaped(&format!("{name}: {shown}")));
        });
        format!("{{ {} }} without JSON: {}", fields.join(", "), text::escaped(reason))
    }
}
