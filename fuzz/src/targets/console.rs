//! The console in every mode: nothing that an event says reaches the terminal raw.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tidings_console::{AnnotationsChoice, ColourChoice, Console, MarksChoice, Mode, Size};
use tidings_core::{Attributes, Entity, EventType, Outcome, RawPayload, Role};
use tidings_registry::Bus;

use super::page;

/// What the console itself may write besides text.
const OWN: [&str; 2] = ["\u{1b}[K", "\u{1b}[J"];

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

pub(crate) fn run(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    let parts: Vec<&str> = text.split('\u{1f}').collect();
    let part = |place: usize| parts[place % parts.len()];
    let screen = Screen::default();
    let mode = [Mode::Lines, Mode::Json, Mode::Tree, Mode::Tree][usize::from(choice % 4)];
    let mut builder = Console::to(screen.clone())
        .mode(mode)
        .colour(ColourChoice::Never)
        .marks(if choice & 16 == 0 { MarksChoice::Unicode } else { MarksChoice::Ascii })
        .annotations(if choice & 32 == 0 {
            AnnotationsChoice::Never
        } else {
            AnnotationsChoice::Always
        });
    if choice % 4 == 3 {
        builder = builder.terminal(Size::new(usize::from(choice >> 2 & 63) + 1, 12));
    }
    let console = Arc::new(builder.build());
    let bus = Bus::builder().run(part(0)).node(part(1)).build();
    bus.subscribe(Arc::clone(&console)).detach();
    emit(&bus, part);
    if choice & 64 == 0 {
        page::emit(&bus, part);
    }
    console.print(part(3));
    bus.close(Duration::from_secs(30)).expect("it is not strict");
    let shown = screen.0.lock().expect("nobody panicked with it").clone();
    check(&String::from_utf8(shown).expect("a console writes text"), mode);
}

/// Says things of no vocabulary, with a part at every place that takes text.
fn emit<'a>(bus: &Bus, part: impl Fn(usize) -> &'a str) {
    let entity = Entity::new(part(2), part(3)).child(part(4), part(5));
    let fallback = EventType::from_static("case.noted");
    for (place, role) in [Role::Begin, Role::Point, Role::End(Outcome::Failure)].iter().enumerate()
    {
        let name: String = part(6 + place).chars().take(20).collect();
        let event_type = EventType::foreign(&name).unwrap_or_else(|_| fallback.clone());
        let data =
            json!({ part(7): part(8), "message": part(9), "list": [part(10), { part(11): 1 }] });
        let emitter = bus.raw_emitter(part(2), part(3)).child(part(4), part(5));
        let emitter = emitter.with(part(12), part(13));
        assert_eq!(*emitter.entity(), entity);
        emitter.emit_as(&event_type, RawPayload::new(data).with_role(*role));
    }
    // A text that says it is JSON is kept as it is.
    drop(bus.raw_emitter("text", part(1)).emit_text("case.raw", part(0)));
    drop(Attributes::new().with(part(1), part(2)));
}

fn check(shown: &str, mode: Mode) {
    let mut rest = shown.to_owned();
    if mode == Mode::Tree {
        for own in OWN {
            rest = rest.replace(own, "");
        }
        rest = without_cursor_moves(&rest);
    }
    let raw = rest.chars().find(|&c| !matches!(c, '\n' | '\r') && is_dangerous(c));
    assert_eq!(raw, None, "{rest:?}");
    if mode == Mode::Json {
        for line in shown.lines() {
            let read: Result<serde_json::Value, _> = serde_json::from_str(line);
            assert!(read.is_ok(), "{line}");
        }
    }
    let bare_returns = rest.replace("\r\n", "").matches('\r').count();
    assert!(mode == Mode::Tree || bare_returns == 0, "{rest:?}");
}

/// Takes away `ESC [ number A`, by which a picture is drawn over.
fn without_cursor_moves(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        kept.push_str(before);
        let moved = after.trim_start_matches(|c: char| c.is_ascii_digit());
        if let Some(behind) = moved.strip_prefix('A') {
            rest = behind;
        } else {
            kept.push('\u{1b}');
            rest = after;
        }
    }
    kept + rest
}

/// What a terminal, or a reader of lines, acts on. (A second list, on purpose.)
pub(crate) fn is_dangerous(c: char) -> bool {
    let code = u32::from(c);
    code < 0x20
        || (0x7f..0xa0).contains(&code)
        || [0x61c, 0x200e, 0x200f, 0x2028, 0x2029, 0xfeff].contains(&code)
        || (0x202a..=0x202e).contains(&code)
        || (0x2066..=0x2069).contains(&code)
}
