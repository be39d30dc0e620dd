//! How much may be under way, and when to look whether it is less.
//!
//! Events are dispatched in stretches of at most half a window. Between two stretches
//! everything before the last one has to be finished, so that never more than a window waits
//! in any queue. What a queue counts is not known here to the byte; estimates are generous.

/// What is assumed for an event beside the bytes of its line.
const EVENT_BYTES_EXTRA: u64 = 512;

/// How much may wait for an observer: the least of all their queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Events, at least one.
    pub(crate) events: u64,
    /// Bytes.
    pub(crate) bytes: u64,
}

/// What has to be finished before the next event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing: it fits into the stretch.
    None,
    /// Everything before the stretch that ends here.
    Earlier,
    /// Everything: the stretch, or the event, takes more than half a window.
    Everything,
}

/// Counts a stretch.
#[derive(Debug)]
pub(super) struct Stretch {
    window: Window,
    events: u64,
    bytes: u64,
}

impl Stretch {
    pub(super) fn new(window: Window) -> Self {
        Self { window, events: 0, bytes: 0 }
    }

    /// Adds an event whose line has so many bytes; says what has to be finished before it.
    pub(super) fn add(&mut self, line_bytes: u64) -> Turn {
        let bytes = line_bytes.saturating_add(line_bytes / 4).saturating_add(EVENT_BYTES_EXTRA);
        let turn = self.turn_before(bytes);
        if turn != Turn::None {
            (self.events, self.bytes) = (0, 0);
        }
        self.events += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        turn
    }

    fn turn_before(&self, bytes: u64) -> Turn {
        let (events_half, bytes_half) = (self.window.events / 2, self.window.bytes / 2);
        if self.events < events_half && self.bytes.saturating_add(bytes) <= bytes_half {
            return Turn::None;
        }
        let is_large = events_half == 0 || self.bytes > bytes_half || bytes > bytes_half;
        if is_large { Turn::Everything } else { Turn::Earlier }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(window: Window, lines: &[u64]) -> Vec<Turn> {
        let mut stretch = Stretch::new(window);
        lines.iter().map(|bytes| stretch.add(*bytes)).collect()
    }

    #[test]
    fn a_stretch_has_half_the_events_of_a_window() {
        let window = Window { events: 4, bytes: 1 << 20 };
        let (none, earlier) = (Turn::None, Turn::Earlier);
        assert_eq!(turns(window, &[1; 5]), [none, none, earlier, none, earlier]);
    }

    #[test]
    fn a_stretch_has_half_the_bytes_of_a_window() {
        let window = Window { events: 100, bytes: 10_000 };
        // Each counts 1,762 bytes.
        let (none, earlier) = (Turn::None, Turn::Earlier);
        assert_eq!(turns(window, &[1_000; 4]), [none, none, earlier, none]);
    }

    #[test]
    fn a_large_event_goes_alone() {
        let window = Window { events: 100, bytes: 10_000 };
        let all = Turn::Everything;
        assert_eq!(turns(window, &[1, 9_000, 1, 1]), [Turn::None, all, all, Turn::None]);
    }

    #[test]
    fn a_queue_of_one_is_empty_before_each_event() {
        let window = Window { events: 1, bytes: 1 << 20 };
        assert_eq!(turns(window, &[1; 3]), [Turn::Everything; 3]);
    }
}
