//! Proxies: asked for a tunnel, named by the settings or by the environment.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use tidings_delivery::{Secret, Then};
use tidings_fault_server::{FaultServer, Identity, JsonArray};
use tidings_http_client::{TokenSource, outcome_of_failure};

use crate::support::{TOKEN, client, post, server};

/// A proxy that makes tunnels; what it was asked for is kept.
struct Tunnel {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Tunnel {
    fn start(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let address = listener.local_addr().expect("it is bound");
        let asked = Arc::default();
        let kept = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                thread::spawn(move || tunnel(stream, status, &kept));
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no thread panics").clone()
    }
}

fn tunnel(client: TcpStream, status: &str, kept: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    kept.lock().expect("no thread panics").push(head.clone());
    let mut client = client;
    write!(client, "HTTP/1.1 {status}\r\n\r\n")?;
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let server = TcpStream::connect(target)?;
    let (from, to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || copy(from, to));
    copy(server, client)
}

fn copy(mut from: TcpStream, mut to: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let len = from.read(&mut buffer)?;
        if len == 0 {
            return to.shutdown(Shutdown::Write);
        }
        to.write_all(&buffer[..len])?;
    }
}

#[test]
fn a_proxy_that_is_named_makes_a_tunnel_and_gets_no_token() {
    let (server, proxy) = (server(), Tunnel::start("200 OK"));
    let url = format!("http://me:proxy-password@{}", proxy.address);
    let mut client = client(&server.url())
        .proxy(Some(&url))
        .token(TokenSource::Fixed(Secret::new(TOKEN)))
        .build()
        .expect("valid settings");
    for _ in 0..3 {
        assert!(post(&mut client).expect("an answer").is_success());
    }
    let asked = proxy.asked();
    assert_eq!(asked.len(), 1, "one tunnel for all: {asked:?}");
    assert!(asked[0].starts_with(&format!("CONNECT {} ", server.address())), "{asked:?}");
    assert!(asked[0].contains("Proxy-Authorization: Basic "), "{asked:?}");
    assert!(!asked[0].contains(TOKEN), "{asked:?}");
    assert!(!client.scrub("it is proxy-password").contains("proxy-password"));
}

#[test]
fn tls_goes_through_a_proxy_of_the_environment_to_the_server() {
    let identity = Identity::generate().expect("an identity");
    let server = FaultServer::builder(JsonArray::new()).tls(&identity).start();
    let (server, proxy) = (server.expect("there is a port"), Tunnel::start("200 OK"));
    let folder = tempfile::tempdir().expect("a folder");
    let ca_file = folder.path().join("ca.pem");
    fs::write(&ca_file, identity.ca_pem()).unwrap();
    let url = format!("http://{}", proxy.address);
    let mut client = client(&server.url())
        .environment(move |name| (name == "HTTPS_PROXY").then(|| url.clone()))
        .ca_file(ca_file)
        .build()
        .expect("valid settings");
    assert!(post(&mut client).expect("an answer").is_success());
    assert_eq!(proxy.asked().len(), 1);
}

#[test]
fn hosts_of_no_proxy_are_reached_without() {
    let (server, proxy) = (server(), Tunnel::start("200 OK"));
    let url = format!("http://{}", proxy.address);
    let mut client = client(&server.url())
        .environment(move |name| match name {
            "ALL_PROXY" => Some(url.clone()),
            "NO_PROXY" => Some("localhost, 127.0.0.1".to_owned()),
            _ => None,
        })
        .build()
        .expect("valid settings");
    assert!(post(&mut client).expect("an answer").is_success());
    assert_eq!(proxy.asked().len(), 0);
}

#[test]
fn a_proxy_that_refuses_is_told_from_a_server_that_does() {
    let (server, proxy) = (server(), Tunnel::start("502 Bad Gateway"));
    let url = format!("http://{}", proxy.address);
    let mut client = client(&server.url()).proxy(Some(&url)).build().expect("valid settings");
    let failure = post(&mut client).unwrap_err();
    assert!(failure.is_proxy() && !failure.is_proxy_credentials(), "{failure:?}");
    assert!(failure.to_string().contains("502"), "{failure}");
    assert!(matches!(outcome_of_failure(&failure).then(), Then::Retry { .. }));
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn a_proxy_that_wants_other_credentials_is_on_hold_and_names_the_key() {
    let (server, proxy) = (server(), Tunnel::start("407 Proxy Authentication Required"));
    let url = format!("http://me:proxy-password@{}", proxy.address);
    let mut client = client(&server.url()).proxy(Some(&url)).build().expect("valid settings");
    let failure = post(&mut client).unwrap_err();
    assert!(failure.to_string().ends_with("put them into `proxy`"), "{failure}");
    assert!(!format!("{failure} {failure:?} {client:?}").contains("proxy-password"));
    assert!(matches!(outcome_of_failure(&failure).then(), Then::Hold { .. }));
}
