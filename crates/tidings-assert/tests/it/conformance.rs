//! The suite passes the reference sink, and catches each broken one by the right check.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tidings_assert::conformance::Verdict;
use tidings_assert::conformance::reference::{Answer, NoAnswer, Shelf, ShelfHarness, ShelfSink};
use tidings_assert::conformance::{self, Harness, Options, Receiver, Report, Support, Trouble};
use tidings_core::Envelope;
use tidings_delivery::{Batch, Load, Outcome, Secret, Sink};

const TIMEOUT: Duration = Duration::from_millis(40);
const TOKEN: &str = "token-of-a-broken-sink";

/// What is wrong with a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Nothing,
    ClaimsWhatWasRefused,
    ForgetsWhatWasTaken,
    SendsBackwards,
    ClaimsWhatHung,
    GivesUpWhatHung,
    WaitsForever,
    ClaimsWhatWasReset,
    SendsAgainByItself,
    PanicsOnPoison,
    SetsTheNeighbourAside,
    DropsTheBatchOfAPoison,
    SetsAsideForNoReason,
    SendsTooLargeAgain,
    IgnoresPauses,
    RetriesWhatIsRefusedForGood,
    GivesUpWhatIsRefusedForGood,
    StopsForGood,
    RepeatsTheTokenInReasons,
    KeepsBatchesToItself,
}

/// A sink with a fault.
struct Broken {
    fault: Fault,
    shelf: Shelf,
    kept: VecDeque<Vec<Arc<Envelope>>>,
}

impl Broken {
    fn put(&self, batch: &Batch<'_>) -> Result<Answer, NoAnswer> {
        let forever = self.fault == Fault::WaitsForever;
        let timeout = if forever { Duration::from_mins(1) } else { TIMEOUT };
        self.shelf.put(TOKEN, batch, timeout)
    }

    fn put_all(&self, envelopes: impl Iterator<Item = Arc<Envelope>>) -> Result<Answer, NoAnswer> {
        let mut encoder = ShelfSink::new(self.shelf.clone(), Secret::new(TOKEN));
        let mut load = Load::new();
        for envelope in envelopes {
            load.push(&mut encoder, envelope, 0).expect("an event of the suite has a JSON form");
        }
        self.put(&load.batch(1, 1))
    }

    fn answer(&mut self, batch: &Batch<'_>) -> Result<Answer, NoAnswer> {
        match self.fault {
            Fault::SendsBackwards => {
                let mut envelopes: Vec<_> =
                    batch.iter().map(|event| Arc::clone(event.envelope())).collect();
                envelopes.reverse();
                self.put_all(envelopes.into_iter())
            }
            Fault::SendsAgainByItself => {
                self.put(batch).or_else(|_| self.put(batch).and(Err(NoAnswer::Reset)))
            }
            _ => self.put(batch),
        }
    }

    fn of_answer(&self, answer: Answer) -> Outcome {
        match (answer, self.fault) {
            (Answer::Busy { taken: 0 }, Fault::ClaimsWhatWasRefused)
            | (Answer::Invalid { .. }, Fault::DropsTheBatchOfAPoison)
            | (Answer::Taken, _) => Outcome::delivered(),
            (Answer::Busy { .. }, Fault::ForgetsWhatWasTaken)
            | (Answer::NotBefore { .. }, Fault::IgnoresPauses) => Outcome::retry("busy"),
            (Answer::Busy { taken }, _) => Outcome::retry("busy").after_taking(taken),
            (Answer::NotBefore { pause }, _) => Outcome::retry_after(pause, "busy"),
            (Answer::Invalid { .. }, Fault::PanicsOnPoison) => unreachable!("no event is invalid"),
            (Answer::Invalid { index }, Fault::SetsTheNeighbourAside) => {
                Outcome::set_aside(index + 1, "invalid").after_taking(index)
            }
            (Answer::Invalid { index }, Fault::SetsAsideForNoReason) => {
                Outcome::set_aside(index, "").after_taking(index)
            }
            (Answer::Invalid { index }, _) => {
                Outcome::set_aside(index, "invalid").after_taking(index)
            }
            (Answer::TooLarge, Fault::SendsTooLargeAgain) => Outcome::retry("too large"),
            (Answer::TooLarge, _) => Outcome::split("too large"),
            (Answer::Forbidden { .. }, Fault::RetriesWhatIsRefusedForGood) => {
                Outcome::retry("forbidden")
            }
            (Answer::Forbidden { .. }, Fault::GivesUpWhatIsRefusedForGood) => {
                Outcome::set_aside(0, "forbidden")
            }
            (Answer::Forbidden { message }, Fault::RepeatsTheTokenInReasons) => {
                Outcome::hold(message)
            }
            (other, _) => {
                Outcome::hold(Secret::new(TOKEN).scrub(&format!("the shelf says {other:?}")))
            }
        }
    }
}

impl Sink for Broken {
    fn send(&mut self, batch: &Batch<'_>) -> Outcome {
        if self.fault == Fault::KeepsBatchesToItself {
            let envelopes = batch.iter().map(|event| Arc::clone(event.envelope()));
            self.kept.push_back(envelopes.collect());
            // Always one batch behind.
            if self.kept.len() == 1 {
                return Outcome::delivered();
            }
            let first = self.kept.pop_front().expect("one was put in just now");
            return match self.put_all(first.into_iter()) {
                Ok(_) => Outcome::delivered(),
                Err(silence) => Outcome::retry(silence.to_string()),
            };
        }
        match (self.answer(batch), self.fault) {
            (Ok(answer), _) => self.of_answer(answer),
            (Err(NoAnswer::TimedOut), Fault::ClaimsWhatHung)
            | (Err(NoAnswer::Reset), Fault::ClaimsWhatWasReset) => Outcome::delivered(),
            (Err(NoAnswer::TimedOut), Fault::GivesUpWhatHung) => Outcome::set_aside(0, "it hung"),
            (Err(NoAnswer::Unreachable), Fault::StopsForGood) => Outcome::stop("it is gone"),
            (Err(silence), _) => Outcome::retry(silence.to_string()),
        }
    }

    fn close(&mut self) {
        while let Some(kept) = self.kept.pop_front() {
            self.put_all(kept.into_iter()).expect("the shelf answers");
        }
    }
}

/// Makes sinks with a fault.
struct BrokenHarness {
    fault: Fault,
    shelf: Shelf,
    shows_its_token: bool,
}

impl BrokenHarness {
    fn new(fault: Fault) -> Self {
        Self { fault, shelf: Shelf::default(), shows_its_token: false }
    }
}

impl Harness for BrokenHarness {
    type Sink = Broken;

    fn sink(&self) -> Broken {
        Broken { fault: self.fault, shelf: self.shelf.clone(), kept: VecDeque::new() }
    }

    fn receiver(&self) -> &dyn Receiver {
        &self.shelf
    }

    fn timeout(&self) -> Duration {
        TIMEOUT
    }

    fn secrets(&self) -> Vec<String> {
        vec![TOKEN.to_owned()]
    }

    fn debug(&self) -> Option<String> {
        self.shows_its_token.then(|| format!("Broken {{ token: {TOKEN} }}"))
    }
}

/// Small, for sinks that fail: a check that waits for what never happens waits so long.
fn options() -> Options {
    let patience = Duration::from_millis(1_500);
    Options::default().events(40).kills(4).patience(patience).slack(Duration::from_millis(500))
}

const ORDER: &str = "events arrive in order, each once";
const LIMITS: &str = "batches keep their limits";
const PART: &str = "a part that was taken is not sent again";
const POISON: &str = "a poisoned event is set aside alone";
const LARGE: &str = "a batch that is too large is sent in parts";
const MOMENT: &str = "a refusal for the moment is tried again";
const PAUSE: &str = "a pause that was asked for is kept";
const HOLD: &str = "a refusal for good is held until its cause is gone";
const HANG_BEFORE: &str = "a hang before anything was taken ends by the time-out";
const HANG_AFTER: &str = "a hang after everything was taken ends by the time-out";
const RESET_BEFORE: &str = "a reset before anything was taken loses and doubles nothing";
const RESET_AFTER: &str = "a reset after everything was taken loses nothing";
const SLOW: &str = "a slow reader loses and doubles nothing";
const AWAY: &str = "a receiver that was away loses and doubles nothing";
const CLOSE: &str = "a close beside a receiver that hangs keeps its deadline";
const KILL: &str = "a killed process loses nothing that was flushed";
const SECRET: &str = "no text shows a secret";

/// Why this check failed on a sink with this fault.
#[track_caller]
fn caught(fault: Fault, check: &str) -> String {
    let report = conformance::check_with(&BrokenHarness::new(fault), &options().only(check));
    reason(&report, check)
}

#[track_caller]
fn reason(report: &Report, name: &str) -> String {
    let check = report.checks.iter().find(|check| check.name == name);
    let reason = check.and_then(|check| match &check.verdict {
        Verdict::Failed { reason } => Some(reason.clone()),
        _ => None,
    });
    assert!(reason.is_some(), "`{name}` did not fail:\n{report}");
    reason.unwrap_or_default()
}

#[track_caller]
fn assert_says(reason: &str, words: &str) {
    assert!(reason.contains(words), "expected: {words}\nreason: {reason}");
}

#[test]
fn the_reference_sink_passes_and_skips_nothing() {
    let report = conformance::check(&ShelfHarness::new());
    report.assert();
    let names: Vec<_> = report.checks.iter().map(|check| check.name.as_str()).collect();
    let known = [
        ORDER,
        LIMITS,
        PART,
        POISON,
        LARGE,
        MOMENT,
        PAUSE,
        HOLD,
        HANG_BEFORE,
        HANG_AFTER,
        RESET_BEFORE,
        RESET_AFTER,
        SLOW,
        AWAY,
        CLOSE,
        KILL,
        SECRET,
    ];
    assert_eq!(names, known);
}

#[test]
fn a_sink_without_a_fault_passes_as_the_broken_ones_are_checked() {
    let report = conformance::check_with(&BrokenHarness::new(Fault::Nothing), &options());
    report.assert();
}

#[test]
fn losing_what_was_refused_is_caught() {
    assert_says(&caught(Fault::ClaimsWhatWasRefused, MOMENT), "events were lost");
}

#[test]
fn sending_what_was_taken_is_caught() {
    assert_says(&caught(Fault::ForgetsWhatWasTaken, PART), "events were taken more than once");
}

#[test]
fn another_order_is_caught() {
    assert_says(&caught(Fault::SendsBackwards, ORDER), "after later ones of their lane");
}

#[test]
fn claiming_what_hung_is_caught() {
    assert_says(&caught(Fault::ClaimsWhatHung, HANG_BEFORE), "events were lost");
}

#[test]
fn claiming_what_hung_is_caught_even_if_it_arrived() {
    assert_says(&caught(Fault::ClaimsWhatHung, HANG_AFTER), "no call of `send` said");
}

#[test]
fn giving_up_what_hung_is_caught() {
    assert_says(&caught(Fault::GivesUpWhatHung, HANG_BEFORE), "events were lost");
    assert_says(&caught(Fault::GivesUpWhatHung, HANG_AFTER), "count as delivered");
}

#[test]
fn a_missing_time_out_is_caught() {
    assert_says(&caught(Fault::WaitsForever, HANG_BEFORE), "no call of `send` has ended");
    assert_says(&caught(Fault::WaitsForever, HANG_AFTER), "no call of `send` has ended");
}

#[test]
fn claiming_what_was_reset_is_caught() {
    assert_says(&caught(Fault::ClaimsWhatWasReset, RESET_BEFORE), "events were lost");
}

#[test]
fn sending_again_behind_the_deliverys_back_is_caught() {
    let reason = caught(Fault::SendsAgainByItself, RESET_BEFORE);
    assert_says(&reason, "events were taken more than once");
}

#[test]
fn panicking_on_a_poisoned_event_is_caught() {
    assert_says(&caught(Fault::PanicsOnPoison, POISON), "the sink panicked");
}

#[test]
fn setting_a_neighbour_aside_is_caught() {
    assert_says(&caught(Fault::SetsTheNeighbourAside, POISON), "events were lost");
}

#[test]
fn dropping_the_batch_of_a_poisoned_event_is_caught() {
    assert_says(&caught(Fault::DropsTheBatchOfAPoison, POISON), "events were lost");
}

#[test]
fn setting_aside_for_no_reason_is_caught() {
    assert_says(&caught(Fault::SetsAsideForNoReason, POISON), "for no reason");
}

#[test]
fn sending_what_is_too_large_as_it_is_is_caught() {
    assert_says(&caught(Fault::SendsTooLargeAgain, LARGE), "events were lost");
}

#[test]
fn ignoring_a_pause_is_caught() {
    assert_says(&caught(Fault::IgnoresPauses, PAUSE), "of a pause of 1s it kept");
}

#[test]
fn not_holding_what_is_refused_for_good_is_caught() {
    assert_says(&caught(Fault::RetriesWhatIsRefusedForGood, HOLD), "the sink does not hold");
    assert_says(&caught(Fault::GivesUpWhatIsRefusedForGood, HOLD), "the sink does not hold");
}

#[test]
fn giving_up_a_receiver_that_was_away_is_caught() {
    assert_says(&caught(Fault::StopsForGood, AWAY), "the sink does not notice");
}

#[test]
fn keeping_what_was_claimed_is_caught() {
    assert_says(&caught(Fault::KeepsBatchesToItself, KILL), "events were lost");
}

#[test]
fn a_token_in_a_reason_is_caught_wherever_it_goes() {
    let harness = BrokenHarness::new(Fault::RepeatsTheTokenInReasons);
    let report = conformance::check_with(&harness, &options().only(SECRET));
    let reason = reason(&report, SECRET);
    assert_says(&reason, "what the sink said");
    assert_says(&reason, "a diagnostic event");
    assert!(!report.to_string().contains(TOKEN), "{report}");
}

#[test]
fn a_token_in_debug_is_caught() {
    let mut harness = BrokenHarness::new(Fault::Nothing);
    harness.shows_its_token = true;
    let report = conformance::check_with(&harness, &options().only(SECRET));
    assert_says(&reason(&report, SECRET), "the `Debug` text of the sink");
}

#[test]
fn a_check_that_does_not_exist_does_not_pass() {
    let harness = BrokenHarness::new(Fault::Nothing);
    let report = conformance::check_with(&harness, &options().only(ORDER).only("no such check"));
    assert_eq!(report.failed().collect::<Vec<_>>(), ["no such check"]);
}

/// A receiver that only takes.
struct Meek(Shelf);

impl Receiver for Meek {
    fn accepted(&self) -> Vec<String> {
        self.0.accepted()
    }

    fn inject(&self, trouble: Trouble) -> Support {
        match trouble {
            Trouble::SlowRead => self.0.inject(trouble),
            other => Support::no(format!("there is no {other:?} here")),
        }
    }

    fn clear(&self) {
        self.0.clear();
    }

    fn reset(&self) {
        self.0.reset();
    }
}

struct MeekHarness(Meek);

impl Harness for MeekHarness {
    type Sink = ShelfSink;

    fn sink(&self) -> ShelfSink {
        ShelfSink::new(self.0.0.clone(), Secret::new(TOKEN))
    }

    fn receiver(&self) -> &dyn Receiver {
        &self.0
    }

    fn timeout(&self) -> Duration {
        TIMEOUT
    }
}

#[test]
fn what_a_receiver_does_not_support_is_skipped_by_name() {
    let report = conformance::check_with(&MeekHarness(Meek(Shelf::default())), &options());
    report.assert_with_skipped(13);
    let skipped: Vec<_> = report.skipped().collect();
    let known = [
        PART,
        POISON,
        LARGE,
        MOMENT,
        PAUSE,
        HOLD,
        HANG_BEFORE,
        HANG_AFTER,
        RESET_BEFORE,
        RESET_AFTER,
        AWAY,
        CLOSE,
        SECRET,
    ];
    assert_eq!(skipped, known);
    let text = report.to_string();
    assert!(text.contains(&format!("– {AWAY} (skipped: there is no Down here)")), "{text}");
    assert!(text.contains(&format!("– {SECRET} (skipped: the harness names no secret)")), "{text}");
}
