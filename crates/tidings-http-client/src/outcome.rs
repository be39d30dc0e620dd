//! What a failure without an answer means for a batch: the same at every place.

use tidings_delivery::Outcome;

use crate::Unreached;

/// What becomes of a batch for which there was no answer: it is kept on hold when the
/// certificate is not trusted or the proxy wants other credentials, and sent again after any
/// other failure.
pub fn outcome_of_failure(failure: &Unreached) -> Outcome {
    if failure.is_certificate() || failure.is_proxy_credentials() {
        Outcome::hold(failure.to_string())
    } else {
        Outcome::retry(failure.to_string())
    }
}
