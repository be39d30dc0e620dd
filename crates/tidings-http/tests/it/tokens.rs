//! A token that is not accepted is read again, once.

use std::fs;

use tidings_delivery::{Outcome, Secret};
use tidings_fault_server::{
    CloudEvents, Fault, FaultServer, Protocol, ProtocolReply, Recorded, Taking,
};
use tidings_http::TokenSource;

use crate::support::{TOKEN, hold_reason, ids, send, sink};

/// Takes CloudEvents from those who have this token.
struct Guarded(CloudEvents, &'static str);

impl Protocol for Guarded {
    fn handle(&mut self, request: &Recorded, taking: Taking) -> ProtocolReply {
        if request.header("authorization") == Some(self.1) {
            self.0.handle(request, taking)
        } else {
            ProtocolReply::new(401)
        }
    }
}

fn guarded() -> FaultServer {
    FaultServer::start(Guarded(CloudEvents::new(), "Bearer new")).expect("there is a port")
}

#[test]
fn a_token_that_was_rotated_is_read_again_in_the_same_send() {
    let (server, folder) = (guarded(), tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("token");
    fs::write(&path, "old").unwrap();
    let builder = sink(&server.url()).token(TokenSource::File(path.clone()));
    let mut sink = builder.build().expect("valid settings");
    fs::write(&path, "new\n").unwrap();

    assert_eq!(send(&mut sink, 0..2), Outcome::delivered());
    assert_eq!(server.accepted_ids(), ids(0..2));
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].header("idempotency-key"), requests[1].header("idempotency-key"));
}

#[test]
fn a_token_that_is_no_other_is_not_tried_again() {
    let server = guarded();
    let token = TokenSource::Fixed(Secret::new(TOKEN));
    let mut sink = sink(&server.url()).token(token).build().expect("valid settings");
    let reason = hold_reason(&send(&mut sink, 0..2));
    assert!(reason.contains("not accepted: renew it in `token_env`"), "{reason}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_new_token_that_is_wrong_too_is_on_hold_until_there_is_a_right_one() {
    let (server, folder) = (guarded(), tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("token");
    fs::write(&path, "old").unwrap();
    let builder = sink(&server.url()).token(TokenSource::File(path.clone()));
    let mut sink = builder.build().expect("valid settings");
    fs::write(&path, "newer").unwrap();
    hold_reason(&send(&mut sink, 0..2));
    assert_eq!(server.requests().len(), 2);
    fs::write(&path, "new").unwrap();
    assert_eq!(send(&mut sink, 0..2), Outcome::delivered());
}

#[test]
fn a_server_that_asks_for_a_token_is_said_to() {
    let server = guarded();
    let mut sink = sink(&server.url()).build().expect("valid settings");
    let reason = hold_reason(&send(&mut sink, 0..2));
    assert!(reason.ends_with("name one by `token_env` or `token_file`"), "{reason}");
}

#[test]
fn any_other_answer_leaves_the_token_alone() {
    let (server, folder) = (guarded(), tempfile::tempdir().expect("a folder"));
    let path = folder.path().join("token");
    fs::write(&path, "new").unwrap();
    let builder = sink(&server.url()).token(TokenSource::File(path.clone()));
    let mut sink = builder.build().expect("valid settings");
    fs::write(&path, "other").unwrap();
    server.inject(Fault::status(403));
    hold_reason(&send(&mut sink, 0..2));
    assert_eq!(send(&mut sink, 0..2), Outcome::delivered());
}
