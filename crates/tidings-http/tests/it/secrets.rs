//! No text that leaves the sink shows a secret, even if the server repeats it.

use tidings_delivery::Secret;
use tidings_fault_server::{FaultServer, Protocol, ProtocolReply, Recorded, Taking};
use tidings_http::TokenSource;

use crate::support::{TOKEN, send, sink};

const KEY: &str = "api-key-0123456789";

/// Answers with this status, and repeats all headers in its own headers and its body.
struct Echo(u16);

impl Protocol for Echo {
    fn handle(&mut self, request: &Recorded, _taking: Taking) -> ProtocolReply {
        let said: Vec<_> = request.headers.iter().map(|(_, value)| value.as_str()).collect();
        let said = said.join(" ");
        let mut reply = ProtocolReply::new(self.0);
        let place = format!("https://user:{TOKEN}@elsewhere/{TOKEN}?key={KEY}");
        reply.headers.push(("location".to_owned(), place));
        reply.body = format!("{{\"error\":\"bad: {said}\"}}");
        reply
    }
}

#[test]
fn no_reason_shows_what_a_server_repeats() {
    for status in [200, 301, 400, 401, 403, 404, 409, 413, 422, 429, 500, 503] {
        let server = FaultServer::start(Echo(status)).expect("there is a port");
        let mut sink = sink(&server.url())
            .token(TokenSource::Fixed(Secret::new(TOKEN)))
            .header("x-api-key", KEY)
            .header("cookie", &format!("session={KEY}; lang=en"))
            .build()
            .expect("valid settings");
        for numbers in [0..2, 0..1] {
            let text = format!("{:?} {sink:?}", send(&mut sink, numbers));
            assert!(!text.contains(TOKEN) && !text.contains(KEY), "{status}: {text}");
        }
        let seen = server.requests().pop().expect("it was just sent");
        assert_eq!(seen.header("authorization"), Some(&*format!("Bearer {TOKEN}")));
        assert_eq!(seen.header("x-api-key"), Some(KEY));
    }
}

#[test]
fn no_debug_text_of_the_settings_shows_a_secret() {
    let builder = sink(&format!("http://user:{TOKEN}@host/"))
        .token(TokenSource::Fixed(Secret::new(TOKEN)))
        .header("x-anything", KEY)
        .proxy(Some(&format!("http://user:{TOKEN}@proxy")));
    let text = format!("{builder:?}");
    let text = format!("{text} {:?}", builder.build());
    assert!(!text.contains(TOKEN) && !text.contains(KEY), "{text}");
}
