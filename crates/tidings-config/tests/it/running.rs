//! What a configuration does when it is started.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tidings_config::{CLOSE_TIMEOUT_DEFAULT, Config, Started};
use tidings_fault_server::{CloudEvents, FaultServer, Hec, JsonArray};
use tidings_journal::{Reader, replay};
use tidings_registry::Metrics;

use crate::support::{TOKEN, reader};

const NO_OBSERVER: &str =
    "no observer is enabled, so events go nowhere: add an `[[observer]]`, or enable one";

fn start(toml: &str, folder: &Path) -> Started {
    let config =
        reader().toml(toml, folder).map_err(|fault| fault.to_string()).expect("it is right");
    config.start().map_err(|fault| fault.to_string()).expect("it starts")
}

fn emit(started: &Started, event_type: &'static str, data: Value) {
    let emitter = started.bus().raw_emitter("case", "t1");
    emitter.emit(event_type, data).expect("a good type");
}

fn close(started: &Started) -> tidings_registry::CloseReport {
    started.close().expect("it is not strict")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("a file")
}

#[test]
fn the_keys_at_the_top_make_the_bus() {
    let folder = folder();
    let toml = "run = \"run-7\"\nnode = \"lab-3\"\nattributes = { app = \"MyApp\", n = 2 }\n\
                history = 5\nstrict = true\ndedup = { capacity = 10 }\nclose_timeout_s = 7\n\
                [[observer]]\nkind = \"journal\"\npath = \"run.jsonl\"\n\
                [[observer]]\nkind = \"shelf\"\nretry = { attempts_max = 1 }\n";
    let started = start(toml, folder.path());
    assert_eq!((started.bus().run(), started.bus().node()), ("run-7", "lab-3"));
    assert_eq!(started.close_timeout(), Duration::from_secs(7));
    emit(&started, "a.b", json!({}));
    emit(&started, "a.b", json!({}));
    let late = started.bus().register(Metrics::new()).past(5).start();
    late.expect("there is a history").detach();
    let fault = started.close().expect_err("the shelf takes nothing, and the bus is strict");
    assert_eq!(fault.report().suppressed, 1);
    let journal = read(folder.path(), "run.jsonl");
    assert!(journal.contains(r#""attributes":"{\"app\":\"MyApp\",\"n\":2}""#), "{journal}");
}

#[test]
fn without_keys_everything_has_its_default() {
    let config = Config::from_toml("", "").expect("it is right");
    assert_eq!(config.close_timeout(), CLOSE_TIMEOUT_DEFAULT);
    let started = config.start().expect("nothing to open");
    assert_eq!(started.bus().run(), started.bus().id().to_string());
    assert!(close(&started).observers.is_empty());
}

#[test]
fn a_program_may_add_to_the_bus() {
    let folder = folder();
    let config = reader()
        .toml("run = \"r\"\n[[observer]]\nkind = \"journal\"\npath = \"j\"\n", folder.path())
        .expect("it is right");
    let id = tidings_core::BusId::from_u128(7);
    let bus = config.bus_builder().id(id).build();
    let started = config.start_on(bus).expect("the file can be made");
    assert_eq!((started.bus().id(), started.bus().run()), (id, "r"));
    assert_eq!(close(&started).observers.len(), 1);
}

#[test]
fn views_start_before_the_others_and_alone_hear_what_comes_between() {
    let folder = folder();
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    let toml = format!(
        "[[observer]]\nkind = \"http\"\nurl = \"{}\"\n\
         [[observer]]\nkind = \"journal\"\npath = \"journal\"\n\
         [[observer]]\nkind = \"junit\"\npath = \"junit.xml\"\n\
         [[observer]]\nkind = \"console\"\npath = \"console\"\n",
        server.url()
    );
    let config = reader().toml(&toml, folder.path()).expect("it is right");
    let bus = config.bus_builder().build();
    let views = config.start_views_on(bus).expect("they start");
    let emit = |text: &str| {
        let emitter = views.bus().raw_emitter("case", text);
        emitter.emit("test.case.finished", json!({"status": "success"})).expect("a good type");
    };
    emit("past");
    assert!(!folder.path().join("journal").exists());
    let emitter = views.bus().raw_emitter("case", "now");
    let started = views.start_others().expect("they start");
    emitter.emit("test.case.finished", json!({"status": "success"})).expect("a good type");
    let report = close(&started);
    let delivered = |name| report.observer(name).expect("it is registered").counts.delivered;
    let all = ["http", "journal", "junit", "console"].map(delivered);
    assert_eq!(all, [1, 1, 2, 2]);
    assert_eq!(server.accepted_ids().len(), 1);
}

#[test]
fn one_of_the_others_that_cannot_start_leaves_no_view_behind() {
    let folder = folder();
    let toml = "[[observer]]\nkind = \"junit\"\npath = \"junit.xml\"\n\
                [[observer]]\nkind = \"journal\"\npath = \".\"\n";
    let config = reader().toml(toml, folder.path()).expect("it is right");
    let bus = config.bus_builder().build();
    let views = config.start_views_on(bus.clone()).expect("it starts");
    let fault = views.start_others().expect_err("a folder is no journal");
    assert_eq!((fault.faults()[0].line(), fault.faults()[0].column()), (6, 8));
    let present = bus.report().observers;
    assert!(present.iter().all(|observer| observer.counts.pending == 0), "{present:?}");
    bus.raw_emitter("case", "t").emit("test.case.finished", json!({})).expect("a good type");
    assert!(bus.report().observers.iter().all(|observer| observer.counts.accepted == 0));
}

#[test]
fn observers_have_their_names_and_kinds_in_the_report() {
    let folder = folder();
    let toml = "[[observer]]\nkind = \"console\"\npath = \"a\"\n\
                [[observer]]\nkind = \"console\"\npath = \"b\"\nname = \"second\"\n\
                [[observer]]\nkind = \"console\"\npath = \"c\"\n\
                [[observer]]\nkind = \"journal\"\npath = \"d\"\nenabled = false\n";
    let report = close(&start(toml, folder.path()));
    let names: Vec<_> = report.observers.iter().map(|it| (&*it.name, &*it.kind)).collect();
    assert_eq!(names, [("console", "console"), ("second", "console"), ("console-2", "console")]);
    assert!(!folder.path().join("d").exists());
}

#[test]
fn interest_and_dedup_of_an_observer_keep_events_away() {
    let folder = folder();
    let toml = "[[observer]]\nkind = \"console\"\npath = \"out\"\nmode = \"json\"\n\
                interest = [\"a\", \"!a.c\"]\ndedup = { window_s = 9 }\n";
    let started = start(toml, folder.path());
    for event_type in ["a.b", "a.b", "a.c", "x.y"] {
        emit(&started, event_type, json!({}));
    }
    let report = close(&started);
    let counts = report.observers[0].counts;
    assert_eq!((counts.accepted, counts.suppressed, counts.delivered), (2, 1, 1));
    assert_eq!(read(folder.path(), "out").lines().count(), 1);
}

/// What a console wrote while a shelf was on hold, of which a journal heard as well.
fn written_of_a_hold(console: &str) -> String {
    let folder = folder();
    // A folder is no place for a batch, which is why the shelf asks for help.
    let toml = format!(
        "close_timeout_s = 1\n\
         [[observer]]\nkind = \"console\"\npath = \"console\"\ncolour = \"never\"\n{console}\
         [[observer]]\nkind = \"journal\"\npath = \"journal\"\n\
         [[observer]]\nkind = \"shelf\"\nseen = \".\"\n"
    );
    let started = start(&toml, folder.path());
    emit(&started, "a.b", json!({}));
    let deadline = Instant::now() + Duration::from_secs(30);
    while !read(folder.path(), "journal").contains("tidings.sink.held") {
        assert!(Instant::now() < deadline, "the journal hears of the hold");
        started.bus().barrier(Duration::from_millis(20)).ok();
    }
    assert!(!close(&started).complete);
    read(folder.path(), "console")
}

#[test]
fn a_console_and_a_journal_hear_diagnostics() {
    let lines = written_of_a_hold("mode = \"lines\"\n");
    let held = lines.lines().find(|line| line.contains("tidings.sink.held"));
    let held = held.unwrap_or_else(|| panic!("the console hears of the hold: {lines}"));
    for part in ["observer/shelf", "alarm=true", "observer=shelf", "reason=", "waiting=1"] {
        assert!(held.contains(part), "{part} in {held}");
    }
    let json = written_of_a_hold("mode = \"json\"\n");
    assert!(json.contains("\"type\":\"tidings.sink.held\""), "{json}");
}

#[test]
fn diagnostics_are_no_tests_in_the_tree_of_a_console() {
    let tree = written_of_a_hold("mode = \"tree\"\n");
    // Lines above it, and the count of what was tested below.
    assert!(tree.contains("tidings.sink.held") && tree.contains("\n1 event "), "{tree}");
    assert!(!tree.contains("1 failed"), "{tree}");
}

#[test]
fn a_console_with_an_interest_hears_no_diagnostics_unless_named() {
    let hears = |interest: &str| {
        let lines = written_of_a_hold(&format!("mode = \"lines\"\n{interest}\n"));
        (lines.contains("a.b "), lines.contains("tidings."))
    };
    assert_eq!(hears("interest = [\"**\"]"), (true, false));
    assert_eq!(hears("interest = [\"!tidings.\"]"), (true, false));
    assert_eq!(hears("interest = [\"tidings.sink\"]"), (false, true));
}

#[test]
fn the_modes_of_a_console_write_differently() {
    let written = |keys: &str| {
        let folder = folder();
        let toml = format!("[[observer]]\nkind = \"console\"\npath = \"sub/out\"\n{keys}");
        let started = start(&toml, folder.path());
        emit(&started, "a.b", json!({ "n": 1 }));
        assert!(close(&started).complete);
        read(folder.path(), "sub/out")
    };
    let [tree, lines, json] =
        ["mode = \"tree\"", "mode = \"lines\"", "mode = \"json\""].map(written);
    assert!(json.starts_with("{\"specversion\""), "{json}");
    assert!(lines.contains("a.b") && !lines.contains("specversion"), "{lines}");
    assert_ne!(tree, lines);
    let coloured = written("mode = \"lines\"\ncolour = \"always\"");
    let plain = written("mode = \"lines\"\ncolour = \"never\"");
    assert!(coloured.contains('\u{1b}') && !plain.contains('\u{1b}'), "{coloured} {plain}");
}

#[test]
fn a_console_annotates_a_test_run_when_it_is_told_to() {
    let written = |annotations: &str| {
        let folder = folder();
        let toml = format!(
            "[[observer]]\nkind = \"console\"\npath = \"out\"\nannotations = \"{annotations}\"\n"
        );
        let started = start(&toml, folder.path());
        let case = started.bus().raw_emitter("suite", "login").child("case", "refuses");
        let failure = json!({
            "kind": "assertion",
            "message": "::error::no",
            "location": { "file": "src/login.rs", "line": 7 },
        });
        let finished = json!({ "status": "failure", "failure": failure });
        case.emit("test.case.finished", finished).expect("a good type");
        assert!(close(&started).complete);
        read(folder.path(), "out")
    };
    let always = written("always");
    let command = "::error file=src/login.rs,line=7,title=login/refuses::";
    assert!(always.contains(&format!("\n{command}\\u{{3a}}:error::no\n")), "{always}");
    assert!(always.contains("::group::login"), "{always}");
    for annotations in ["never", "auto"] {
        let text = written(annotations);
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
    }
}

#[test]
fn a_journal_is_continued_and_its_header_knows_the_interest() {
    let folder = folder();
    let toml = "run = \"r\"\n[[observer]]\nkind = \"journal\"\npath = \"j/run.jsonl\"\n\
                interest = [\"a\"]\n";
    for _ in 0..2 {
        let started = start(toml, folder.path());
        emit(&started, "a.b", json!({}));
        emit(&started, "c.d", json!({}));
        assert!(close(&started).complete);
    }
    let journal = read(folder.path(), "j/run.jsonl");
    assert_eq!(journal.matches("tidings.journal.opened").count(), 2);
    assert_eq!(journal.matches("\"type\":\"a.b\"").count(), 2);
    assert!(!journal.contains("c.d"));
    assert!(
        journal.lines().next().is_some_and(|header| header.contains("\"interest\":[\"a\"]")),
        "{journal}"
    );
}

#[test]
fn an_observer_that_is_broken_on_purpose_is_told_and_harms_no_other() {
    let folder = folder();
    let toml = "[[observer]]\nkind = \"faulty\"\nname = \"fails\"\ndoes = \"fail\"\n\
                [[observer]]\nkind = \"faulty\"\nname = \"panics\"\ndoes = \"panic\"\n\
                [[observer]]\nkind = \"faulty\"\nname = \"hangs\"\ndoes = \"hang\"\n\
                deliver = \"synchronous\"\nwait_max_ms = 10\n\
                [[observer]]\nkind = \"journal\"\npath = \"run.jsonl\"\ninterest = [\"a\"]\n";
    let started = start(toml, folder.path());
    emit(&started, "a.b", json!({}));
    let report = started.bus().close(Duration::from_millis(50)).expect("it is not strict");
    let fates: Vec<_> = report
        .observers
        .iter()
        .map(|it| (&*it.name, it.counts.delivered, it.counts.failed, it.counts.pending))
        .collect();
    let expected =
        [("fails", 0, 1, 0), ("panics", 0, 1, 0), ("hangs", 0, 0, 1), ("journal", 1, 0, 0)];
    assert_eq!(fates, expected);
    let error = |name| report.observer(name).and_then(|it| it.last_error.clone());
    assert_eq!(error("fails").as_deref(), Some("it fails on purpose"));
    assert_eq!(error("panics").as_deref(), Some("panicked: it panics on purpose"));
    assert!(read(folder.path(), "run.jsonl").contains("a.b"));
}

#[test]
fn a_junit_report_of_a_run_is_that_of_its_journal() {
    let folder = folder();
    let toml = "[[observer]]\nkind = \"junit\"\npath = \"reports/live.xml\"\n\
                [[observer]]\nkind = \"journal\"\npath = \"run.jsonl\"\n";
    let started = start(toml, folder.path());
    let bus = started.bus();
    let suite = bus.raw_emitter("suite", "login");
    let case = suite.child("case", "refuses");
    case.emit("test.case.started", json!({})).expect("a good type");
    let failure = json!({ "kind": "assertion", "message": "the page <differs>" });
    let finished = json!({ "status": "failure", "failure": failure, "duration": 0.25 });
    case.emit("test.case.finished", finished).expect("a good type");
    suite.child("case", "never ends").emit("test.case.started", json!({})).expect("a good type");
    emit(&started, "other.news", json!({ "status": "failure" }));
    let report = close(&started);
    assert!(report.complete, "{report}");
    assert_eq!(&*report.observers[0].kind, "junit");
    assert_eq!(report.observers[0].counts.accepted, 3, "{report}");
    let live = read(folder.path(), "reports/live.xml");
    assert!(live.contains(r#"tests="2" failures="1" errors="1""#), "{live}");
    assert!(live.contains(r#"<failure message="the page &lt;differs&gt;""#), "{live}");

    let toml = "[[observer]]\nkind = \"junit\"\npath = \"replayed.xml\"\n\
                deliver = \"queued\"\nredact = [\"data.token\"]\n";
    let started = start(toml, folder.path());
    let journal = Reader::open(folder.path().join("run.jsonl")).expect("a journal");
    replay(journal, started.bus()).expect("sound events");
    assert!(close(&started).complete);
    assert_eq!(read(folder.path(), "replayed.xml"), live);
}

#[test]
fn redaction_holds_for_observers_and_deliveries() {
    let folder = folder();
    let redact = "redact = [\"data.password\", \"attributes.apiKey\"]\n";
    let toml = format!(
        "attributes = {{ apiKey = \"{TOKEN}\" }}\n\
         [[observer]]\nkind = \"journal\"\npath = \"journal\"\n{redact}\
         [[observer]]\nkind = \"console\"\nmode = \"json\"\npath = \"console\"\n{redact}\
         [[observer]]\nkind = \"shelf\"\nseen = \"shelf\"\n{redact}"
    );
    let started = start(&toml, folder.path());
    emit(&started, "user.added", json!({ "name": "eve", "password": TOKEN }));
    let report = close(&started);
    assert!(report.complete, "{report}");
    for name in ["journal", "console", "shelf"] {
        let text = read(folder.path(), name);
        assert!(!text.contains(TOKEN) && text.contains("eve"), "{name}: {text}");
        assert!(text.contains("\"password\":\"[redacted]\""), "{name}: {text}");
    }
    let kinds: Vec<_> = report.observers.iter().map(|it| &*it.kind).collect();
    assert_eq!(kinds, ["journal", "console", "custom"]);
}

#[test]
fn a_queued_and_a_synchronous_observer_hear_everything() {
    for deliver in ["queued", "synchronous", "inline"] {
        let folder = folder();
        let toml =
            format!("[[observer]]\nkind = \"journal\"\npath = \"j\"\ndeliver = \"{deliver}\"\n");
        let started = start(&toml, folder.path());
        emit(&started, "a.b", json!({}));
        let report = close(&started);
        assert!(report.complete, "{report}");
    }
}

#[test]
fn a_blank_url_disables_an_observer_and_is_said_once() {
    let toml = "[[observer]]\nkind = \"splunk\"\nurl = \" \"\n\
                [[observer]]\nkind = \"http\"\nurl = \"\"\nname = \"optics\"\n\
                [[observer]]\nkind = \"http\"\nurl = \"\"\nname = \"off\"\nenabled = false\n";
    let started = start(toml, Path::new(""));
    assert_eq!(
        started.warnings(),
        [
            "observer `splunk` is disabled: its `url` is blank",
            "observer `optics` is disabled: its `url` is blank",
            NO_OBSERVER
        ]
    );
    assert!(close(&started).observers.is_empty());
}

#[test]
fn a_configuration_without_an_enabled_observer_says_so() {
    let warnings = |toml: &str| reader().toml(toml, "").expect("it is right").warnings().to_vec();
    assert_eq!(warnings("run = \"r\"\n"), [NO_OBSERVER]);
    let console = "[[observer]]\nkind = \"console\"\n";
    let disabled = format!("{console}enabled = false\n");
    assert_eq!(warnings(&disabled), [NO_OBSERVER]);
    assert!(warnings(&format!("{disabled}{console}")).is_empty());
}

#[test]
fn an_observer_that_is_not_enabled_needs_no_token_and_is_checked_all_the_same() {
    let toml = "[[observer]]\nkind = \"splunk\"\nenabled = false\nurl = \"http://h\"\n\
                token_env = \"NOT_SET\"\n";
    assert!(reader().toml(toml, "").is_ok());
    let wrong = toml.replace("http://h", "ftp://h");
    assert!(reader().toml(&wrong, "").is_err());
    assert!(reader().toml(&format!("{toml}urll = 1"), "").is_err());
}

#[test]
fn what_cannot_be_opened_is_told_at_its_key() {
    let folder = folder();
    fs::write(folder.path().join("file"), "text").expect("a file");
    let told = |keys: &str| {
        let config = reader().toml(&format!("[[observer]]\n{keys}"), folder.path());
        let fault = config.expect("it is right").start().expect_err("it cannot be opened");
        let [fault] = fault.faults() else { panic!("one fault: {fault}") };
        (fault.line(), fault.column(), fault.message().to_owned())
    };
    for keys in [
        "kind = \"console\"\npath = \"file/x\"",
        "kind = \"journal\"\npath = \"file\"",
        "kind = \"junit\"\npath = \"file/x\"",
        "kind = \"shelf\"\nspool = \"file\"",
        "kind = \"shelf\"\ndead_letter = \"file/x\"",
    ] {
        let (line, column, message) = told(keys);
        let value = keys.lines().nth(1).and_then(|line| line.find('"')).expect("a value");
        assert_eq!((line, column), (3, value + 1), "{message}");
        assert!(message.contains("file"), "{message}");
    }
}

#[test]
fn no_observer_stays_on_a_bus_when_one_cannot_be_opened() {
    let folder = folder();
    fs::write(folder.path().join("file"), "text").expect("a file");
    let toml = "[[observer]]\nkind = \"console\"\npath = \"out\"\n\
                [[observer]]\nkind = \"journal\"\npath = \"file\"\n";
    let config = reader().toml(toml, folder.path()).expect("it is right");
    let bus = config.bus_builder().build();
    assert!(config.start_on(bus.clone()).is_err());
    let receipt = bus.raw_emitter("case", "t1").emit("a.b", json!({})).expect("a good type");
    assert_eq!(receipt.delivered(), 0);
}

#[test]
fn detached_observers_stay_as_long_as_the_bus() {
    let folder = folder();
    let bus = start("[[observer]]\nkind = \"journal\"\npath = \"j\"\n", folder.path()).detach();
    let receipt = bus.raw_emitter("case", "t1").emit("a.b", json!({})).expect("a good type");
    assert_eq!(receipt.delivered(), 1);
}

#[test]
fn dropping_it_closes_the_bus_with_everything_written() {
    let folder = folder();
    let toml = "[[observer]]\nkind = \"journal\"\npath = \"j\"\ndeliver = \"queued\"\n";
    let started = start(toml, folder.path());
    emit(&started, "a.b", json!({}));
    drop(started);
    assert!(read(folder.path(), "j").contains("a.b"));
}

#[test]
fn the_keys_of_http_reach_the_server() {
    let server = FaultServer::start(CloudEvents::new()).expect("a port");
    let folder = folder();
    fs::write(folder.path().join("token"), "s3cr3t\n").expect("a file");
    let toml = format!(
        "[[observer]]\nkind = \"http\"\nurl = \"{}/in\"\ntoken_file = \"token\"\n\
         headers = {{ x-team = \"lab\" }}\ncompression = \"gzip\"\nproxy = \"\"\n",
        server.url()
    );
    let started = start(&toml, folder.path());
    emit(&started, "a.b", json!({ "n": 1 }));
    let report = close(&started);
    assert!(report.complete, "{report}");
    let request = server.requests().pop().expect("one request");
    assert_eq!(request.path, "/in");
    assert_eq!(request.header("authorization"), Some("Bearer s3cr3t"));
    assert_eq!(request.header("x-team"), Some("lab"));
    assert_eq!(request.header("content-encoding"), Some("gzip"));
    assert_eq!(server.accepted().len(), 1);
}

#[test]
fn a_proxy_is_asked_in_place_of_the_server() {
    let proxy = FaultServer::start(CloudEvents::new()).expect("a port");
    let toml = format!(
        "close_timeout_s = 5\n[[observer]]\nkind = \"http\"\nurl = \"http://collector.invalid/\"\n\
         proxy = \"{}\"\nretry = {{ attempts_max = 1 }}\n",
        proxy.url()
    );
    let started = start(&toml, Path::new(""));
    emit(&started, "a.b", json!({}));
    let report = close(&started);
    assert_eq!(report.observers[0].counts.failed, 1, "{report}");
    let asked = proxy.requests().iter().any(|request| request.method == "CONNECT");
    assert!(asked, "{:?}", proxy.requests());
}

#[test]
fn encodings_of_http_make_different_bodies() {
    let sent = |keys: &str| {
        let server = FaultServer::start(JsonArray::new()).expect("a port");
        let toml = format!("[[observer]]\nkind = \"http\"\nurl = \"{}\"\n{keys}", server.url());
        let started = start(&toml, Path::new(""));
        emit(&started, "quick_test.done", json!({ "n": 1 }));
        close(&started);
        server.requests().pop().expect("one request").text()
    };
    assert!(sent("encoding = \"cloudevents\"").contains("specversion"));
    let json = sent("encoding = \"json\"");
    assert!(!json.contains("specversion") && json.contains("quick_test.done"), "{json}");
    let optics = sent(
        "encoding = \"optics\"\nutc_offset = \"+05:30\"\nstatic_attributes = { appVersion = \"9\" }",
    );
    for part in ["\"eventName\":\"done\"", "+05:30\"", "\"appVersion\":\"9\""] {
        assert!(optics.contains(part), "{part} in {optics}");
    }
}

#[test]
fn the_keys_of_splunk_reach_the_collector() {
    let server = FaultServer::start(Hec::new()).expect("a port");
    let toml = format!(
        "[[observer]]\nkind = \"splunk\"\nurl = \"{}\"\ntoken_env = \"TOKEN\"\nindex = \"tests\"\n\
         source = \"src\"\nsourcetype = \"st\"\nhost = \"h-1\"\nsend = \"on_flush\"\n",
        server.url()
    );
    let started = start(&toml, Path::new(""));
    emit(&started, "a.b", json!({}));
    let report = close(&started);
    let requests = server.requests();
    let post = requests.iter().find(|request| request.method == "POST").expect("a post");
    assert_eq!(post.header("authorization"), Some(&*format!("Splunk {TOKEN}")));
    let text = post.text();
    for part in
        ["\"index\":\"tests\"", "\"source\":\"src\"", "\"sourcetype\":\"st\"", "\"host\":\"h-1\""]
    {
        assert!(text.contains(part), "{part} in {text}: {report}");
    }
}

#[test]
fn a_shortfall_says_where_the_events_are() {
    let server = FaultServer::start(CloudEvents::new().poison(|json| json.contains("poison")))
        .expect("a port on loopback");
    let folder = folder();
    let toml = format!(
        "close_timeout_s = 9\n[[observer]]\nkind = \"http\"\nname = \"there\"\nurl = \"{}\"\n\
         spool = \"s\"\ndead_letter = \"d\"\nproxy = \"\"\n[[observer]]\nkind = \"console\"\n\
         path = \"out\"\n",
        server.url()
    );
    let started = start(&toml, folder.path());
    emit(&started, "a.b", json!({}));
    emit(&started, "a.b", json!({ "of": "poison" }));
    let shortfalls = started.shortfalls(&close(&started));
    let file = folder.path().join("d");
    let aside = format!("what `there` has set aside is in `{}`, with the reason", file.display());
    assert_eq!(shortfalls.len(), 2, "{shortfalls:?}");
    assert!(shortfalls[0].starts_with("`there`: 1 of 2 delivered, 1 rejected"), "{shortfalls:?}");
    assert_eq!(shortfalls[1], aside);
    assert!(read(folder.path(), "d").contains("poison"));
}

#[test]
fn where_everything_arrived_nothing_fell_short() {
    let folder = folder();
    let started = start("[[observer]]\nkind = \"journal\"\npath = \"j\"\n", folder.path());
    emit(&started, "a.b", json!({}));
    assert!(started.shortfalls(&close(&started)).is_empty());
}
