//! What an answer means for a batch.
//!
//! Where an answer is unclear, what loses nothing is chosen: rather sent again than given
//! up, rather kept on hold than set aside.

use std::time::Duration;

use tidings_delivery::Outcome;

/// How many single events may be refused without a success in between before it is not the
/// events that are taken to be wrong.
pub(crate) const REFUSALS_MAX: u32 = 10;

/// How often a conflict is taken for a sign that the server is at work on the batch still.
const CONFLICT_ATTEMPTS_MAX: u32 = 5;

/// An answer, in words that may be shown.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Answer<'a> {
    /// The status code.
    pub(crate) status: u16,
    /// The beginning of the body.
    pub(crate) excerpt: &'a str,
    /// How long the server asks to wait.
    pub(crate) retry_after: Option<Duration>,
    /// Where the server redirects to.
    pub(crate) location: Option<&'a str>,
}

/// What was asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// How many events there were.
    pub(crate) events: usize,
    /// Which attempt it was.
    pub(crate) attempt: u32,
    /// Whether there was a token.
    pub(crate) has_token: bool,
}

/// Counts refusals of single events, to tell one that is wrong from a place that refuses
/// everything.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    in_a_row: u32,
}

impl Refusals {
    /// What becomes of a batch after this answer.
    pub(crate) fn outcome(&mut self, answer: &Answer<'_>, asked: Asked) -> Outcome {
        match answer.status {
            200..=299 => {
                self.in_a_row = 0;
                Outcome::delivered()
            }
            408 | 425 | 429 | 500..=599 => retry(answer),
            409 if asked.attempt < CONFLICT_ATTEMPTS_MAX => retry(answer),
            400 | 409 | 413 | 422 => self.refused(answer, asked),
            _ => Outcome::hold(hold_reason(answer, asked)),
        }
    }

    fn refused(&mut self, answer: &Answer<'_>, asked: Asked) -> Outcome {
        if asked.events > 1 {
            return Outcome::split(said(answer));
        }
        self.in_a_row = self.in_a_row.saturating_add(1);
        if self.in_a_row > REFUSALS_MAX {
            return Outcome::hold(format!("the server refuses every event: {}", said(answer)));
        }
        Outcome::split(said(answer))
    }
}

fn retry(answer: &Answer<'_>) -> Outcome {
    match answer.retry_after {
        Some(pause) => Outcome::retry_after(pause, said(answer)),
        None => Outcome::retry(said(answer)),
    }
}

fn said(answer: &Answer<'_>) -> String {
    match answer.excerpt {
        "" => format!("the server answered {}", answer.status),
        excerpt => format!("the server answered {}: {excerpt}", answer.status),
    }
}

/// What a person has to change.
fn hold_reason(answer: &Answer<'_>, asked: Asked) -> String {
    let advice = match answer.status {
        300..=399 => {
            return match answer.location {
                Some(place) => format!("the server redirects to {place}: set `url` to it"),
                None => format!("{}, a redirect to nowhere: check `url`", said(answer)),
            };
        }
        401 if asked.has_token => {
            "the token is not accepted: renew it in `token_env` or `token_file`"
        }
        401 => "it asks for a token: name one by `token_env` or `token_file`",
        403 => "the token may not send events there: give it the right to, or check `url`",
        404 | 410 => "nothing takes events there: check `url`",
        405 => "no `POST` is taken there: check `url`",
        406 | 415 => "this content is not taken there: check `encoding` and `compression`",
        407 => "the proxy asks for credentials: put them into `proxy`",
        411 | 414 | 431 => "this sort of request is not taken there: check `url` and `headers`",
        _ => "check `url` and the server",
    };
    format!("{}: {advice}", said(answer))
}

#[cfg(test)]
mod tests {
    use tidings_delivery::Then;

    use super::*;

    const MANY: Asked = Asked { events: 100, attempt: 1, has_token: true };
    const ONE: Asked = Asked { events: 1, attempt: 1, has_token: true };

    fn word(outcome: &Outcome) -> &'static str {
        match outcome.then() {
            Then::Done => "delivered",
            Then::Retry { .. } => "retry",
            Then::Split { .. } => "split",
            Then::Hold { .. } => "hold",
            _ => "other",
        }
    }

    fn hold_text(answer: &Answer<'_>, asked: Asked) -> String {
        match Refusals::default().outcome(answer, asked).then() {
            Then::Hold { reason } => reason.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_status_has_its_outcome() {
        for status in 100..=999 {
            let expected = match status {
                200..=299 => "delivered",
                408 | 409 | 425 | 429 | 500..=599 => "retry",
                400 | 413 | 422 => "split",
                _ => "hold",
            };
            let answer = Answer { status, ..Answer::default() };
            let outcome = Refusals::default().outcome(&answer, MANY);
            assert_eq!(word(&outcome), expected, "{status}");
            assert_eq!(outcome.taken(100), if expected == "delivered" { 100 } else { 0 });
        }
    }

    #[test]
    fn a_pause_that_is_asked_for_is_a_floor() {
        let pause = Some(Duration::from_secs(4));
        for status in [408, 425, 429, 503] {
            let answer = Answer { status, retry_after: pause, ..Answer::default() };
            let outcome = Refusals::default().outcome(&answer, MANY);
            assert!(
                matches!(outcome.then(), Then::Retry { not_before, .. } if *not_before == pause),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn a_conflict_is_no_reason_to_split_before_the_fifth_attempt() {
        let conflict = Answer { status: 409, ..Answer::default() };
        for (attempt, expected) in [(1, "retry"), (4, "retry"), (5, "split"), (6, "split")] {
            let outcome = Refusals::default().outcome(&conflict, Asked { attempt, ..MANY });
            assert_eq!(word(&outcome), expected, "attempt {attempt}");
        }
    }

    #[test]
    fn a_refusal_gives_the_words_of_the_server() {
        let answer = Answer { status: 422, excerpt: "bad event", ..Answer::default() };
        let outcome = Refusals::default().outcome(&answer, ONE);
        assert_eq!(outcome, Outcome::split("the server answered 422: bad event"));
    }

    #[test]
    fn ten_single_refusals_in_a_row_are_not_about_the_events() {
        let (mut refusals, bad) =
            (Refusals::default(), Answer { status: 400, ..Answer::default() });
        for _ in 0..REFUSALS_MAX {
            assert_eq!(word(&refusals.outcome(&bad, MANY)), "split");
            assert_eq!(word(&refusals.outcome(&bad, ONE)), "split");
        }
        assert_eq!(
            refusals.outcome(&bad, ONE),
            Outcome::hold("the server refuses every event: the server answered 400")
        );
        assert_eq!(word(&refusals.outcome(&bad, MANY)), "split", "it may be one of them again");
    }

    #[test]
    fn a_success_begins_the_count_of_refusals_anew() {
        let (mut refusals, bad) =
            (Refusals::default(), Answer { status: 400, ..Answer::default() });
        for _ in 0..=REFUSALS_MAX {
            word(&refusals.outcome(&bad, ONE));
        }
        assert_eq!(word(&refusals.outcome(&bad, ONE)), "hold");
        let good = Answer { status: 202, ..Answer::default() };
        assert_eq!(word(&refusals.outcome(&good, MANY)), "delivered");
        assert_eq!(word(&refusals.outcome(&bad, ONE)), "split");
    }

    #[test]
    fn a_hold_says_which_key_to_change() {
        for (status, keys) in [
            (401, &["`token_env`", "`token_file`"][..]),
            (403, &["token", "`url`"]),
            (404, &["`url`"]),
            (405, &["`url`"]),
            (407, &["`proxy`"]),
            (410, &["`url`"]),
            (415, &["`encoding`", "`compression`"]),
            (418, &["`url`"]),
        ] {
            let text = hold_text(&Answer { status, ..Answer::default() }, MANY);
            assert!(keys.iter().all(|key| text.contains(key)), "{text}");
        }
        let without = Asked { has_token: false, ..MANY };
        let text = hold_text(&Answer { status: 401, ..Answer::default() }, without);
        assert!(text.contains("name one by `token_env`"), "{text}");
    }

    #[test]
    fn a_redirect_names_the_place_to_set() {
        let answer =
            Answer { status: 308, location: Some("https://other/events"), ..Answer::default() };
        let text = hold_text(&answer, MANY);
        assert_eq!(text, "the server redirects to https://other/events: set `url` to it");
    }
}
