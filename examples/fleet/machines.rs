//! The broker, a real `nats-server`, and a network that can be cut.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::{env, path::Path, sync::Arc, thread};

/// A process that is killed when it is dropped, as `kill -9` does.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).ok(); // It may have ended before.
    }
}

/// Starts a broker there, with what an earlier one left in the folder.
pub(crate) fn broker(address: SocketAddr, folder: &Path) -> crate::Fallible<Process> {
    let placed = Some("target/nats/new/nats-server").filter(|placed| Path::new(placed).is_file());
    let named = env::var_os("NATS_SERVER").or(placed.map(Into::into));
    let mut server = Command::new(named.unwrap_or_else(|| "nats-server".into()));
    server.args(["-js", "-a", "127.0.0.1", "-p", &address.port().to_string()]);
    let started = server.arg("-sd").arg(folder).stderr(Stdio::null()).spawn();
    let advice = "run `crates/tidings-nats/tests/servers.sh`, or name one in NATS_SERVER";
    let process = started.map_err(|fault| format!("there is no `nats-server` ({fault}): {advice}"));
    let process = Process(process?);
    crate::wait_for("the broker", || TcpStream::connect(address).is_ok()).map(|()| process)
}

/// Whether the wire lets nothing through.
pub(crate) static IS_CUT: AtomicBool = AtomicBool::new(false);

/// Lays the wire to this address; where it begins.
pub(crate) fn wire(to: SocketAddr) -> crate::Fallible<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let begin = listener.local_addr()?;
    thread::spawn(move || {
        for near in listener.incoming().flatten().map(Arc::new) {
            let Ok(far) = TcpStream::connect(to).map(Arc::new) else { continue };
            for (from, to) in [(near.clone(), far.clone()), (far, near)] {
                thread::spawn(move || pass_on(&from, &to));
            }
        }
    });
    Ok(begin)
}

fn pass_on(mut from: &TcpStream, mut to: &TcpStream) {
    let mut piece = [0; 4096];
    while let Ok(len @ 1..) = from.read(&mut piece)
        && !IS_CUT.load(SeqCst)
        && to.write_all(&piece[..len]).is_ok()
    {}
    from.shutdown(Shutdown::Both).and(to.shutdown(Shutdown::Both)).ok(); // Both ways end.
}
