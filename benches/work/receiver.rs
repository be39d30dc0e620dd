//! A server on loopback that reads requests and forgets them.
//!
//! The server for tests keeps and parses what it is sent; on few cores its own work would hide
//! what is measured.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use crate::processor::SERVER;

/// What a receiver does with requests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Take,
    /// Reads nothing until it is released.
    Hang,
    /// Nobody listens there.
    Refuse,
}

/// Reads requests with a length, forgets them, and answers that they were taken.
pub(crate) struct Receiver {
    address: SocketAddr,
    released: Arc<(Mutex<bool>, Condvar)>,
}

impl Receiver {
    pub(crate) fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let released = Arc::new((Mutex::new(manner == Manner::Take), Condvar::new()));
        if manner == Manner::Refuse {
            return Self { address, released };
        }
        let gate = Arc::clone(&released);
        let serve = move || {
            for stream in listener.incoming().flatten() {
                let gate = Arc::clone(&gate);
                let take = move || {
                    let (lock, changed) = &*gate;
                    let guard = lock.lock().expect("nobody panics with it");
                    drop(changed.wait_while(guard, |released| !*released));
                    // A connection that ends has done its work.
                    drop(answer_all(stream));
                };
                thread::Builder::new().name(SERVER.into()).spawn(take).expect("a thread");
            }
        };
        thread::Builder::new().name("receivers".into()).spawn(serve).expect("a thread");
        Self { address, released }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn release(&self) {
        *self.released.0.lock().expect("nobody panics with it") = true;
        self.released.1.notify_all();
    }
}

fn answer_all(mut stream: TcpStream) -> io::Result<()> {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
        content-length: 27\r\n\r\n{\"text\":\"Success\",\"code\":0}";
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 256 * 1024];
    let mut filled = 0;
    loop {
        let head = loop {
            let read = stream.read(&mut buffer[filled..])?;
            if read == 0 {
                return Ok(());
            }
            filled += read;
            if let Some(end) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let mut left = length_of(&buffer[..head]).saturating_sub(filled - head);
        while left > 0 {
            let most = left.min(buffer.len());
            let read = stream.read(&mut buffer[..most])?;
            if read == 0 {
                return Ok(());
            }
            left -= read;
        }
        filled = 0;
        stream.write_all(ANSWER)?;
    }
}

/// The length that a request's head says; none for a question without a body.
fn length_of(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_lowercase();
    let line = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    line.and_then(|length| length.trim().parse().ok()).unwrap_or(0)
}
