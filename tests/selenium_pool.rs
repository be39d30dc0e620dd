//! The pool example as a real process with real children: what its journal and its collector
//! hear of it, also when the collector is away and when a child is killed.

#[path = "../examples/selenium_pool/events.rs"]
mod events;
#[path = "support/example.rs"]
mod example;
#[path = "support/recorded.rs"]
mod recorded;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tidings::Bus;
use tidings::assert::{Recorder, assert_events};
use tidings::config::Config;
use tidings_fault_server::{Accepted, Fault, FaultServer, Hec, ProtocolReply, Recorded, Taking};

use crate::events::PoolEvent;
use crate::example::example;
use crate::recorded::replay_whole;

/// What the original sent for eight events.
const RECORDED: &str = include_str!("data/sw_splunk_requests.jsonl");

/// What no event and no text may show.
const TOKEN: &str = "hec-0123456789";

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A folder with settings, in which the example runs.
struct Room(TempDir);

impl Room {
    fn new(collector: &FaultServer) -> Self {
        Self::with_url(&collector.url())
    }

    fn with_url(url: &str) -> Self {
        let room = Self(TempDir::new().expect("a folder"));
        room.write("token.txt", TOKEN);
        room.write(
            "settings.toml",
            &format!(
                "run = \"run-7\"\nnode = \"root@vm\"\nclose_timeout_s = 1\n\
                 attributes = {{ Project = \"proj\", Script = \"login\" }}\n\
                 [[observer]]\nkind = \"splunk\"\nurl = \"{url}\"\ntoken_file = \"token.txt\"\n\
                 index = \"testing\"\nsourcetype = \"py-event\"\nproxy = \"\"\n\
                 retry = {{ first_ms = 10, cap_ms = 50 }}\n\
                 spool = \"spool\"\ndead_letter = \"dead.jsonl\"\n\
                 [[observer]]\nkind = \"journal\"\npath = \"run.jsonl\"\n"
            ),
        );
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the folder can be written");
    }

    fn change(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.path("settings.toml")).expect("they are there");
        assert!(text.contains(from), "{from}: {text}");
        self.write("settings.toml", &text.replace(from, to));
    }

    fn start(&self, options: &[&str]) -> Child {
        let mut command = command(self.0.path(), &["--settings", "settings.toml"]);
        command.args(options).spawn().expect("the example starts")
    }

    /// Runs with the settings, and checks how that ended.
    #[track_caller]
    fn run(&self, options: &[&str], code: i32) -> Told {
        ended(self.start(options), code)
    }

    /// What the journal of the last run has, which makes room for that of the next one.
    fn recorder(&self) -> Recorder {
        let path = self.path("run.jsonl");
        let bus = Bus::new();
        let recorder = Recorder::on(&bus);
        replay_whole(&path, &bus);
        fs::remove_file(path).expect("it is there");
        recorder
    }
}

fn command(folder: &Path, options: &[&str]) -> Command {
    let mut command = example("selenium_pool");
    command.args(options).current_dir(folder).env("NO_PROXY", "127.0.0.1");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a run printed.
struct Told {
    stdout: String,
    stderr: String,
}

#[track_caller]
fn ended(child: Child, code: i32) -> Told {
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
    let told = Told { stdout: text(output.stdout), stderr: text(output.stderr) };
    assert_eq!(output.status.code(), Some(code), "{}\n{}", told.stdout, told.stderr);
    for text in [&told.stdout, &told.stderr] {
        assert!(!text.contains(TOKEN) && !text.contains("panicked"), "{text}");
    }
    told
}

fn collector() -> FaultServer {
    FaultServer::start(Hec::new().token(TOKEN)).expect("a port on loopback")
}

/// Pages of tests: those that `/hang` do until they are released, and a `/large` bad one.
fn site() -> FaultServer {
    let page = |request: &Recorded, _: Taking| match request.path.as_str() {
        "/large" => ProtocolReply::new(500).with_body("x".repeat(100_000)),
        path => ProtocolReply::new(200).with_body(format!("<title>{path}</title>")),
    };
    let site = FaultServer::start(page).expect("a port on loopback");
    site.inject_at("/hang", 1, Fault::HangAfter);
    site
}

fn pages(site: &FaultServer, paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| format!("{}{path}", site.url())).collect()
}

fn with<'a>(options: &[&'a str], urls: &'a [String]) -> Vec<&'a str> {
    options.iter().copied().chain(urls.iter().map(String::as_str)).collect()
}

fn events(collector: &FaultServer) -> Vec<Value> {
    let event = |it: &Accepted| serde_json::from_str(&it.json).expect("an envelope");
    collector.accepted().iter().map(event).collect()
}

/// The types by which Splunk knew them.
fn known_types(collector: &FaultServer) -> Vec<String> {
    let known = |event: &Value| event["event"]["attributes"]["type"].as_str().map(str::to_owned);
    events(collector).iter().filter_map(known).collect()
}

/// Requests of the original.
fn recorded() -> Vec<Value> {
    RECORDED.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// An event that has come to be known as `known_type` with a page called `part`.
fn is(event: &Accepted, known_type: &str, part: &str) -> bool {
    event.json.contains(&format!("\"type\":\"{known_type}\"")) && event.json.contains(part)
}

#[test]
fn a_run_says_who_did_what_and_how_it_ended() {
    let collector = collector();
    let room = Room::new(&collector);
    room.run(&["--children", "1"], 0);
    assert_events!(
        room.recorder(),
        exactly: [
            PoolEvent::PoolStart { children: 1, jobs: 3 },
            PoolEvent::NewChild,
            PoolEvent::JobStart { url } if url.ends_with("/good"),
            PoolEvent::JobFinish { title, timetaken } if title == "/good" && *timetaken > 0.0,
            PoolEvent::JobStart { url } if url.ends_with("/slow"),
            PoolEvent::JobFinish { title, timetaken } if title == "/slow" && *timetaken >= 0.3,
            PoolEvent::JobStart { url } if url.ends_with("/missing"),
            PoolEvent::JobError { error, screenshot: Some(shot) }
                if error.contains("404") && shot.bytes().as_deref() == Some(b"<title>/missing</title>"),
            PoolEvent::EndChild { status } if status == "exit status: 0",
            PoolEvent::PoolStop,
        ],
        starts_before_finish,
    );
    assert_eq!(collector.accepted().len(), 10, "Splunk was told the same");
}

#[test]
fn children_share_the_jobs_and_each_job_ends_once() {
    let (collector, site) = (collector(), site());
    let room = Room::new(&collector);
    let paths: Vec<String> = (0..40).map(|number| format!("{}/{number}", site.url())).collect();
    room.run(&with(&["--children", "4"], &paths), 0);
    assert_events!(
        room.recorder(),
        count: {
            PoolEvent::NewChild => 1..=4,
            PoolEvent::JobStart { .. } => 40,
            PoolEvent::JobFinish { .. } => 40,
            PoolEvent::EndChild { .. } => 1..=4,
        },
        starts_before_finish,
    );
    let told = events(&collector);
    let pids: HashSet<_> =
        told.iter().map(|it| it["event"]["attributes"]["pid"].as_u64()).collect();
    assert!(pids.len() > 2, "more than one process has worked: {pids:?}");
    let fetched: HashSet<_> = site.requests().into_iter().map(|request| request.path).collect();
    assert_eq!((site.requests().len(), fetched.len()), (40, 40));
}

#[test]
fn an_event_has_all_the_names_and_values_of_the_recorded_ones() {
    let collector = collector();
    Room::new(&collector).run(&["--children", "1"], 0);
    let told = events(&collector);
    let bodies = recorded().into_iter().filter_map(|request| {
        let is_event = request["path"].as_str()?.starts_with("/services/receivers/simple");
        is_event.then(|| serde_json::from_str(request["body"].as_str()?).ok()).flatten()
    });
    let bodies: Vec<serde_json::Map<String, Value>> = bodies.collect();
    assert_eq!(bodies.len(), 8);
    for body in bodies {
        let of_type = |event: &&Value| event["event"]["attributes"]["type"] == body["type"];
        let event = told.iter().find(of_type).unwrap_or_else(|| panic!("no {}", body["type"]));
        let (attributes, data) = (&event["event"]["attributes"], &event["event"]["data"]);
        for (name, value) in &body {
            match name.as_str() {
                "time" => assert!(event["time"].is_f64() && value.is_f64(), "{event}"),
                "func" => assert_eq!(attributes[name], "title"),
                "error" | "timetaken" => {
                    assert_eq!(data[name].is_string(), value.is_string(), "{name}: {event}");
                    assert_eq!(data[name].is_f64(), value.is_f64(), "{name}: {event}");
                }
                _ => assert_eq!(attributes[name], *value, "{name}: {event}"),
            }
        }
        assert_eq!(
            (&event["index"], &event["sourcetype"]),
            (&json!("testing"), &json!("py-event"))
        );
    }
}

#[test]
fn the_id_of_a_client_is_that_of_user_and_host_in_each_run() {
    let collector = collector();
    let room = Room::new(&collector);
    room.change("run = \"run-7\"\nnode = \"root@vm\"\n", "");
    for _ in 0..2 {
        room.run(&[], 0);
        room.recorder();
    }
    let told = events(&collector);
    let texts = |pick: fn(&Value) -> &Value| -> HashSet<String> {
        told.iter().map(|it| pick(&it["event"]).as_str().expect("a text").to_owned()).collect()
    };
    let ids = texts(|event| &event["attributes"]["id"]);
    assert_eq!((ids.len(), &ids), (1, &texts(|event| &event["node"])));
    assert!(ids.iter().all(|id| id.split('@').filter(|part| !part.is_empty()).count() == 2));
    assert_eq!(texts(|event| &event["attributes"]["Run"]).len(), 2, "without a name for the run");
}

#[test]
fn a_thousand_events_take_a_handful_of_requests_and_no_password() {
    let original = recorded();
    let is_event = |it: &&Value| it["path"].as_str().is_some_and(|path| path.contains("/simple"));
    assert_eq!(original.len(), 3 * original.iter().filter(is_event).count(), "three for each");
    let logins = original.iter().filter(|it| it.to_string().contains("password=")).count();
    assert_eq!(logins, 8, "and a password in one of them");

    let (collector, site) = (collector(), site());
    let room = Room::new(&collector);
    room.change("close_timeout_s = 1", "close_timeout_s = 60");
    let urls: Vec<String> = (0..498).map(|_| format!("{}/good", site.url())).collect();
    room.run(&with(&["--children", "1"], &urls), 0);
    let requests = collector.requests();
    assert_eq!(collector.accepted().len(), 1_000);
    println!("1000 events took {} requests", requests.len());
    assert!(requests.len() <= 100, "{} requests", requests.len());
    assert_eq!(collector.connections(), 1);
    for request in requests {
        assert_eq!(request.header("authorization"), Some(&*format!("Splunk {TOKEN}")));
        assert!(!request.text().contains(TOKEN));
    }
    assert!(is_in_order(&collector));
}

/// Whether positions, which the delivery gives in the order of events, only ever grow.
fn is_in_order(collector: &FaultServer) -> bool {
    let position = |event: Value| event["event"]["position"].as_u64().expect("a number");
    events(collector).into_iter().map(position).is_sorted_by(|before, after| before < after)
}

#[test]
fn what_splunk_missed_for_a_whole_run_arrives_with_the_next_one() {
    let collector = collector();
    collector.stop();
    let room = Room::new(&collector);
    let told = room.run(&["--children", "1"], 1);
    for part in [
        "`splunk`: 0 of 10 delivered, 10 spooled",
        "what `splunk` has spooled is in `spool`, and goes first at the next start",
    ] {
        assert!(told.stderr.contains(part), "`{part}` is missing in:\n{}", told.stderr);
    }
    assert_events!(room.recorder(), count: { PoolEvent::JobFinish { .. } => 2 });

    collector.restart().expect("its port is still its own");
    let told = room.run(&["--children", "1"], 0);
    assert_eq!(told.stderr, "");
    let types = known_types(&collector);
    assert_eq!(types.len(), 20);
    assert_eq!(types[..10], types[10..], "in order, the earlier run first");
    let ids: HashSet<_> = collector.accepted_ids().into_iter().collect();
    assert_eq!(ids.len(), 20, "none twice");
}

#[test]
fn what_is_spooled_needs_no_run_to_be_delivered() {
    let collector = collector();
    collector.stop();
    let room = Room::new(&collector);
    room.run(&["--children", "1"], 1);
    room.recorder();
    collector.restart().expect("its port is still its own");
    // As `tidings drain --config settings.toml` does it.
    let started = Config::load(room.path("settings.toml")).expect("they are right").start();
    let started = started.expect("the spool is free");
    assert!(collector.wait_for(PATIENCE, |seen| seen.accepted.len() == 10));
    started.close().expect("it is not strict");
    let types = known_types(&collector);
    assert_eq!((types.len(), &*types[0], &*types[9]), (10, "POOL START", "POOL STOP"));
}

#[test]
fn an_outage_in_the_middle_of_a_run_loses_nothing() {
    for fault in [Fault::status(503), Fault::ResetBefore, Fault::GarbageReply] {
        let (collector, site) = (collector(), site());
        let room = Room::new(&collector);
        room.change("close_timeout_s = 1", "close_timeout_s = 60");
        let urls = pages(&site, &["/before", "/hang", "/after"]);
        let pool = room.start(&with(&["--children", "1"], &urls));
        let has_started = |event: &Accepted| is(event, "JOB START", "/hang");
        assert!(collector.wait_for(PATIENCE, |seen| seen.accepted.iter().any(has_started)));
        let posts = collector.requests().len();
        collector.inject_always(fault);
        site.release();
        assert!(
            collector.wait_for(PATIENCE, |seen| seen.requests.len() >= posts + 3),
            "it goes on"
        );
        collector.clear_faults();
        assert_eq!(ended(pool, 0).stderr, "");
        let types = known_types(&collector);
        assert_eq!((types.len(), &*types[9]), (10, "POOL STOP"), "{types:?}");
        assert!(is_in_order(&collector));
    }
}

#[cfg(unix)]
#[test]
fn a_child_that_is_killed_is_an_event_and_so_is_its_job() {
    let (collector, site) = (collector(), site());
    let room = Room::new(&collector);
    let urls = pages(&site, &["/before", "/hang", "/after"]);
    let pool = room.start(&with(&["--children", "1"], &urls));
    let has_started = |event: &Accepted| is(event, "JOB START", "/hang");
    assert!(collector.wait_for(PATIENCE, |seen| seen.accepted.iter().any(has_started)));
    let told = events(&collector).pop().expect("there is one");
    let pid = told["event"]["attributes"]["pid"].to_string();
    let kill = Command::new("kill").args(["-9", &pid]).status().expect("there is a `kill`");
    assert!(kill.success());
    ended(pool, 0);
    site.release();
    assert_events!(room.recorder(), exactly: [
        PoolEvent::PoolStart { .. },
        PoolEvent::NewChild,
        PoolEvent::JobStart { url } if url.ends_with("/before"),
        PoolEvent::JobFinish { .. },
        PoolEvent::JobStart { url } if url.ends_with("/hang"),
        PoolEvent::JobError { error, screenshot: None }
            if error.starts_with("its child ended: signal: 9"),
        PoolEvent::EndChild { status } if status.starts_with("signal: 9"),
        PoolEvent::NewChild,
        PoolEvent::JobStart { url } if url.ends_with("/after"),
        PoolEvent::JobFinish { .. },
        PoolEvent::EndChild { status } if status == "exit status: 0",
        PoolEvent::PoolStop,
    ]);
}

#[test]
fn a_page_that_is_too_large_for_an_event_goes_by_path() {
    let (collector, site) = (collector(), site());
    let room = Room::new(&collector);
    let urls = pages(&site, &["/large"]);
    room.run(&with(&["--screenshots", "shots"], &urls), 0);
    let told = events(&collector).into_iter().map(|event| event["event"]["data"].clone());
    let content = told.map(|data| data["screenshot"]["content"].clone()).find(Value::is_object);
    let content = content.expect("the job has failed");
    assert_eq!(content["kind"], "path");
    let path = room.path(content["path"].as_str().expect("a text"));
    assert!(path.starts_with(room.path("shots")));
    assert_eq!(fs::read(path).expect("it is there").len(), 100_000);

    room.recorder();
    room.write("in_the_way", "");
    let told = room.run(&with(&["--screenshots", "in_the_way"], &urls), 0);
    assert!(told.stderr.contains("500 Internal Server Error; no screenshot: "), "{}", told.stderr);
    assert_events!(room.recorder(), in_order: [
        PoolEvent::JobError { error, screenshot: None }
            if error == "its child ended: exit status: 2",
    ]);
}

#[test]
fn pages_that_cannot_be_fetched_fail_their_job_alone() {
    let (collector, site) = (collector(), site());
    let room = Room::new(&collector);
    let urls = pages(&site, &["/hang", "/good"]);
    let odd = ["no address", "http://two/\nlines", "--child"].map(str::to_owned);
    let urls = [&urls[..], &odd].concat();
    room.run(&with(&["--children", "1", "--timeout-ms", "500", "--"], &urls), 0);
    site.release();
    assert_events!(
        room.recorder(),
        in_order: [
            PoolEvent::JobStart { url } if url.ends_with("/hang"),
            PoolEvent::JobError { error, .. } if error.contains("timeout"),
            PoolEvent::JobFinish { title, .. } if title == "/good",
        ],
        count: {
            PoolEvent::NewChild => 1,
            PoolEvent::JobStart { .. } => 5,
            PoolEvent::JobError { .. } => 4,
            PoolEvent::JobFinish { .. } => 1,
        },
        starts_before_finish,
    );
}

#[test]
fn a_blank_url_reports_nothing_and_says_so_once() {
    let room = Room::with_url(" ");
    let told = room.run(&[], 0);
    let said = "selenium_pool: observer `splunk` is disabled: its `url` is blank\n";
    assert_eq!(told.stderr, said);
    assert_events!(room.recorder(), count: { PoolEvent::PoolStop => 1 });
    assert!(!room.path("spool").exists());

    // As in the settings that the example comes with.
    let own = command(Path::new(env!("CARGO_MANIFEST_DIR")), &[]).spawn();
    let told = ended(own.expect("the example starts"), 0);
    assert_eq!(told.stderr, said.replace("splunk", "report"));
    for part in ["selenium.pool.start", "title=/slow", "404 Not Found", "selenium.pool.stop"] {
        assert!(told.stdout.contains(part), "`{part}` is missing in:\n{}", told.stdout);
    }
}

#[test]
fn a_wrong_token_holds_the_events_until_there_is_a_right_one() {
    let collector = collector();
    let room = Room::new(&collector);
    room.write("token.txt", "another");
    let told = room.run(&["--children", "1"], 1);
    let spool = "what `splunk` has spooled is in `spool`";
    for part in ["0 of 10 delivered, 10 spooled", "403", "Invalid token", spool] {
        assert!(told.stderr.contains(part), "`{part}` is missing in:\n{}", told.stderr);
    }
    assert!(!told.stderr.contains("another"), "{}", told.stderr);
    assert_eq!(collector.accepted(), []);
    assert_eq!(fs::read_to_string(room.path("dead.jsonl")).expect("it is there"), "");

    room.recorder();
    room.write("token.txt", TOKEN);
    room.run(&["--children", "1"], 0);
    assert_eq!(collector.accepted().len(), 20);
}

#[test]
fn a_strict_run_says_where_its_events_are_as_well() {
    let collector = collector();
    collector.stop();
    let room = Room::new(&collector);
    room.change("close_timeout_s = 1", "close_timeout_s = 1\nstrict = true");
    let told = room.run(&[], 1);
    assert!(told.stderr.contains("what `splunk` has spooled is in"), "{}", told.stderr);
}

#[test]
fn wrong_settings_and_options_end_it_before_it_starts() {
    let room = Room::new(&collector());
    let settings = fs::read_to_string(room.path("settings.toml")).expect("they are there");
    room.write("typo.toml", &settings.replace("token_file", "token_fiel"));
    room.write("no_token.toml", &settings.replace("token.txt", "missing.txt"));
    for (options, expected) in [
        (&["--settings", "missing.toml"][..], "`missing.toml`: No such file"),
        (&["--settings", "typo.toml"], "typo.toml:8:1: unknown key `token_fiel`"),
        (&["--settings", "no_token.toml"], "missing.txt"),
        (&["--childern", "2"], "unexpected argument '--childern'"),
        (&["--children", "0"], "invalid value '0' for '--children <CHILDREN>'"),
        (&["--timeout-ms", "soon"], "invalid value 'soon'"),
    ] {
        let pool = command(room.0.path(), options).spawn().expect("the example starts");
        let told = ended(pool, 2);
        assert!(told.stderr.contains(expected), "`{expected}` is missing in:\n{}", told.stderr);
        assert_eq!(told.stdout, "");
    }
    assert!(!room.path("run.jsonl").exists() && !room.path("spool").exists());
}

#[test]
fn the_example_stays_below_250_lines() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/selenium_pool");
    let files = fs::read_dir(folder).expect("it is there").flatten().map(|entry| entry.path());
    let rust = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let lines = rust.map(|path| fs::read_to_string(path).expect("UTF-8").lines().count());
    assert!(lines.sum::<usize>() < 250);
}
