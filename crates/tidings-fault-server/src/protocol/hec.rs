//! The HTTP Event Collector of Splunk.
//!
//! Envelopes stand one after the other. They are taken in order up to the first that is
//! refused; the reply names its index.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::acks::Acks;
use super::array::id_at;
use super::{Accepted, Protocol, ProtocolReply, Rules, Taking};
use crate::Recorded;

/// Where acknowledgements are asked for.
const ACK_PATH: &str = "/services/collector/ack";
/// Where its health is asked for.
const HEALTH_PATH: &str = "/services/collector/health";
/// Where events go; also with `/event` and a version behind it.
const EVENT_PATH: &str = "/services/collector";

/// Takes events as the HTTP Event Collector of Splunk does, with its reply codes.
///
/// The id of an event is `event.id` of its envelope, or all of the envelope where that is
/// missing.
///
/// ```
/// use tidings_fault_server::{FaultServer, Hec};
///
/// let hec = Hec::new().token("secret").acknowledge().ack_after(2);
/// let server = FaultServer::start(hec)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Hec {
    token: Option<String>,
    acks: Option<Acks>,
    ack_status: Option<u16>,
    rules: Rules,
}

impl Hec {
    /// Takes everything from everyone, without acknowledgement.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wants `Authorization: Splunk <token>`; answers 401 with code 2 or 3, or 403 with
    /// code 4.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Answers with an `ackId`, and to questions after it. Without a channel: 400 with
    /// code 10.
    #[must_use]
    pub fn acknowledge(mut self) -> Self {
        self.acks.get_or_insert_default();
        self
    }

    /// Acknowledges at the n-th question only; turns acknowledgement on.
    #[must_use]
    pub fn ack_after(mut self, polls: u32) -> Self {
        self.acks.get_or_insert_default().polls = polls;
        self
    }

    /// Acknowledges nothing; turns acknowledgement on.
    #[must_use]
    pub fn never_ack(self) -> Self {
        self.never_ack_first(u64::MAX)
    }

    /// Never acknowledges the first posts of each channel; turns acknowledgement on.
    #[must_use]
    pub fn never_ack_first(mut self, posts: u64) -> Self {
        self.acks.get_or_insert_default().never_first = posts;
        self
    }

    /// Answers every question after acknowledgements with this status; turns
    /// acknowledgement on.
    #[must_use]
    pub fn fail_ack(mut self, status: u16) -> Self {
        self.ack_status = Some(status);
        self.acknowledge()
    }

    /// Answers 400 with code 6 and the index of the first event whose envelope this says
    /// yes to; those before it are taken.
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

    /// What is wrong with who asks.
    fn check_token(&self, request: &Recorded) -> Option<ProtocolReply> {
        let token = self.token.as_deref()?;
        let Some(given) = request.header("authorization") else {
            return Some(reply(401, 2, "Token is required"));
        };
        match given.strip_prefix("Splunk ") {
            None => Some(reply(401, 3, "Invalid authorization")),
            Some(given) if given != token => Some(reply(403, 4, "Invalid token")),
            Some(_) => None,
        }
    }

    fn take_events(&mut self, request: &Recorded, taking: Taking) -> ProtocolReply {
        if self.rules.is_too_long(&request.body) {
            return reply(413, 27, &self.rules.text_of("Request entity too large"));
        }
        let channel = channel_of(request);
        if self.acks.is_some() && channel.is_none() {
            return reply(400, 10, "Data channel is missing");
        }
        let envelopes: Vec<_> = envelopes_of(&request.body).collect();
        if envelopes.is_empty() {
            return reply(400, 5, "No data");
        }
        let faulty = envelopes.iter().position(|envelope| self.refuses(envelope.as_deref()));
        let taken = |count| {
            let first = envelopes.iter().flatten().take(count);
            first.map(|json| Accepted::new(id_of(json), json.as_str())).collect::<Vec<_>>()
        };
        let limit = taking.limit(envelopes.len());
        if let Some((count, status)) = limit.filter(|(count, _)| *count <= faulty.unwrap_or(*count))
        {
            return reply_at(status, 9, "Server is busy", count).accepting(taken(count));
        }
        if let Some(index) = faulty {
            let text = self.rules.text_of("Invalid data format");
            return reply_at(400, 6, &text, index).accepting(taken(index));
        }
        let mut body = json!({ "text": "Success", "code": 0 });
        if let (Some(acks), Some(channel)) = (&mut self.acks, channel) {
            body["ackId"] = acks.next(channel).into();
        }
        ProtocolReply::json(200, &body).accepting(taken(envelopes.len()))
    }

    fn refuses(&self, envelope: Option<&str>) -> bool {
        envelope.is_none_or(|json| self.rules.is_poison(json))
    }

    fn answer_ack(&mut self, request: &Recorded) -> ProtocolReply {
        let Some(acks) = &mut self.acks else { return reply(400, 14, "ACK is disabled") };
        if let Some(status) = self.ack_status {
            return reply(status, 8, "Internal server error");
        }
        let Some(channel) = channel_of(request) else {
            return reply(400, 10, "Data channel is missing");
        };
        let question: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let Some(asked) = question["acks"].as_array() else {
            return reply(400, 6, "Invalid data format");
        };
        let answers = asked
            .iter()
            .filter_map(Value::as_u64)
            .map(|id| (id.to_string(), acks.poll(channel, id).into()));
        ProtocolReply::json(200, &json!({ "acks": answers.collect::<serde_json::Map<_, _>>() }))
    }
}

impl Protocol for Hec {
    fn handle(&mut self, request: &Recorded, taking: Taking) -> ProtocolReply {
        match (request.method.as_str(), request.path_only()) {
            ("GET", HEALTH_PATH | "/services/collector/health/1.0") => {
                reply(200, 17, "HEC is healthy")
            }
            ("POST", ACK_PATH) => {
                self.check_token(request).unwrap_or_else(|| self.answer_ack(request))
            }
            ("POST", path) if is_event_path(path) => {
                self.check_token(request).unwrap_or_else(|| self.take_events(request, taking))
            }
            _ => reply(404, 404, "The requested URL was not found on this server."),
        }
    }

    fn brings_events(&self, method: &str, path: &str) -> bool {
        method == "POST" && is_event_path(path.split('?').next().unwrap_or_default())
    }

    fn rules(&mut self) -> Option<&mut Rules> {
        Some(&mut self.rules)
    }
}

fn is_event_path(path: &str) -> bool {
    let rest = path.strip_prefix(EVENT_PATH);
    rest.is_some_and(|rest| matches!(rest, "" | "/event" | "/event/1.0" | "/1.0"))
}

fn channel_of(request: &Recorded) -> Option<&str> {
    request.header("x-splunk-request-channel").or_else(|| request.query("channel"))
}

/// The envelopes of a body, in order; none for the first that is no JSON object with an
/// event, which is also the last.
fn envelopes_of(body: &[u8]) -> impl Iterator<Item = Option<String>> {
    let stream = serde_json::Deserializer::from_slice(body).into_iter::<Box<RawValue>>();
    stream.map(|envelope| {
        let json = envelope.ok()?.get().to_owned();
        serde_json::from_str::<Value>(&json).ok()?.get("event").is_some().then_some(json)
    })
}

fn id_of(json: &str) -> String {
    id_at(json, "/event/id").unwrap_or_else(|| json.to_owned())
}

fn reply(status: u16, code: u32, text: &str) -> ProtocolReply {
    ProtocolReply::json(status, &json!({ "text": text, "code": code }))
}

fn reply_at(status: u16, code: u32, text: &str, index: usize) -> ProtocolReply {
    let body = json!({ "text": text, "code": code, "invalid-event-number": index });
    ProtocolReply::json(status, &body)
}
