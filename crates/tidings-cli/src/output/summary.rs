//! The last lines: what became of everything, and what is missing.

use tidings_registry::{ObserverReport, Report};

use super::number::grouped;
use super::screen::Screen;

/// One line: `what` was done, and the fates of its events by observer.
pub(crate) fn summary(what: &str, report: &Report) -> String {
    let mut text = what.to_owned();
    for observer in &report.observers {
        text.push_str("; ");
        text.push_str(&fates(observer));
    }
    text
}

/// Says which observer did not get everything, and why.
pub(crate) fn say_what_is_missing(screen: &Screen, report: &Report) {
    for observer in report.incomplete() {
        screen.say(&format!("error: not everything was delivered to {observer}"));
    }
    for (number, what) in [
        (report.cut_off, "events were cut off, because too many caused each other"),
        (report.processor_failures, "events met a processor that panicked"),
        (u64::from(report.unfinished_emitters), "emits were not finished when the bus closed"),
    ] {
        if number > 0 {
            screen.say(&format!("error: {} {what}", grouped(number)));
        }
    }
}

fn fates(observer: &ObserverReport) -> String {
    let counts = &observer.counts;
    let others = [
        (counts.failed, "failed"),
        (counts.rejected, "rejected"),
        (counts.dropped, "dropped"),
        (counts.suppressed, "suppressed"),
        (counts.spooled, "spooled"),
        (counts.pending, "pending"),
    ];
    let others = others.into_iter().filter(|(number, _)| *number > 0);
    let delivered = format!("{}: {} delivered", observer.name, grouped(counts.delivered));
    let others = others.map(|(number, fate)| format!("{} {fate}", grouped(number)));
    std::iter::once(delivered).chain(others).collect::<Vec<String>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tidings_registry::{Bus, ObserverError};

    use super::*;
    use crate::output::Memory;

    #[test]
    fn the_summary_names_every_observer_and_the_errors_those_that_missed_something() {
        let bus = Bus::new();
        bus.observe("case", |_| ()).expect("a prefix").detach();
        let failing = bus.observe("case", |_| Err(ObserverError::failed("no room")));
        failing.expect("a prefix").detach();
        let emitter = bus.raw_emitter("case", "t1");
        emitter.emit("case.started", serde_json::json!({})).expect("a good type");
        let report = bus.close(Duration::from_secs(5)).expect("not strict");
        let text = summary("imported 1 event", &report);
        assert!(text.starts_with("imported 1 event; "), "{text}");
        assert!(text.contains(": 1 delivered; "), "{text}");
        assert!(text.ends_with(": 0 delivered, 1 failed"), "{text}");
        let memory = Memory::default();
        say_what_is_missing(&memory.screen(false), &report);
        let told = memory.text();
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(told.contains("0 of 1 delivered, 1 failed (last error: no room)"), "{told}");
    }
}
