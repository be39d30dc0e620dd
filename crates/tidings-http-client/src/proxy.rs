//! Which proxy a URL is reached by.

use ureq::http::Uri;
use ureq::{Proxy, ProxyProtocol};

use crate::InvalidClient;
use crate::credentials::Environment;
use crate::port::port_of;

/// A proxy that was named by the settings, or else by the environment.
pub(crate) fn find(
    named: Option<&str>,
    is_https: bool,
    environment: &Environment,
) -> Result<Option<Proxy>, InvalidClient> {
    match named.map(str::trim) {
        Some("") => Ok(None),
        Some(url) => parse(url, "proxy").map(Some),
        None => of_environment(is_https, environment),
    }
}

fn of_environment(
    is_https: bool,
    environment: &Environment,
) -> Result<Option<Proxy>, InvalidClient> {
    let own = if is_https { ["https_proxy", "HTTPS_PROXY"] } else { ["http_proxy", "HTTP_PROXY"] };
    let mut names = own.into_iter().chain(["all_proxy", "ALL_PROXY"]);
    let Some((name, url)) = names.find_map(|name| Some((name, environment.get(name)?))) else {
        return Ok(None);
    };
    let proxy = parse(url.trim(), &format!("variable `{name}` of the environment"))?;
    let exempt = ["no_proxy", "NO_PROXY"].into_iter().find_map(|name| environment.get(name));
    Ok(Some(match exempt {
        Some(exempt) => with_exempt(&proxy, &exempt)
            .ok_or_else(|| problem("variable `NO_PROXY` of the environment", "cannot be used"))?,
        None => proxy,
    }))
}

fn parse(url: &str, place: &str) -> Result<Proxy, InvalidClient> {
    let no_url = || problem(place, "is not the URL of a proxy");
    let proxy = Proxy::new(url).map_err(|_| no_url())?;
    let uri: Uri = url.parse().map_err(|_| no_url())?;
    let authority = uri.authority().ok_or_else(no_url)?.as_str();
    let (_user, host_port) = authority.rsplit_once('@').unwrap_or(("", authority));
    port_of(host_port).map_err(|text| problem(place, &text))?;
    match proxy.protocol() {
        ProxyProtocol::Http | ProxyProtocol::Https => Ok(proxy),
        _ => Err(problem(
            place,
            "is not an `http://` or `https://` proxy, the only ones there are; \
             `proxy = \"\"` goes without",
        )),
    }
}

fn with_exempt(proxy: &Proxy, exempt: &str) -> Option<Proxy> {
    let mut builder = Proxy::builder(proxy.protocol()).host(proxy.host()).port(proxy.port());
    if let Some(user) = proxy.username() {
        builder = builder.username(user);
    }
    if let Some(password) = proxy.password() {
        builder = builder.password(password);
    }
    for host in exempt.split(',').map(str::trim).filter(|host| !host.is_empty()) {
        builder = builder.no_proxy(host);
    }
    builder.build().ok()
}

fn problem(place: &str, text: &str) -> InvalidClient {
    InvalidClient::Proxy { problem: format!("{place} {text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &'static [(&'static str, &'static str)]) -> Environment {
        Environment::new(move |name| {
            variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned())
        })
    }

    fn host(named: Option<&str>, is_https: bool, environment: &Environment) -> Option<String> {
        find(named, is_https, environment).unwrap().map(|proxy| proxy.host().to_owned())
    }

    #[test]
    fn the_scheme_of_the_url_chooses_the_variable() {
        let both = environment(&[("HTTP_PROXY", "http://plain:1"), ("https_proxy", "tls:2")]);
        assert_eq!(host(None, false, &both).as_deref(), Some("plain"));
        assert_eq!(host(None, true, &both).as_deref(), Some("tls"));
        let all = environment(&[("ALL_PROXY", "http://all:3")]);
        assert_eq!(host(None, true, &all).as_deref(), Some("all"));
    }

    #[test]
    fn the_settings_go_before_the_environment() {
        let all = environment(&[("ALL_PROXY", "http://all:3")]);
        assert_eq!(host(Some(""), true, &all), None);
        assert_eq!(host(Some("http://own:4"), true, &all).as_deref(), Some("own"));
    }

    #[test]
    fn hosts_of_no_proxy_are_exempt_and_the_password_stays() {
        let variables =
            environment(&[("ALL_PROXY", "http://me:hunter2@all:3"), ("NO_PROXY", "a.b, .c.d")]);
        let proxy = find(None, false, &variables).unwrap().expect("there is one");
        for (url, is_exempt) in
            [("http://a.b/", true), ("http://x.c.d/", true), ("http://e/", false)]
        {
            assert_eq!(proxy.is_no_proxy(&url.parse().unwrap()), is_exempt, "{url}");
        }
        assert_eq!((proxy.password(), proxy.port()), (Some("hunter2"), 3));
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_refused_by_its_place_without_its_password() {
        let socks = environment(&[("ALL_PROXY", "socks5://me:hunter2@host:1")]);
        let fault = find(None, true, &socks).unwrap_err();
        assert!(fault.to_string().starts_with("variable `ALL_PROXY` of the environment is not an"));
        assert!(!format!("{fault:?}").contains("hunter2"), "{fault:?}");
        let fault = find(Some("http://me:hunter2@"), true, &socks).unwrap_err();
        assert_eq!(fault.to_string(), "proxy is not the URL of a proxy");
    }

    #[test]
    fn a_proxy_with_a_port_that_is_none_is_refused() {
        let none = environment(&[]);
        for (url, text) in [
            ("http://me:hunter2@host:99999", "proxy names the port `99999`, which is none: "),
            ("host:0", "proxy names the port `0`, which is none: "),
            ("http://me:hunter2@host:", "proxy has a `:` without a port behind it: "),
            ("https://host:abc", "proxy has a port that is not a number: "),
        ] {
            let fault = find(Some(url), true, &none).unwrap_err().to_string();
            assert!(fault.starts_with(text), "{url}: {fault}");
        }
    }
}
