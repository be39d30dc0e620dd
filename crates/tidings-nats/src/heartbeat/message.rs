//! One heartbeat, as JSON.

use serde::{Deserialize, Serialize};
use tidings_core::BusId;

use crate::subject::{Root, push_token};

/// What a node says of itself. Fields that are not known are passed over, so that newer
/// nodes may say more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Heartbeat {
    pub(crate) node: String,
    pub(crate) run: String,
    /// The bus whose events are published: another one after each start of the node.
    pub(crate) busid: String,
    /// When the next one comes, at the latest.
    pub(crate) interval_ms: u64,
    /// How many events the server has acknowledged so far.
    pub(crate) published: u64,
    /// Whether it is the last one, because the node ends of its own will.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) leaving: bool,
}

impl Heartbeat {
    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("names and numbers have a JSON form")
    }

    /// Reads one; none for what is something else.
    pub(crate) fn from_json(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// The bus, if it is one.
    pub(crate) fn bus(&self) -> Option<BusId> {
        self.busid.parse().ok()
    }
}

/// Where the heartbeats of a node are; `*` stands for all nodes, or all runs.
pub(crate) fn subject(root: &Root, run: Option<&str>, node: Option<&str>) -> String {
    let mut subject = root.as_str().to_owned();
    for name in [run, node] {
        subject.push('.');
        match name {
            Some(name) => push_token(name, &mut subject),
            None => subject.push('*'),
        }
    }
    subject
}

/// Whether a server complains of a heartbeat: it names the subject in quotes.
pub(crate) fn is_complaint(said: &str, root: &Root) -> bool {
    let mut quoted = said.split('"').skip(1);
    quoted.next().is_some_and(|subject| {
        let below = subject.strip_prefix(root.as_str()).and_then(|rest| rest.strip_prefix('.'));
        below.is_some_and(|names| names.split('.').count() == 2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heartbeat_comes_back_and_one_that_says_more_is_read() {
        let beat = Heartbeat {
            node: "lab \"3\"".to_owned(),
            run: "nightly".to_owned(),
            busid: BusId::from_u128(7).to_string(),
            interval_ms: 5000,
            published: 12,
            leaving: false,
        };
        assert_eq!(Heartbeat::from_json(&beat.to_json()), Some(beat.clone()));
        assert_eq!(beat.bus(), Some(BusId::from_u128(7)));
        assert!(!String::from_utf8(beat.to_json()).unwrap().contains("leaving"));
        let more = br#"{"node":"n","run":"r","busid":"b","interval_ms":1,"published":0,"leaving":true,"new":1}"#;
        assert!(Heartbeat::from_json(more).is_some_and(|beat| beat.leaving));
        assert_eq!(Heartbeat::from_json(b"{}"), None);
    }

    #[test]
    fn names_are_tokens_and_all_is_a_star() {
        let root = Root::parse("a.b").unwrap();
        assert_eq!(subject(&root, Some("r 1"), Some("me@lab.3")), "a.b.r%201.me%40lab%2E3");
        assert_eq!(subject(&root, None, None), "a.b.*.*");
        let said = |subject: &str| format!("Permissions Violation for Publish to \"{subject}\"");
        assert!(is_complaint(&said("a.b.run.node"), &root));
        assert!(!is_complaint(&said("a.b.run.node.type"), &root));
        assert!(!is_complaint("Authorization Violation", &root));
    }
}
