//! What the collector said, read from the JSON of its reply.
//!
//! A body that is no such JSON (a proxy answers with HTML) says nothing; the status of the
//! reply is all there is then.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The JSON of a reply of the collector; whatever is missing was not said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Said {
    /// Its words.
    pub(crate) text: String,
    /// Which of its answers it is.
    pub(crate) code: Option<u32>,
    /// Where in the request it stopped.
    #[serde(rename = "invalid-event-number")]
    pub(crate) event: Option<usize>,
    /// The id to ask for whether the request was indexed.
    #[serde(rename = "ackId")]
    pub(crate) ack: Option<u64>,
}

impl Said {
    /// Reads a body; nothing was said when it is no JSON of this shape.
    pub(crate) fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }
}

/// Reads which requests were indexed; none of them when the body does not say.
pub(crate) fn read_acks(body: &[u8]) -> BTreeMap<u64, bool> {
    #[derive(Default, Deserialize)]
    struct Answer {
        acks: BTreeMap<u64, bool>,
    }
    serde_json::from_slice::<Answer>(body).unwrap_or_default().acks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_number_and_ack_id_are_read() {
        let body = br#"{"text":"Invalid data format","code":6,"invalid-event-number":3}"#;
        let said = Said::read(body);
        assert_eq!((said.code, said.event, &*said.text), (Some(6), Some(3), "Invalid data format"));
        assert_eq!(Said::read(br#"{"text":"Success","code":0,"ackId":7}"#).ack, Some(7));
    }

    #[test]
    fn a_body_that_is_no_such_json_says_nothing() {
        let bodies: [&[u8]; 6] =
            [b"", b"<html>", b"{\"code\":6", b"[6]", b"null", b"{\"code\":\"six\"}"];
        for body in bodies {
            assert_eq!(Said::read(body), Said::default(), "{body:?}");
        }
    }

    #[test]
    fn acks_are_read_by_their_ids() {
        let acks = read_acks(br#"{"acks":{"0":true,"12":false}}"#);
        assert_eq!(acks, BTreeMap::from([(0, true), (12, false)]));
        assert!(read_acks(br#"{"text":"ACK is disabled","code":14}"#).is_empty());
    }
}
