//! What a failure means for a batch.
//!
//! Pure. What passes by itself is tried again; what a person has to change is held, which
//! keeps the events and raises an alarm.

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use tidings_delivery::Outcome;

use crate::server::{Kind, NatsError, shown};
use crate::stream::of_jetstream;

/// What is to happen to events that were not taken because of this.
pub(super) fn outcome(fault: &NatsError) -> Outcome {
    if fault.needs_a_person() {
        Outcome::hold(fault.to_string())
    } else {
        Outcome::retry(fault.to_string())
    }
}

/// Why a publish was not acknowledged.
pub(super) fn of_publish(fault: &PublishError) -> NatsError {
    let source = std::error::Error::source(fault);
    match fault.kind() {
        PublishErrorKind::TimedOut => {
            NatsError::new(Kind::Timeout, "an event was not acknowledged within the ack timeout")
        }
        PublishErrorKind::BrokenPipe => {
            NatsError::new(Kind::Unreachable, "the connection broke before the acknowledgement")
        }
        // The next attempt looks for the stream, and says more.
        PublishErrorKind::StreamNotFound => {
            NatsError::new(Kind::Refused, "no stream takes the subject of an event at the moment")
        }
        PublishErrorKind::MaxPayloadExceeded => {
            NatsError::new(Kind::TooLarge, "the message is too large for the server")
        }
        PublishErrorKind::MaxAckPending
        | PublishErrorKind::WrongLastMessageId
        | PublishErrorKind::WrongLastSequence
        | PublishErrorKind::Other => {
            if let Some(said) = source.and_then(|source| source.downcast_ref()) {
                return of_jetstream(said);
            }
            let text = format!("an event could not be published: {}", cause(fault));
            NatsError::new(Kind::Refused, text)
        }
    }
}

fn cause(fault: &PublishError) -> String {
    let source = std::error::Error::source(fault);
    shown(&source.map_or_else(|| fault.to_string(), ToString::to_string))
}

#[cfg(test)]
mod tests {
    use async_nats::jetstream;
    use tidings_delivery::Then;

    use super::*;

    fn said(code: u64, text: &str) -> NatsError {
        let json = format!(r#"{{"code":503,"err_code":{code},"description":"{text}"}}"#);
        let said: jetstream::Error = serde_json::from_str(&json).unwrap();
        of_publish(&PublishError::with_source(PublishErrorKind::Other, said))
    }

    #[test]
    fn a_full_stream_is_waited_for() {
        for fault in [
            said(10077, "maximum messages exceeded"),
            said(10077, "maximum bytes exceeded"),
            said(10047, "insufficient storage resources available"),
        ] {
            assert_eq!(fault.kind(), Kind::Full, "{fault}");
            assert!(matches!(outcome(&fault).then(), Then::Retry { .. }), "{fault}");
        }
    }

    #[test]
    fn what_a_person_has_to_change_is_held() {
        for fault in [
            said(10039, "jetstream not enabled for account"),
            NatsError::new(Kind::Credentials, "no"),
            NatsError::new(Kind::Tls, "no"),
            NatsError::new(Kind::Stream, "no"),
        ] {
            assert!(matches!(outcome(&fault).then(), Then::Hold { .. }), "{fault}");
        }
    }

    #[test]
    fn what_passes_is_tried_again() {
        for kind in [
            PublishErrorKind::TimedOut,
            PublishErrorKind::BrokenPipe,
            PublishErrorKind::StreamNotFound,
        ] {
            let fault = of_publish(&PublishError::new(kind));
            assert!(matches!(outcome(&fault).then(), Then::Retry { .. }), "{fault}");
        }
        let fault = said(10077, "raft: no \\u001b[31mleader");
        assert!(matches!(outcome(&fault).then(), Then::Retry { .. }), "{fault}");
        assert!(!fault.to_string().contains(char::is_control), "{fault}");
        assert_eq!(said(10054, "message size exceeds maximum allowed").kind(), Kind::TooLarge);
    }
}
