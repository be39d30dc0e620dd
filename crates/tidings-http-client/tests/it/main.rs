//! A client against a server on this machine that fails in every way.

mod connections;
mod credentials;
mod failures;
mod proxies;
mod redirects;
mod support;
mod tls;
