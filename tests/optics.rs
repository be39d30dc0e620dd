//! The Optics example as a real process: what its servers receive is what Optics sends, and
//! what they do not take is kept.

#[path = "support/example.rs"]
mod example;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;
use tidings::assert::{Recorder, assert_events};
use tidings::config::Config;
use tidings::{Attributes, Bus, Event, Scope, Timestamp};
use tidings_fault_server::{Fault, FaultServer, JsonArray, Recorded};

use crate::example::example;

/// What the Python client of Optics sent: heads and bodies.
const RECORDED: &str = include_str!("data/optics_raw_http.txt");

/// What no text and no file may show but the one it is in.
const TOKEN: &str = "hunter2-0123456789";

/// How many events a run has.
const EVENTS: usize = 16;

/// What is captured, written down a second time on purpose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "optics")]
enum Captured {
    ButtonClicked { button_id: String, screen: String },
    Next { n: u8 },
    EnterText { action_type: String, element: String },
    LoginSubmitted { action_type: String, element: String },
    OffersOpened { action_type: String, element: String },
    OffersLoaded { offers: u8 },
    PressElement { action_type: String, element: String },
    ActionFailed { action_type: String, element: String, reason: String },
    ActionCompleted { action: String },
}

/// A folder with an attributes file, in which the example runs.
struct Room(TempDir);

impl Room {
    fn new(server: &FaultServer) -> Self {
        let room = Self(TempDir::new().expect("a folder"));
        room.write(TOKEN, "token.txt");
        room.write(&attributes(&server.url()).to_string(), "attributes.json");
        room
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, text: &str, name: &str) {
        fs::write(self.path(name), text).expect("the folder can be written");
    }

    /// Changes a key of the attributes file; null takes it away.
    fn set(&self, key: &str, value: Value) {
        let text = fs::read_to_string(self.path("attributes.json")).expect("it is there");
        let mut keys: Value = serde_json::from_str(&text).expect("it is JSON");
        match value {
            Value::Null => drop(keys.as_object_mut().expect("an object").remove(key)),
            value => keys[key] = value,
        }
        self.write(&keys.to_string(), "attributes.json");
    }

    /// Runs with the attributes file, and checks how that ended.
    #[track_caller]
    fn run(&self, options: &[&str], code: i32) -> Told {
        run_in(self.0.path(), &[&["attributes.json"], options].concat(), code)
    }
}

fn attributes(url: &str) -> Value {
    json!({
        "eventUrl": url,
        "bearerFile": "token.txt",
        "applicationName": "MyApp",
        "appVersion": "1.0.0",
        "spool": "kept",
    })
}

/// What a run printed.
struct Told {
    stdout: String,
    stderr: String,
}

#[track_caller]
fn run_in(folder: &Path, options: &[&str], code: i32) -> Told {
    let mut command = example("optics");
    command.args(options).current_dir(folder).env("NO_PROXY", "127.0.0.1");
    let output = command.env("OPTICS_COPY_TOKEN", "other").output().expect("the example starts");
    let Output { status, stdout, stderr } = output;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
    let told = Told { stdout: text(stdout), stderr: text(stderr) };
    assert_eq!(status.code(), Some(code), "{}\n{}", told.stdout, told.stderr);
    for text in [&told.stdout, &told.stderr] {
        assert!(!text.contains(TOKEN) && !text.contains("panicked"), "{text}");
    }
    told
}

fn server() -> FaultServer {
    let events = JsonArray::new().id_pointer("/eventName").path("/v1/event/batchevent");
    FaultServer::start(events.token(TOKEN)).expect("a port on loopback")
}

/// The events of each post, in the order of the posts.
fn posts(server: &FaultServer) -> Vec<Vec<Value>> {
    let events = |request: &Recorded| serde_json::from_slice(&request.body).expect("an array");
    server.requests().iter().map(events).collect()
}

fn accepted(server: &FaultServer) -> Vec<Value> {
    let event = |json: &str| serde_json::from_str(json).expect("an event");
    server.accepted().iter().map(|event_of| event(&event_of.json)).collect()
}

/// The events a server has taken, on a bus of this process.
fn recorder(server: &FaultServer) -> Recorder {
    let bus = Bus::new();
    let recorder = Recorder::on(&bus);
    for mut event in accepted(server) {
        let name = format!("optics.{}", event["eventName"].as_str().expect("a text"));
        let attributes = event["eventAttributes"].as_object_mut().expect("an object");
        let case = attributes.remove("testCaseName");
        for automatic in ["dateTime", "applicationName", "applicationVersion"] {
            assert!(attributes.remove(automatic).is_some(), "{automatic} of {name}");
        }
        let case = case.as_ref().and_then(Value::as_str).unwrap_or("none");
        let emitter = bus.raw_emitter("test_case", case);
        emitter.emit(&name, event["eventAttributes"].take()).expect("a good type");
    }
    recorder
}

/// Takes the time out of an event.
fn take_time(event: &mut Value) -> String {
    let attributes = event["eventAttributes"].as_object_mut().expect("an object");
    let time = attributes.remove("dateTime").expect("every event has its time");
    time.as_str().expect("a text").to_owned()
}

/// The heads and bodies that were recorded, without what must not be in an event.
fn recorded() -> Vec<(&'static str, Value)> {
    let exchange = |text: &'static str| {
        let (head, body) = text.split_once("\n\n").expect("an empty line");
        (head.trim(), serde_json::from_str(body.trim()).expect("JSON"))
    };
    let pieces = RECORDED.replace("\r\n", "\n").leak().split("--- connection ").skip(1);
    let parts = pieces.map(|piece| piece.split_once("---").expect("the end of its title").1);
    let mut exchanges: Vec<(&str, Value)> = parts.map(exchange).collect();
    for (_, body) in &mut exchanges {
        let one = std::slice::from_mut(body);
        let events = if one[0].is_array() { one[0].as_array_mut().expect("it is") } else { one };
        for event in events {
            let told = event["mozarkEventAttributes"].as_object_mut().expect("an object");
            assert!(told.remove("eventUrl").is_some(), "the original tells its URL");
            assert!(told.remove("testParameters_bearer").is_some(), "and its token");
        }
    }
    exchanges
}

#[test]
fn the_default_run_tells_its_own_server_in_batches_of_five() {
    let folder = TempDir::new().expect("a folder");
    let told = run_in(folder.path(), &[], 0);
    for part in [
        "optics.login_submitted",
        "test_login: passed\ntest_offers: passed\ntest_refusal: passed\n3 tests in ",
        " ms\nreport: complete\n",
        "/attributes.json`: 16 of 16 delivered",
    ] {
        assert!(told.stdout.contains(part), "`{part}` is missing in:\n{}", told.stdout);
    }
    assert_eq!(told.stderr, "");
    assert!(!told.stdout.contains("open sesame"), "what is typed is in no event");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "it leaves no file");
}

#[test]
fn a_body_is_the_recorded_one_field_for_field_without_token_and_url() {
    let server = server();
    let before = Timestamp::now();
    Room::new(&server).run(&[], 0);
    let after = Timestamp::now();

    let sizes: Vec<usize> = posts(&server).iter().map(Vec::len).collect();
    assert_eq!(sizes, [5, 5, 5, 1]);
    let mut events = accepted(&server);
    let times: Vec<String> = events.iter_mut().map(take_time).collect();
    let [(head, mut batch), (_, mut single)] =
        <[_; 2]>::try_from(recorded()).expect("two exchanges");

    let request = &server.requests()[0];
    let [first_line, .., content_type, _] = head.lines().collect::<Vec<_>>()[..] else {
        panic!("not a head: {head}")
    };
    assert_eq!(first_line, format!("{} {} HTTP/1.1", request.method, request.path));
    let given = request.header("content-type").expect("there is one");
    assert_eq!(content_type, format!("Content-Type: {given}"));
    assert_eq!(request.header("authorization"), Some(&*format!("Bearer {TOKEN}")));

    let recorded_times: Vec<String> =
        batch.as_array_mut().expect("an array").iter_mut().map(take_time).collect();
    assert_eq!(Value::from(events[..2].to_vec()), batch);
    for time in &times {
        let shape = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "0");
        assert_eq!(shape(time), shape(&recorded_times[0]), "microseconds and an offset");
        assert!(time.ends_with("+05:30"), "{time}");
        let at: Timestamp = time.parse().expect("RFC 3339");
        // The microseconds are cut off, so that the first may be told a little early.
        let slack = std::time::Duration::from_micros(1);
        assert!(before <= at.saturating_add(slack) && at <= after, "{before} {time} {after}");
    }
    assert!(times.is_sorted());

    // The original sends a single event of its real-time mode bare, and without application
    // and version: here it is an array like any other, and has them.
    take_time(&mut single);
    let mut last = events.pop().expect("there are some");
    let attributes = last["eventAttributes"].as_object_mut().expect("an object");
    assert_eq!(attributes.remove("applicationName"), Some("MyApp".into()));
    assert_eq!(attributes.remove("applicationVersion"), Some("1.0.0".into()));
    assert_eq!(last, single);
}

#[test]
fn the_text_of_a_body_is_the_recorded_one_but_for_spaces_and_times() {
    let server = server();
    Room::new(&server).run(&[], 0);
    let secrets = "\"eventUrl\": \"http://127.0.0.1:18390\", \
                   \"testParameters_bearer\": \"your-bearer-token\", ";
    assert_eq!(RECORDED.matches(secrets).count(), 3, "they are in each event of the original");
    let recorded = RECORDED.lines().find(|line| line.starts_with('[')).expect("the batch");
    let recorded = recorded.replace(secrets, "").replace(": ", ":").replace(", ", ",");
    let without_times = |text: &str| {
        let parts = text.split("\"dateTime\":\"").map(|part| {
            let is_time = part.starts_with("20") && part[..32].ends_with("+05:30");
            if is_time { &part[32..] } else { part }
        });
        parts.collect::<Vec<_>>().join("\"dateTime\":\"")
    };
    let (recorded, sent) = (without_times(&recorded), server.requests()[0].text());
    let begin = recorded.strip_suffix(']').expect("an array");
    assert!(without_times(&sent).starts_with(begin), "{recorded}\n{sent}");
}

#[test]
fn no_event_holds_the_token_or_the_url() {
    let (first, second) = (server(), FaultServer::start(JsonArray::new()).expect("a port"));
    let room = Room::new(&first);
    room.write(&copy(&second.url()), "copy.json");
    room.run(&["copy.json"], 0);
    for request in [first.requests(), second.requests()].concat() {
        let body = request.text();
        assert!(body.contains("MyApp"), "{body}");
        for secret in [TOKEN, "other", "bearer", "eventUrl", "127.0.0.1", "http:"] {
            assert!(!body.contains(secret), "{secret} is in {body}");
        }
    }
}

#[test]
fn the_events_of_a_run_are_those_of_its_actions() {
    let server = server();
    Room::new(&server).run(&[], 0);
    assert_events!(recorder(&server), exactly: [
        Captured::ButtonClicked { button_id, screen } if button_id == "submit" && screen == "login",
        Captured::Next { n: 2 },
        Captured::EnterText { element, .. } if element == "user",
        Captured::EnterText { element, .. } if element == "password",
        Captured::LoginSubmitted { action_type, .. } if action_type == "press_element",
        Captured::EnterText { .. },
        Captured::EnterText { .. },
        Captured::LoginSubmitted { .. },
        Captured::OffersOpened { element, .. } if element == "offers",
        Captured::OffersLoaded { offers: 3 },
        Captured::PressElement { element, .. } if element == "back",
        Captured::EnterText { .. },
        Captured::EnterText { action_type, .. } if action_type == "enter_text",
        Captured::LoginSubmitted { .. },
        Captured::ActionFailed { element, reason, .. }
            if element == "submit" && reason == "Login refuses `submit`",
        Captured::ActionCompleted { action } if action == "press_element",
    ]);
}

#[cfg(unix)]
#[test]
fn the_attributes_file_is_read_once() {
    let server = server();
    let room = Room::new(&server);
    let path = room.path("attributes.json");
    fs::remove_file(&path).expect("it is there");
    let made = Command::new("mkfifo").arg(&path).status().expect("there is a `mkfifo`");
    assert!(made.success());
    let writing = std::thread::spawn({
        let (path, text) = (path.clone(), attributes(&server.url()).to_string());
        move || {
            let mut pipe = fs::OpenOptions::new().write(true).open(&path).expect("a reader");
            // The reader has opened it; a second time it would not be there.
            fs::remove_file(&path).expect("it is there");
            std::io::Write::write_all(&mut pipe, text.as_bytes()).expect("the reader reads");
        }
    });
    room.run(&[], 0);
    writing.join().expect("it ends");
    assert_eq!(accepted(&server).len(), EVENTS);
}

#[test]
fn every_event_has_its_test_case_also_from_another_thread() {
    let server = server();
    Room::new(&server).run(&[], 0);
    let events = accepted(&server);
    let of_case = |case: Value| {
        let is_of = move |event: &&Value| event["eventAttributes"]["testCaseName"] == case;
        let name = |event: &Value| event["eventName"].as_str().expect("a text").to_owned();
        events.iter().filter(is_of).map(name).collect::<Vec<_>>()
    };
    let signed_in = ["enter_text", "enter_text", "login_submitted"];
    let login = [&["button_clicked", "next"], &signed_in[..]].concat();
    assert_eq!(of_case("test_login".into()), login);
    let rest = ["offers_opened", "offers_loaded", "press_element"];
    assert_eq!(of_case("test_offers".into()), [signed_in, rest].concat());
    let refusal = [&signed_in[..], &["action_failed"]].concat();
    assert_eq!(of_case("test_refusal".into()), refusal);
    assert_eq!(of_case(Value::Null), ["action_completed"]);
}

#[test]
fn in_real_time_a_post_has_any_number_of_events() {
    let server = server();
    let room = Room::new(&server);
    // What is there when the sending begins, and the rest at the end, which waits for nothing.
    room.set("intervalMs", 600_000.into());
    room.run(&[], 0);
    let sizes: Vec<usize> = posts(&server).iter().map(Vec::len).collect();
    assert!(sizes.len() <= 2 && sizes.iter().sum::<usize>() == EVENTS, "{sizes:?}");
    let all = server.accepted_ids();
    server.forget();
    room.set("intervalMs", 1.into());
    room.run(&[], 0);
    assert_eq!(server.accepted_ids(), all, "in as many posts as it takes, and in order");
}

#[test]
fn events_are_processed_before_anybody_gets_them() {
    let server = server();
    let options = ["--device", "Pixel \"9\"", "--drop", "optics.enter_text"];
    let told = Room::new(&server).run(&options, 0);
    let events = accepted(&server);
    assert_eq!(events.len(), EVENTS - 6);
    for event in &events {
        assert_ne!(event["eventName"], "enter_text");
        assert_eq!(event["eventAttributes"]["device"], "Pixel \"9\"");
    }
    assert!(told.stdout.contains("report: complete, 6 filtered\n"), "{}", told.stdout);
    assert!(!told.stdout.contains("enter_text"), "{}", told.stdout);
}

#[test]
fn further_keys_of_the_attributes_file_go_out_with_each_event() {
    let server = server();
    let room = Room::new(&server);
    room.set("eventUrl", format!("{}/", server.url()).into());
    room.set("deviceMake", "Fairphone".into());
    room.set("slots", json!([1, 2]));
    room.run(&[], 0);
    let expected = json!({
        "applicationName": "MyApp", "appVersion": "1.0.0", "deviceMake": "Fairphone",
        "slots": [1, 2],
    });
    for event in accepted(&server) {
        assert_eq!(event["mozarkEventAttributes"], expected);
    }
}

/// The attributes of a copy, with a token of its own.
fn copy(url: &str) -> String {
    json!({
        "eventUrl": url,
        "bearerEnv": "OPTICS_COPY_TOKEN",
        "applicationName": "MyApp",
        "appVersion": "1.0.0",
        "spool": "kept-copy",
    })
    .to_string()
}

#[test]
fn a_copy_goes_to_a_second_server_without_the_token_of_the_first() {
    let (first, second) = (server(), FaultServer::start(JsonArray::new()).expect("a port"));
    let room = Room::new(&first);
    room.write(&copy(&second.url()), "copy.json");
    room.run(&["copy.json"], 0);
    assert_eq!(accepted(&first).len(), EVENTS);
    assert_eq!(accepted(&second), accepted(&first));
    let authorization = |server: &FaultServer| {
        let requests = server.requests();
        requests[0].header("authorization").map(str::to_owned)
    };
    assert_eq!(authorization(&second).as_deref(), Some("Bearer other"));
    assert_eq!(authorization(&first), Some(format!("Bearer {TOKEN}")));
    let keyless = copy(&second.url()).replace("\"bearerEnv\":\"OPTICS_COPY_TOKEN\",", "");
    room.write(&keyless, "copy.json");
    second.forget();
    room.run(&["copy.json"], 0);
    assert_eq!(authorization(&second), None);
}

#[test]
fn a_copy_that_fails_takes_nothing_from_the_first_server() {
    let (first, second) = (server(), server());
    second.stop();
    let room = Room::new(&first);
    room.write(&copy(&second.url()), "copy.json");
    let told = room.run(&["copy.json"], 1);
    assert_eq!(accepted(&first).len(), EVENTS);
    assert!(told.stdout.contains("`attributes.json`: 16 of 16 delivered\n"), "{}", told.stdout);
    for part in [
        "optics: `copy.json`: 0 of 16 delivered, 16 spooled",
        "optics: what `copy.json` has spooled is in `kept-copy`, and goes first at the next start\n",
    ] {
        assert_eq!(told.stderr.matches(part).count(), 1, "`{part}` in:\n{}", told.stderr);
    }
    assert!(!told.stderr.contains("`attributes.json`"), "{}", told.stderr);
}

#[test]
fn another_server_is_told_than_the_file_names() {
    let (first, second) = (server(), server());
    Room::new(&first).run(&["--url", &second.url()], 0);
    assert_eq!((accepted(&first).len(), accepted(&second).len()), (0, EVENTS));
}

#[test]
fn a_server_is_told_without_a_file_and_costs_no_event() {
    let own = include_str!("../examples/optics/token.txt").trim();
    let receiver = JsonArray::new().path("/v1/event/batchevent").token(own);
    let server = FaultServer::start(receiver).expect("a port on loopback");
    let folder = TempDir::new().expect("a folder");
    run_in(folder.path(), &["--url", &server.url()], 0);
    assert_eq!(accepted(&server).len(), EVENTS);
    server.forget();
    server.stop();
    let told = run_in(folder.path(), &["--url", &server.url()], 1);
    let spool = folder.path().canonicalize().expect("a folder").join("optics-spool");
    assert!(told.stderr.contains(&format!("is in `{}`", spool.display())), "{}", told.stderr);
    server.restart().expect("its port is free");
    run_in(folder.path(), &["--url", &server.url()], 0);
    assert_eq!(accepted(&server).len(), 2 * EVENTS);
}

/// How long the tests of a run took.
fn test_milliseconds(told: &Told) -> u64 {
    let line = told.stdout.lines().find_map(|line| line.strip_prefix("3 tests in "));
    let number = line.and_then(|line| line.strip_suffix(" ms")).expect("it is told");
    number.parse().expect("a number")
}

/// All that is in the files of a folder.
fn bytes_in(folder: &Path) -> Vec<u8> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    let paths = entries.map(|entry| entry.path());
    let read = |path: PathBuf| {
        if path.is_dir() { bytes_in(&path) } else { fs::read(path).expect("a file") }
    };
    paths.flat_map(read).collect()
}

#[test]
fn an_unreachable_server_slows_no_test_and_costs_no_event() {
    let server = server();
    server.stop();
    let room = Room::new(&server);
    for interval in [Value::Null, 1.into()] {
        room.set("intervalMs", interval);
        let told = room.run(&[], 1);
        // The original stands still for 6 s at least.
        assert!(test_milliseconds(&told) < 6_000, "{}", told.stdout);
        for part in [
            "optics: `attributes.json`: 0 of ",
            " spooled",
            "connection refused",
            "what `attributes.json` has spooled is in `kept`, and goes first at the next start",
        ] {
            assert!(told.stderr.contains(part), "`{part}` is missing in:\n{}", told.stderr);
        }
    }
    server.restart().expect("its port is free");
    room.run(&[], 0);
    let mut events = accepted(&server);
    assert_eq!(events.len(), 3 * EVENTS);
    let times: Vec<String> = events.iter_mut().map(take_time).collect();
    assert!(times.is_sorted(), "in the order of the runs, each event with its own time");
    assert_eq!(events[..EVENTS], events[EVENTS..2 * EVENTS]);
    assert_eq!(events[..EVENTS], events[2 * EVENTS..]);
}

#[test]
fn a_wrong_token_is_told_and_costs_no_event() {
    let server = server();
    let room = Room::new(&server);
    room.write("wrong-token-9876543210", "token.txt");
    server.inject(Fault::refusal(401, "\u{1b}[31mwrong-token-9876543210 is unknown"));
    let told = room.run(&[], 1);
    assert!(test_milliseconds(&told) < 6_000, "{}", told.stdout);
    assert!(told.stderr.contains("401"), "{}", told.stderr);
    assert!(told.stderr.contains("0 of 16 delivered, 16 spooled"), "{}", told.stderr);
    for text in [&told.stdout, &told.stderr] {
        assert!(!text.contains('\u{1b}') && !text.contains("wrong-token"), "{text}");
    }
    let kept = bytes_in(&room.path("kept"));
    assert!(kept.windows(14).any(|bytes| bytes == b"button_clicked"), "it is all there");
    assert!(!kept.windows(11).any(|bytes| bytes == b"wrong-token"), "but for the token");
    assert_eq!(accepted(&server), [] as [Value; 0]);

    room.write(&format!("{TOKEN}\n"), "token.txt");
    room.run(&[], 0);
    assert_eq!(accepted(&server).len(), 2 * EVENTS);
}

#[test]
fn an_event_that_the_server_refuses_is_set_aside_with_the_reason() {
    let is_poison = |json: &str| json.contains("\"offers_loaded\"");
    let server = FaultServer::start(JsonArray::new().poison(is_poison)).expect("a port");
    let room = Room::new(&server);
    let told = room.run(&[], 1);
    assert_eq!(accepted(&server).len(), EVENTS - 1);
    assert!(told.stderr.contains("15 of 16 delivered, 1 rejected"), "{}", told.stderr);
    let aside = "what `attributes.json` has set aside is in `kept.dead_letters`, with the reason";
    assert!(told.stderr.contains(aside), "{}", told.stderr);
    let letters = fs::read_to_string(room.path("kept.dead_letters")).expect("a file");
    let letter: Value = serde_json::from_str(&letters).expect("one line");
    assert_eq!(
        (&letter["type"], &letter["data"]),
        (&"optics.offers_loaded".into(), &json!({"offers": 3}))
    );
    assert!(
        letter["reason"].as_str().expect("a text").contains("an event is not valid"),
        "{letter}"
    );
}

#[test]
fn a_wrong_attributes_file_is_told_before_anything_runs() {
    let server = server();
    let room = Room::new(&server);
    let right = attributes(&server.url()).to_string();
    let renamed = |key: &str, wrong: &str| right.replace(key, wrong);
    let with = |key: &str, value: Value| {
        room.write(&right, "attributes.json");
        room.set(key, value);
        fs::read_to_string(room.path("attributes.json")).expect("it is there")
    };
    for (text, expected) in [
        ("{\"eventUrl\":".to_owned(), "attributes.json:1:12: not JSON: EOF while parsing a value"),
        ("eventUrl = \"toml\"".to_owned(), "attributes.json:1:1: not JSON: expected value"),
        (format!("\"{TOKEN}\""), "attributes.json:1:1: a configuration is an object: `{ … }`"),
        (with("eventUrl", Value::Null), "attributes.json:1:1: `eventUrl` is missing\n"),
        (renamed("eventUrl", "eventURL"), "^ is this meant to be it?"),
        (renamed("appVersion", "app_version"), "`appVersion` is missing\n"),
        (renamed("spool", "spol"), "`spool` is missing\n"),
        (with("applicationName", json!(7)), ": expected a string, found an integer\n"),
        (with("intervalMs", json!("1 s")), ": expected an integer of at least 0, found a string\n"),
        (with("appVersion", json!(" ")), "has a blank `applicationName` or `appVersion`"),
        (with("testParameters_bearer", json!(TOKEN)), "`testParameters_bearer` holds a secret"),
        (with("API-Token\u{1b}", json!(TOKEN)), "`API-Token\\u{1b}` holds a secret"),
        (with("bearerEnv", json!("A")), "token_env"),
        (with("bearerFile", json!("gone")), "gone` cannot be read: entity not found"),
        (with("eventUrl", json!("optics.example")), "url is not a URL: write one such as"),
        (with("eventUrl", json!("ftp://optics.example")), "url begins with `ftp:`"),
        (with("eventUrl", json!("http://h/?a=b")), "`attributes.json` gets a URL with a query"),
        (with("eventUrl", json!("http://h#x")), "url has a `#`"),
        (with("eventUrl", json!(format!("http://u:{TOKEN}@h"))), "has a user or a password in it"),
        (
            renamed("bearerFile\":\"token.txt", "bearerEnv\":\"OPTICS_TOKEN_THAT_IS_NOT_SET"),
            "`OPTICS_TOKEN_THAT_IS_NOT_SET`",
        ),
    ] {
        room.write(&text, "attributes.json");
        let told = room.run(&[], 2);
        assert!(told.stderr.starts_with("optics: "), "{}", told.stderr);
        assert!(told.stderr.contains("attributes.json"), "{}", told.stderr);
        assert!(told.stderr.contains(expected), "`{expected}` is missing in: {}", told.stderr);
        assert!(!told.stderr.contains('\u{1b}'), "{}", told.stderr);
        assert_eq!(told.stdout, "", "{text}");
    }
    let told = run_in(room.0.path(), &["missing.json"], 2);
    let expected = "optics: failed to read the configuration `missing.json`: ";
    assert!(told.stderr.starts_with(expected), "{}", told.stderr);
    assert_eq!(server.requests().len(), 0);
    assert!(!room.path("kept").exists(), "nothing is opened");
}

#[test]
fn a_wrong_option_is_named_with_what_is_expected() {
    let folder = TempDir::new().expect("a folder");
    let wrong: [(&[&str], &str); 2] = [
        (&["--devise", "Pixel"], "unexpected argument '--devise' found"),
        (&["--device"], "a value is required for '--device <DEVICE>' but none was supplied"),
    ];
    for (options, expected) in wrong {
        let told = run_in(folder.path(), options, 2);
        assert!(told.stderr.contains(expected), "`{expected}` is missing in: {}", told.stderr);
        assert_eq!(told.stdout, "", "{options:?}");
    }
    let room = Room::new(&server());
    let told = room.run(&["--url", "optics"], 2);
    assert!(told.stderr.contains("url is not a URL: write one such as"), "{}", told.stderr);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "it leaves no file");
}

#[test]
fn a_spool_that_cannot_be_used_is_told_before_anything_runs() {
    let server = server();
    let room = Room::new(&server);
    room.set("spool", "token.txt".into());
    let told = room.run(&[], 2);
    assert!(told.stderr.contains("failed to open the "), "{}", told.stderr);
    assert_eq!((&*told.stdout, server.requests().len()), ("", 0));
}

#[test]
fn help_names_every_option() {
    let told = run_in(Path::new("."), &["--help"], 0);
    for option in ["[FILES]...", "--url", "--device", "--drop", "Exit code"] {
        assert!(told.stdout.contains(option), "{option}");
    }
}

#[test]
fn the_configuration_in_the_docs_makes_the_same_bodies() {
    let docs = include_str!("../docs/coming-from-optics.md");
    let toml = docs.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let (server, folder) = (server(), TempDir::new().expect("a folder"));
    let toml = toml.expect("it is there").replace("https://optics.example", &server.url());
    let token = |name: &str| (name == "OPTICS_TOKEN").then(|| TOKEN.to_owned());
    let config = Config::reader().environment(token).toml(&toml, folder.path());
    let started = config.expect("it is right").start().expect("all can be opened");
    let _test = Scope::new(Attributes::new().with("testCaseName", "test_login")).enter();
    let emitter = started.bus().raw_emitter("application", "MyApp");
    let clicked = json!({ "button_id": "submit", "screen": "login" });
    for (name, attributes) in [("button_clicked", clicked), ("next", json!({ "n": 2 }))] {
        emitter.emit(&format!("optics.{name}"), attributes).expect("a name");
    }
    assert!(started.close().expect("it is not strict").complete);
    let mut sent = Value::from(accepted(&server));
    let [(_, mut batch), _] = <[_; 2]>::try_from(recorded()).expect("two exchanges");
    for events in [&mut sent, &mut batch] {
        events.as_array_mut().expect("an array").iter_mut().for_each(|one| drop(take_time(one)));
    }
    assert_eq!(sent, batch);
}

#[test]
fn the_example_stays_below_250_lines() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/optics");
    let files = fs::read_dir(folder).expect("it is there").flatten().map(|entry| entry.path());
    let rust = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let lines = rust.map(|path| fs::read_to_string(path).expect("UTF-8").lines().count());
    assert!(lines.sum::<usize>() < 250);
}
