//! Three pages on loopback for whoever has none: a good, a slow and a missing one.

use std::io;
use std::time::Duration;

use tidings_fault_server::{Fault, FaultServer, ProtocolReply, Recorded, Taking};

/// The server, and where its pages are.
pub(crate) fn serve() -> io::Result<(FaultServer, [String; 3])> {
    let site = FaultServer::start(|request: &Recorded, _: Taking| {
        let status = if request.path == "/missing" { 404 } else { 200 };
        ProtocolReply::new(status).with_body(format!("<title>{}</title>", request.path))
    })?;
    site.inject_at("/slow", usize::MAX, Fault::ReplyLate { after: Duration::from_millis(300) });
    let urls = ["good", "slow", "missing"].map(|page| format!("{}/{page}", site.url()));
    Ok((site, urls))
}
