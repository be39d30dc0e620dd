//! Journals, configurations and streams that are read.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidings::config::Config;
use tidings::journal::{Journal, OnBadLine, Reader, replay_with, verify};
use tidings::{Attributes, Bus, Timestamp};
use tidings_import::{End, Format, Found, Line, Stamper};
use tidings_testrun::RunSummary;

use crate::payload::{NEIGHBOUR, PAYLOADS, between_neighbours};

#[test]
fn a_journal_holds_the_neighbours_of_every_payload_and_replays_as_it_was() {
    for payload in PAYLOADS {
        let name = payload.name;
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let path = folder.path().join("run.jsonl");
        let bus = Bus::new();
        bus.subscribe(Journal::create(&path).expect("a new file")).detach();
        let neighbours = between_neighbours(&bus, payload);
        bus.close(Duration::from_mins(1)).expect("it is not strict");
        let report = verify(Reader::open(&path).expect("it is there")).expect("it can be read");
        assert!(report.is_sound(), "{name}: {report}");
        let again = Bus::new();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let noted = Arc::clone(&heard);
        let note = move |envelope: &Arc<tidings::Envelope>| {
            noted.lock().expect("nobody panics with it").push(envelope.id().to_string());
        };
        again.observe(NEIGHBOUR, note).expect("a prefix").detach();
        let second = folder.path().join("again.jsonl");
        again.subscribe(Journal::create(&second).expect("a new file")).detach();
        let reader = Reader::open(&path).expect("it is there");
        let report = replay_with(reader, &again, OnBadLine::Skip).expect("it can be read");
        assert_eq!(report.bad_lines, 0, "{name}");
        again.close(Duration::from_mins(1)).expect("it is not strict");
        assert_eq!(*heard.lock().expect("nobody panicked with it"), neighbours, "{name}");
        let lines = |path| {
            let text = std::fs::read_to_string(path).expect("it is there");
            // The first line is a header, which says when the file was made.
            text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
        };
        let (first, second) = (lines(&path), lines(&second));
        assert_eq!(first.len(), second.len(), "{name}");
        assert!(first == second, "{name}: a replayed line is another one");
    }
}

/// Texts that stand for themselves in a file.
const TEXTS: [&str; 5] = [
    "\\u001b[2J\\u0007",
    "\\u202e\\u2028\\ufeff",
    "</script><b>&amp;",
    "\\u0000\\u0085",
    "::error::x ##[error]y",
];

#[test]
fn what_a_configuration_says_is_not_raw_in_its_errors() {
    for text in TEXTS {
        for toml in [
            format!("\"{text}\" = 1\n"),
            format!("run = [\"{text}\"]\n[[observer]]\nkind = \"{text}\"\n"),
            format!("[[observer]]\nkind = \"http\"\nurl = \"{text}\"\n"),
            format!(
                "[[observer]]\nkind = \"http\"\nurl = \"http://h/\"\nheaders = {{ \"{text}\" = \"x\" }}\n"
            ),
            format!("[[observer]]\nkind = \"console\"\ninterest = [\"{text}..\"]\n"),
            format!("[[observer]]\nkind = \"console\"\nmode = \"{text}\"\n"),
            format!(
                "[[observer]]\nkind = \"http\"\nurl = \"http://h/\"\ntoken_file = \"{text}\"\n"
            ),
            format!("[[observer]]\nkind = \"http\"\nurl = \"http://h/\"\nredact = [\"{text}\"]\n"),
            format!(
                "a = \"{}\"\n",
                serde_json::from_str::<String>(&format!("\"{text}\"")).expect("JSON")
            ),
        ] {
            let error = Config::from_toml(&toml, "/nowhere").expect_err(&toml);
            let shown = format!("{error} {error:?}");
            let is_raw = |c: char| {
                c != '\n' && (c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{feff}'))
            };
            assert_eq!(shown.find(is_raw), None, "{shown:?}");
        }
    }
}

#[test]
fn a_deep_or_long_configuration_is_refused_and_no_more() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    drop(Config::from_json(&deep, ".").expect_err("nobody nests so deep"));
    let deep = format!("a = {}1{}", "[".repeat(10_000), "]".repeat(10_000));
    drop(Config::from_toml(&deep, ".").expect_err("nobody nests so deep"));
    let long = format!("{} = 1", "k".repeat(5_000_000));
    let error = Config::from_toml(&long, ".").expect_err("no such key").to_string();
    assert!(error.len() < 20_000, "{} bytes", error.len());
}

#[test]
fn no_stream_ends_an_importer_and_what_follows_is_imported() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let terms = "{".repeat(10_000) + &"}".repeat(10_000) + ".";
    let long = format!(
        "{{\"type\":\"test\",\"event\":\"failed\",\"name\":\"x\",\"stdout\":\"{}\"}}",
        "é".repeat(2_500_000)
    );
    let lines = [
        deep.as_str(),
        &terms,
        &long,
        "\u{1b}[2J\u{202e}\0",
        "{\"type\":\"test\",\"type\":\"suite\",\"event\":\"ok\"}",
        "{\"type\":\"suite\",\"event\":\"started\",\"test_count\":18446744073709551615}",
        "{\"exec_time\":1e999}",
        "{\"Action\":\"run\",\"Package\":\"</script>\",\"Test\":\"\\u001b[2J\",\"Elapsed\":1e308}",
        "{\"$report_type\":\"TestReport\",\"nodeid\":\"\\u0000::<b>\",\"when\":\"call\",\"outcome\":\"failed\",\"duration\":-1}",
    ];
    for format in Format::ALL {
        let (mut importer, mut found) = (format.importer("r"), Found::new());
        for line in lines {
            importer.line(Line::whole(line), &mut found);
        }
        let last = match format {
            Format::LibtestJson => "{\"type\":\"test\",\"event\":\"ok\",\"name\":\"last\"}",
            Format::GoTestJson => "{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"last\"}",
            Format::PytestReportlog => {
                "{\"$report_type\":\"TestReport\",\"nodeid\":\"a.py::last\",\"when\":\"call\",\"outcome\":\"passed\",\"keywords\":{},\"location\":[\"a.py\",1,\"last\"],\"duration\":0.1,\"sections\":[],\"user_properties\":[],\"longrepr\":null}"
            }
            _ => "{event,tc_done,n@h,{a_SUITE,last,ok}}.",
        };
        importer.line(Line::whole(last), &mut found);
        importer.end(End::OfInput, &mut found);
        let mut stamper = Stamper::new("r", "n", Attributes::new());
        let mut summary = RunSummary::new();
        for said in found.take_said() {
            summary.apply(&stamper.stamp(said, Timestamp::now()));
        }
        let is_last = |case: &tidings_testrun::CaseView<'_>| case.name.contains("last");
        assert!(summary.cases().iter().any(is_last), "{format}: {:?}", found.faults());
    }
}
