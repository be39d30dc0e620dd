//! Reading: torn ends, bad lines, bounds.

use expect_test::expect;
use proptest::prelude::*;
use tidings_journal::{ReadError, Reader};

use crate::support::{chain, event, path, written};

/// Sequences of the events that can be read, and the faults of the lines that cannot.
fn read(bytes: &[u8]) -> (Vec<u64>, Vec<String>, Reader<&[u8]>) {
    let mut reader = Reader::new(bytes, "run.jsonl");
    let (mut sequences, mut faults) = (Vec::new(), Vec::new());
    for line in &mut reader {
        match line {
            Ok(entry) => sequences.push(entry.envelope().id().sequence()),
            Err(fault) => faults.push(fault.to_string()),
        }
    }
    (sequences, faults, reader)
}

fn three() -> Vec<String> {
    let text = written(&[event(0, "{}"), event(1, "{\"a\":[1,2]}"), event(2, "\"ü\"")]);
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_bad_line_is_named_and_costs_itself_only() {
    let lines = three();
    let mut bytes = Vec::new();
    let cut = &lines[1][..100];
    let renamed = lines[1].replace("case.started", "case..started");
    for line in [&lines[0], "no event", &lines[1], cut, &renamed, "[]", &lines[2]] {
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(b"{\"specversion\":\"\xff\"}\n");
    bytes.extend_from_slice(lines[3].as_bytes());
    bytes.push(b'\n');
    let (sequences, faults, reader) = read(&bytes);
    assert_eq!(sequences, [0, 1, 2]);
    assert_eq!((reader.sessions(), reader.lines(), reader.torn()), (1, 9, None));
    expect![[r#"
        run.jsonl:2: not a CloudEvent in JSON: an object is expected (restore the line from a copy, or remove it)
        run.jsonl:4: not a CloudEvent in JSON: EOF while parsing an object at column 100 (restore the line from a copy, or remove it)
        run.jsonl:5: the attribute `type` cannot be read: `case..started` is not an event type: a segment between its dots is empty (restore the line from a copy, or remove it)
        run.jsonl:6: not a CloudEvent in JSON: an object is expected (restore the line from a copy, or remove it)
        run.jsonl:8: byte 17 of the line is not UTF-8 (restore the line from a copy, or remove it)"#]].assert_eq(&faults.join("\n"));
}

#[test]
fn a_torn_last_line_ends_the_reading_without_an_error() {
    let text = three().join("\n");
    let whole = text.len();
    let start = text.rfind('\n').expect("lines") + 1;
    for kept in start + 1..whole {
        let (sequences, faults, reader) = read(&text.as_bytes()[..kept]);
        assert_eq!((sequences, faults), (vec![0, 1], vec![]), "{kept} bytes");
        let torn = reader.torn().expect("torn");
        assert_eq!((torn.line, torn.bytes), (4, (kept - start) as u64));
        assert_eq!(torn.offset, start as u64);
    }
    let (sequences, _, reader) = read(text.as_bytes());
    assert_eq!((sequences, reader.torn()), (vec![0, 1, 2], None));
}

#[test]
fn empty_lines_and_carriage_returns_mean_nothing() {
    let text = format!("\r\n\n{}\r\n  \r\n\n", three().join("\r\n\r\n"));
    let (sequences, faults, reader) = read(text.as_bytes());
    assert_eq!((sequences, faults, reader.torn()), (vec![0, 1, 2], vec![], None));
}

#[test]
fn a_line_beyond_the_bound_is_an_error_and_the_next_is_read() {
    let lines = three();
    let long = format!("{}{}", lines[1], " ".repeat(2000));
    let text = [&lines[0], &long, &lines[2], &long].map(String::as_str).join("\n");
    let mut reader = Reader::new(text.as_bytes(), "run.jsonl").line_bytes_max(2000);
    let fault = reader.next().expect("a line").expect_err("too long");
    expect!["run.jsonl:2: the line has 2480 bytes, more than the 2000 that are read (raise `line_bytes_max` of the reader)"].assert_eq(&fault.to_string());
    assert_eq!(reader.next().expect("a line").expect("short").line, 3);
    assert!(reader.next().is_none());
    assert_eq!(reader.torn().map(|torn| torn.line), Some(4));
}

#[test]
fn a_missing_file_is_named() {
    let (folder, path) = path();
    let fault = Reader::open(&path).expect_err("no file");
    assert_eq!(fault.line(), None);
    expect!["failed to open the journal `run.jsonl`: No such file or directory (os error 2)"]
        .assert_eq(&chain(&fault, &folder));
}

#[test]
fn a_folder_is_refused_when_it_is_opened() {
    let (folder, _) = path();
    let fault = Reader::open(folder.path()).expect_err("a folder");
    assert!(matches!(fault, ReadError::Open { .. }), "{fault}");
    let shown = format!("`{}`", folder.path().display());
    let text = chain(&fault, &folder).replace(&shown, "`folder`");
    expect!["failed to open the journal `folder`: is a directory"].assert_eq(&text);
}

#[test]
fn the_header_is_that_of_the_session_of_the_last_event() {
    let first = written(&[event(0, "{}")]);
    let second = first.replace("\"everything\":true", "\"everything\":false");
    let text = first + &second;
    let mut reader = Reader::new(text.as_bytes(), "run.jsonl");
    assert!(reader.header().is_none());
    reader.next().expect("a line").expect("an event");
    let header = reader.header().expect("a header");
    assert!(header.everything);
    assert_eq!((header.line, header.format), (1, 1));
    reader.next().expect("a line").expect("an event");
    let header = reader.header().expect("a header");
    assert_eq!((header.everything, header.line, reader.sessions()), (false, 3, 2));
}

proptest! {
    #[test]
    fn garbage_between_lines_never_hides_a_good_one(
        garbage in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..8),
        places in prop::collection::vec(0_usize..5, 8),
    ) {
        let lines = three();
        let mut bytes = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            for (junk, place) in garbage.iter().zip(&places) {
                if *place == index {
                    bytes.extend_from_slice(junk);
                    bytes.push(b'\n');
                }
            }
            bytes.extend_from_slice(line.as_bytes());
            bytes.push(b'\n');
        }
        for (junk, place) in garbage.iter().zip(&places) {
            if *place == 4 {
                bytes.extend_from_slice(junk);
            }
        }
        let (sequences, _, reader) = read(&bytes);
        prop_assert_eq!(sequences, vec![0, 1, 2]);
        prop_assert_eq!(reader.sessions(), 1);
    }

    #[test]
    fn changed_bytes_cost_at_most_the_lines_they_are_in(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let text = three().join("\n") + "\n";
        let mut bytes = text.clone().into_bytes();
        for (index, byte) in &changes {
            let at = index.index(bytes.len());
            bytes[at] = *byte;
        }
        let whole = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
        let unharmed = text
            .lines()
            .enumerate()
            .skip(1)
            .filter(|(_, line)| whole.iter().any(|found| found == line.as_bytes()));
        let expected: Vec<u64> = unharmed.map(|(index, _)| index as u64 - 1).collect();
        let (sequences, _, _) = read(&bytes);
        for sequence in expected {
            prop_assert!(sequences.contains(&sequence));
        }
    }
}
