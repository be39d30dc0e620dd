//! Killing: a process that ends without a word loses nothing that was emitted.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::thread;

use serde_json::json;
use tidings_journal::{Journal, Reader, verify};
use tidings_registry::Bus;

use crate::support::path;

const JOURNAL: &str = "TIDINGS_JOURNAL_OF_A_PROCESS_TO_BE_KILLED";
const THREADS: usize = 3;
const KILLS: usize = 20;

/// The process to be killed: emits for ever and says what has been emitted.
#[test]
fn a_process_that_is_not_killed_by_its_parent_emits_nothing() {
    let Some(path) = env::var_os(JOURNAL) else {
        return;
    };
    let bus = Bus::new();
    bus.subscribe(Journal::append(path).expect("a journal")).detach();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let emitter = bus.raw_emitter("thread", &thread.to_string());
            scope.spawn(move || {
                for n in 0_u64.. {
                    let bytes = if n % 16 == 15 { 200_000 } else { 20 };
                    let text = "x".repeat(bytes);
                    let receipt = emitter.emit("thread.emitted", json!({ "n": n, "text": text }));
                    assert_eq!(receipt.expect("a good name").delivered(), 1);
                    let progress = format!("\nemitted {thread} {n}\n");
                    // The parent is gone, or has killed this process.
                    if std::io::stdout().lock().write_all(progress.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
}

/// Starts the process, kills it after so many events; says what each thread has emitted.
fn emitted_until_killed(path: &std::path::Path, events: usize) -> [Option<u64>; THREADS] {
    let mut child = Command::new(env::current_exe().expect("this test"))
        .args(["--exact", "killing::a_process_that_is_not_killed_by_its_parent_emits_nothing"])
        .args(["--nocapture", "--test-threads=1"])
        .env(JOURNAL, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a process");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut last = [None; THREADS];
    let mut seen = 0;
    for line in lines {
        let line = line.expect("text");
        // The last line may be torn.
        let numbers = line.strip_prefix("emitted ").and_then(|both| both.split_once(' '));
        let Some((thread, n)) = numbers else { continue };
        last[thread.parse::<usize>().expect("a number")] = n.parse::<u64>().ok();
        seen += 1;
        if seen == events {
            child.kill().expect("its own child");
        }
    }
    let status = child.wait().expect("its own child");
    #[cfg(unix)]
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    assert!(!status.success());
    assert!(seen >= events, "{seen} of {events} events before it ended");
    last
}

#[test]
fn a_killed_process_loses_nothing_that_was_emitted() {
    let (_folder, path) = path();
    let mut torn = 0;
    for kill in 0..KILLS {
        let emitted = emitted_until_killed(&path, 1 + kill * 7919 % 150);
        let mut written: [Option<u64>; THREADS] = [None; THREADS];
        let mut reader = Reader::open(&path).expect("the journal");
        let mut session = 0;
        while let Some(line) = reader.next() {
            let entry = line.expect("no bad line");
            if reader.sessions() != session {
                session = reader.sessions();
                written = [None; THREADS];
            }
            let thread: usize = entry.envelope().entity().id().parse().expect("a number");
            written[thread] = Some(written[thread].map_or(0, |n| n + 1));
        }
        torn += u32::from(reader.torn().is_some());
        assert_eq!(session, kill as u64 + 1);
        for thread in 0..THREADS {
            assert!(written[thread] >= emitted[thread], "{written:?} of {emitted:?}");
        }
    }
    let report = verify(Reader::open(&path).expect("the journal")).expect("a disk");
    assert!(report.is_sound(), "{report} ({torn} torn ends)");
    drop(Journal::append(&path).expect("a journal"));
    let report = verify(Reader::open(&path).expect("the journal")).expect("a disk");
    assert!(report.is_sound() && report.torn.is_none(), "{report}");
    assert_eq!(report.sessions, KILLS as u64 + 1);
}
