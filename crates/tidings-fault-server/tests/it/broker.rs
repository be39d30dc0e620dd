//! A real server, and the network in front of it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use tidings_fault_server::broker::{Broker, BrokerVersion, Proxy};

/// A connection to this `nats://` address.
fn connect(url: &str) -> BufReader<TcpStream> {
    let address = url.strip_prefix("nats://").expect("an address");
    let stream = TcpStream::connect(address).expect("somebody listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
    BufReader::new(stream)
}

/// The next line that the server says.
fn line(connection: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    connection.read_line(&mut line).expect("a line");
    line
}

fn ping(connection: &mut BufReader<TcpStream>) {
    connection.get_mut().write_all(b"PING\r\n").expect("a connection");
}

#[test]
fn a_broker_is_of_the_version_that_was_asked_for_and_comes_back_where_it_was() {
    for (version, expected) in
        [(BrokerVersion::Old, "\"version\":\"2.9."), (BrokerVersion::New, "")]
    {
        let broker = Broker::start(version).unwrap();
        let (url, process) = (broker.url(), broker.process_id());
        let info = line(&mut connect(&url));
        assert!(info.contains(expected) && info.contains("\"jetstream\":true"), "{info}");
        broker.kill();
        assert_eq!(broker.process_id(), None);
        assert!(TcpStream::connect(broker.address()).is_err());
        broker.restart().unwrap();
        assert_ne!(broker.process_id(), process);
        assert!(line(&mut connect(&url)).starts_with("INFO "));
    }
}

#[test]
fn a_configuration_that_no_server_takes_is_told_in_its_words() {
    let fault = Broker::builder(BrokerVersion::New).config("nonsense: 1").start().unwrap_err();
    assert!(fault.to_string().contains("unknown field \"nonsense\""), "{fault}");
}

#[test]
fn a_proxy_stalls_and_goes_on_and_cuts() {
    let broker = Broker::start(BrokerVersion::New).unwrap();
    let proxy = Proxy::to(broker.address()).unwrap();
    let mut connection = connect(&proxy.url());
    assert!(line(&mut connection).starts_with("INFO "));
    ping(&mut connection);
    assert_eq!(line(&mut connection), "PONG\r\n");
    proxy.stall();
    ping(&mut connection);
    connection.get_ref().set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(connection.read(&mut [0]).is_err(), "nothing gets through");
    connection.get_ref().set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    proxy.resume();
    assert_eq!(line(&mut connection), "PONG\r\n");
    proxy.cut();
    assert!(matches!(connection.read(&mut [0]), Ok(0) | Err(_)));
    assert!(matches!(connect(&proxy.url()).read(&mut [0]), Ok(0) | Err(_)));
    proxy.mend();
    assert!(line(&mut connect(&proxy.url())).starts_with("INFO "));
    assert_eq!(proxy.connections(), 2);
}
