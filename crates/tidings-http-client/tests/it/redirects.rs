//! A redirect is an answer.

use tidings_delivery::Secret;
use tidings_fault_server::{Fault, FaultServer};
use tidings_http_client::TokenSource;

use crate::support::{TOKEN, client, post, server};

#[test]
fn a_redirect_is_never_followed() {
    let (other, server) = (server(), server());
    for status in [301, 302, 303, 307, 308] {
        let mut client = client(&server.url())
            .token(TokenSource::Fixed(Secret::new(TOKEN)))
            .build()
            .expect("valid settings");
        server.inject(redirect(status, &other));
        let reply = post(&mut client).expect("an answer");
        assert_eq!((reply.status(), reply.is_redirect()), (status, true));
        assert_eq!(reply.location_excerpt(), Some(format!("{}/there", other.url())));
    }
    assert_eq!(other.connections(), 0, "nobody went there, with or without the token");
}

fn redirect(status: u16, to: &FaultServer) -> Fault {
    let location = format!("{}/there?token={TOKEN}", to.url());
    let headers = vec![("location".to_owned(), location)];
    Fault::Status { status, headers, body: String::new() }
}
