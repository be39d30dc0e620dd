//! The observer with its thread: writers that hang, fail, go away or panic.

#![expect(clippy::needless_raw_string_hashes, reason = "expect-test writes snapshots with them")]

mod print;
mod run;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use expect_test::expect;
use parking_lot::{Condvar, Mutex};
use serde_json::json;
use tidings_core::{Envelope, ManualClock, Outcome, wire};
use tidings_registry::{Counts, Observer, ObserverError};

use super::*;
use crate::colour::{ColourChoice, MarksChoice};
use crate::fixture::{START, Script, sample};
use crate::render::Size;

/// Longer than anything here takes, so that only a fault runs into it.
const SOON: Duration = Duration::from_secs(30);

/// A writer whose text can be read.
#[derive(Clone, Default)]
struct Page(Arc<(Mutex<Vec<u8>>, Condvar)>);

impl Page {
    fn text(&self) -> String {
        String::from_utf8(self.0.0.lock().clone()).expect("we write UTF-8")
    }

    fn wait_for(&self, part: &str) {
        let deadline = Instant::now() + SOON;
        let mut bytes = self.0.0.lock();
        while !String::from_utf8_lossy(&bytes).contains(part) {
            let timed_out = self.0.1.wait_until(&mut bytes, deadline).timed_out();
            assert!(!timed_out, "{part:?} is not in {:?}", String::from_utf8_lossy(&bytes));
        }
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.0.lock().extend_from_slice(bytes);
        self.0.1.notify_all();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A writer that blocks until it is let go, and says when it is entered.
struct Gate {
    entered: SyncSender<()>,
    release: Receiver<()>,
    page: Page,
}

impl Gate {
    fn new(page: &Page) -> (Self, Receiver<()>, SyncSender<()>) {
        let (entered, is_entered) = sync_channel(1_000);
        let (let_go, release) = sync_channel(1);
        let page = page.clone();
        let gate = Self { entered, release, page };
        (gate, is_entered, let_go)
    }
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.entered.try_send(()).expect("few writes");
        // Fails once the sender is gone: then the gate stays open.
        self.release.recv().unwrap_or_default();
        self.page.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A writer that fails, after so many bytes.
struct Failing(usize, io::ErrorKind);

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(self.1.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn console(writer: impl Write + Send + 'static, mode: Mode) -> Console {
    plain(Console::to(writer)).mode(mode).build()
}

fn plain(builder: ConsoleBuilder) -> ConsoleBuilder {
    builder.colour(ColourChoice::Never).marks(MarksChoice::Unicode).clock(ManualClock::new(START))
}

fn send(console: &Console, envelopes: &[Arc<Envelope>]) {
    for envelope in envelopes {
        console.on_event(envelope).expect("a console takes everything");
    }
}

fn balanced(console: &Console) -> Counts {
    let counts = console.counts().expect("a console counts");
    assert_eq!(
        counts.accepted,
        counts.delivered + counts.dropped + counts.rejected + counts.pending,
        "{counts:?}"
    );
    counts
}

fn flush(console: &Console) {
    console.flush(Instant::now() + SOON).unwrap();
}

fn close(console: &Console) -> Result<(), ObserverError> {
    console.close(Instant::now() + SOON)
}

#[test]
fn elsewhere_than_on_a_terminal_what_ended_has_a_line_and_a_summary_follows() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Auto);
    send(&console, &sample(&mut Script::new()));
    close(&console).unwrap();
    let expected = expect![[r#"
        ✓    12ms  suite/a_SUITE/group/g1/case/adds
        ✗    34ms  suite/a_SUITE/group/g1/case/subtracts  expected 1, got 2
        ○          suite/a_SUITE/group/g1/case/roots  needs complex numbers
        ✓  1.234s  suite/b_SUITE/case/größe_日本

        1 failure

        ✗ suite/a_SUITE/group/g1/case/subtracts  34ms
            expected 1, got 2
              at math.rs:7

        1 never ended

        ● suite/a_SUITE/group/g1/case/divides

        slowest

         1.234s  suite/b_SUITE/case/größe_日本
           34ms  suite/a_SUITE/group/g1/case/subtracts
           12ms  suite/a_SUITE/group/g1/case/adds

        1 running, 2 passed, 1 failed, 1 skipped · 12 events · 1.285s
    "#]];
    expected.assert_eq(&page.text());
    assert_eq!(balanced(&console).delivered, 12);
}

#[test]
fn a_terminal_is_drawn_over_and_ends_with_the_summary() {
    let page = Page::default();
    let builder = plain(Console::to(page.clone())).terminal(Size::new(61, 24));
    let console = builder.width(60).build();
    let mut script = Script::new();
    send(&console, &[script.begin("case/a")]);
    console.flush(Instant::now() + SOON).unwrap();
    send(&console, &[script.after(1_500).fail("case/a", "no")]);
    close(&console).unwrap();
    let expected = expect![[r#"
        ^M^[3A✗ case/a  no                                          1.500s^[K
        ^[J
        1 failure

        ✗ case/a                                              1.500s
            no

        1 failed · 2 events · 1.500s
    "#]];
    let text = page.text();
    let last_drawing = text.rfind('\r').expect("it was drawn twice");
    expected.assert_eq(&text[last_drawing..].replace('\u{1b}', "^").replace('\r', "^M"));
    assert!(text.starts_with("● case/a"), "{text:?}");
}

#[test]
fn live_and_replayed_end_with_the_same_words() {
    let (live, replayed) = (Page::default(), Page::default());
    let first = console(live.clone(), Mode::Tree);
    let second = plain(Console::to(replayed.clone())).mode(Mode::Tree);
    let second = second.clock(ManualClock::new(START.saturating_add(SOON * 1_000))).build();
    for envelope in sample(&mut Script::new()) {
        send(&first, &[Arc::clone(&envelope)]);
        let mut json = String::new();
        wire::write_event(&*envelope, None, &mut json).unwrap();
        let again = wire::read_event(&json).unwrap().envelope;
        send(&second, &[again]);
    }
    close(&first).unwrap();
    close(&second).unwrap();
    assert_eq!(live.text(), replayed.text());
    assert!(live.text().contains("1 never ended"));
}

#[test]
fn every_json_line_reads_back_to_its_event() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Json);
    let events = sample(&mut Script::new());
    send(&console, &events);
    close(&console).unwrap();
    let text = page.text();
    assert_eq!(text.lines().count(), events.len());
    for (line, event) in text.lines().zip(&events) {
        let again = wire::read_event(line).unwrap().envelope;
        assert_eq!((again.id(), again.role()), (event.id(), event.role()));
    }
    assert_eq!(balanced(&console).delivered, 12);
}

#[test]
fn an_event_without_a_json_form_is_rejected_alone() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Json);
    let mut script = Script::new();
    let error = console.on_event(&script.nan("case/t1")).expect_err("NaN has no JSON form");
    assert!(error.is_rejected(), "{error}");
    send(&console, &[script.begin("case/t1")]);
    close(&console).unwrap();
    let counts = balanced(&console);
    // The bus counts the one that was answered with an error.
    assert_eq!((counts.accepted, counts.rejected, counts.delivered), (1, 0, 1));
}

#[test]
fn a_line_is_written_without_being_asked_for() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Lines);
    send(&console, &[Script::new().raw("case/t1", "case.hello", json!({"to": "you"}))]);
    page.wait_for("case/t1  to=you\n");
    close(&console).unwrap();
}

#[test]
fn a_writer_that_hangs_blocks_neither_the_emitter_nor_the_close() {
    let page = Page::default();
    let (gate, is_entered, let_go) = Gate::new(&page);
    let console = console(gate, Mode::Lines);
    let mut script = Script::new();
    send(&console, &[script.begin("case/first")]);
    is_entered.recv_timeout(SOON).expect("the painter writes");
    for number in 0..10_000 {
        let path = format!("case/{number}");
        send(&console, &[script.raw(&path, "case.log", json!({"text": "x".repeat(100)}))]);
    }
    let counts = balanced(&console);
    assert_eq!((counts.accepted, counts.delivered), (10_001, 0));
    assert!(counts.dropped > 0 && counts.pending > 1_000, "{counts:?}");
    assert!(console.flush(Instant::now()).is_err());
    let error = console.close(Instant::now() + Duration::from_millis(20)).expect_err("it hangs");
    assert!(error.to_string().contains("the writer hangs"), "{error}");
    drop(let_go);
    close(&console).unwrap();
    let counts = balanced(&console);
    assert_eq!((counts.pending, counts.delivered), (0, 1));
    assert_eq!(page.text().lines().count(), 1, "after its deadline nothing more is written");
}

#[test]
fn lines_that_found_no_room_are_said_where_they_are_missing() {
    for mode in [Mode::Lines, Mode::Json] {
        let page = Page::default();
        let (gate, is_entered, let_go) = Gate::new(&page);
        let console = console(gate, mode);
        let mut script = Script::new();
        send(&console, &[script.begin("case/first")]);
        is_entered.recv_timeout(SOON).expect("the painter writes");
        let large = json!({"text": "x".repeat(BUFFER_BYTES_MAX / 2)});
        for _ in 0..5 {
            send(&console, &[script.raw("case/large", "case.log", large.clone())]);
        }
        assert_eq!(balanced(&console).dropped, 4);
        drop(let_go);
        console.flush(Instant::now() + SOON).unwrap();
        send(&console, &[script.begin("case/last")]);
        close(&console).unwrap();
        let text = page.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        let gap = if mode == Mode::Json {
            let parsed: serde_json::Value = serde_json::from_str(lines[2]).unwrap();
            assert_eq!(parsed["data"]["dropped"], 4);
            "tidings.sink.dropped"
        } else {
            "… 4 lines are missing here: the writer was too slow"
        };
        assert!(lines[2].contains(gap), "{}", lines[2]);
        assert!(lines[3].contains("last"));
        assert_eq!(balanced(&console).delivered, 3);
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_writing_and_nothing_else() {
    for mode in [Mode::Tree, Mode::Lines, Mode::Json] {
        let console = console(Failing(10, io::ErrorKind::BrokenPipe), mode);
        send(&console, &sample(&mut Script::new()));
        console.flush(Instant::now() + SOON).unwrap();
        send(&console, &sample(&mut Script::new()));
        close(&console).unwrap();
        let counts = balanced(&console);
        assert_eq!((counts.accepted, counts.delivered), (24, 24), "{mode:?}");
    }
}

#[test]
fn a_writer_that_fails_is_told_of_by_flush_and_close_only() {
    let mut script = Script::new();
    let first = script.begin("case/t1");
    let line_bytes = crate::line::event_line(&first, crate::Style::plain()).len();
    let writer = Failing(line_bytes, io::ErrorKind::StorageFull);
    let console = console(writer, Mode::Lines);
    send(&console, &[first]);
    console.flush(Instant::now() + SOON).unwrap();
    send(&console, &[script.end("case/t1", Outcome::Success)]);
    assert!(console.flush(Instant::now() + SOON).is_err());
    send(&console, &[script.begin("case/t2")]);
    let error = close(&console).expect_err("the disk is full").to_string();
    assert!(error.starts_with("failed to write to the console: "), "{error}");
    let counts = balanced(&console);
    assert_eq!((counts.delivered, counts.dropped, counts.pending), (1, 2, 0));
}

#[test]
fn a_writer_that_panics_is_contained() {
    struct Panicking;
    impl Write for Panicking {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            panic!("a bug of the user");
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let console = console(Panicking, Mode::Lines);
    send(&console, &[Script::new().begin("case/t1")]);
    let error = close(&console).expect_err("it panicked").to_string();
    assert_eq!(error, "the writer of the console panicked");
    assert_eq!(balanced(&console).dropped, 1);
}

#[test]
fn without_events_nothing_is_written() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Auto);
    console.flush(Instant::now() + SOON).unwrap();
    close(&console).unwrap();
    send(&console, &[Script::new().begin("case/late")]);
    assert_eq!(page.text(), "");
    assert_eq!(balanced(&console).dropped, 1);
}

#[test]
fn eight_threads_lose_nothing() {
    for mode in [Mode::Tree, Mode::Json] {
        let page = Page::default();
        let console = console(page.clone(), mode);
        std::thread::scope(|scope| {
            for thread in 0..8_u64 {
                let console = &console;
                scope.spawn(move || {
                    let mut script = Script::on_bus(thread.into(), Duration::ZERO);
                    for number in 0..100 {
                        let path = format!("suite/{thread}/case/{number}");
                        send(console, &[script.begin(&path)]);
                        send(console, &[script.after(1).end(&path, Outcome::Success)]);
                        balanced(console);
                    }
                });
            }
        });
        close(&console).unwrap();
        let counts = balanced(&console);
        assert_eq!((counts.accepted, counts.delivered), (1_600, 1_600), "{mode:?}");
        if mode == Mode::Tree {
            assert!(
                page.text().ends_with("800 passed · 1,600 events · 100ms\n"),
                "{}",
                page.text()
            );
        } else {
            assert_eq!(page.text().lines().count(), 1_600);
        }
    }
}

#[test]
fn a_burst_is_drawn_few_times() {
    let page = Page::default();
    let console = plain(Console::to(page.clone())).terminal(Size::new(80, 24)).build();
    let mut script = Script::new();
    for number in 0..2_000 {
        send(&console, &[script.begin(&format!("case/{number}"))]);
    }
    close(&console).unwrap();
    // The clock stands still: one drawing at the start, one at the end.
    let drawings = page.text().matches("\u{1b}[J").count() + page.text().matches('\r').count();
    assert!(drawings <= 2, "{drawings}");
}

#[test]
fn a_console_is_shared_between_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Console>();
}
