//! Old readers and new data, new readers and old data.

use tidings_core::{ContentId, Entity, Event};
use tidings_testrun::{
    CaseFinished, CaseSkipped, CaseStarted, ErrorItem, Output, OutputStream, RunPlanned, Status,
    TestRun,
};

fn read(name: &str, data: &str) -> TestRun {
    let place = TestRun::TYPES.iter().position(|own| own.as_str() == name).expect("a known type");
    TestRun::decode(place, data).expect("readable")
}

#[test]
fn what_an_older_writer_did_not_say_has_a_default() {
    for (name, data) in [
        ("test.run.planned", "{}"),
        ("test.run.started", "{}"),
        ("test.case.started", "{}"),
        ("test.case.finished", r#"{"status":"success"}"#),
        ("test.case.skipped", "{}"),
        ("test.step.finished", r#"{"status":"failure"}"#),
        ("test.error", "{}"),
        ("test.output", r#"{"text":"x"}"#),
        ("test.attachment", r#"{"content":{"kind":"path","path":"p"}}"#),
        ("test.log_file", r#"{"path":"p"}"#),
        ("test.progress", "{}"),
        ("node.joined", "{}"),
        ("node.lost", "{}"),
    ] {
        assert_eq!(read(name, data).event_type().as_str(), name);
    }
    assert_eq!(read("test.case.started", "{}"), CaseStarted::new().into());
    let expected = CaseFinished::new(Status::Success);
    assert_eq!(read("test.case.finished", r#"{"status":"success"}"#), expected.into());
}

#[test]
fn what_a_newer_writer_adds_is_ignored() {
    let data = r#"{"status":"success","mood":{"deep":[1]},"attempt":2,"duration":-1}"#;
    let expected = CaseFinished::new(Status::Success).with_attempt(2);
    assert_eq!(read("test.case.finished", data), expected.into());
    let data = r#"{"stream":"telemetry","text":"x","colour":1}"#;
    assert_eq!(read("test.output", data), Output::new(OutputStream::Other, "x").into());
    let data = r#"{"status":"melted","by":"fire"}"#;
    let TestRun::CaseSkipped(CaseSkipped { status, .. }) = read("test.case.skipped", data) else {
        panic!("another event");
    };
    assert_eq!(status, Status::Error);
}

#[test]
fn what_is_absent_is_not_written_so_that_ids_outlive_new_fields() {
    let entity = Entity::new("case", "c");
    let pairs: [(TestRun, &str); 4] = [
        (CaseStarted::new().into(), "{}"),
        (CaseFinished::new(Status::Success).into(), r#"{"status":"success"}"#),
        (RunPlanned::count(3).into(), r#"{"count":3}"#),
        (ErrorItem::default().into(), r#"{"failure":{"kind":"error","message":""}}"#),
    ];
    for (event, data) in pairs {
        let mut encoder = tidings_core::json::Encoder::new();
        event.encode(&mut encoder).expect("encodes");
        assert_eq!(encoder.finish().into_string(), data);
        assert!(ContentId::of(&event, &entity).is_ok());
    }
}
