//! Whatever a run says, its report is XML, legal, and adds up to what the reducer counted.

use std::collections::HashSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use proptest::prelude::*;
use tidings_core::Entity;
use tidings_testrun::{
    CaseFinished, CaseSkipped, CaseStarted, ErrorItem, Failure, FailureKind, Output, OutputStream,
    Status, SuiteFinished, TestRun,
};

use crate::support::{Element, START, Scene, case};

/// Text with all that is awkward in XML and on terminals.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[\\x00-\\x1f\\x7f-\\x9f]{1,4}",
        "[a-c]{0,2}",
        Just("]]>".to_owned()),
        Just("\u{fffe}\u{ffff}\u{fdd0}".to_owned()),
        Just("\u{1b}[31m".to_owned()),
        Just("\u{1b}]0;".to_owned()),
        Just("<a b='&lt;\"'>".to_owned()),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

fn failure() -> impl Strategy<Value = Failure> {
    let kind = prop_oneof![
        Just(FailureKind::Assertion),
        Just(FailureKind::Timeout),
        Just(FailureKind::Setup),
        Just(FailureKind::Error),
    ];
    (kind, text(), text(), any::<bool>()).prop_map(|(kind, message, more, is_long)| {
        let failure = Failure::new(kind, message);
        if is_long { failure.with_details(more.clone()).with_expected(more) } else { failure }
    })
}

fn event() -> impl Strategy<Value = TestRun> {
    let status = prop::sample::select(Status::ALL.to_vec());
    let finished = (status, 1..4_u32, prop::option::of(failure()), any::<u64>(), any::<bool>());
    prop_oneof![
        3 => (1..4_u32, text(), text()).prop_map(|(attempt, name, value)| {
            CaseStarted::new().with_attempt(attempt).with_property(name, value).into()
        }),
        4 => finished.prop_map(|(status, attempt, failure, nanos, is_superseded)| {
            let mut finished = CaseFinished::new(status).with_attempt(attempt);
            finished.failure = failure.map(Box::new);
            // Ends before beginnings, and far away.
            finished.at = Some(tidings_core::Timestamp::from_nanos(nanos.cast_signed()));
            finished.superseded = is_superseded;
            if !is_superseded {
                finished.duration = Some(Duration::from_nanos(nanos));
            }
            finished.into()
        }),
        1 => text().prop_map(|reason| CaseSkipped::by_user(reason).into()),
        1 => (text(), any::<bool>()).prop_map(|(text, is_error)| {
            let stream = if is_error { OutputStream::Stderr } else { OutputStream::Stdout };
            Output::new(stream, text).into()
        }),
        1 => (text(), failure()).prop_map(|(name, why)| ErrorItem::named(name, why).into()),
    ]
}

fn entity() -> impl Strategy<Value = Entity> {
    let plain = prop::sample::select(vec!["s/a", "s/b", "s/g/a", "t/a", "s g/a", "a"]);
    prop_oneof![
        4 => plain.prop_map(case),
        1 => (text(), text()).prop_map(|(suite, name)| Entity::new("suite", &suite).child("case", &name)),
        1 => text().prop_map(|run| Entity::new("run", &run).child("suite", "s").child("case", "a")),
    ]
}

/// XML 1.0 §2.2.
fn is_legal(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn check_sums(document: &Element, scene: &Scene) -> Result<(), TestCaseError> {
    let counts = scene.summary().counts();
    let failures = counts.with_status(Status::Failure);
    let sum = |name: &str| document.suites().iter().map(|suite| suite.number(name)).sum::<u64>();
    prop_assert_eq!((document.number("tests"), sum("tests")), (counts.total(), counts.total()));
    prop_assert_eq!((document.number("failures"), sum("failures")), (failures, failures));
    let errors = counts.failed() - failures;
    prop_assert_eq!((document.number("errors"), sum("errors")), (errors, errors));
    prop_assert_eq!(sum("skipped") + sum("disabled"), counts.skipped());
    for suite in document.suites() {
        let holding = |name: &'static str| {
            suite.all("testcase").filter(|case| case.all(name).next().is_some()).count() as u64
        };
        prop_assert_eq!(suite.number("tests"), suite.all("testcase").count() as u64);
        prop_assert_eq!(suite.number("failures"), holding("failure"));
        prop_assert_eq!(suite.number("errors"), holding("error"));
        prop_assert_eq!(suite.number("skipped"), holding("skipped"));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_report_is_legal_and_adds_up(
        events in prop::collection::vec((entity(), event(), any::<bool>()), 0..40),
        is_finished in any::<bool>(),
    ) {
        let (scene, other) = (Scene::new(), Scene::on_node("lab-4"));
        for (entity, event, is_here) in events {
            if is_here { scene.say(&entity, event) } else { other.say(&entity, event) }
        }
        if is_finished {
            let ended = SuiteFinished::new(Status::Success).with_duration(Duration::MAX);
            scene.say(&Entity::new("suite", "s"), ended);
        }
        scene.hear(&other);
        let xml = scene.xml();
        prop_assert!(xml.chars().all(is_legal));
        prop_assert_eq!(&xml, &scene.xml());
        let document = Element::parse(&xml);
        prop_assert!(document.texts().iter().all(|text| text.chars().all(is_legal)));
        check_sums(&document, &scene)?;

        let mut names = HashSet::new();
        for element in document.everything() {
            if matches!(&*element.name, "testsuites" | "testsuite" | "testcase") {
                let time: f64 = element.get("time").parse().expect("a number");
                prop_assert!(time >= 0.0 && time.is_finite(), "{}", time);
            }
            if element.name == "testcase" {
                prop_assert!(element.find("timestamp").is_some());
                let name = (element.get("classname"), element.get("name"));
                prop_assert!(names.insert(name), "twice: {:?}", name);
            }
        }
    }
}

/// Adds up what another parser sees, and gives back one message.
const SCRIPT: &str = "
import sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
total = lambda name: sum(int(suite.get(name)) for suite in root.iter('testsuite'))
print(root.get('tests'), total('tests'), total('failures'), total('errors'), total('skipped'))
print(ascii(root.find('.//failure').get('message')), ascii(root.find('.//system-out').text))
";

#[test]
fn a_parser_in_another_language_reads_the_same() {
    let scene = Scene::new();
    let odd = "a\nb\tc\u{0}\u{ffff}<&\"']]>\u{1f600}";
    scene.say(&case("s/a"), CaseFinished::failed(Failure::assertion(odd)));
    scene.say(&case("s/b"), Output::stdout(odd));
    scene.say(&case("s/b"), CaseFinished::new(Status::Success).at(START));
    scene.say(&case("s/c"), CaseSkipped::by_user(odd));
    let mut python = Command::new("python3")
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is needed for this test: `apt-get install python3`");
    let mut input = python.stdin.take().expect("a pipe");
    input.write_all(scene.xml().as_bytes()).expect("python reads");
    drop(input);
    let output = python.wait_with_output().expect("python ends");
    let told = String::from_utf8(output.stdout).expect("ASCII");
    let seen = r#"'a\nb\tc\ufffd\ufffd<&"\']]>\U0001f600'"#;
    assert_eq!(told, format!("3 3 1 0 1\n{seen} {seen}\n"));
}
