//! Where the page is served: a host and a port, and which names a request may use for it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use hyper::http::uri::Authority;
use thiserror::Error;

/// The port of [`LISTEN_DEFAULT`], and of an address that names none.
pub const PORT_DEFAULT: u16 = 7357;

/// Where the page is served unless it was said otherwise: on this machine alone.
pub const LISTEN_DEFAULT: &str = "127.0.0.1:7357";

/// Where to listen: a host and a port, as in `127.0.0.1:7357`, `[::1]:0` or `localhost`.
///
/// Without a port it is [`PORT_DEFAULT`]; port 0 is any free one.
///
/// ```
/// use tidings_report::{Listen, PORT_DEFAULT};
///
/// let listen: Listen = "localhost:0".parse()?;
/// assert_eq!((listen.host(), listen.port()), ("localhost", 0));
/// assert!(listen.is_loopback());
///
/// assert_eq!("0.0.0.0".parse::<Listen>()?.port(), PORT_DEFAULT);
/// assert!("http://localhost".parse::<Listen>().is_err());
/// # Ok::<(), tidings_report::InvalidListen>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    host: String,
    port: u16,
}

impl Listen {
    /// The host: a name, or an IP address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; 0 is any free one.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether only this machine can get there. Of names only `localhost` is known to be so.
    pub fn is_loopback(&self) -> bool {
        let ip = self.host.parse::<IpAddr>();
        ip.map_or_else(|_| is_localhost(&self.host), |ip| ip.is_loopback())
    }

    /// Where a browser of this machine finds what listens at `address`.
    pub(super) fn url(&self, address: SocketAddr) -> String {
        let host = match (self.host.parse::<IpAddr>(), address.ip()) {
            (Ok(ip), IpAddr::V4(_)) if ip.is_unspecified() => "127.0.0.1".to_owned(),
            (Ok(ip), IpAddr::V6(_)) if ip.is_unspecified() => "[::1]".to_owned(),
            (Ok(IpAddr::V6(ip)), _) => format!("[{ip}]"),
            _ => self.host.clone(),
        };
        format!("http://{host}:{}/", address.port())
    }

    /// Whether a request may call this server so: any IP address, `localhost`, or the name it
    /// listens on.
    ///
    /// A name of somebody else's that leads here is how a foreign page would get in, as its
    /// origin is that name (DNS rebinding).
    pub(super) fn answers_to(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else { return false };
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        bare.parse::<IpAddr>().is_ok()
            || is_localhost(bare)
            || bare.eq_ignore_ascii_case(&self.host)
    }
}

fn is_localhost(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

impl FromStr for Listen {
    type Err = InvalidListen;

    fn from_str(text: &str) -> Result<Self, InvalidListen> {
        let invalid = || InvalidListen { text: text.chars().take(80).collect() };
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self { host: address.ip().to_string(), port: address.port() });
        }
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        if let Ok(ip) = bare.parse::<Ipv6Addr>() {
            return Ok(Self { host: ip.to_string(), port: PORT_DEFAULT });
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| invalid())?),
            None => (text, PORT_DEFAULT),
        };
        // Digits and dots that are no address would be taken for a name, and not be found.
        let is_name =
            host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
                && host.bytes().any(|byte| byte.is_ascii_alphabetic())
                || host.parse::<IpAddr>().is_ok();
        if is_name { Ok(Self { host: host.to_owned(), port }) } else { Err(invalid()) }
    }
}

/// Why a text is no place to listen.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{}` is no address to listen on: write `host:port`, as in `{LISTEN_DEFAULT}`, with port 0 \
     for any free one",
    text.escape_debug()
)]
pub struct InvalidListen {
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listen(text: &str) -> Listen {
        text.parse().expect("it is an address")
    }

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for (text, host, port) in [
            ("127.0.0.1:80", "127.0.0.1", 80),
            ("127.0.0.1", "127.0.0.1", PORT_DEFAULT),
            ("[::1]:80", "::1", 80),
            ("[::1]", "::1", PORT_DEFAULT),
            ("::1", "::1", PORT_DEFAULT),
            ("localhost:0", "localhost", 0),
            ("lab-3.example", "lab-3.example", PORT_DEFAULT),
        ] {
            let read = listen(text);
            assert_eq!((read.host(), read.port()), (host, port), "{text}");
            assert_eq!(read.to_string().parse(), Ok(read), "{text}");
        }
        assert_eq!(listen(LISTEN_DEFAULT).port(), PORT_DEFAULT);
    }

    #[test]
    fn what_is_no_address_is_told() {
        for text in [
            "",
            ":80",
            "a:b",
            "a:65536",
            "http://h",
            "h/",
            "a b",
            "999.1.1.1:5",
            "[::1",
            "1:2:3",
            "\u{1b}[31m",
        ] {
            let told = text.parse::<Listen>().map_err(|fault| fault.to_string());
            let told = told.expect_err(text);
            assert!(told.contains("write `host:port`"), "{told}");
            assert!(!told.contains('\u{1b}'), "{told}");
        }
    }

    #[test]
    fn only_what_stays_on_this_machine_is_loopback() {
        for text in ["127.0.0.1", "127.8.8.8:1", "::1", "localhost", "LocalHost:9"] {
            assert!(listen(text).is_loopback(), "{text}");
        }
        for text in ["0.0.0.0", "::", "192.168.1.5", "lab-3", "localhost.example"] {
            assert!(!listen(text).is_loopback(), "{text}");
        }
    }

    #[test]
    fn the_url_is_one_that_a_browser_can_open() {
        let at = |text: &str, address: &str| listen(text).url(address.parse().expect("one"));
        assert_eq!(at("127.0.0.1:0", "127.0.0.1:5"), "http://127.0.0.1:5/");
        assert_eq!(at("0.0.0.0:0", "0.0.0.0:5"), "http://127.0.0.1:5/");
        assert_eq!(at("[::]:0", "[::]:5"), "http://[::1]:5/");
        assert_eq!(at("[fe80::1]:0", "[fe80::1]:5"), "http://[fe80::1]:5/");
        assert_eq!(at("localhost:0", "[::1]:5"), "http://localhost:5/");
    }

    #[test]
    fn a_foreign_name_is_not_answered() {
        let own = listen("lab-3.example:80");
        for host in ["127.0.0.1:80", "10.1.2.3", "[::1]:99", "localhost:7", "LAB-3.example"] {
            assert!(own.answers_to(host), "{host}");
        }
        for host in ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80"] {
            assert!(!own.answers_to(host), "{host}");
        }
    }
}
