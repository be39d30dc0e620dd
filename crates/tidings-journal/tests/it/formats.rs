//! Versions: old readers on new data, new readers on old data.

use std::fs;
use std::io::Cursor;

use expect_test::expect;
use tidings_journal::{FORMAT, Journal, Reader, verify};

use crate::support::{chain, event, path, written};

#[test]
fn what_a_newer_writer_adds_is_passed_by() {
    let text = written(&[event(0, "{}")])
        .replace("\"subject\":", "\"traceparent\":\"00-ab\",\"later\":7,\"subject\":")
        .replace("\"everything\":true", "\"everything\":true,\"compacted\":{\"by\":2}");
    let mut reader = Reader::new(text.as_bytes(), "run.jsonl");
    let entry = reader.next().expect("a line").expect("an event");
    assert_eq!(entry.envelope().id().sequence(), 0);
    assert!(reader.header().expect("a header").everything);
}

#[test]
fn what_an_older_writer_did_not_say_has_a_default() {
    let text = written(&[event(0, "{}")]);
    let data = text.find("\"data\":{").expect("a header") + "\"data\":".len();
    let end = data + text[data..].find('}').expect("its end") + 1;
    let old = format!("{}{{\"format\":1}}{}", &text[..data], &text[end..]);
    let mut reader = Reader::new(old.as_bytes(), "run.jsonl");
    reader.next().expect("a line").expect("an event");
    let header = reader.header().expect("a header");
    assert_eq!((header.everything, header.continues_at), (false, 0));
    assert!(header.interest.is_empty());
    let none = format!("{}{{}}{}", &text[..data], &text[end..]);
    let fault = Reader::new(none.as_bytes(), "run.jsonl").next().expect("a line");
    expect!["run.jsonl:1: the header cannot be read: missing field `format` (restore the line from a copy)"].assert_eq(&fault.expect_err("no format").to_string());
}

#[test]
fn a_newer_format_is_refused_and_the_version_named() {
    let (folder, path) = path();
    let newer = format!("\"format\":{}", FORMAT + 1);
    let text = written(&[event(0, "{}")]).replace("\"format\":1", &newer);
    let mut reader = Reader::new(text.as_bytes(), "run.jsonl");
    let fault = reader.next().expect("a header").expect_err("newer");
    expect!["run.jsonl:1: the journal is written in format 2, and only formats up to 1 are known here: read it with a newer version of Tidings"].assert_eq(&fault.to_string());
    assert!(reader.next().is_none());
    fs::write(&path, &text).expect("a disk");
    let fault = Journal::append(&path).expect_err("newer");
    expect!["failed to continue the journal: run.jsonl:1: the journal is written in format 2, and only formats up to 1 are known here: read it with a newer version of Tidings"].assert_eq(&chain(&fault, &folder));
    assert_eq!(fs::read_to_string(&path).expect("the file"), text);
    let report = verify(Reader::new(Cursor::new(&text), "run.jsonl")).expect("memory");
    assert_eq!(report.counts().collect::<Vec<_>>(), [("unknown format", 1)]);
}
