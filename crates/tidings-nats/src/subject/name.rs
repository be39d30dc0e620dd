//! The subject of an event, and what a subject says.

use tidings_core::EventType;

#[cfg(test)]
use super::token::text_of;
use super::{Root, push_token};

/// What a subject says, to a test: a receiver believes the event.
#[cfg(test)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) run: String,
    pub(crate) node: String,
    pub(crate) event_type: String,
}

/// Appends the subject of an event.
///
/// A type has at most [`EVENT_TYPE_BYTES_MAX`](tidings_core::EVENT_TYPE_BYTES_MAX) bytes and
/// never an empty segment, a run and a node one token of bounded length each, so that the
/// whole stays far below the 4096 bytes that a server reads as one line.
pub(crate) fn encode(root: &Root, run: &str, node: &str, event_type: &EventType, out: &mut String) {
    out.push_str(root.as_str());
    for name in [run, node].into_iter().chain(event_type.segments()) {
        out.push('.');
        push_token(name, out);
    }
}

/// What a subject below `root` says; none when no event has it, or a name in it was cut.
#[cfg(test)]
pub(crate) fn decode(root: &Root, subject: &str) -> Option<Named> {
    let rest = subject.strip_prefix(root.as_str())?.strip_prefix('.')?;
    let mut tokens = rest.split('.');
    let (run, node) = (text_of(tokens.next()?)?, text_of(tokens.next()?)?);
    let segments: Option<Vec<String>> = tokens.map(text_of).collect();
    let event_type = segments.filter(|segments| !segments.is_empty())?.join(".");
    Some(Named { run, node, event_type })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidings_core::EVENT_TYPE_BYTES_MAX;

    use super::*;

    fn root() -> Root {
        Root::parse("acme.tidings").expect("a root")
    }

    #[test]
    fn a_subject_has_root_run_node_and_type() {
        let mut subject = String::new();
        let event_type = EventType::from_static("test.case.started");
        encode(&root(), "nightly 7", "me@lab.3", &event_type, &mut subject);
        assert_eq!(subject, "acme.tidings.nightly%207.me%40lab%2E3.test.case.started");
    }

    #[test]
    fn the_longest_subject_is_read_by_every_server() {
        let long = "é".repeat(5000);
        let event_type = EventType::foreign(&"é".repeat(EVENT_TYPE_BYTES_MAX / 2)).expect("fits");
        let mut subject = String::new();
        encode(&Root::parse(&"a".repeat(100)).unwrap(), &long, &long, &event_type, &mut subject);
        assert!(subject.len() < 2048, "{}", subject.len());
    }

    #[test]
    fn a_foreign_subject_says_nothing() {
        for subject in ["acme.tidings", "acme.tidings.r.n", "other.r.n.t", "acme.tidingsr.n.t", ""]
        {
            assert_eq!(decode(&root(), subject), None, "{subject}");
        }
    }

    proptest! {
        #[test]
        fn names_of_any_sort_come_back_from_their_subject(
            run in "\\PC{0,40}|[ .*>%\u{0}-\u{1f}]{0,40}",
            node in "\\PC{0,40}",
            segments in prop::collection::vec("[^.\\p{C}\\p{Z}]{1,9}", 1..6),
        ) {
            let Ok(event_type) = EventType::foreign(&segments.join(".")) else { return Ok(()) };
            let mut subject = String::new();
            encode(&root(), &run, &node, &event_type, &mut subject);
            let event_type = event_type.as_str().to_owned();
            prop_assert_eq!(decode(&root(), &subject), Some(Named { run, node, event_type }));
            prop_assert!(subject.split('.').all(|token| {
                !token.is_empty() && !token.contains(['*', '>', ' ', '\t', '\r', '\n'])
            }), "{}", subject);
        }
    }
}
