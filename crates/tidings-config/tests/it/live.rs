//! The kind `live`: where it listens, and what is said when it cannot.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use expect_test::expect;
use serde_json::json;
use tidings_config::Config;

use crate::support::{error, faults};

fn live(listen: &str) -> String {
    format!("[[observer]]\nkind = \"live\"\nlisten = \"{listen}\"\n")
}

#[test]
fn a_live_page_is_served_from_the_start_to_the_close() {
    let config = Config::from_toml(&live("127.0.0.1:0"), "").expect("it is right");
    assert_eq!(config.warnings(), [""; 0]);
    let started = config.start().expect("a free port");
    let [url] = started.pages() else { panic!("one page: {:?}", started.pages()) };
    let case = started.bus().raw_emitter("case", "t1");
    case.emit("test.case.finished", json!({"status": "success"})).expect("a good type");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut socket = TcpStream::connect(address).expect("it listens");
    socket
        .write_all(b"GET /summary.json HTTP/1.0\r\nHost: localhost\r\n\r\n")
        .expect("it is written");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("it ends");
    assert!(answer.contains(r#"{"total":1,"passed":1,"#), "{answer}");
    let report = started.close().expect("it is not strict");
    assert!(report.complete);
    assert_eq!(report.observers[0].kind, "live");
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
}

#[test]
fn other_kinds_have_no_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let toml = "[[observer]]\nkind = \"journal\"\npath = \"j\"\n";
    let config = Config::from_toml(toml, folder.path()).expect("it is right");
    assert_eq!(config.start().expect("it starts").pages(), [""; 0]);
}

#[test]
fn a_wrong_address_is_told_when_the_configuration_is_loaded() {
    expect![[r#"
        configuration:3:10: `http://h` is no address to listen on: write `host:port`, as in `127.0.0.1:7357`, with port 0 for any free one
          |
        3 | listen = "http://h"
          |          ^^^^^^^^^^"#]]
    .assert_eq(&faults(&live("http://h")));
}

#[test]
fn an_address_that_is_taken_is_told_at_its_place_when_it_starts() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address");
    let config = Config::from_toml(&live(&address.to_string()), "").expect("it is right");
    let fault = config.start().expect_err("it is taken");
    let [told] = fault.faults() else { panic!("one fault: {fault}") };
    assert_eq!((told.line(), told.column()), (3, 10));
    let expected = format!("failed to listen on `{address}`: something else listens there");
    assert!(told.message().starts_with(&expected), "{fault}");
}

#[test]
fn a_page_that_other_machines_can_read_is_a_warning() {
    let config = Config::from_toml(&live("0.0.0.0:0"), "").expect("it is right");
    expect![[r#"
        [
            "observer `live`: `listen = \"0.0.0.0:0\"` lets other machines read the run, as there is no password: `127.0.0.1:7357` is for this machine alone",
        ]
    "#]]
    .assert_debug_eq(&config.warnings());
    let disabled =
        format!("{}enabled = false\n[[observer]]\nkind = \"console\"\n", live("0.0.0.0"));
    assert_eq!(Config::from_toml(&disabled, "").expect("it is right").warnings(), [""; 0]);
}

#[test]
fn keys_that_do_not_fit_are_told() {
    let fault = error("[[observer]]\nkind = \"live\"\nlisten = 7\nlisen = \"x\"\nqueue = {}\n");
    let told: Vec<_> = fault.faults().iter().map(|it| (it.line(), it.message())).collect();
    let expected = [(3, "expected a string, found an integer"), (4, "unknown key `lisen`")];
    assert_eq!(told, expected);
    assert!(
        faults("[[observer]]\nkind = \"live\"\nqueue = {}\n").contains("does not fit kind `live`")
    );
    assert!(
        faults("[[observer]]\nkind = \"console\"\nlisten = \"x\"\n").contains("of kind `live`")
    );
}
