//! A bound on how many lines a second are printed, which says how many were left out.

use std::time::{Duration, Instant};

/// Lets so many lines pass in each stretch of time.
#[derive(Debug)]
pub(super) struct Limiter {
    lines_max: u32,
    stretch: Duration,
    begun: Option<Instant>,
    passed: u32,
    left_out: u64,
}

/// What to do with a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// Print it, after saying how many lines were left out before it.
    Print { left_out: u64 },
    /// Leave it out.
    LeaveOut,
}

impl Limiter {
    pub(super) fn new(lines_max: u32, stretch: Duration) -> Self {
        Self { lines_max, stretch, begun: None, passed: 0, left_out: 0 }
    }

    /// Decides on a line that comes at `now`.
    pub(super) fn admit(&mut self, now: Instant) -> Passage {
        let is_over =
            self.begun.is_none_or(|begun| now.saturating_duration_since(begun) >= self.stretch);
        if is_over {
            self.begun = Some(now);
            self.passed = 0;
        }
        if self.passed == self.lines_max {
            self.left_out += 1;
            return Passage::LeaveOut;
        }
        self.passed += 1;
        Passage::Print { left_out: self.take_left_out() }
    }

    /// How many lines were left out since that was last said.
    pub(super) fn take_left_out(&mut self) -> u64 {
        std::mem::take(&mut self.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_told_with_the_next_line_that_passes() {
        let mut limiter = Limiter::new(2, Duration::from_secs(1));
        let begin = Instant::now();
        let at = |milliseconds| begin + Duration::from_millis(milliseconds);
        assert_eq!(limiter.admit(at(0)), Passage::Print { left_out: 0 });
        assert_eq!(limiter.admit(at(1)), Passage::Print { left_out: 0 });
        assert_eq!(limiter.admit(at(2)), Passage::LeaveOut);
        assert_eq!(limiter.admit(at(999)), Passage::LeaveOut);
        assert_eq!(limiter.admit(at(1_000)), Passage::Print { left_out: 2 });
        assert_eq!(limiter.take_left_out(), 0);
    }
}
