//! Addresses of hosts, without a look-up for each request.
//!
//! The HTTP library resolves before it looks for an open connection, on a thread of its own
//! when there is a time-out. An address that is written as numbers needs neither; that of a
//! name is kept for a while, and forgotten as soon as a request fails.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// How long addresses are used without a look-up.
const KEPT_MAX: Duration = Duration::from_secs(30);

/// A client has one endpoint and at most one proxy.
const NAMES_MAX: usize = 4;

/// Addresses by host and port. A clone shares them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Addresses {
    kept: Arc<Mutex<Vec<Kept>>>,
}

#[derive(Debug)]
struct Kept {
    host: String,
    port: u16,
    addresses: Vec<SocketAddr>,
    until: Instant,
}

impl Addresses {
    /// Looks names up again.
    pub(crate) fn forget(&self) {
        self.lock().clear();
    }

    fn get(&self, host: &str, port: u16, now: Instant) -> Option<Vec<SocketAddr>> {
        let kept = self.lock();
        let found = kept.iter().find(|kept| kept.host == host && kept.port == port)?;
        (found.until > now).then(|| found.addresses.clone())
    }

    fn keep(&self, host: &str, port: u16, addresses: &[SocketAddr], now: Instant) {
        let mut kept = self.lock();
        kept.retain(|kept| kept.until > now && (kept.host != host || kept.port != port));
        if kept.len() < NAMES_MAX {
            let (host, addresses) = (host.to_owned(), addresses.to_vec());
            kept.push(Kept { host, port, addresses, until: now + KEPT_MAX });
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolver for Addresses {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let (Some(host), Some(port)) = (uri.host(), port_of(uri)) else {
            return DefaultResolver::default().resolve(uri, config, timeout);
        };
        if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Ok(self.list(&[SocketAddr::new(address, port)]));
        }
        let now = Instant::now();
        if let Some(addresses) = self.get(host, port, now) {
            return Ok(self.list(&addresses));
        }
        let found =
            DefaultResolver::default().resolve(uri, config, timeout).map_err(
                |fault| match fault {
                    // What a look-up says is an I/O error without a kind of its own.
                    ureq::Error::Io(_) => ureq::Error::HostNotFound,
                    other => other,
                },
            )?;
        self.keep(host, port, &found, now);
        Ok(found)
    }
}

impl Addresses {
    fn list(&self, addresses: &[SocketAddr]) -> ResolvedSocketAddrs {
        let mut list = self.empty();
        for address in addresses {
            list.push(*address);
        }
        list
    }
}

fn port_of(uri: &Uri) -> Option<u16> {
    uri.port_u16().or_else(|| match uri.scheme_str()?.to_ascii_lowercase().as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_for_a_while_and_forgotten_on_demand() {
        let (addresses, now) = (Addresses::default(), Instant::now());
        let one: SocketAddr = "192.0.2.1:80".parse().unwrap();
        addresses.keep("a", 80, &[one], now);
        assert_eq!(addresses.get("a", 80, now), Some(vec![one]));
        assert_eq!(addresses.get("a", 81, now), None);
        assert_eq!(addresses.get("a", 80, now + KEPT_MAX), None);
        addresses.forget();
        assert_eq!(addresses.get("a", 80, now), None);
    }

    #[test]
    fn there_is_a_bound_on_how_many_names_are_kept() {
        let (addresses, now) = (Addresses::default(), Instant::now());
        for port in 0..100 {
            addresses.keep("a", port, &[], now);
        }
        assert_eq!(addresses.lock().len(), NAMES_MAX);
    }
}
