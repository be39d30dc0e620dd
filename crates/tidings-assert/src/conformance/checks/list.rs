//! The names of the checks, in the order they run: secrets last, when all was said.

use super::{breaks, endings, quiet, refusals, secrets};
use crate::conformance::harness::Harness;
use crate::conformance::suite::{Failure, Suite};

/// A check.
type CheckOf<H> = fn(&Suite<'_, H>) -> Result<(), Failure>;

/// All checks with their names.
pub(in crate::conformance) fn all<H: Harness>() -> Vec<(&'static str, CheckOf<H>)> {
    vec![
        ("events arrive in order, each once", quiet::in_order_each_once),
        ("batches keep their limits", quiet::batches_keep_their_limits),
        ("a part that was taken is not sent again", refusals::a_part_that_was_taken),
        ("a poisoned event is set aside alone", refusals::a_poisoned_event),
        ("a batch that is too large is sent in parts", refusals::a_batch_that_is_too_large),
        ("a refusal for the moment is tried again", refusals::a_refusal_for_the_moment),
        ("a pause that was asked for is kept", refusals::a_pause_that_was_asked_for),
        ("a refusal for good is held until its cause is gone", refusals::a_refusal_for_good),
        ("a hang before anything was taken ends by the time-out", breaks::a_hang_before),
        ("a hang after everything was taken ends by the time-out", breaks::a_hang_after),
        ("a reset before anything was taken loses and doubles nothing", breaks::a_reset_before),
        ("a reset after everything was taken loses nothing", breaks::a_reset_after),
        ("a slow reader loses and doubles nothing", breaks::a_slow_reader),
        ("a receiver that was away loses and doubles nothing", breaks::a_receiver_that_was_away),
        ("a close beside a receiver that hangs keeps its deadline", endings::a_close_in_a_hang),
        ("a killed process loses nothing that was flushed", endings::a_killed_process),
        ("no text shows a secret", secrets::no_text_shows_one),
    ]
}
