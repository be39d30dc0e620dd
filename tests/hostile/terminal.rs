//! The console in all its modes.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::de::IgnoredAny;
use tidings::Bus;
use tidings::console::{AnnotationsChoice, ColourChoice, Console, MarksChoice, Mode, Size};

use crate::payload::{PAYLOADS, between_neighbours};

/// The payload that is longer than what a console keeps for a slow terminal.
const LONG: &str = "five megabytes";

/// What a console writes to.
#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panics with it").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is shown of each payload in this mode, with its name.
fn shown(mode: Mode, terminal: Option<Size>) -> impl Iterator<Item = (&'static str, String)> {
    PAYLOADS.iter().map(move |payload| {
        let screen = Screen::default();
        let builder = Console::to(screen.clone()).mode(mode).colour(ColourChoice::Never);
        let builder = builder.marks(MarksChoice::Unicode).annotations(AnnotationsChoice::Always);
        let console = Arc::new(match terminal {
            Some(size) => builder.terminal(size).build(),
            None => builder.build(),
        });
        let bus = Bus::new();
        bus.subscribe(Arc::clone(&console)).detach();
        between_neighbours(&bus, payload);
        let report = bus.close(Duration::from_mins(1)).expect("it is not strict");
        // What has no room in the buffer of a console is dropped, and the output says so.
        let counts = report.observers.first().expect("the console comes first").counts;
        let is_told = counts.dropped == 0 || payload.name == LONG;
        assert!(is_told && counts.pending == 0, "{}: {report}", payload.name);
        let settled = counts.delivered + counts.dropped + counts.rejected;
        assert_eq!(counts.accepted, settled, "{}: {report}", payload.name);
        drop(console);
        let bytes = screen.0.lock().expect("nobody panicked with it").clone();
        (payload.name, String::from_utf8(bytes).expect("a console writes text"))
    })
}

fn assert_safe(name: &str, text: &str) {
    let is_raw = |c: char| {
        c != '\n' && c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let raw = text.find(is_raw).map(|at| text[at..].chars().take(40).collect::<String>());
    assert_eq!(raw, None, "{name}");
}

/// Takes away what the console itself writes to draw over its picture.
fn without_own_moves(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        kept.push_str(before.strip_suffix('\r').unwrap_or(before));
        let behind = after.trim_start_matches(|c: char| c.is_ascii_digit());
        let is_own = after.starts_with(['K', 'J']) || behind.starts_with('A');
        assert!(is_own, "{:?}", after.chars().take(40).collect::<String>());
        rest = &behind[1..];
    }
    kept + rest
}

#[test]
fn no_payload_reaches_a_live_terminal_raw() {
    for size in [Size::new(80, 24), Size::new(3, 2)] {
        for (name, text) in shown(Mode::Tree, Some(size)) {
            assert_safe(name, &without_own_moves(&text));
        }
    }
}

#[test]
fn no_payload_reaches_a_plain_tree_raw() {
    for (name, text) in shown(Mode::Tree, None) {
        assert_safe(name, &text);
    }
}

#[test]
fn no_payload_reaches_lines_raw_and_its_neighbours_have_theirs() {
    for (name, text) in shown(Mode::Lines, None) {
        assert_safe(name, &text);
        assert!(text.contains("neighbour/before"), "{name}");
        assert!(name == LONG || text.contains("neighbour/after"), "{name}");
    }
}

#[test]
fn no_line_is_a_command_to_a_runner() {
    for (name, text) in shown(Mode::Lines, None).chain(shown(Mode::Tree, None)) {
        for line in text.lines() {
            let own =
                ["::error ", "::error::", "::warning ", "::warning::", "::group::", "::endgroup::"];
            let is_command = line.trim_start().starts_with("::") || line.contains("##[");
            let is_own = own.iter().any(|own| line.starts_with(own)) && !line.contains("##[");
            assert!(!is_command || is_own, "{name}: {line}");
        }
    }
}

#[test]
fn every_line_of_json_is_an_event_on_its_own() {
    for (name, text) in shown(Mode::Json, None) {
        assert_safe(name, &text);
        for line in text.lines() {
            let read: Result<IgnoredAny, _> = serde_json::from_str(line);
            assert!(read.is_ok(), "{name}");
        }
        assert!(text.contains("\"before\""), "{name}");
        assert!(name == LONG || text.contains("\"after\""), "{name}");
    }
}
