//! The quickstart example as a real process: exit codes, reasons, and the journal it leaves.
//!
//! Its journal is read back by a program that knows only the words, not the code: the enum
//! here is written down a second time on purpose.

#[path = "support/example.rs"]
mod example;
#[path = "support/recorded.rs"]
mod recorded;

use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::thread::{self, JoinHandle};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::TempDir;
use tidings::assert::{Recorder, assert_events, assert_same_events};
use tidings::journal::Journal;
use tidings::{Bus, Event};

use crate::example::example;
use crate::recorded::replay_whole;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "quick_test")]
enum QuickTest {
    Created {
        test_name: String,
        config: Value,
    },
    #[event(begin)]
    Started {
        test_name: String,
    },
    ProbeLost {
        number: u32,
        attempt: u32,
    },
    RoundTrips {
        #[event(volatile)]
        micros: Vec<u64>,
    },
    #[event(end(success))]
    Completed {
        sent: u32,
        received: u32,
        rate: f64,
    },
    #[event(end(failure))]
    Failed {
        error_message: String,
        error_type: String,
    },
    Error {
        error_message: String,
        error_type: String,
    },
}

/// What another emitter says in the words of nobody's enum.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "echo")]
enum Echoed {
    Lost { datagram: [u8; 8] },
}

fn run(options: &[&str]) -> Output {
    example("quickstart").args(options).output().expect("the example starts")
}

#[track_caller]
fn assert_exit(output: &Output, code: i32) {
    let stderr = stderr(output);
    assert_eq!(output.status.code(), Some(code), "stdout: {}\nstderr: {stderr}", stdout(output));
    assert!(!stderr.contains("panicked"), "{stderr}");
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs the example with a journal and returns what it exited with and what is in there.
#[track_caller]
fn run_recorded(options: &[&str], code: i32) -> (Output, Recorder) {
    let folder = TempDir::new().expect("a folder for the journal");
    let path = folder.path().join("run.jsonl");
    let output = example("quickstart").args(options).arg("--journal").arg(&path).output();
    let output = output.expect("the example starts");
    assert_exit(&output, code);
    (output, read(&path))
}

/// Verifies a journal and replays it into a recorder.
#[track_caller]
fn read(path: &Path) -> Recorder {
    let bus = Bus::new();
    let recorder = Recorder::on(&bus);
    replay_whole(path, &bus);
    let lines = std::fs::read_to_string(path).expect("a journal");
    let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let origins: HashSet<_> =
        events.map(|event| [event["runid"].to_string(), event["node"].to_string()]).collect();
    assert_eq!(origins.len(), 1, "the header is of the same run and node: {origins:?}");
    recorder
}

fn losses(recorder: &Recorder) -> u32 {
    let is_lost = |event: &QuickTest| matches!(event, QuickTest::ProbeLost { .. });
    let lost = recorder.events().iter().filter(|event| is_lost(event)).count();
    u32::try_from(lost).expect("a small number")
}

/// A socket on loopback that nobody reads.
fn silent() -> (UdpSocket, String) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on loopback");
    let target = socket.local_addr().expect("a bound socket has an address").to_string();
    (socket, target)
}

/// An echo server that counts what it answers.
struct Echo {
    address: SocketAddr,
    thread: JoinHandle<u32>,
}

impl Echo {
    fn start() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on loopback");
        let address = socket.local_addr().expect("a bound socket has an address");
        let serve = move || {
            let (mut datagram, mut answered) = ([0; 512], 0);
            loop {
                let (length, sender) = socket.recv_from(&mut datagram).expect("a datagram");
                if length == 0 {
                    return answered;
                }
                socket.send_to(&datagram[..length], sender).expect("room on loopback");
                answered += 1;
            }
        };
        Self { address, thread: thread::spawn(serve) }
    }

    /// Ends it and returns how many datagrams it has answered.
    fn stop(self) -> u32 {
        let (socket, _) = silent();
        socket.send_to(&[], self.address).expect("room on loopback");
        self.thread.join().expect("the server ends without a panic")
    }
}

#[test]
fn the_default_run_completes_in_spite_of_losses() {
    let (output, recorder) = run_recorded(&[], 0);
    let lost = losses(&recorder);
    assert!(lost > 0, "the default seed loses some:\n{}", recorder.transcript());
    let expected = 100.0 / f64::from(100 + lost);
    assert_events!(
        recorder,
        in_order: [
            QuickTest::Created { test_name, config }
                if test_name == "udp_echo" && config["probes"] == 100 && config["loss"] == 0.02,
            QuickTest::Started { test_name, .. } if test_name == "udp_echo",
            QuickTest::ProbeLost { attempt: 0, .. },
            QuickTest::RoundTrips { micros } if micros.len() == 100,
            QuickTest::Completed { sent, received: 100, rate, .. }
                if *sent == 100 + lost && (*rate - expected).abs() < f64::EPSILON,
        ],
        never: QuickTest::Failed { .. },
        count: {
            QuickTest::Started { .. } => 1,
            QuickTest::Error { .. } => 1,
            QuickTest::ProbeLost { .. } => usize::try_from(lost).expect("a small number"),
        },
        starts_before_finish,
    );
    let text = stderr(&output);
    for part in [
        "completed\n100 of 100 probes answered",
        &format!("{} datagrams sent: rate {expected:.4}", 100 + lost),
        &format!("quick_test.probe_lost {lost:>10}\n"),
        "these events drove a machine to Some(Completed)\n",
        "said, said again, said of another test: [1, 0, 1] delivered, by dedup\n",
        "as asserted\nreport: complete\n",
    ] {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
    assert!(!text.contains("echo."), "the metrics hear one prefix alone:\n{text}");
}

#[test]
fn a_step_that_no_state_allows_is_an_event_with_the_reason() {
    let (_, recorder) = run_recorded(&["--loss", "0", "--probes", "1"], 0);
    let reason = "test-001: `started` is not allowed in `started` (allowed: `completed`, `failed`)";
    assert_events!(recorder, exactly: [
        QuickTest::Created { .. },
        QuickTest::Started { .. },
        QuickTest::Error { error_message, error_type }
            if error_message == reason && error_type == "illegal_transition",
        QuickTest::RoundTrips { micros } if micros.len() == 1,
        QuickTest::Completed { sent: 1, received: 1, rate: 1.0 },
    ]);
}

#[test]
fn the_server_says_of_each_loss_what_the_test_says() {
    let options = ["--loss", "0.5", "--probes", "20", "--timeout-ms", "50", "--min-rate", "0"];
    let (_, recorder) = run_recorded(&options, 0);
    let of_server = recorder.events::<Echoed>();
    let of_server: HashSet<_> =
        of_server.iter().map(|Echoed::Lost { datagram }| *datagram).collect();
    let of_test = recorder.events().into_iter().filter_map(|event| match event {
        QuickTest::ProbeLost { number, attempt } => {
            Some((u64::from(number) << 8 | u64::from(attempt)).to_be_bytes())
        }
        _ => None,
    });
    let of_test: HashSet<_> = of_test.collect();
    assert!(!of_server.is_empty() && of_server.is_subset(&of_test), "{of_server:?} {of_test:?}");
}

#[test]
fn a_loss_that_a_retry_made_good_costs_the_rate() {
    let (output, recorder) = run_recorded(&["--min-rate", "1"], 1);
    let sent = 100 + losses(&recorder);
    let reason = format!("success rate {} is below 1", 100.0 / f64::from(sent));
    let text = stderr(&output);
    assert!(text.contains(&format!("failed: {reason}\n100 of 100 probes answered")), "{text}");
    assert_events!(recorder, in_order: [
        QuickTest::Failed { error_message, error_type }
            if *error_message == reason && error_type == "rate",
    ]);
}

#[test]
fn a_server_of_the_user_is_probed() {
    let server = Echo::start();
    let target = server.address.to_string();
    let options = ["--target", &target, "--probes", "20", "--timeout-ms", "10000"];
    let (_, recorder) = run_recorded(&options, 0);
    let answered = server.stop();
    assert_events!(recorder, exactly: [
        QuickTest::Created { config, .. } if config["target"] == *target,
        QuickTest::Started { .. },
        QuickTest::Error { .. },
        QuickTest::RoundTrips { micros } if micros.len() == 20,
        QuickTest::Completed { sent, received: 20, .. } if *sent == answered,
    ]);
}

#[test]
fn a_target_that_refuses_fails_the_test_at_once() {
    let (socket, target) = silent();
    // It hears itself alone, and keeps the port from being anybody else's.
    socket.connect(&target).expect("an address of its own");
    let (output, recorder) = run_recorded(&["--target", &target], 1);
    let reason = format!("connection refused by {target}");
    assert!(stderr(&output).contains(&format!("failed: {reason}\n")), "{}", stderr(&output));
    assert_events!(recorder, exactly: [
        QuickTest::Created { .. },
        QuickTest::Started { .. },
        QuickTest::Error { .. },
        QuickTest::RoundTrips { micros } if micros.is_empty(),
        QuickTest::Failed { error_message, error_type }
            if *error_message == reason && error_type == "refused",
    ]);
}

#[test]
fn a_host_that_cannot_be_resolved_is_unreachable() {
    // A label has at most 63 characters, so that no name server is asked or knows it.
    let target = format!("{}.invalid:7", "x".repeat(64));
    let (output, recorder) = run_recorded(&["--target", &target], 1);
    let reason = format!("cannot reach {target}: ");
    let text = stderr(&output);
    assert!(text.contains(&format!("failed: {reason}")), "{text}");
    assert!(text.contains("0 of 100 probes answered, 0 datagrams sent: rate 0.0000"), "{text}");
    assert_events!(recorder, exactly: [
        QuickTest::Created { config, .. } if config["target"] == *target,
        QuickTest::Started { .. },
        QuickTest::Error { .. },
        QuickTest::RoundTrips { micros } if micros.is_empty(),
        QuickTest::Failed { error_message, error_type }
            if error_message.starts_with(&reason) && error_type == "unreachable",
    ]);
}

#[test]
fn a_silent_target_stays_below_the_rate() {
    let (_socket, target) = silent();
    let options = ["--target", &target, "--probes", "3", "--retries", "1", "--timeout-ms", "5"];
    let (output, recorder) = run_recorded(&options, 1);
    assert!(stderr(&output).contains("0 of 3 probes answered, 6 datagrams sent: rate 0.0000"));
    assert_events!(
        recorder,
        count: { QuickTest::ProbeLost { .. } => 6 },
        in_order: [
            QuickTest::ProbeLost { number: 2, attempt: 1 },
            QuickTest::Failed { error_message, error_type }
                if error_message == "success rate 0 is below 0.95" && error_type == "rate",
        ],
    );
}

#[test]
fn a_silent_target_fails_at_the_timeout_of_the_run() {
    let (_socket, target) = silent();
    let options = ["--target", &target, "--run-timeout-s", "1", "--timeout-ms", "60000"];
    let (_, recorder) = run_recorded(&options, 1);
    assert_events!(recorder, in_order: [
        QuickTest::Started { .. },
        QuickTest::Error { .. },
        QuickTest::RoundTrips { micros } if micros.is_empty(),
        QuickTest::Failed { error_message, error_type }
            if error_message.starts_with("timed out after 1 s") && error_type == "timeout",
    ]);
}

#[test]
fn a_loss_without_retries_costs_the_rate() {
    let options = ["--loss", "0.5", "--retries", "0", "--min-rate", "1", "--timeout-ms", "20"];
    let (output, recorder) = run_recorded(&options, 1);
    let lost = losses(&recorder);
    assert!((20..100).contains(&lost), "{lost} of 100 at a loss of 0.5");
    let rate = f64::from(100 - lost) / 100.0;
    let reason = format!("failed: success rate {rate} is below 1\n");
    assert!(stderr(&output).contains(&reason), "{reason} in {}", stderr(&output));
}

#[test]
fn no_rate_is_asked_for_and_none_is_reached() {
    let options = ["--loss", "1", "--retries", "0", "--min-rate", "0"];
    let options = [&options[..], &["--probes", "3", "--timeout-ms", "5"]].concat();
    let (_, recorder) = run_recorded(&options, 0);
    assert_events!(recorder, in_order: [QuickTest::Completed { sent: 3, received: 0, .. }]);
}

#[test]
fn the_same_test_says_the_same_in_every_run() {
    let options = ["--loss", "0", "--probes", "5", "--timeout-ms", "10000"];
    let ((_, first), (_, second)) = (run_recorded(&options, 0), run_recorded(&options, 0));
    assert_same_events!(first, second);
}

#[test]
fn the_console_shows_how_the_test_ended() {
    let options = ["--probes=3", "--loss=0", "--timeout-ms=10000", "--console"];
    for mode in ["auto", "tree", "lines"] {
        let output = run(&[&options[..], &[mode]].concat());
        assert_exit(&output, 0);
        assert!(stdout(&output).contains("quick_test/test-001"), "{mode}: {}", stdout(&output));
    }
    let output = run(&[&options[..], &["json"]].concat());
    let types: Vec<Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON and nothing else"))
        .map(|mut event| event["type"].take())
        .collect();
    let names = ["created", "started", "error", "round_trips", "completed"];
    assert_eq!(types, names.map(|name| format!("quick_test.{name}")));
    let stderr = stderr(&output);
    assert!(stderr.contains("3 of 3 probes answered"), "{stderr}");
}

#[test]
fn a_wrong_option_is_named_with_what_is_expected() {
    let wrong: [(&[&str], &str); 18] = [
        (&["--probse", "3"], "a similar argument exists: '--probes'"),
        (&["--ärger"], "unexpected argument '--ärger' found"),
        (&["probes"], "unexpected argument 'probes' found"),
        (&["--probes"], "a value is required for '--probes <PROBES>'"),
        (&["--probes="], "invalid value '' for '--probes <PROBES>'"),
        (&["--probes=0"], "'--probes <PROBES>': number would be zero"),
        (&["--retries", "256"], "'--retries <RETRIES>': 256 is not in 0..=255"),
        (&["--timeout-ms", "0"], "'--timeout-ms <TIMEOUT_MS>': number would be zero"),
        (&["--run-timeout-s", "x"], "'--run-timeout-s <RUN_TIMEOUT_S>': invalid digit"),
        (&["--min-rate", "NaN"], "'--min-rate <MIN_RATE>': expected a number 0 to 1"),
        (&["--min-rate", "1.01"], "'--min-rate <MIN_RATE>': expected a number 0 to 1"),
        (&["--loss=-0.1"], "'--loss <LOSS>': expected a number 0 to 1"),
        (
            &["--console", "neon"],
            "'--console <CONSOLE>': expected `auto`, `tree`, `lines` or `json`",
        ),
        (&["--target", "here"], "'--target <TARGET>': expected HOST:PORT"),
        (&["--target", ":7"], "expected HOST:PORT with a port 1 to 65535"),
        (&["--target", "127.0.0.1:0"], "expected HOST:PORT with a port 1 to 65535"),
        (&["--target", "no host:7"], "expected HOST:PORT with a port 1 to 65535"),
        (&["--target", "127.0.0.1:7", "--seed", "1"], "cannot be used with '--seed <SEED>'"),
    ];
    for (options, expected) in wrong {
        let output = run(options);
        assert_exit(&output, 2);
        let stderr = stderr(&output);
        assert!(stderr.contains(expected), "{options:?}: `{expected}` is missing in: {stderr}");
        assert_eq!(stdout(&output), "", "{options:?}");
    }
}

#[test]
fn help_names_every_option() {
    let output = run(&["--help"]);
    assert_exit(&output, 0);
    for option in ["--target", "--min-rate", "--loss", "--seed", "--journal", "--console"] {
        assert!(stdout(&output).contains(option), "{option}");
    }
}

#[test]
fn a_journal_that_cannot_be_written_is_a_fault_of_the_configuration() {
    let folder = TempDir::new().expect("a folder");
    let path: PathBuf = folder.path().join("missing").join("run.jsonl");
    let output = run(&["--journal", &path.to_string_lossy()]);
    assert_exit(&output, 2);
    let expected = format!(
        "quickstart: failed to open the journal `{}` for writing: No such file or directory",
        path.display()
    );
    assert!(stderr(&output).starts_with(&expected), "{}", stderr(&output));
    assert_eq!(stdout(&output), "", "no test has run");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named_for_the_journal() {
    let output = run(&["--journal=/dev/full"]);
    assert_exit(&output, 2);
    let (stderr, expected) = (stderr(&output), "quickstart: failed to write the header of");
    assert!(stderr.starts_with(expected), "{stderr}");
    assert!(stderr.contains("`/dev/full`: No space left on device"), "{stderr}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_takes_nothing_is_told_on_standard_error() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let mut command = example("quickstart");
    command.args(["--probes=3", "--loss=0", "--timeout-ms=10000", "--console=lines"]);
    let output = command.stdout(full).output().expect("the example starts");
    assert_exit(&output, 1);
    let stderr = stderr(&output);
    assert!(stderr.contains("\nreport: incomplete"), "{stderr}");
    assert!(stderr.contains("No space left on device"), "{stderr}");
}

#[test]
fn a_journal_that_is_there_already_is_kept() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let journal = Journal::create(&path).expect("a new file");
    let locked = stderr(&run(&["--journal", &path.to_string_lossy()]));
    assert!(locked.contains("is being written by another journal"), "{locked}");
    drop(journal);
    let before = std::fs::read(&path).expect("a header");
    let output = run(&["--journal", &path.to_string_lossy()]);
    assert_exit(&output, 2);
    let expected = format!("quickstart: `{}` is not empty", path.display());
    assert!(stderr(&output).starts_with(&expected), "{}", stderr(&output));
    assert_eq!(std::fs::read(&path).expect("the same header"), before);
}

#[test]
fn a_reader_of_the_output_that_goes_away_fails_nothing() {
    for mode in ["auto", "tree", "lines", "json"] {
        let mut command = example("quickstart");
        command.args(["--probes=5", "--loss=0", "--timeout-ms=10000", "--console", mode]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the example starts");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("the example ends");
        assert_exit(&output, 0);
    }
}

#[test]
fn the_example_stays_below_250_lines() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/quickstart.rs");
    assert!(std::fs::read_to_string(path).expect("UTF-8").lines().count() < 250);
}
