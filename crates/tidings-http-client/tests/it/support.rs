//! Clients and servers that the tests have in common.

use tidings_fault_server::{FaultServer, JsonArray, Protocol, ProtocolReply, Recorded, Taking};
use tidings_http_client::{ClientBuilder, HttpClient, Reply, Request, Unreached};

/// What no text may show.
pub(crate) const TOKEN: &str = "hunter2-0123456789";

/// A client for this URL that knows nothing of the environment it runs in.
pub(crate) fn client(url: &str) -> ClientBuilder {
    HttpClient::builder(url).environment(|_| None)
}

/// A server that takes JSON arrays.
pub(crate) fn server() -> FaultServer {
    FaultServer::start(JsonArray::new()).expect("there is a port")
}

/// Posts an array of one number in three pieces.
pub(crate) fn post(client: &mut HttpClient) -> Result<Reply, Unreached> {
    client.post(Request::new("application/json", &[b"[", b"1", b"]"]))
}

/// Answers each request with this status, and repeats its `Authorization` everywhere.
pub(crate) struct Echo(pub(crate) u16);

impl Protocol for Echo {
    fn handle(&mut self, request: &Recorded, _taking: Taking) -> ProtocolReply {
        let said = request.header("authorization").unwrap_or("nothing").to_owned();
        let mut reply = ProtocolReply::new(self.0);
        reply.headers.push(("x-said".to_owned(), said.clone()));
        reply.headers.push(("location".to_owned(), format!("http://elsewhere/{said}?t={said}")));
        reply.body = format!("refused: {said}");
        reply
    }
}
