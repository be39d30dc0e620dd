//! Near misses: which event came closest, and what it lacks.

use super::View;
use crate::pattern::Pattern;

/// How far the pattern is from each pair of the table; 0 is a match.
pub(super) fn cost(pattern: &Pattern<'_>, view: &View<'_>, index: usize) -> u32 {
    let envelope = &view.events()[index];
    if pattern.matches(envelope) { 0 } else { pattern.explain(envelope).distance() }
}

/// What differs at `index`.
pub(super) fn reasons(pattern: &Pattern<'_>, view: &View<'_>, index: usize) -> Vec<String> {
    let envelope = &view.events()[index];
    pattern.explain(envelope).reasons(envelope)
}

/// What can be said of a pattern that stands without an event at `place`: found later,
/// found earlier, or else the nearest miss. `is_free` says which events no other pattern has.
pub(super) fn whereabouts(
    pattern: &Pattern<'_>,
    view: &View<'_>,
    place: usize,
    is_free: impl Fn(usize) -> bool,
) -> Vec<String> {
    let found = |mut range: std::ops::Range<usize>| {
        range.find(|index| is_free(*index) && pattern.matches(&view.events()[*index]))
    };
    if let Some(later) = found(place..view.len()) {
        return vec![format!("found later at #{}", view.number(later))];
    }
    if let Some(earlier) = found(0..place.min(view.len())) {
        return vec![format!("found earlier at #{}", view.number(earlier))];
    }
    nearest(pattern, view, is_free)
}

/// The nearest of the events that are the same event but for a field or the guard.
pub(super) fn nearest(
    pattern: &Pattern<'_>,
    view: &View<'_>,
    is_free: impl Fn(usize) -> bool,
) -> Vec<String> {
    let candidates = (0..view.len()).filter_map(|index| {
        let envelope = &view.events()[index];
        if pattern.matches(envelope) {
            return None;
        }
        let explain = pattern.explain(envelope);
        let rank = (explain.distance(), !is_free(index));
        explain.is_same_event().then_some((rank, index, explain))
    });
    match candidates.min_by_key(|(rank, ..)| *rank) {
        Some((_, index, explain)) => {
            let reasons = explain.reasons(&view.events()[index]).join("; ");
            vec![format!("nearest miss is #{}: {reasons}", view.number(index))]
        }
        None => Vec::new(),
    }
}
