//! What the summary repeats at the end: failures, and what took longest.

use std::time::Duration;

use tidings_core::Entity;

/// One failure, kept for the end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// What failed.
    pub entity: Entity,
    /// How long it took, when its beginning was seen.
    pub duration: Option<Duration>,
    /// What the failing event says, unescaped.
    pub text: String,
    /// The attempt at which the same entity passed later on.
    pub passed_on_attempt: Option<u64>,
    /// Whether a test run says so, whose own summary repeats it.
    pub(super) is_of_run: bool,
}

/// Something that took long.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Slow {
    /// What took long.
    pub entity: Entity,
    /// How long.
    pub duration: Duration,
}

/// Puts `entity` into the list if it is one of the `max` slowest; of equals, the first
/// stays first.
pub(crate) fn note_slow(slowest: &mut Vec<Slow>, max: usize, entity: &Entity, duration: Duration) {
    let place = slowest.partition_point(|slow| slow.duration >= duration);
    if place >= max {
        return;
    }
    slowest.truncate(max - 1);
    slowest.insert(place, Slow { entity: entity.clone(), duration });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_are_kept_in_order_and_the_first_of_equals_wins() {
        let mut slowest = Vec::new();
        for (name, millis) in [("a", 5), ("b", 9), ("c", 5), ("d", 7), ("e", 7), ("f", 1)] {
            let entity = Entity::new("case", name);
            note_slow(&mut slowest, 3, &entity, Duration::from_millis(millis));
        }
        let names: Vec<&str> = slowest.iter().map(|slow| slow.entity.id()).collect();
        assert_eq!(names, ["b", "d", "e"]);
        note_slow(&mut slowest, 0, &Entity::new("case", "g"), Duration::MAX);
        assert_eq!(slowest.len(), 3);
    }
}
