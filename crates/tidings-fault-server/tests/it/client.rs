//! A client that hides nothing: bytes out, bytes in.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use tidings_fault_server::FaultServer;

/// Far longer than anything takes; a test that waits so long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// One connection.
pub(crate) struct Client<S: Read>(pub(crate) BufReader<S>);

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }
}

impl Client<TcpStream> {
    pub(crate) fn connect(server: &FaultServer) -> Self {
        let stream = TcpStream::connect(server.address()).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
        Self(BufReader::new(stream))
    }

    /// Whether nothing has arrived, not even the end of the connection.
    pub(crate) fn hears_nothing(&self) -> bool {
        let stream = self.0.get_ref();
        stream.set_nonblocking(true).expect("a socket can be told not to wait");
        let seen = stream.peek(&mut [0]);
        stream.set_nonblocking(false).expect("a socket can be told to wait");
        seen.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }
}

impl<S: Read + Write> Client<S> {
    pub(crate) fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes());
    }

    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).expect("the connection takes a request");
        self.0.get_mut().flush().expect("the connection takes a request");
    }

    pub(crate) fn reply(&mut self) -> io::Result<Reply> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().expect("a length is a number"));
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        let body = String::from_utf8(body).expect("a body is text");
        Ok(Reply { status, headers: head, body })
    }

    /// Sends a body and reads the reply.
    pub(crate) fn post(&mut self, path: &str, headers: &str, body: &str) -> io::Result<Reply> {
        self.send(&request(path, headers, body));
        self.reply()
    }

    /// The end that this connection comes to.
    pub(crate) fn end(&mut self) -> io::Result<usize> {
        self.0.read(&mut [0])
    }
}

/// A post as text; `headers` end with a line break each.
pub(crate) fn request(path: &str, headers: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

/// An array of events with these ids.
pub(crate) fn events(ids: &[&str]) -> String {
    let events: Vec<_> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
    format!("[{}]", events.join(","))
}
