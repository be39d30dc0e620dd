//! One connection: request after request, each with the fault that is in line for it.

use std::io::{self, BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use super::shared::{Shared, Visit};
use crate::wire::{
    CONTINUE, GARBAGE, Head, Pace, Recorded, Socket, Stream, read_body, read_head, write_reply,
};
use crate::{Fault, ProtocolReply, Taking};

/// How much is read at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// How a request ended.
enum End {
    /// The connection is kept.
    Kept,
    /// The connection is closed.
    Closed,
    /// The connection is reset.
    Reset,
}

/// Serves a connection to its end.
pub(super) fn serve(stream: Arc<TcpStream>, shared: &Shared, visit: Visit) {
    // Replies are written in one piece; waiting for more would only delay them.
    drop(stream.set_nodelay(true));
    let Ok(stream) = Stream::open(Socket::new(stream), shared.tls.as_ref()) else {
        shared.note_failed_handshake();
        shared.leave(visit);
        return;
    };
    let mut stream = BufReader::with_capacity(BUFFER_BYTES, stream);
    // The client has the same right to end a connection as the server.
    let end = serve_all(&mut stream, shared, visit).unwrap_or(End::Closed);
    shared.leave(visit);
    if !matches!(end, End::Reset) {
        drop(stream.into_inner().finish());
    }
}

fn serve_all(stream: &mut BufReader<Stream>, shared: &Shared, visit: Visit) -> io::Result<End> {
    while let Some(head) = read_head(stream)? {
        match serve_one(stream, head, shared, visit)? {
            End::Kept => {}
            end => return Ok(end),
        }
    }
    Ok(End::Closed)
}

fn serve_one(
    stream: &mut BufReader<Stream>,
    head: Head,
    shared: &Shared,
    visit: Visit,
) -> io::Result<End> {
    let is_last = head.is_last();
    let fault = shared.fault_for(&head.method, &head.path);
    let request = read_request(stream, head, fault.as_ref(), shared, visit)?;
    if shared.is_over(visit) {
        return Ok(End::Closed);
    }
    shared.record(request.clone());
    let Some(reply) = answer(stream, &request, fault.as_ref(), shared, visit)? else {
        let is_reset = matches!(fault, Some(Fault::ResetBefore | Fault::ResetAfter));
        return Ok(if is_reset { End::Reset } else { End::Closed });
    };
    write_reply(stream.get_mut(), &reply)?;
    let is_closed = is_last || fault == Some(Fault::CloseIdle);
    Ok(if is_closed { End::Closed } else { End::Kept })
}

fn read_request(
    stream: &mut BufReader<Stream>,
    head: Head,
    fault: Option<&Fault>,
    shared: &Shared,
    visit: Visit,
) -> io::Result<Recorded> {
    if head.expects_continue() && stream.buffer().is_empty() {
        stream.get_mut().write_all(CONTINUE)?;
        stream.get_mut().flush()?;
    }
    let body = match fault {
        Some(&Fault::SlowRead { piece_bytes, pause, pieces_max }) => {
            let mut pace = Slow { piece_bytes, pause, pieces_left: pieces_max, shared, visit };
            read_body(stream, &head, &mut pace)
        }
        _ => read_body(stream, &head, &mut AtOnce),
    }?;
    head.with_body(body, visit.connection)
}

/// Has the events taken, waits where the fault says so, and answers the reply; none when
/// there is to be none.
fn answer(
    stream: &mut BufReader<Stream>,
    request: &Recorded,
    fault: Option<&Fault>,
    shared: &Shared,
    visit: Visit,
) -> io::Result<Option<ProtocolReply>> {
    let reply = match fault {
        Some(Fault::Status { status, headers, body }) => {
            let mut reply = ProtocolReply::new(*status);
            reply.headers.clone_from(headers);
            reply.body.clone_from(body);
            Some(reply)
        }
        Some(Fault::ResetBefore) => None,
        Some(Fault::ResetAfter) => {
            shared.handle(request, Taking::All);
            None
        }
        Some(Fault::HangBefore) => {
            shared.hang(visit, None);
            None
        }
        Some(Fault::HangAfter) => {
            let reply = shared.handle(request, Taking::All);
            shared.hang(visit, None);
            Some(reply)
        }
        Some(Fault::ReplyLate { after }) => {
            let reply = shared.handle(request, Taking::All);
            shared.hang(visit, Some(*after));
            Some(reply)
        }
        Some(Fault::TakeHalf { status }) => {
            Some(shared.handle(request, Taking::Half { status: *status }))
        }
        Some(Fault::TakeSome { events, status }) => {
            Some(shared.handle(request, Taking::Some { events: *events, status: *status }))
        }
        Some(Fault::GarbageReply) => {
            stream.get_mut().write_all(GARBAGE)?;
            stream.get_mut().flush()?;
            None
        }
        Some(Fault::SlowRead { .. } | Fault::CloseIdle) | None => {
            Some(shared.handle(request, Taking::All))
        }
    };
    Ok(reply)
}

/// Reads whatever there is.
struct AtOnce;

impl Pace for AtOnce {
    fn next_piece(&mut self) -> usize {
        usize::MAX
    }
}

/// Reads small pieces with pauses, and what is left at once.
struct Slow<'a> {
    piece_bytes: usize,
    pause: Duration,
    pieces_left: usize,
    shared: &'a Shared,
    visit: Visit,
}

impl Pace for Slow<'_> {
    fn next_piece(&mut self) -> usize {
        if self.pieces_left == 0 {
            return usize::MAX;
        }
        self.pieces_left -= 1;
        self.shared.pause(self.visit, Some(self.pause), |_, _| {});
        self.piece_bytes
    }
}
