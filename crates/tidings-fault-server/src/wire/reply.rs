//! Writing replies.

use std::fmt::Write as _;
use std::io::{self, Write};

use crate::protocol::ProtocolReply;

/// Asks for the body of a request.
pub(crate) const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
/// What no reader of HTTP takes for a reply.
pub(crate) const GARBAGE: &[u8] = b"\x15\x03\x01 this is no reply\r\n\r\n";

/// Writes a reply with its length, in one piece.
pub(crate) fn write_reply(stream: &mut impl Write, reply: &ProtocolReply) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", reply.status, phrase(reply.status));
    for (name, value) in &reply.headers {
        write!(head, "{name}: {value}\r\n").expect("a string takes every text");
    }
    if reply.status != 204 && reply.status != 304 {
        write!(head, "content-length: {}\r\n", reply.body.len())
            .expect("a string takes every text");
    }
    head.push_str("\r\n");
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(reply.body.as_bytes());
    stream.write_all(&bytes)?;
    stream.flush()
}

fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
