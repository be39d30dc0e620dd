//! The page while the run goes on: an observer with a small HTTP server of its own.
//!
//! Pure are the versions of cases (`touched`) and the messages (`known`); `hub` is where
//! emitters and clients meet, `server` owns the sockets. No type of the HTTP server, and none
//! of its runtime, leaves this folder.

mod address;
mod error;
mod events;
mod guard;
mod hub;
mod known;
mod observer;
mod routes;
mod server;
mod touched;

pub use address::{InvalidListen, LISTEN_DEFAULT, Listen, PORT_DEFAULT};
pub use error::LiveError;
pub use observer::{
    CONNECTIONS_MAX_DEFAULT, FAREWELL_MAX, INTERVAL_DEFAULT, KEEP_ALIVE_DEFAULT, Live, LiveBuilder,
    STALL_MAX_DEFAULT,
};
