//! How often the picture is redrawn.
//!
//! Pure: the time comes in as an argument, so that its tests need no sleep.

use std::time::Duration;

/// The shortest time from one redraw to the next: fifteen a second at most.
pub const REDRAW_INTERVAL: Duration = Duration::from_nanos(1_000_000_000 / 15 + 1);

/// How often the picture is redrawn while something runs and no event comes, so that the
/// elapsed times move.
pub const TICK_INTERVAL: Duration = Duration::from_secs(1);

/// What may be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Redraw; it is noted as done.
    Draw,
    /// Nothing for so long.
    Wait(Duration),
    /// Nothing until something happens.
    Rest,
}

/// Why the picture may need to be redrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Picture {
    /// An event has changed it.
    Changed,
    /// Only the elapsed times in it move.
    Running,
    /// It would come out the same.
    Still,
}

/// Keeps redraws apart.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    drawn_at: Option<Duration>,
}

impl Limiter {
    /// Says whether to redraw at `now`.
    pub(crate) fn ask(&mut self, now: Duration, picture: Picture) -> Pace {
        let interval = match picture {
            Picture::Changed => REDRAW_INTERVAL,
            Picture::Running => TICK_INTERVAL,
            Picture::Still => return Pace::Rest,
        };
        let due_at = self.drawn_at.map_or(now, |drawn_at| drawn_at + interval);
        let wait = due_at.saturating_sub(now);
        if !wait.is_zero() {
            return Pace::Wait(wait);
        }
        self.force(now)
    }

    /// Redraws at `now` whatever the interval says, and counts it as any other redraw.
    pub(crate) fn force(&mut self, now: Duration) -> Pace {
        self.drawn_at = Some(now);
        Pace::Draw
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forced_redraw_puts_the_next_one_off() {
        let mut limiter = Limiter::default();
        let start = Duration::from_secs(5);
        assert_eq!(limiter.force(start), Pace::Draw);
        assert_eq!(limiter.ask(start, Picture::Running), Pace::Wait(TICK_INTERVAL));
        assert_eq!(limiter.ask(start, Picture::Changed), Pace::Wait(REDRAW_INTERVAL));
        assert_eq!(limiter.ask(start + REDRAW_INTERVAL, Picture::Changed), Pace::Draw);
    }

    #[test]
    fn a_second_of_constant_change_is_drawn_fifteen_times() {
        let mut limiter = Limiter::default();
        let drawn = (0..1_000)
            .filter(|&ms| limiter.ask(Duration::from_millis(ms), Picture::Changed) == Pace::Draw)
            .count();
        assert_eq!(drawn, 15);
    }

    #[test]
    fn the_first_picture_is_drawn_at_once_and_the_next_after_the_interval() {
        let mut limiter = Limiter::default();
        let start = Duration::from_secs(5);
        assert_eq!(limiter.ask(start, Picture::Changed), Pace::Draw);
        let later = start + Duration::from_millis(10);
        let wait = REDRAW_INTERVAL.saturating_sub(Duration::from_millis(10));
        assert_eq!(limiter.ask(later, Picture::Changed), Pace::Wait(wait));
        assert_eq!(limiter.ask(later + wait, Picture::Changed), Pace::Draw);
    }

    #[test]
    fn while_something_runs_it_is_drawn_once_a_second() {
        let mut limiter = Limiter::default();
        assert_eq!(limiter.ask(Duration::ZERO, Picture::Running), Pace::Draw);
        let half = Duration::from_millis(500);
        assert_eq!(limiter.ask(half, Picture::Running), Pace::Wait(half));
        assert_eq!(limiter.ask(half * 2, Picture::Running), Pace::Draw);
        assert_eq!(limiter.ask(half * 9, Picture::Still), Pace::Rest);
    }
}
