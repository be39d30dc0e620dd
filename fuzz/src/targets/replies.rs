//! Replies: whatever a server answers, a sink says what becomes of the batch, in words that
//! are safe to show, and takes nothing for delivered that is not.
//!
//! An input that begins with `HTTP/` is sent as it is; another has a status in its first line
//! and becomes the body of a reply that is in order.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tidings_core::{
    Attributes, BusId, Context, Entity, Envelope, EventId, EventType, Head, Lane, RawJson,
    RawPayload, Timestamp,
};
use tidings_delivery::{Load, Outcome, Secret, Sink, Then};
use tidings_http::{HttpSink, TokenSource};
use tidings_splunk::SplunkSink;

pub(crate) const WORDS: &[&str] = &[
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.0 204 No\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 301 M\r\nlocation: ",
    "HTTP/1.1 429 T\r\nretry-after: ",
    "content-length: ",
    "transfer-encoding: chunked\r\n",
    "content-encoding: gzip\r\n",
    "\r\n\r\n",
    "0\r\n\r\n",
    "ffffffffffffffff\r\n",
    "200\n",
    "400\n",
    "401\n",
    "403\n",
    "413\n",
    "503\n",
    "{\"text\":\"",
    "\"code\":",
    "\"invalid-event-number\":",
    "\"ackId\":",
    "18446744073709551615",
    "-1",
    "1e3",
    "99999999999999999999",
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "https://u:p@host/x?y#z",
    "hunter2-hunter2",
    "\u{1b}[2J",
    "\u{2028}",
    "\u{202e}",
    "\0",
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    "date: ",
];

/// The token, which a server may repeat and nobody may show.
const TOKEN: &str = "hunter2-hunter2";

/// How many events a batch has.
const EVENTS: usize = 3;

pub(crate) fn http(data: &[u8]) {
    let server = server();
    let sink = HttpSink::builder(&format!("{}/events", server.url))
        .token(TokenSource::Fixed(Secret::new(TOKEN)))
        .timeout(Duration::from_secs(5))
        .proxy(Some(""));
    ask(&mut sink.build().expect("the settings are in order"), data);
}

pub(crate) fn hec(data: &[u8]) {
    let Some((&choice, data)) = data.split_first() else { return };
    let server = server();
    let sink = SplunkSink::builder(&server.url)
        .token(TokenSource::Fixed(Secret::new(TOKEN)))
        .acknowledge(choice & 1 == 1)
        .trust_event_number(choice & 2 == 0)
        .timeout(Duration::from_secs(5))
        .proxy(Some(""));
    let mut sink = sink.build().expect("the settings are in order");
    ask(&mut sink, data);
    // The same words, as an answer to a question for what is indexed, and for its health.
    for confirmation in sink.confirm() {
        check(&confirmation.outcome, data, false);
    }
    if let Err(fault) = sink.check() {
        check_shown(&fault);
    }
}

fn ask(sink: &mut impl Sink, data: &[u8]) {
    let reply = reply(data);
    server().reply.lock().expect("nobody panics with it").clone_from(&reply);
    let mut load = Load::new();
    for sequence in 0..EVENTS as u64 {
        load.push(sink, envelope(sequence), sequence).expect("it has a JSON form");
    }
    let outcome = sink.send(&load.batch(1, 1));
    check(&outcome, &reply, true);
}

fn check(outcome: &Outcome, reply: &[u8], is_post: bool) {
    assert!(outcome.taken(EVENTS) <= EVENTS, "{outcome:?}");
    let text = String::from_utf8_lossy(reply);
    if matches!(outcome.then(), Then::Done | Then::Unconfirmed) && is_post {
        let says_success = text.split("HTTP/1.").any(|part| part.get(1..3) == Some(" 2"));
        assert!(says_success, "{outcome:?} of {text:?}");
    }
    if let Then::SetAside { index, .. } = outcome.then() {
        assert!(*index < EVENTS, "{outcome:?}");
    }
    match outcome.then() {
        Then::Retry { reason, .. }
        | Then::SetAside { reason, .. }
        | Then::Split { reason }
        | Then::Hold { reason } => check_shown(reason),
        Then::Done | Then::Unconfirmed => {}
        other => panic!("{other:?}"),
    }
    outcome.warning().into_iter().for_each(check_shown);
}

fn check_shown(reason: &str) {
    assert!(!reason.contains(TOKEN), "{reason}");
    assert!(reason.chars().count() < 1_000, "{reason}");
    let raw = reason.chars().find(|&c| super::console::is_dangerous(c));
    assert_eq!(raw, None, "{reason:?}");
}

fn reply(data: &[u8]) -> Vec<u8> {
    if data.starts_with(b"HTTP/") {
        return data.to_vec();
    }
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (status, body) = data.split_at(end);
    let status = std::str::from_utf8(status).ok().and_then(|status| status.trim().parse().ok());
    let status = status.filter(|status| (200..600).contains(status)).unwrap_or(200_u16);
    let body = body.get(1..).unwrap_or_default();
    let mut reply =
        format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    reply.extend(body);
    reply
}

/// A server that answers every request with the same bytes, and closes.
struct Server {
    url: String,
    reply: Arc<Mutex<Vec<u8>>>,
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a port");
        let port = listener.local_addr().expect("it is bound").port();
        let reply = Arc::<Mutex<Vec<u8>>>::default();
        let said = Arc::clone(&reply);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let reply = said.lock().expect("nobody panics with it").clone();
                // A client that has gone is no concern of the server.
                drop(serve(stream, &reply));
            }
        });
        Server { url: format!("http://127.0.0.1:{port}"), reply }
    })
}

fn serve(mut stream: TcpStream, reply: &[u8]) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = Vec::new();
    let mut piece = [0; 8_192];
    loop {
        let read = stream.read(&mut piece)?;
        request.extend_from_slice(&piece[..read]);
        let Some(head) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
            if read == 0 {
                return Ok(());
            }
            continue;
        };
        let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
        let length =
            text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        if read == 0 || request.len() >= head + 4 + length.unwrap_or(0_usize) {
            break;
        }
    }
    stream.write_all(reply)?;
    stream.shutdown(std::net::Shutdown::Write)?;
    Ok(())
}

fn envelope(sequence: u64) -> Arc<Envelope> {
    let context = Context::new("r".into(), "n".into(), Entity::new("case", "t"), Attributes::new());
    let id = EventId::new(BusId::from_u128(5), Lane::new(0), sequence);
    let event_type = EventType::from_static("case.noted");
    let head =
        Head::new(id, event_type, Arc::new(context), Timestamp::from_nanos(0), Duration::ZERO);
    Arc::new(Envelope::new(head, RawPayload::new(RawJson::null())))
}
