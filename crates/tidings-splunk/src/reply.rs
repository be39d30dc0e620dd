//! What the collector said, read from the JSON of its reply.
//!
//! A body that is no JSON object (a proxy answers with HTML) says nothing; the status of the
//! reply is all there is then. What has another type than expected was not said either, and
//! takes nothing else with it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The JSON of a reply of the collector; whatever is missing was not said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// Its words.
    pub(crate) text: String,
    /// Which of its answers it is.
    pub(crate) code: Option<u32>,
    /// Where in the request it stopped.
    pub(crate) event: Option<usize>,
    /// The id to ask for whether the request was indexed.
    pub(crate) ack: Option<u64>,
}

impl Said {
    /// Reads a body; none when it is no JSON object.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let members: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let number = |name| members.get(name).and_then(Value::as_u64);
        let text = members.get("text").and_then(Value::as_str);
        Some(Self {
            text: text.unwrap_or_default().to_owned(),
            code: number("code").and_then(|code| code.try_into().ok()),
            event: number("invalid-event-number").and_then(|event| event.try_into().ok()),
            ack: number("ackId"),
        })
    }
}

/// Reads which requests were indexed; none when the body does not say anything of them.
pub(crate) fn read_acks(body: &[u8]) -> Option<BTreeMap<u64, bool>> {
    let mut members: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let Value::Object(acks) = members.remove("acks")? else { return None };
    let read = |(id, is_indexed): (String, Value)| Some((id.parse().ok()?, is_indexed.as_bool()?));
    Some(acks.into_iter().filter_map(read).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_number_and_ack_id_are_read() {
        let body = br#"{"text":"Invalid data format","code":6,"invalid-event-number":3}"#;
        let said = Said::read(body).expect("it is JSON");
        assert_eq!((said.code, said.event, &*said.text), (Some(6), Some(3), "Invalid data format"));
        let said = Said::read(br#"{"text":"Success","code":0,"ackId":7}"#).expect("it is JSON");
        assert_eq!((said.code, said.ack), (Some(0), Some(7)));
    }

    #[test]
    fn a_body_that_is_no_json_object_says_nothing() {
        let bodies: [&[u8]; 6] = [b"", b"<html>", b"{\"code\":6", b"[6]", b"null", b"\"OK\""];
        for body in bodies {
            assert_eq!(Said::read(body), None, "{body:?}");
        }
    }

    #[test]
    fn a_member_of_a_wrong_type_takes_no_other_with_it() {
        for wrong in ["-1", "\"3\"", "1.5", "null", "{}", "99999999999999999999"] {
            for name in ["text", "code", "invalid-event-number", "ackId"] {
                let right = [
                    ("text", "\"words\""),
                    ("code", "6"),
                    ("invalid-event-number", "3"),
                    ("ackId", "7"),
                ];
                // Any string is a text.
                if name == "text" && wrong.starts_with('"') {
                    continue;
                }
                let member = |(own, right): (&str, &str)| {
                    format!("\"{own}\":{}", if own == name { wrong } else { right })
                };
                let body = format!("{{{}}}", right.map(member).join(","));
                let said = Said::read(body.as_bytes()).expect("it is JSON");
                let unless = |own| name != own;
                assert_eq!(said.text == "words", unless("text"), "{body}");
                assert_eq!(said.code, unless("code").then_some(6), "{body}");
                assert_eq!(said.event, unless("invalid-event-number").then_some(3), "{body}");
                assert_eq!(said.ack, unless("ackId").then_some(7), "{body}");
            }
        }
    }

    #[test]
    fn acks_are_read_by_their_ids() {
        let acks = read_acks(br#"{"acks":{"0":true,"12":false,"13":null,"x":true}}"#);
        assert_eq!(acks, Some(BTreeMap::from([(0, true), (12, false)])));
        assert_eq!(read_acks(br#"{"text":"ACK is disabled","code":14}"#), None);
        assert_eq!(read_acks(b"<html>"), None);
    }
}
