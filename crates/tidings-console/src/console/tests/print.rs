//! Text of others: above the picture, between the lines, never in JSON.

use tidings_core::{Interest, Prefix};
use tidings_registry::{Bus, ObserverError};

use super::*;
use crate::escape::is_dangerous;

/// What a terminal of any size shows after all that was written, one cell a character. It
/// knows the sequences that a console uses, and fails at any other.
fn shown(written: &str) -> String {
    let (mut rows, mut row, mut column) = (vec![Vec::new()], 0, 0);
    let mut rest = written.chars();
    while let Some(character) = rest.next() {
        match character {
            '\n' => {
                (row, column) = (row + 1, 0);
                if rows.len() == row {
                    rows.push(Vec::new());
                }
            }
            '\r' => column = 0,
            '\u{1b}' => {
                let sequence: String = rest.by_ref().take_while(|c| !"AJK".contains(*c)).collect();
                let last = written[..written.len() - rest.as_str().len()].chars().last();
                match (sequence.strip_prefix('[').expect("a sequence"), last) {
                    ("", Some('K')) => rows[row].truncate(column),
                    ("", Some('J')) => {
                        rows[row].truncate(column);
                        rows.truncate(row + 1);
                    }
                    (up, Some('A')) => row -= up.parse::<usize>().expect("a number of rows"),
                    other => unreachable!("{other:?}"),
                }
            }
            cell => {
                if column < rows[row].len() {
                    rows[row][column] = cell;
                } else {
                    rows[row].push(cell);
                }
                column += 1;
            }
        }
    }
    let lines: Vec<String> = rows.into_iter().map(String::from_iter).collect();
    lines.join("\n")
}

fn live(page: &Page) -> Console {
    plain(Console::to(page.clone())).terminal(Size::new(61, 24)).build()
}

#[test]
fn a_live_picture_makes_way_for_printed_text() {
    let page = Page::default();
    let console = live(&page);
    let mut script = Script::new();
    send(&console, &[script.begin("case/a"), script.begin("case/b")]);
    flush(&console);
    let before = page.text().len();
    assert!(console.print("seed 42\n\tretry \u{1b}[2J\n"));
    flush(&console);
    let expected = expect![[r#"
        ^M^[4A^[Jseed 42
            retry \u{1b}[2J
        ● case/a                                                  0s^[K
        ● case/b                                                  0s^[K
        ^[K
        2 running · 2 events^[K
    "#]];
    expected.assert_eq(&page.text()[before..].replace('\u{1b}', "^").replace('\r', "^M"));
}

#[test]
fn printed_text_stays_above_whatever_is_drawn_later() {
    let page = Page::default();
    let console = live(&page);
    let mut script = Script::new();
    assert!(console.print("before any event"));
    flush(&console);
    assert_eq!(page.text(), "before any event\n");
    send(&console, &[script.begin("case/a"), script.begin("case/b")]);
    flush(&console);
    assert!(console.print("in between"));
    send(&console, &[script.after(12).end("case/a", Outcome::Success)]);
    flush(&console);
    assert!(console.print("at the end"));
    send(&console, &[script.after(34).end("case/b", Outcome::Success)]);
    close(&console).unwrap();
    let expected = expect![[r#"
        before any event
        in between
        at the end
        ✓ case/a                                                12ms
        ✓ case/b                                                46ms

        slowest

           46ms  case/b
           12ms  case/a

        2 passed · 4 events · 46ms
    "#]];
    expected.assert_eq(&shown(&page.text()));
}

#[test]
fn a_picture_is_redrawn_for_text_alone() {
    let page = Page::default();
    let console = live(&page);
    console.print("nobody asks for it");
    page.wait_for("nobody asks for it\n");
    close(&console).unwrap();
    assert_eq!(page.text(), "nobody asks for it\n", "no summary of nothing");
}

#[test]
fn text_wakes_a_painter_that_rests() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Lines);
    console.print("first");
    page.wait_for("first\n");
    let deadline = Instant::now() + SOON;
    while !console.shared.state.lock().wakes {
        assert!(Instant::now() < deadline, "the painter never rests");
        std::thread::yield_now();
    }
    console.print("second");
    page.wait_for("second\n");
    close(&console).unwrap();
}

#[test]
fn elsewhere_text_has_lines_of_its_own_between_events() {
    for mode in [Mode::Lines, Mode::Tree] {
        let page = Page::default();
        let console = console(page.clone(), mode);
        let mut script = Script::new();
        send(&console, &[script.end("case/a", Outcome::Success)]);
        assert!(console.print("one\r\n\u{202e}two"));
        send(&console, &[script.end("case/b", Outcome::Success)]);
        close(&console).unwrap();
        let text = page.text();
        let lines: Vec<&str> = text.lines().take(4).collect();
        assert!(lines[0].ends_with("case/a") && lines[3].ends_with("case/b"), "{text}");
        assert_eq!(lines[1..3], ["one", r"\u{202e}two"]);
        let counts = balanced(&console);
        assert_eq!((counts.accepted, counts.delivered), (2, 2), "text is no event");
    }
}

#[test]
fn the_stream_of_json_is_for_events_alone() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Json);
    assert!(!console.print("not JSON"));
    send(&console, &[Script::new().begin("case/a")]);
    writeln!(console.writer(), "nor this").unwrap();
    close(&console).unwrap();
    assert_eq!(page.text().lines().count(), 1);
    wire::read_event(page.text().trim_end()).unwrap();
}

#[test]
fn nothing_is_taken_after_the_close_or_for_a_reader_that_has_gone() {
    let page = Page::default();
    let open = console(page.clone(), Mode::Lines);
    close(&open).unwrap();
    assert!(!open.print("too late"));
    assert_eq!(page.text(), "");
    let gone = console(Failing(0, io::ErrorKind::BrokenPipe), Mode::Lines);
    assert!(gone.print("it is not known yet"));
    flush(&gone);
    assert!(!gone.print("now it is"));
    close(&gone).unwrap();
}

#[test]
fn lines_that_get_through_before_a_failure_are_not_taken_for_events() {
    let mut script = Script::new();
    let console = console(Failing(40, io::ErrorKind::StorageFull), Mode::Lines);
    console.print("1\n2\n3\n4\n5");
    send(&console, &[script.begin("case/a"), script.begin("case/b")]);
    close(&console).expect_err("the disk is full");
    let counts = balanced(&console);
    assert_eq!((counts.delivered, counts.dropped), (0, 2));
}

#[test]
fn text_that_finds_no_room_is_counted_and_said() {
    for is_live in [true, false] {
        let page = Page::default();
        let (gate, is_entered, let_go) = Gate::new(&page);
        let builder = plain(Console::to(gate)).mode(Mode::Lines);
        let console = if is_live {
            builder.mode(Mode::Tree).terminal(Size::new(61, 24)).build()
        } else {
            builder.build()
        };
        console.print("first");
        is_entered.recv_timeout(SOON).expect("the painter writes");
        let line = "x".repeat(BUFFER_BYTES_MAX / 2 - 10);
        assert!(!console.print(&[line.as_str(); 4].join("\n")), "two fit, two do not");
        assert!(!console.print(&line));
        let error = console.close(Instant::now()).expect_err("it hangs").to_string();
        assert!(error.contains("the writer hangs: 3 lines"), "{error}");
        drop(let_go);
        close(&console).unwrap();
        assert_eq!(page.text(), "first\n");
    }
}

#[test]
fn missing_text_is_said_where_it_is_missing_and_room_comes_back() {
    let page = Page::default();
    let (gate, is_entered, let_go) = Gate::new(&page);
    let console = plain(Console::to(gate)).terminal(Size::new(61, 24)).build();
    send(&console, &[Script::new().begin("case/a")]);
    is_entered.recv_timeout(SOON).expect("the painter writes");
    let line = "x".repeat(BUFFER_BYTES_MAX / 2 - 10);
    assert!(!console.print(&[line.as_str(); 5].join("\n")));
    drop(let_go);
    flush(&console);
    assert!(console.print("small again"));
    // Longer than the buffer: it passes alone.
    flush(&console);
    assert!(console.print(&"y".repeat(BUFFER_BYTES_MAX + 1)));
    close(&console).unwrap();
    let text = shown(&page.text());
    let starts: Vec<&str> = text.lines().take(5).map(|line| &line[..line.len().min(14)]).collect();
    assert_eq!(starts, [&line[..14], &line[..14], "… 3 lines ar", "small again", "yyyyyyyyyyyyyy"]);
}

#[test]
fn a_console_that_a_bus_observes_with_can_be_printed_to() {
    let page = Page::default();
    let console = Arc::new(console(page.clone(), Mode::Lines));
    let bus = Bus::new();
    bus.subscribe(Arc::clone(&console)).detach();
    assert!(console.print("set up"));
    bus.raw_emitter("case", "a").emit("case.hello", json!({})).unwrap();
    let mut writer = console.writer();
    writeln!(writer, "torn down").unwrap();
    bus.close(SOON).unwrap();
    let text = page.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[2]), (3, "set up", "torn down"), "{text}");
}

#[test]
fn a_diagnostic_has_a_line_above_the_tree_and_no_place_in_it() {
    let page = Page::default();
    let console = Arc::new(console(page.clone(), Mode::Tree));
    let bus = Bus::new();
    let all = Interest::everything().with(Prefix::parse("tidings.").unwrap());
    bus.register(Arc::clone(&console)).interest(all).start().unwrap().detach();
    bus.observe("case", |_| Err(ObserverError::failed("out of reach"))).unwrap().detach();
    bus.raw_emitter("case", "a").emit("case.hello", json!({})).unwrap();
    bus.close(SOON).unwrap();
    let text = page.text();
    let first = text.lines().next().unwrap_or_default();
    assert!(first.contains("tidings.observer.failed") && first.contains("out of reach"), "{text}");
    assert!(text.contains("1 event") && !text.contains("2 events"), "{text}");
}

#[test]
fn a_writer_hands_over_whole_lines() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Lines);
    let mut first = console.writer();
    let mut second = first.clone();
    write!(first, "one ").unwrap();
    write!(second, "two\nhalf").unwrap();
    writeln!(first, "line").unwrap();
    first.write_all(b"\xff\x1b[0m\n").unwrap();
    second.flush().unwrap();
    write!(first, "dropped").unwrap();
    drop(first);
    close(&console).unwrap();
    assert_eq!(page.text(), "two\none line\n\u{fffd}\\u{1b}[0m\nhalf\ndropped\n");
}

#[test]
fn a_line_without_end_is_cut_between_characters() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Lines);
    let mut writer = console.writer();
    for _ in 0..64 * 1024 {
        writer.write_all("日".as_bytes()).unwrap();
    }
    let long = format!("a{}", "日".repeat(64 * 1024));
    for byte in long.as_bytes().chunks(1_000) {
        writer.write_all(byte).unwrap();
    }
    drop(writer);
    close(&console).unwrap();
    let text = page.text();
    assert!(text.lines().count() > 4 && text.lines().all(|line| line.len() < 70_000));
    assert_eq!(text.matches('日').count(), 2 * 64 * 1024);
    assert!(!text.contains('\u{fffd}'));
}

#[test]
fn threads_that_print_and_emit_never_share_a_line() {
    let page = Page::default();
    let console = console(page.clone(), Mode::Lines);
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let (console, mut writer) = (&console, console.writer());
            scope.spawn(move || {
                let mut script = Script::on_bus(thread.into(), Duration::ZERO);
                for number in 0..100 {
                    send(console, &[script.begin(&format!("case/{number}"))]);
                    write!(writer, "out{thread}").unwrap();
                    writeln!(writer, " {number}").unwrap();
                    balanced(console);
                }
            });
        }
    });
    close(&console).unwrap();
    let text = page.text();
    let (printed, events): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.starts_with("out"));
    assert_eq!((printed.len(), events.len()), (400, 400));
    for thread in 0..4 {
        let own = printed.iter().filter(|line| line.starts_with(&format!("out{thread} ")));
        let expected: Vec<String> =
            (0..100).map(|number| format!("out{thread} {number}")).collect();
        assert!(own.eq(&expected));
    }
    assert!(!text.replace('\n', "").contains(is_dangerous));
    assert_eq!(balanced(&console).delivered, 400);
}
