//! What must not be shown, looked for in everything that was.

use crate::conformance::harness::{Harness, Trouble};
use crate::conformance::run::{Run, Setup};
use crate::conformance::suite::{Failure, Suite};
use crate::conformance::watched::Seen;

/// After how many troubles whoever tells of one has told of the first.
const TROUBLES: usize = 3;
/// A word in the text of every event.
const IN_EVERY_EVENT: &str = "event";

pub(super) fn no_text_shows_one<H: Harness>(suite: &Suite<'_, H>) -> Result<(), Failure> {
    let secrets = suite.harness.secrets();
    if secrets.is_empty() {
        return Err(Failure::Unsupported("the harness names no secret".to_owned()));
    }
    for trouble in [
        Trouble::Refuse,
        Trouble::Unavailable { times: TROUBLES },
        Trouble::Poison { marker: IN_EVERY_EVENT.to_owned() },
        Trouble::TooLarge { bytes: 1 },
    ] {
        provoke(suite, trouble)?;
    }
    if let Some(text) = suite.harness.debug() {
        suite.witness("the `Debug` text of the sink", text);
    }
    // The reason must not show it either.
    let places = secrets.iter().flat_map(|secret| suite.places_of(secret));
    let places: Vec<_> = places.collect();
    if places.is_empty() {
        return Ok(());
    }
    Err(Failure::seen(format!("a secret is shown in {}", places.join(", "))))
}

/// Has the sink say something about a trouble, if there is such a one.
fn provoke<H: Harness>(suite: &Suite<'_, H>, trouble: Trouble) -> Result<(), Failure> {
    suite.receiver().reset();
    if suite.inject(trouble).is_err() {
        return Ok(());
    }
    let run = Run::start(suite, Setup::default())?;
    run.emit_all();
    let otherwise = "too few calls of `send` said that anything went wrong";
    run.wait_for(otherwise, |seen: &Seen| seen.troubles().count() >= TROUBLES)?;
    suite.receiver().clear();
    run.close(suite.options.patience)?;
    Ok(())
}
