//! Addresses of servers: `nats://host:port`, several with commas between.

use async_nats::ServerAddr;

use super::NatsError;

/// The most servers that one can name.
const SERVERS_MAX: usize = 64;

/// Reads addresses; there is one at least.
pub(super) fn parse(text: &str) -> Result<Vec<ServerAddr>, NatsError> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    if parts.len() > SERVERS_MAX {
        return Err(fault(&format!("names more than {SERVERS_MAX} servers")));
    }
    parts.into_iter().map(parse_one).collect()
}

/// No text of a fault repeats the address: there may be a password in it.
fn parse_one(text: &str) -> Result<ServerAddr, NatsError> {
    if text.is_empty() {
        return Err(fault("is empty: `nats://host:4222` is expected"));
    }
    let address: ServerAddr =
        text.parse().map_err(|_| fault("is no address: `nats://host:4222` is expected"))?;
    if !matches!(address.scheme(), "nats" | "tls") {
        return Err(fault("has another scheme than `nats` and `tls`"));
    }
    if address.host().is_empty() {
        return Err(fault("has no host: `nats://host:4222` is expected"));
    }
    if address.has_user_pass() || address.password().is_some() {
        return Err(fault(
            "has credentials in it, which would be shown: name user and password, or a token, \
             by their own settings",
        ));
    }
    let url = address.into_inner();
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(fault("has something behind the port: `nats://host:4222` is expected"));
    }
    ServerAddr::from_url(url).map_err(|_| fault("is no address"))
}

fn fault(problem: &str) -> NatsError {
    NatsError::setting("url", format!("the url of the server {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_or_more_servers_are_named() {
        let hosts = |text| {
            let servers = parse(text).unwrap();
            servers.iter().map(|one| format!("{}:{}", one.host(), one.port())).collect::<Vec<_>>()
        };
        assert_eq!(hosts("nats://a"), ["a:4222"]);
        assert_eq!(hosts("nats://a:1, tls://b:2/,c"), ["a:1", "b:2", "c:4222"]);
        assert_eq!(hosts("nats://[::1]:9"), ["::1:9"]);
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        for bad in [
            "",
            "nats://a,,nats://b",
            "http://a",
            "ws://a",
            "nats://",
            "nats://me:hunter2@a",
            "nats://hunter2@a",
            "nats://a/hunter2",
            "nats://a?hunter2",
            "nats://a:port",
            &["a"; 65].join(","),
        ] {
            let fault = parse(bad).expect_err(bad);
            assert_eq!(fault.key(), Some("url"), "{bad}");
            assert!(!fault.to_string().contains("hunter2"), "{fault}");
        }
    }
}
