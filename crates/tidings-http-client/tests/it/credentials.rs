//! Tokens: where they come from, when they are read again, and where they never appear.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tidings_delivery::Secret;
use tidings_fault_server::FaultServer;
use tidings_http_client::{Compression, InvalidClient, TokenSource};

use crate::support::{Echo, TOKEN, client, post, server};

fn authorization(server: &FaultServer) -> Option<String> {
    let seen = server.requests().pop().expect("it was just sent");
    seen.header("authorization").map(str::to_owned)
}

#[test]
fn a_token_of_the_environment_is_read_again_on_demand() {
    let server = server();
    let variable = Arc::new(Mutex::new(Some("one".to_owned())));
    let shared = Arc::clone(&variable);
    let mut client = client(&server.url())
        .environment(move |name| (name == "TOKEN").then(|| shared.lock().unwrap().clone())?)
        .token(TokenSource::Env("TOKEN".to_owned()))
        .build()
        .expect("valid settings");

    post(&mut client).expect("an answer");
    assert_eq!(authorization(&server).as_deref(), Some("Bearer one"));
    assert!(!client.reload_token(), "it is the same");

    *variable.lock().unwrap() = Some("two".to_owned());
    assert!(client.reload_token());
    post(&mut client).expect("an answer");
    assert_eq!(authorization(&server).as_deref(), Some("Bearer two"));

    *variable.lock().unwrap() = None;
    assert!(!client.reload_token(), "there is none");
    post(&mut client).expect("an answer");
    assert_eq!(authorization(&server).as_deref(), Some("Bearer two"));
}

#[test]
fn a_token_file_is_read_again_on_demand() {
    let (server, folder) = (server(), tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("token");
    fs::write(&path, "one\n").unwrap();
    let mut client = client(&server.url())
        .scheme("Splunk")
        .token(TokenSource::File(path.clone()))
        .build()
        .expect("valid settings");
    fs::write(&path, "two\r\n").unwrap();
    assert!(client.reload_token());
    post(&mut client).expect("an answer");
    assert_eq!(authorization(&server).as_deref(), Some("Splunk two"));
}

#[test]
fn without_a_token_there_is_no_authorization() {
    let server = server();
    let mut client = client(&server.url()).build().expect("valid settings");
    post(&mut client).expect("an answer");
    assert_eq!(authorization(&server), None);
}

#[test]
fn what_a_server_repeats_of_the_token_is_not_shown() {
    let server = FaultServer::start(Echo(401)).expect("there is a port");
    let builder = client(&server.url())
        .token(TokenSource::Fixed(Secret::new(TOKEN)))
        .header("x-api-key", TOKEN);
    let text = format!("{builder:?}");
    assert!(!text.contains(TOKEN), "{text}");

    let mut client = builder.build().expect("valid settings");
    let reply = post(&mut client).expect("an answer");
    assert!(String::from_utf8_lossy(reply.body()).contains(TOKEN), "the server did repeat it");
    assert_eq!(reply.excerpt(), "refused: Bearer [redacted]");
    let shown = [
        format!("{client:?} {reply:?}"),
        reply.location_excerpt().expect("there is one"),
        reply.scrub(reply.header("x-said").expect("there is one")),
        client.scrub(TOKEN),
    ];
    for text in shown {
        assert!(!text.contains(TOKEN), "{text}");
    }
}

#[test]
fn a_former_token_is_not_shown_either() {
    let (server, folder) = (server(), tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("token");
    fs::write(&path, TOKEN).unwrap();
    let mut client = client(&server.url())
        .token(TokenSource::File(path.clone()))
        .build()
        .expect("valid settings");
    fs::write(&path, "another-token").unwrap();
    assert!(client.reload_token());
    assert_eq!(client.scrub(&format!("{TOKEN} another-token")), "[redacted] [redacted]");
}

#[test]
fn settings_that_cannot_be_used_are_named_by_their_key_and_without_their_value() {
    let builder = || client("http://host/").token(TokenSource::Fixed(Secret::new(TOKEN)));
    let no_file = TokenSource::File("/no/such/file".into());
    let faults: Vec<(&str, InvalidClient)> = [
        ("url", client(&format!("http://me:{TOKEN}@host/")).build()),
        ("token_env", client("http://host/").token(TokenSource::Env("NO".to_owned())).build()),
        ("token_file", client("http://host/").token(no_file).build()),
        ("headers", builder().header("authorization", TOKEN).build()),
        ("headers", builder().header("x y", TOKEN).build()),
        ("headers", builder().header("x", &format!("{TOKEN}\n{TOKEN}")).build()),
        ("headers", builder().header("Content-Length", "1").build()),
        ("ca_file", builder().ca_file("/no/such/file").build()),
        ("proxy", builder().proxy(Some(&format!("ftp://me:{TOKEN}@host"))).build()),
        ("timeout_ms", builder().timeout(Duration::ZERO).build()),
        ("compression", builder().compression(Compression::Gzip { level: 10 }).build()),
    ]
    .into_iter()
    .map(|(key, built)| (key, built.expect_err(key)))
    .collect();
    for (key, fault) in faults {
        assert_eq!(fault.key(), key, "{fault}");
        let text = format!("{fault} {fault:?}");
        assert!(!text.contains(TOKEN), "{text}");
    }
}
