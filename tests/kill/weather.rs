//! Weather: in which way the server fails at the moment.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tidings_fault_server::{Fault, FaultServer};

/// How long somebody else may have the port of a server that was stopped.
const PORT_WITHIN: Duration = Duration::from_secs(10);

/// Makes the server fail in another way, or in none.
pub(crate) fn change(server: &FaultServer, chance: &mut Rng) {
    match chance.u8(..12) {
        0..=3 => clear(server),
        4 => server.stop(),
        5 => restart(server),
        6 => server.inject_always(Fault::status(503)),
        7 => server.inject_always(Fault::HangBefore),
        8 => server.release(),
        _ => (0..chance.u8(1..6)).for_each(|_| server.inject(fault(chance))),
    }
}

/// Ends everything that is wrong with the server.
pub(crate) fn clear(server: &FaultServer) {
    server.clear_faults();
    server.release();
    restart(server);
}

fn fault(chance: &mut Rng) -> Fault {
    match chance.u8(..11) {
        0 => Fault::status(503),
        1 => Fault::status(429),
        2 => Fault::status(403),
        3 => Fault::ResetBefore,
        4 | 5 => Fault::ResetAfter,
        6 => Fault::HangBefore,
        7 => Fault::HangAfter,
        8 => Fault::TakeHalf { status: 503 },
        9 => Fault::GarbageReply,
        _ => Fault::CloseIdle,
    }
}

fn restart(server: &FaultServer) {
    let deadline = Instant::now() + PORT_WITHIN;
    while let Err(fault) = server.restart() {
        let is_taken = fault.kind() == ErrorKind::AddrInUse;
        assert!(is_taken && Instant::now() < deadline, "the server does not start: {fault}");
        std::thread::yield_now();
    }
}
