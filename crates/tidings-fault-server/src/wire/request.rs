//! Reading requests.

use std::io::{self, BufRead, Read};

use flate2::read::MultiGzDecoder;

/// The most bytes of a request's first lines.
const HEAD_BYTES_MAX: u64 = 64 * 1024;
/// The most bytes of a body, before and after it was decompressed.
const BODY_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// `POST`, `GET`, …
    pub method: String,
    /// What stands behind the host, with the query.
    pub path: String,
    /// Names, lower case, and values, in the order they arrived.
    pub headers: Vec<(String, String)>,
    /// The body, without its content encoding.
    pub body: Vec<u8>,
    /// The number of the connection, beginning with 1.
    pub connection: u64,
}

impl Recorded {
    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The body as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The path without the query.
    pub fn path_only(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// A value of the query, as it stands there.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.path.split_once('?')?;
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find_map(|(key, value)| (key == name).then_some(value))
    }
}

/// The first lines of a request.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) path: String,
    headers: Vec<(String, String)>,
}

impl Head {
    /// Whether the body is sent only when it was asked for.
    pub(crate) fn expects_continue(&self) -> bool {
        self.has("expect", "100-continue")
    }

    /// Whether the client ends the connection with this request.
    pub(crate) fn is_last(&self) -> bool {
        self.has("connection", "close")
    }

    /// The whole request, with what was read as its body.
    pub(crate) fn with_body(self, raw: Vec<u8>, connection: u64) -> io::Result<Recorded> {
        let body = if self.has("content-encoding", "gzip") { gunzip(&raw)? } else { raw };
        Ok(Recorded {
            method: self.method,
            path: self.path,
            headers: self.headers,
            body,
            connection,
        })
    }

    fn has(&self, name: &str, value: &str) -> bool {
        header(&self.headers, name).is_some_and(|found| found.eq_ignore_ascii_case(value))
    }
}

/// How fast a body is read.
pub(crate) trait Pace {
    /// Called before each piece; answers how long that may be.
    fn next_piece(&mut self) -> usize;
}

/// Reads the first lines; none when the connection ended instead.
pub(crate) fn read_head(reader: &mut impl BufRead) -> io::Result<Option<Head>> {
    let mut lines = reader.take(HEAD_BYTES_MAX);
    let Some(first) = read_line(&mut lines)? else { return Ok(None) };
    let mut words = first.split(' ');
    let (Some(method), Some(path), Some("HTTP/1.1" | "HTTP/1.0")) =
        (words.next(), words.next(), words.next())
    else {
        return Err(malformed("the first line is no request"));
    };
    let mut headers = Vec::new();
    loop {
        let line = read_line(&mut lines)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        if line.is_empty() {
            return Ok(Some(Head { method: method.to_owned(), path: path.to_owned(), headers }));
        }
        let (name, value) =
            line.split_once(':').ok_or_else(|| malformed("a header has no colon"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

/// Reads the body that belongs to these first lines.
pub(crate) fn read_body(
    reader: &mut impl BufRead,
    head: &Head,
    pace: &mut impl Pace,
) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if head.has("transfer-encoding", "chunked") {
        read_chunks(reader, pace, &mut body)?;
    } else if let Some(length) = header(&head.headers, "content-length") {
        let length = length.parse().map_err(|_| malformed("the length is no number"))?;
        read_pieces(reader, length, pace, &mut body)?;
    }
    Ok(body)
}

fn read_chunks(
    reader: &mut impl BufRead,
    pace: &mut impl Pace,
    body: &mut Vec<u8>,
) -> io::Result<()> {
    loop {
        let line = read_line(reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = u64::from_str_radix(digits, 16)
            .map_err(|_| malformed("the length of a chunk is no number"))?;
        read_pieces(reader, length, pace, body)?;
        if length == 0 {
            // Trailers end with an empty line, as does a body without them.
            while read_line(reader)?.is_some_and(|line| !line.is_empty()) {}
            return Ok(());
        }
        read_line(reader)?;
    }
}

fn read_pieces(
    reader: &mut impl BufRead,
    length: u64,
    pace: &mut impl Pace,
    body: &mut Vec<u8>,
) -> io::Result<()> {
    if length.saturating_add(body.len() as u64) > BODY_BYTES_MAX {
        return Err(malformed("the body is too long"));
    }
    let mut left = length;
    while left > 0 {
        let piece = left.min(pace.next_piece().max(1) as u64);
        let read = reader.take(piece).read_to_end(body)? as u64;
        if read < piece {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= read;
    }
    Ok(())
}

/// A line without its end; none at the end of the connection.
fn read_line(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    reader.take(HEAD_BYTES_MAX).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    line.pop_if(|last| *last == b'\r');
    String::from_utf8(line).map(Some).map_err(|_| malformed("a line is no text"))
}

fn gunzip(raw: &[u8]) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    MultiGzDecoder::new(raw).take(BODY_BYTES_MAX).read_to_end(&mut body)?;
    Ok(body)
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
