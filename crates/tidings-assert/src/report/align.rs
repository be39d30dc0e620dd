//! Alignment: which expectation stands beside which event.
//!
//! The cheapest edit script, by how far each pair is apart, so that one missing event does
//! not shift everything after it. Runs only after a failure.

use crate::pattern::GAP;

/// Above this many pairs the sides are set beside each other one by one.
const PAIRS_MAX: usize = 60_000;

/// One line of an alignment, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Both, and they match.
    Match(usize, usize),
    /// Both, and they differ.
    Differ(usize, usize),
    /// An expectation without an event.
    Missing(usize),
    /// An event without an expectation.
    Extra(usize),
}

/// Aligns `left` expectations with `right` events. `cost` is 0 for a pair that matches and
/// at least 1 for one that does not.
pub(crate) fn align(left: usize, right: usize, cost: impl Fn(usize, usize) -> u32) -> Vec<Step> {
    let shorter = left.min(right);
    let front = (0..shorter).take_while(|index| cost(*index, *index) == 0).count();
    let back = (0..shorter - front)
        .take_while(|index| cost(left - 1 - index, right - 1 - index) == 0)
        .count();
    let (rows, columns) = (left - front - back, right - front - back);
    let mut steps: Vec<Step> = (0..front).map(|index| Step::Match(index, index)).collect();
    let middle = |row: usize, column: usize| cost(front + row, front + column);
    let inner = if rows.saturating_mul(columns) > PAIRS_MAX {
        side_by_side(rows, columns, middle)
    } else {
        cheapest(rows, columns, middle)
    };
    steps.extend(inner.into_iter().map(|step| step.moved(front)));
    steps.extend((0..back).map(|index| Step::Match(left - back + index, right - back + index)));
    steps
}

impl Step {
    fn moved(self, by: usize) -> Self {
        match self {
            Self::Match(left, right) => Self::Match(left + by, right + by),
            Self::Differ(left, right) => Self::Differ(left + by, right + by),
            Self::Missing(left) => Self::Missing(left + by),
            Self::Extra(right) => Self::Extra(right + by),
        }
    }
}

fn side_by_side(rows: usize, columns: usize, cost: impl Fn(usize, usize) -> u32) -> Vec<Step> {
    let pair = |index: usize| match cost(index, index) {
        0 => Step::Match(index, index),
        _ => Step::Differ(index, index),
    };
    let shorter = rows.min(columns);
    let pairs = (0..shorter).map(pair);
    pairs
        .chain((shorter..rows).map(Step::Missing))
        .chain((shorter..columns).map(Step::Extra))
        .collect()
}

fn cheapest(rows: usize, columns: usize, cost: impl Fn(usize, usize) -> u32) -> Vec<Step> {
    let width = columns + 1;
    let pairs: Vec<u32> = (0..rows * columns).map(|at| cost(at / columns, at % columns)).collect();
    // best[row][column]: the cheapest way to align the rest from there on.
    let mut best = vec![0_u32; (rows + 1) * width];
    for row in (0..=rows).rev() {
        for column in (0..=columns).rev() {
            let at = row * width + column;
            let down = (row < rows).then(|| best[at + width] + GAP);
            let along = (column < columns).then(|| best[at + 1] + GAP);
            let both = (row < rows && column < columns)
                .then(|| best[at + width + 1] + pairs[row * columns + column]);
            best[at] = [down, along, both].into_iter().flatten().min().unwrap_or(0);
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut steps = Vec::with_capacity(rows.max(columns));
    while row < rows || column < columns {
        let here = best[row * width + column];
        let both = (row < rows && column < columns).then(|| pairs[row * columns + column]);
        match both {
            Some(cost) if here == best[(row + 1) * width + column + 1] + cost => {
                let pair = if cost == 0 { Step::Match } else { Step::Differ };
                steps.push(pair(row, column));
                row += 1;
                column += 1;
            }
            _ if row < rows && here == best[(row + 1) * width + column] + GAP => {
                steps.push(Step::Missing(row));
                row += 1;
            }
            _ => {
                steps.push(Step::Extra(column));
                column += 1;
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letters(left: &str, right: &str) -> Vec<Step> {
        let (left, right) = (left.as_bytes(), right.as_bytes());
        align(
            left.len(),
            right.len(),
            |row, column| {
                if left[row] == right[column] { 0 } else { 2 * GAP - 1 }
            },
        )
    }

    #[test]
    fn one_missing_event_does_not_shift_the_rest() {
        assert_eq!(
            letters("abcd", "acd"),
            [Step::Match(0, 0), Step::Missing(1), Step::Match(2, 1), Step::Match(3, 2)]
        );
        assert_eq!(
            letters("abc", "bcd"),
            [Step::Missing(0), Step::Match(1, 0), Step::Match(2, 1), Step::Extra(2)]
        );
    }

    #[test]
    fn what_stands_in_the_same_place_is_a_difference() {
        assert_eq!(letters("axc", "ayc")[1], Step::Differ(1, 1));
    }

    #[test]
    fn a_pair_of_sides_too_long_to_align_is_still_complete() {
        let steps = align(300, 400, |_, _| 1);
        assert_eq!(steps.len(), 400);
        assert_eq!(steps[399], Step::Extra(399));
    }
}
