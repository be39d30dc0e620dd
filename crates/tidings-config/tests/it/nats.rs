//! The kind `nats`: what is said of wrong keys, and a node that reports to a real server.

use std::time::Duration;

use expect_test::expect;
use serde_json::json;
use tidings_config::Config;
use tidings_fault_server::broker::{Broker, BrokerVersion};
use tidings_nats::{NatsServer, NatsSource};

use crate::support::{error, faults};

/// Longer than anything takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn events_of_a_configured_node_are_in_the_stream_that_it_asks_for() {
    let broker = Broker::start(BrokerVersion::New).expect("a server");
    let folder = tempfile::tempdir().expect("a folder");
    let toml = format!(
        "run = \"r\"\nnode = \"lab-3\"\n[[observer]]\nkind = \"nats\"\nurl = \"{}\"\n\
         root = \"acme\"\nstream = {{ name = \"tests\", max_age_s = 60, storage = \"memory\" }}\n\
         spool = \"spool\"\n",
        broker.url()
    );
    let config = Config::from_toml(&toml, folder.path()).expect("it is right");
    let started = config.start().expect("nobody connects yet");
    let case = started.bus().raw_emitter("case", "t1");
    case.emit("test.case.finished", json!({"status": "success"})).expect("a good type");
    let report = started.close().expect("it is not strict");
    assert!(report.complete, "{report:?}");
    assert_eq!(report.observers[0].kind, "nats");
    let stream = tidings_nats::StreamSettings::default().name("tests").create(false);
    let source = NatsSource::builder(NatsServer::at(&broker.url())).root("acme").stream(stream);
    let mut source = source.open().expect("the stream is there");
    let event = source.next(PATIENCE).expect("a connection").expect("an event");
    assert_eq!((event.run(), event.node(), event.entity().id()), ("r", "lab-3", "t1"));
}

#[test]
fn a_blank_url_disables_it() {
    let toml = "[[observer]]\nkind = \"nats\"\nurl = \" \"\n";
    let config = Config::from_toml(toml, "").expect("it is right");
    assert_eq!(config.warnings()[0], "observer `nats` is disabled: its `url` is blank");
}

#[test]
fn wrong_values_are_told_when_the_configuration_is_loaded() {
    let nats = |keys: &str| {
        faults(&format!("[[observer]]\nkind = \"nats\"\nurl = \"nats://h\"\n{keys}\n"))
    };
    expect![[r#"
        configuration:4:8: `a b` is not a root of subjects: letters, digits, `-` and `_` with single dots between are expected, 100 bytes at most
          |
        4 | root = "a b"
          |        ^^^^^"#]]
    .assert_eq(&nats("root = \"a b\""));
    expect![[r#"
        configuration:4:10: 9 replicas are not one to 5
          |
        4 | stream = { replicas = 9 }
          |          ^^^^^^^^^^^^^^^^"#]]
    .assert_eq(&nats("stream = { replicas = 9 }"));
    expect![[r#"
        configuration:4:12: unknown key `nam`
          |
        4 | stream = { nam = "a" }
          |            ^^^ did you mean `name`?"#]]
    .assert_eq(&nats("stream = { nam = \"a\" }"));
}

#[test]
fn a_url_with_a_password_in_it_is_refused_and_not_repeated() {
    let told = faults("[[observer]]\nkind = \"nats\"\nurl = \"nats://me:hunter3@h\"\n");
    assert!(told.contains("configuration:3:7"), "{told}");
    assert!(!told.contains("hunter3"), "{told}");
}

#[test]
fn keys_of_other_kinds_are_told_to_be_theirs() {
    let fault = error("[[observer]]\nkind = \"nats\"\nurl = \"nats://h\"\nindex = \"i\"\n");
    assert!(fault.to_string().contains("of kind `splunk`"), "{fault}");
    let fault = error("[[observer]]\nkind = \"console\"\nheartbeat_s = 7\n");
    assert!(fault.to_string().contains("of kind `nats`"), "{fault}");
    let fault = error("[[observer]]\nkind = \"nats\"\nurl = \"nats://h\"\ndeliver = \"inline\"\n");
    assert!(fault.to_string().contains("does not fit kind `nats`"), "{fault}");
}
