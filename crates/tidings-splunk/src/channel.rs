//! The channel that Splunk confirms batches on.

use std::collections::BTreeMap;
use std::time::Instant;

use tidings_delivery::{Confirmation, Outcome};
use tidings_http_client::{HttpClient, Reply, Request};
use uuid::Uuid;

use crate::acks::{AckBook, Fate};
use crate::endpoint;
use crate::reason::{Answer, Form, reason, strange};
use crate::reply::read_acks;

/// The header that names the channel.
pub(crate) const CHANNEL_HEADER: &str = "X-Splunk-Request-Channel";

/// A channel of this sink alone: ids of batches mean something on their channel only.
#[derive(Debug)]
pub(crate) struct Channel {
    id: String,
    book: AckBook,
    /// Why the last question was not answered.
    trouble: Option<String>,
}

/// Whether Splunk still confirms batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confirming {
    Yes,
    No,
}

impl Channel {
    pub(crate) fn new(book: AckBook) -> Self {
        Self { id: Uuid::now_v7().to_string(), book, trouble: None }
    }

    /// The GUID that Splunk knows the channel by.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Notes that `batch` is confirmed by `ack`; answers what became of earlier batches.
    pub(crate) fn note(&mut self, ack: u64, batch: u64) -> Vec<Confirmation> {
        let fates = self.book.note(ack, batch, Instant::now());
        self.confirmations(fates)
    }

    /// Asks once for all batches that wait, and answers what became of them.
    pub(crate) fn poll(&mut self, client: &mut HttpClient) -> (Vec<Confirmation>, Confirming) {
        let ids = self.book.ids();
        if ids.is_empty() {
            return (Vec::new(), Confirming::Yes);
        }
        let body = serde_json::json!({ "acks": ids }).to_string();
        let path = format!("{}?channel={}", endpoint::ACK, self.id);
        let pieces = [body.as_bytes()];
        let request = Request::new("application/json", &pieces);
        let headers = [(CHANNEL_HEADER, &*self.id)];
        let answers = match client.post(request.to(&path).headers(&headers)) {
            Ok(reply) => {
                let answer = Answer::read(&reply);
                if answer.said.code == Some(14) {
                    self.trouble = Some(reason(&answer, ""));
                    return (self.give_up(), Confirming::No);
                }
                self.answers(client, &reply, &answer)
            }
            Err(failure) => {
                self.trouble = Some(failure.to_string());
                BTreeMap::new()
            }
        };
        let fates = self.book.settle(&answers, Instant::now());
        (self.confirmations(fates), Confirming::Yes)
    }

    /// Has all that wait sent again: nobody will say any more whether it was indexed.
    pub(crate) fn give_up(&mut self) -> Vec<Confirmation> {
        let fates = self.book.give_up(Fate::Unknowable);
        self.confirmations(fates)
    }

    /// What was answered of each id; nothing, unless all of the answer came.
    fn answers(
        &mut self,
        client: &mut HttpClient,
        reply: &Reply,
        answer: &Answer,
    ) -> BTreeMap<u64, bool> {
        let acks = read_acks(reply.body());
        if let Some(acks) = acks.filter(|_| answer.is_success() && answer.form == Form::Json) {
            self.trouble = None;
            return acks;
        }
        let told = if answer.is_success() { strange(answer, "") } else { reason(answer, "") };
        self.trouble = Some(told);
        if matches!(answer.status, 401 | 403) {
            // The next question goes with the new token.
            client.reload_token();
        }
        BTreeMap::new()
    }

    fn confirmations(&self, fates: Vec<(u64, Fate)>) -> Vec<Confirmation> {
        let confirmation = |(batch, fate)| Confirmation::new(batch, self.outcome(fate));
        fates.into_iter().map(confirmation).collect()
    }

    fn outcome(&self, fate: Fate) -> Outcome {
        let text = match fate {
            Fate::Indexed => return Outcome::delivered(),
            Fate::TimedOut => "splunk did not say in time that it indexed the batch",
            Fate::Forgotten => {
                "splunk counts its acknowledgements anew: it was restarted, or a load balancer \
                 without sticky sessions is in between"
            }
            Fate::Unknowable => "splunk does not say any more whether it indexed the batch",
        };
        match &self.trouble {
            Some(trouble) => Outcome::retry(format!("{text}: {trouble}")),
            None => Outcome::retry(text),
        }
    }
}
