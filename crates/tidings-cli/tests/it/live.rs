//! `tidings live`: the page of a run while its journal is written.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command};

use crate::support::{Folder, PATIENCE, end, start};

/// The address that the command says.
fn address(child: &mut Child) -> String {
    let lines = BufReader::new(child.stderr.as_mut().expect("a pipe")).lines();
    let line = lines.map(|line| line.expect("UTF-8")).find(|line| line.contains("http://"));
    let line = line.expect("it says an address");
    let (_, rest) = line.split_once("http://").expect("it was found by this");
    rest.split('/').next().unwrap_or_default().to_owned()
}

/// Reads the events of the page until `text` is in what came.
fn wait_for(address: &str, text: &str) {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    write!(stream, "GET /events HTTP/1.1\r\nHost: {address}\r\n\r\n").expect("a socket");
    let mut read = String::new();
    let mut lines = BufReader::new(stream);
    while !read.contains(text) {
        assert!(lines.read_line(&mut read).expect("events") > 0, "the end before {text}: {read}");
    }
}

fn interrupt(child: &Child) {
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill").success());
}

#[test]
fn a_journal_is_shown_while_it_grows() {
    let folder = Folder::new();
    folder.record("log.jsonl", 2);
    let lines = folder.read("log.jsonl");
    let path = folder.write("growing.jsonl", "");
    let mut child = start(&["live", &path, "--listen", "127.0.0.1:0"]);
    let address = address(&mut child);
    let mut file = std::fs::File::options().append(true).open(&path).expect("the file");
    file.write_all(lines.as_bytes()).expect("written");
    // Its events are no test run; their lifecycle is shown.
    wait_for(&address, "case.started");
    interrupt(&child);
    end(child).ends_with(0);
}

#[test]
fn the_stream_of_a_runner_is_shown_and_stays_after_its_end() {
    let mut child = start(&["live", "-", "--from", "libtest-json", "--listen", "127.0.0.1:0"]);
    let address = address(&mut child);
    let mut stdin = child.stdin.take().expect("a pipe");
    writeln!(stdin, "{{\"type\":\"suite\",\"event\":\"started\",\"test_count\":1}}").expect("read");
    writeln!(stdin, "{{\"type\":\"test\",\"event\":\"started\",\"name\":\"adds\"}}").expect("read");
    wait_for(&address, "adds");
    writeln!(stdin, "{{\"type\":\"test\",\"event\":\"ok\",\"name\":\"adds\"}}").expect("read");
    writeln!(stdin, "{{\"type\":\"suite\",\"event\":\"ok\",\"passed\":1}}").expect("read");
    drop(stdin);
    wait_for(&address, "\"status\":\"success\"");
    interrupt(&child);
    end(child).ends_with(0);
}

#[test]
fn an_address_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let folder = Folder::new();
    let log = folder.record("log.jsonl", 1);
    let child = start(&["live", &log, "--listen", &address]);
    end(child).ends_with(2).says(&address);
}
