//! JSON arrays: `CloudEvents` batches, and arrays of anything.
//!
//! An array is taken as a whole or not at all, unless a fault says otherwise.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Accepted, Protocol, ProtocolReply, Rules, Taking};
use crate::Recorded;

/// Takes batches of `CloudEvents`: JSON arrays of objects with an `id`. Answers 200.
#[derive(Debug)]
pub struct CloudEvents(JsonArray);

/// Takes JSON arrays, and answers 200.
///
/// ```
/// use tidings_fault_server::{FaultServer, JsonArray};
///
/// let server = FaultServer::start(JsonArray::new().id_pointer("/meta/id").body_bytes_max(20_000))?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct JsonArray {
    id_pointer: Option<String>,
    path: Option<String>,
    authorization: Option<String>,
    rules: Rules,
}

impl Default for CloudEvents {
    fn default() -> Self {
        Self::new()
    }
}

impl CloudEvents {
    /// Takes every batch.
    pub fn new() -> Self {
        Self(JsonArray::new().id_pointer("/id"))
    }

    /// Answers 400 to a batch with an event whose JSON this says yes to.
    #[must_use]
    pub fn poison(self, is_poison: impl Fn(&str) -> bool + Send + 'static) -> Self {
        Self(self.0.poison(is_poison))
    }

    /// Answers 413 to bodies that are longer, before compression.
    #[must_use]
    pub fn body_bytes_max(self, bytes: usize) -> Self {
        Self(self.0.body_bytes_max(bytes))
    }
}

impl JsonArray {
    /// Takes every array; the id of an element is all of its text.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where in an element its id is, as RFC 6901 writes it. An element without it has its
    /// text as its id.
    #[must_use]
    pub fn id_pointer(mut self, pointer: impl Into<String>) -> Self {
        self.id_pointer = Some(pointer.into());
        self
    }

    /// Takes arrays at this path alone, and answers 404 elsewhere.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Wants `Authorization: Bearer <token>`, and answers 401 without it.
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        self.authorization = Some(format!("Bearer {token}"));
        self
    }

    /// Answers 400 to an array with an element whose JSON this says yes to.
    #[must_use]
    pub fn poison(mut self, is_poison: impl Fn(&str) -> bool + Send + 'static) -> Self {
        self.rules.poison(is_poison);
        self
    }

    /// Answers 413 to bodies that are longer, before compression.
    #[must_use]
    pub fn body_bytes_max(mut self, bytes: usize) -> Self {
        self.rules.body_bytes_max(bytes);
        self
    }

    fn event(&self, json: &str) -> Accepted {
        let id = self.id_pointer.as_deref().and_then(|pointer| id_at(json, pointer));
        Accepted::new(id.unwrap_or_else(|| json.to_owned()), json)
    }
}

impl Protocol for CloudEvents {
    fn handle(&mut self, request: &Recorded, taking: Taking) -> ProtocolReply {
        self.0.handle(request, taking)
    }

    fn rules(&mut self) -> Option<&mut Rules> {
        Some(&mut self.0.rules)
    }
}

impl Protocol for JsonArray {
    fn handle(&mut self, request: &Recorded, taking: Taking) -> ProtocolReply {
        if self.path.as_ref().is_some_and(|path| *path != request.path) {
            return refusal(404, "nothing is here");
        }
        if request.method != "POST" {
            return refusal(405, "only POST is known here");
        }
        let authorization = self.authorization.as_deref();
        if authorization.is_some() && authorization != request.header("authorization") {
            return refusal(401, "this is not the token");
        }
        if self.rules.is_too_long(&request.body) {
            return refusal(413, &self.rules.text_of("the body is too long"));
        }
        let elements: Vec<Box<RawValue>> = match serde_json::from_slice(&request.body) {
            Ok(elements) => elements,
            Err(fault) => return refusal(400, &format!("the body is no JSON array: {fault}")),
        };
        if elements.iter().any(|element| self.rules.is_poison(element.get())) {
            return refusal(400, &self.rules.text_of("an event is not valid"));
        }
        let events = elements.iter().map(|element| self.event(element.get()));
        match taking.limit(elements.len()) {
            Some((taken, status)) => {
                refusal(status, "only a part was taken").accepting(events.take(taken))
            }
            None => ProtocolReply::json(200, &json!({})).accepting(events),
        }
    }

    fn rules(&mut self) -> Option<&mut Rules> {
        Some(&mut self.rules)
    }
}

/// The text or number at this place.
pub(super) fn id_at(json: &str, pointer: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    match value.pointer(pointer)? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn refusal(status: u16, error: &str) -> ProtocolReply {
    ProtocolReply::json(status, &json!({ "error": error }))
}
