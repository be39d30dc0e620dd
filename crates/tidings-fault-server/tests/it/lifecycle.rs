//! Stopping, starting again, waiting.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use tidings_fault_server::{CloudEvents, FaultServer};

use crate::client::{Client, PATIENCE, events};

fn server() -> FaultServer {
    FaultServer::start(CloudEvents::new()).expect("a port is free")
}

#[test]
fn a_stopped_server_ends_its_connections_and_takes_no_new_one() {
    let server = server();
    let mut client = Client::connect(&server);
    client.post("/", "", &events(&["a"])).expect("a reply");
    server.stop();
    assert!(matches!(client.end(), Ok(0) | Err(_)));
    assert!(TcpStream::connect(server.address()).is_err());
    server.stop();
}

#[test]
fn a_restarted_server_is_where_it_was_and_knows_what_it_took() {
    let server = server();
    let (url, address) = (server.url(), server.address());
    Client::connect(&server).post("/", "", &events(&["a"])).expect("a reply");
    server.stop();
    server.restart().expect("the port is free again");
    server.restart().expect("a second restart does nothing");
    assert_eq!((server.url(), server.address()), (url, address));
    Client::connect(&server).post("/", "", &events(&["b"])).expect("a reply");
    assert_eq!(server.accepted_ids(), ["a", "b"]);
}

#[test]
fn a_dropped_server_frees_its_port() {
    let server = server();
    let address = server.address();
    let client = Client::connect(&server);
    drop(server);
    assert!(TcpStream::connect(address).is_err());
    drop(client);
}

#[test]
fn a_wait_ends_with_the_change_it_waits_for() {
    let server = server();
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| server.wait_for(PATIENCE, |seen| seen.accepted.len() == 3));
        for id in ["a", "b", "c"] {
            Client::connect(&server).post("/", "", &events(&[id])).expect("a reply");
        }
        assert!(waits.join().expect("waiting does not panic"));
    });
}

#[test]
fn a_wait_in_vain_ends_at_its_deadline() {
    let (server, within) = (server(), Duration::from_millis(20));
    let before = Instant::now();
    assert!(!server.wait_for(within, |seen| !seen.accepted.is_empty()));
    assert!(before.elapsed() >= within, "{:?}", before.elapsed());
}
