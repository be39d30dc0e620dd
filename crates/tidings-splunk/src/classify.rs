//! From a reply of the collector to what becomes of the batch.
//!
//! Pure: the same reply to the same request always means the same. The code in the body
//! decides, and the status where there is no code that is known; nothing is ever dropped
//! because of a reply, and only what a reply says was taken counts as taken. A 2xx alone does
//! not say so: whoever stands in between answers it too.
//!
//! # Which event is meant
//!
//! `invalid-event-number` counts from 0, and the events before it are indexed already. With
//! code 7 (incorrect index) Splunk counts from 1 instead; what reads it here is right for
//! both ways of counting, and in doubt sends an event twice rather than never.

use std::time::Duration;

use tidings_delivery::Outcome;

use crate::reason::{Answer, Form, reason, strange};

/// How long nothing is sent after the collector said that its queue is nearly full, unless
/// it names a time itself.
pub const SLOW_DOWN_DEFAULT: Duration = Duration::from_secs(1);

/// Whether the number of an event in a reply is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventNumber {
    /// The named event is set aside, and those before it count as taken.
    Trusted,
    /// The batch is split until the refused event is alone; what the server took before it
    /// refused one is sent twice.
    Ignored,
}

/// What the reply answers to.
pub(crate) struct Asked<'a> {
    /// How many events the request had.
    pub(crate) len: usize,
    /// Whether it asked for acknowledgement.
    pub(crate) acknowledges: bool,
    /// Whether event numbers are believed.
    pub(crate) event_number: EventNumber,
    /// The index that is configured.
    pub(crate) index: Option<&'a str>,
    /// The index that the event at this place names itself.
    pub(crate) index_of: &'a dyn Fn(usize) -> Option<&'a str>,
}

/// What a reply means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All events were taken; nothing is to be sent before so long.
    Taken { pause: Option<Duration> },
    /// The request was refused because it asks for acknowledgement, and may come again
    /// without.
    AcknowledgementOff,
    /// Not all events were taken.
    Refused(Outcome),
}

/// Says what `answer` means for the request that it answers.
pub(crate) fn classify(answer: &Answer, asked: &Asked<'_>) -> Verdict {
    let success = answer.is_success();
    let is_whole = answer.form == Form::Json;
    let outcome = match answer.said.code {
        Some(0) if success && is_whole => return Verdict::Taken { pause: None },
        Some(24 | 25) if success && is_whole => {
            let pause = answer.retry_after.unwrap_or(SLOW_DOWN_DEFAULT);
            return Verdict::Taken { pause: Some(pause) };
        }
        // Receivers that only resemble Splunk may say nothing more than the status.
        None if success && answer.form == Form::Empty && !asked.acknowledges => {
            return Verdict::Taken { pause: None };
        }
        Some(14) => return Verdict::AcknowledgementOff,
        _ if answer.status == 413 => Outcome::split(reason(answer, "the request is too large")),
        Some(8 | 9 | 18..=20 | 23 | 26 | 27) => retry_rest(answer, asked),
        Some(6 | 12 | 13 | 15) => set_aside_named(answer, asked),
        Some(7) => incorrect_index(answer, asked),
        Some(code @ (1..=5 | 10 | 11 | 16 | 21 | 22)) => {
            Outcome::hold(reason(answer, advice(code)))
        }
        _ if success => retry_for(answer, strange(answer, strange_advice(answer, asked))),
        _ => by_status(answer),
    };
    Verdict::Refused(outcome)
}

/// What a person is to look at when a success says nothing that the collector says then.
fn strange_advice(answer: &Answer, asked: &Asked<'_>) -> &'static str {
    match answer.form {
        Form::Empty if asked.acknowledges => {
            "it acknowledges nothing: check `url`, or set `acknowledge = false`"
        }
        Form::CutOff => "look at what stands between here and Splunk",
        _ => "check `url`",
    }
}

fn by_status(answer: &Answer) -> Outcome {
    match answer.status {
        408 | 429 | 500.. => retry(answer),
        300..=399 => {
            let advice = "the credentials do not follow a redirect: set `url` to where it leads";
            Outcome::hold(reason(answer, advice))
        }
        401 | 403 => Outcome::hold(reason(answer, advice(4))),
        404 | 405 => Outcome::hold(reason(answer, "no event collector is there: check `url`")),
        407 => Outcome::hold(reason(answer, "the proxy wants credentials: check `proxy`")),
        _ => Outcome::hold(reason(answer, "check `url`, `headers` and the collector's settings")),
    }
}

fn retry(answer: &Answer) -> Outcome {
    retry_for(answer, reason(answer, ""))
}

fn retry_for(answer: &Answer, reason: String) -> Outcome {
    match answer.retry_after {
        Some(pause) => Outcome::retry_after(pause, reason),
        None => Outcome::retry(reason),
    }
}

/// The collector may have taken some of the events before it became too busy.
fn retry_rest(answer: &Answer, asked: &Asked<'_>) -> Outcome {
    retry(answer).after_taking(named(answer, asked).unwrap_or(0))
}

fn set_aside_named(answer: &Answer, asked: &Asked<'_>) -> Outcome {
    match named(answer, asked) {
        Some(index) => Outcome::set_aside(index, reason(answer, "")).after_taking(index),
        None => Outcome::split(reason(answer, "")),
    }
}

/// The place of the event that the reply names, if it is believed and there is one.
fn named(answer: &Answer, asked: &Asked<'_>) -> Option<usize> {
    match asked.event_number {
        EventNumber::Trusted => answer.said.event.filter(|index| *index < asked.len),
        EventNumber::Ignored => None,
    }
}

/// An index that an event names itself is that event's fault; any other is a setting's.
fn incorrect_index(answer: &Answer, asked: &Asked<'_>) -> Outcome {
    let own = |place: usize| (asked.index_of)(place);
    if asked.len == 1 {
        return own(0)
            .map_or_else(|| wrong_setting(answer, asked), |index| wrong_own(0, index, answer));
    }
    if (0..asked.len).all(|place| own(place).is_none()) {
        // Every event has the same index, so that the first one was refused already.
        return wrong_setting(answer, asked);
    }
    let number = match asked.event_number {
        EventNumber::Trusted => answer.said.event.filter(|number| *number <= asked.len),
        EventNumber::Ignored => None,
    };
    let Some(number) = number else {
        return Outcome::split(reason(answer, ""));
    };
    // Splunk counts from 1 here: what it took is all before this place, or one more if it
    // ever counts from 0.
    let place = number.saturating_sub(1);
    match (own(place), own(number.min(asked.len - 1))) {
        (Some(index), _) => wrong_own(place, index, answer),
        (None, None) => wrong_setting(answer, asked).after_taking(place),
        (None, Some(_)) => Outcome::split(reason(answer, "")).after_taking(place),
    }
}

fn wrong_own(place: usize, index: &str, answer: &Answer) -> Outcome {
    let advice = format!("the event names the index `{index}`, which the token may not write to");
    Outcome::set_aside(place, reason(answer, &advice)).after_taking(place)
}

fn wrong_setting(answer: &Answer, asked: &Asked<'_>) -> Outcome {
    let advice = match asked.index {
        Some(index) => {
            format!("let the token write to the index `{index}`, or set another `index`")
        }
        None => "set `index` to one that the token may write to".to_owned(),
    };
    Outcome::hold(reason(answer, &advice))
}

/// What a person is to change.
fn advice(code: u32) -> &'static str {
    match code {
        1 | 22 => "enable the token in Splunk, or use another one",
        2 => "no token arrived: look at what stands between here and Splunk",
        3 => "Splunk did not understand the credentials: check the token",
        4 | 21 => "Splunk does not know the token: check where it is read from",
        5 => "the events did not arrive: look at what stands between here and Splunk",
        10 => "the token wants acknowledgement: set `acknowledge = true`, or disable it in Splunk",
        11 => {
            "Splunk does not accept the data channel: look at what stands between here and Splunk"
        }
        _ => "the token was not read from the header: look at what stands between here and Splunk",
    }
}

#[cfg(test)]
mod tests {
    use tidings_delivery::Then;

    use super::*;
    use crate::reply::Said;

    const LEN: usize = 10;

    fn answer(
        status: u16,
        code: impl Into<Option<u32>>,
        event: impl Into<Option<usize>>,
    ) -> Answer {
        let said = Said { code: code.into(), event: event.into(), ..Said::default() };
        Answer { status, retry_after: None, form: Form::Json, said }
    }

    fn asked(len: usize, event_number: EventNumber) -> Asked<'static> {
        Asked { len, acknowledges: false, event_number, index: Some("tests"), index_of: &|_| None }
    }

    fn refused(answer: &Answer, asked: &Asked<'_>) -> Outcome {
        match classify(answer, asked) {
            Verdict::Refused(outcome) => outcome,
            other => panic!("refused is expected, and it was {other:?}"),
        }
    }

    /// What becomes of ten events that name no index: kind, taken, and place set aside.
    fn fate(answer: &Answer, event_number: EventNumber) -> (&'static str, usize, Option<usize>) {
        match classify(answer, &asked(LEN, event_number)) {
            Verdict::Taken { pause: None } => ("taken", LEN, None),
            Verdict::Taken { pause: Some(_) } => ("slow", LEN, None),
            Verdict::AcknowledgementOff => ("no ack", 0, None),
            Verdict::Refused(outcome) => {
                let (kind, index) = match outcome.then() {
                    Then::Retry { .. } => ("retry", None),
                    Then::SetAside { index, .. } => ("set aside", Some(*index)),
                    Then::Split { .. } => ("split", None),
                    Then::Hold { .. } => ("hold", None),
                    other => panic!("{other:?}"),
                };
                (kind, outcome.taken(LEN), index)
            }
        }
    }

    #[test]
    fn every_code_of_the_collector_has_its_fate() {
        const STATUSES: [u16; 28] = [
            200, 403, 401, 401, 403, 400, 400, 400, 500, 503, 400, 400, 400, 400, 400, 400, 400,
            200, 503, 503, 503, 400, 400, 503, 200, 200, 429, 429,
        ];
        const FATES: [&str; 28] = [
            "taken", "hold", "hold", "hold", "hold", "hold", "split", "hold", "retry", "retry",
            "hold", "hold", "split", "split", "no ack", "split", "hold", "retry", "retry", "retry",
            "retry", "hold", "hold", "retry", "slow", "slow", "retry", "retry",
        ];
        for (code, (status, expected)) in (0..).zip(STATUSES.into_iter().zip(FATES)) {
            let (kind, taken, _) = fate(&answer(status, code, None), EventNumber::Trusted);
            assert_eq!(kind, expected, "code {code}");
            let all = if matches!(kind, "taken" | "slow") { LEN } else { 0 };
            assert_eq!(taken, all, "code {code}");
        }
    }

    #[test]
    fn a_number_that_is_trusted_says_what_was_taken() {
        for (status, code, kind) in [
            (400, 6, "set aside"),
            (400, 12, "set aside"),
            (400, 13, "set aside"),
            (400, 15, "set aside"),
            (500, 8, "retry"),
            (503, 9, "retry"),
            (503, 18, "retry"),
            (503, 23, "retry"),
            (429, 26, "retry"),
        ] {
            for number in [0, 1, 9] {
                let index = (kind == "set aside").then_some(number);
                let answer = answer(status, code, number);
                let expected = (kind, number, index);
                assert_eq!(fate(&answer, EventNumber::Trusted), expected, "code {code}");
                let kind = if index.is_some() { "split" } else { "retry" };
                assert_eq!(fate(&answer, EventNumber::Ignored), (kind, 0, None), "code {code}");
            }
        }
    }

    #[test]
    fn a_number_beyond_the_batch_says_nothing() {
        for number in [LEN, LEN + 1, usize::MAX] {
            for (status, code, kind) in [(400, 6, "split"), (503, 9, "retry"), (400, 7, "hold")] {
                let fate = fate(&answer(status, code, number), EventNumber::Trusted);
                assert_eq!(fate, (kind, 0, None), "code {code} number {number}");
            }
        }
    }

    #[test]
    fn where_no_code_is_known_the_status_decides() {
        for code in [None, Some(28), Some(404), Some(u32::MAX)] {
            for (statuses, expected) in [
                (&[200, 201, 204, 299][..], "retry"),
                (&[408, 429, 500, 502, 503, 504, 599], "retry"),
                (&[300, 301, 302, 307, 308, 399], "hold"),
                (&[400, 401, 402, 403, 404, 405, 407, 410, 415, 422, 451, 499], "hold"),
                (&[413], "split"),
                (&[100, 199], "hold"),
            ] {
                for status in statuses {
                    let (kind, ..) = fate(&answer(*status, code, 3), EventNumber::Trusted);
                    assert_eq!(kind, expected, "status {status}, code {code:?}");
                }
            }
        }
    }

    #[test]
    fn every_pair_of_status_and_code_loses_nothing() {
        for status in 100..=599 {
            for code in (0..40).map(Some).chain([None]) {
                let success = (200..300).contains(&status);
                let (kind, taken, _) = fate(&answer(status, code, None), EventNumber::Trusted);
                let delivered = matches!(kind, "taken" | "slow");
                assert_eq!(delivered, taken == LEN, "status {status}, code {code:?}");
                let says_so = success && matches!(code, Some(0 | 24 | 25));
                assert_eq!(delivered, says_so, "status {status}, code {code:?}");
            }
        }
    }

    #[test]
    fn a_success_that_its_code_denies_is_none() {
        assert_eq!(fate(&answer(200, 6, 2), EventNumber::Trusted), ("set aside", 2, Some(2)));
        assert_eq!(fate(&answer(200, 9, None), EventNumber::Trusted), ("retry", 0, None));
        assert_eq!(fate(&answer(500, 0, None), EventNumber::Trusted), ("retry", 0, None));
        assert_eq!(fate(&answer(400, 24, None), EventNumber::Trusted), ("hold", 0, None));
    }

    #[test]
    fn a_success_that_is_not_whole_or_not_of_the_collector_is_sent_again() {
        for form in [Form::CutOff, Form::Foreign] {
            for code in [None, Some(0), Some(24), Some(25), Some(28)] {
                let answer = Answer { form, ..answer(200, code, None) };
                let expected = ("retry", 0, None);
                assert_eq!(fate(&answer, EventNumber::Trusted), expected, "{form:?} {code:?}");
            }
        }
    }

    #[test]
    fn a_success_without_a_word_is_enough_unless_acknowledgement_was_asked_for() {
        for status in [200, 204] {
            let silent = Answer { form: Form::Empty, ..answer(status, None, None) };
            let mut asked = asked(LEN, EventNumber::Trusted);
            assert_eq!(classify(&silent, &asked), Verdict::Taken { pause: None });
            asked.acknowledges = true;
            let reason = format!(
                "splunk answered {status} without a word: it acknowledges nothing: check `url`, \
                 or set `acknowledge = false`"
            );
            assert_eq!(refused(&silent, &asked), Outcome::retry(reason));
        }
    }

    #[test]
    fn a_strange_success_is_told_with_what_came() {
        let told = |form, code: Option<u32>, text: &str| {
            let said = Said { text: text.to_owned(), ..answer(200, code, None).said };
            let answer = Answer { form, said, ..answer(200, code, None) };
            let outcome = refused(&answer, &asked(LEN, EventNumber::Trusted));
            let Then::Retry { reason, .. } = outcome.then() else { panic!("{outcome:?}") };
            reason.clone()
        };
        assert_eq!(
            told(Form::Foreign, None, "<html>Log in</html>"),
            "splunk answered 200 with something that is no answer of the event collector: \
             <html>Log in</html>: check `url`"
        );
        assert_eq!(
            told(Form::CutOff, None, "{\"text\":\"Succ"),
            "splunk answered 200 with an answer of which a part is missing: {\"text\":\"Succ: look \
             at what stands between here and Splunk"
        );
        assert_eq!(
            told(Form::Json, Some(17), "HEC is healthy"),
            "splunk answered 200 with code 17, HEC is healthy: check `url`"
        );
    }

    #[test]
    fn a_pause_that_the_server_asks_for_is_kept() {
        let pause = Duration::from_secs(4);
        for (status, code) in [(429, None), (503, Some(9)), (429, Some(26)), (500, None)] {
            let answer = Answer { retry_after: Some(pause), ..answer(status, code, None) };
            let outcome = refused(&answer, &asked(LEN, EventNumber::Trusted));
            let Then::Retry { not_before, .. } = outcome.then() else { panic!("{outcome:?}") };
            assert_eq!(*not_before, Some(pause), "status {status}");
        }
        let slow = Answer { retry_after: Some(pause), ..answer(200, 24, None) };
        let verdict = classify(&slow, &asked(LEN, EventNumber::Trusted));
        assert_eq!(verdict, Verdict::Taken { pause: Some(pause) });
        let verdict = classify(&answer(200, 25, None), &asked(LEN, EventNumber::Trusted));
        assert_eq!(verdict, Verdict::Taken { pause: Some(SLOW_DOWN_DEFAULT) });
    }

    /// Refusals of ten events of which some name an index of their own.
    fn incorrect(own: &[usize], number: Option<usize>, event_number: EventNumber) -> Outcome {
        let index_of = |place: usize| own.contains(&place).then_some("theirs");
        let asked = Asked { index: None, index_of: &index_of, ..asked(LEN, event_number) };
        refused(&answer(400, 7, number), &asked)
    }

    #[test]
    fn an_index_of_its_own_sets_the_event_aside_that_names_it() {
        // Splunk counts from 1 here.
        let outcome = incorrect(&[2, 3, 5], Some(4), EventNumber::Trusted);
        let reason = "splunk answered 400 with code 7: the event names the index `theirs`, which \
                      the token may not write to";
        assert_eq!(outcome, Outcome::set_aside(3, reason).after_taking(3));
        assert_eq!(incorrect(&[9], Some(10), EventNumber::Trusted).taken(LEN), 9);
        assert_eq!(incorrect(&[0], Some(0), EventNumber::Trusted).taken(LEN), 0);
    }

    #[test]
    fn a_configured_index_that_is_refused_holds_what_comes_after_the_taken() {
        let outcome = incorrect(&[2, 3], Some(5), EventNumber::Trusted);
        assert_eq!(outcome.taken(LEN), 4);
        assert!(matches!(outcome.then(), Then::Hold { .. }), "{outcome:?}");
    }

    #[test]
    fn a_number_that_can_be_read_in_two_ways_loses_no_event() {
        // Counted from 0 it is the event 4, from 1 the event 3, which names no index.
        let outcome = incorrect(&[4], Some(4), EventNumber::Trusted);
        assert_eq!(outcome.taken(LEN), 3);
        assert!(matches!(outcome.then(), Then::Split { .. }), "{outcome:?}");
    }

    #[test]
    fn without_a_number_events_that_name_an_index_are_split() {
        for outcome in [
            incorrect(&[4], None, EventNumber::Trusted),
            incorrect(&[4], Some(LEN + 1), EventNumber::Trusted),
            incorrect(&[4], Some(5), EventNumber::Ignored),
        ] {
            assert_eq!(outcome, Outcome::split("splunk answered 400 with code 7"));
        }
        let alone =
            Asked { index: None, index_of: &|_| Some("theirs"), ..asked(1, EventNumber::Ignored) };
        let outcome = refused(&answer(400, 7, 1), &alone);
        assert!(matches!(outcome.then(), Then::SetAside { index: 0, .. }), "{outcome:?}");
    }

    #[test]
    fn a_reason_says_what_to_change() {
        let hold = |status, code| {
            let outcome = refused(&answer(status, code, None), &asked(LEN, EventNumber::Trusted));
            let Then::Hold { reason } = outcome.then() else { panic!("{outcome:?}") };
            reason.clone()
        };
        for (status, code, part) in [
            (403, Some(1), "enable the token"),
            (401, Some(2), "no token arrived"),
            (401, Some(3), "check the token"),
            (403, Some(4), "does not know the token"),
            (400, Some(5), "the events did not arrive"),
            (400, Some(7), "the index `tests`"),
            (400, Some(10), "set `acknowledge = true`"),
            (400, Some(11), "data channel"),
            (400, Some(16), "not read from the header"),
            (400, Some(21), "does not know the token"),
            (400, Some(22), "enable the token"),
            (302, None, "redirect"),
            (401, None, "does not know the token"),
            (404, None, "check `url`"),
            (407, None, "check `proxy`"),
            (418, None, "check `url`, `headers`"),
        ] {
            let reason = hold(status, code);
            assert!(reason.contains(part), "{status} {code:?}: {reason}");
            assert!(!reason.ends_with('.'), "{reason}");
        }
        let said = Said { text: "Invalid token".to_owned(), ..answer(403, 4, None).said };
        let answer = Answer { said, ..answer(403, 4, None) };
        assert_eq!(
            refused(&answer, &asked(LEN, EventNumber::Trusted)),
            Outcome::hold(
                "splunk answered 403 with code 4, Invalid token: Splunk does not know the token: \
                 check where it is read from"
            )
        );
    }
}
