//! The settings of a client, checked when it is built.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tidings_delivery::Secret;
use ureq::config::Config;
use ureq::http::header::{AUTHORIZATION, USER_AGENT};
use ureq::http::{HeaderMap, HeaderName, HeaderValue};
use ureq::{Agent, Proxy};

use crate::client::Parts;
use crate::credentials::{Credentials, Environment};
use crate::early::{self, CutOff};
use crate::endpoint::Endpoint;
use crate::gzip::Gzip;
use crate::resolver::Addresses;
use crate::scrubber::{Scrubber, is_credential};
use crate::tls::Verify;
use crate::{Compression, HttpClient, InvalidClient, TokenSource, proxy, tls};

/// How long a request may take unless it is said otherwise, from the look-up of the name to
/// the last byte of the answer.
pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);

/// What a client calls itself unless it is said otherwise.
const USER_AGENT_DEFAULT: &str = concat!("tidings/", env!("CARGO_PKG_VERSION"));

/// What goes before the token unless it is said otherwise.
const SCHEME_DEFAULT: &str = "Bearer";

/// Headers that belong to the connection or to the body.
const OWN_HEADERS: [&str; 8] = [
    "connection",
    "content-encoding",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "transfer-encoding",
    "upgrade",
];

/// Makes an [`HttpClient`].
///
/// No `Debug` text of it shows a URL, a header's value or a token.
#[must_use = "a builder does nothing until `build`"]
pub struct ClientBuilder {
    url: String,
    user_agent: String,
    token: TokenSource,
    scheme: String,
    headers: Vec<(String, Secret)>,
    timeout: Duration,
    compression: Compression,
    ca_file: Option<PathBuf>,
    verify: Verify,
    proxy: Option<String>,
    environment: Environment,
}

impl ClientBuilder {
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            user_agent: USER_AGENT_DEFAULT.to_owned(),
            token: TokenSource::None,
            scheme: SCHEME_DEFAULT.to_owned(),
            headers: Vec::new(),
            timeout: TIMEOUT_DEFAULT,
            compression: Compression::None,
            ca_file: None,
            verify: Verify::Everything,
            proxy: None,
            environment: Environment::default(),
        }
    }

    /// What the client calls itself; `tidings/` and the version by default.
    pub fn user_agent(mut self, user_agent: &str) -> Self {
        user_agent.clone_into(&mut self.user_agent);
        self
    }

    /// Where the token is kept; by default there is none.
    pub fn token(mut self, token: TokenSource) -> Self {
        self.token = token;
        self
    }

    /// What goes before the token in `Authorization`: `Bearer` by default.
    pub fn scheme(mut self, scheme: &str) -> Self {
        scheme.clone_into(&mut self.scheme);
        self
    }

    /// Sends one more header with each request.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), Secret::new(value)));
        self
    }

    /// How long a request may take, from the look-up of the name to the last byte of the
    /// answer; [`TIMEOUT_DEFAULT`] by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How bodies are compressed; by default they are not.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Trusts the authorities in this PEM file, and no others.
    pub fn ca_file(mut self, path: impl AsRef<Path>) -> Self {
        self.ca_file = Some(path.as_ref().to_owned());
        self
    }

    /// Accepts any certificate: of anybody, for any name, of any age. Who is in between
    /// reads the token.
    pub fn danger_accept_invalid_certificates(mut self, accept: bool) -> Self {
        self.verify = if accept { Verify::Nothing } else { Verify::Everything };
        self
    }

    /// The proxy; `None` for the one of the environment, `""` for none at all.
    pub fn proxy(mut self, proxy: Option<&str>) -> Self {
        self.proxy = proxy.map(str::to_owned);
        self
    }

    /// Looks up variables, those of proxies and of the token, by `lookup` instead of in the
    /// environment of the process.
    pub fn environment(
        mut self,
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.environment = Environment::new(lookup);
        self
    }

    /// Checks the settings, reads the token and the authorities. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`InvalidClient`] says which setting cannot be used, and why.
    pub fn build(self) -> Result<HttpClient, InvalidClient> {
        let endpoint = Endpoint::parse(&self.url)?;
        if self.timeout.is_zero() {
            return Err(InvalidClient::Timeout);
        }
        let mut scrubber = Scrubber::default();
        if let Some(query) = endpoint.query() {
            scrubber.add_query(query);
        }
        let headers = self.header_map(&mut scrubber)?;
        let proxy = proxy::find(self.proxy.as_deref(), endpoint.is_https(), &self.environment)?;
        if let Some(password) = proxy.as_ref().and_then(Proxy::password) {
            scrubber.add(password);
        }
        let gzip = match self.compression {
            Compression::None => None,
            Compression::Gzip { level } => {
                Some(Gzip::new(level).ok_or(InvalidClient::Compression { level })?)
            }
        };
        let addresses = Addresses::default();
        let cut_off = CutOff::default();
        let agent = Agent::with_parts(
            self.config(proxy)?,
            early::connector(cut_off.clone()),
            addresses.clone(),
        );
        let credentials = Credentials::read(self.token, self.scheme, self.environment)?;
        Ok(HttpClient::new(Parts {
            agent,
            addresses,
            cut_off,
            endpoint,
            headers,
            credentials,
            scrubber,
            gzip,
        }))
    }

    fn config(&self, proxy: Option<Proxy>) -> Result<Config, InvalidClient> {
        Ok(Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(self.timeout))
            .tls_config(tls::settings(self.ca_file.as_deref(), self.verify)?)
            .proxy(proxy)
            .user_agent(self.user_agent.as_str())
            .max_idle_connections(1)
            .max_idle_connections_per_host(1)
            .build())
    }

    fn header_map(&self, scrubber: &mut Scrubber) -> Result<HeaderMap, InvalidClient> {
        let mut headers = HeaderMap::new();
        let user_agent = HeaderValue::from_str(&self.user_agent)
            .map_err(|_| header_problem(USER_AGENT.as_str(), "has a bad character in its value"))?;
        headers.insert(USER_AGENT, user_agent);
        for (name, value) in &self.headers {
            let (name, value) = self.checked_header(name, value)?;
            if is_credential(name.as_str()) {
                scrubber.add_header(value.to_str().unwrap_or_default());
            }
            headers.insert(name, value);
        }
        Ok(headers)
    }

    fn checked_header(
        &self,
        name: &str,
        value: &Secret,
    ) -> Result<(HeaderName, HeaderValue), InvalidClient> {
        let parsed = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| header_problem(name, "has a bad character in its name"))?;
        if OWN_HEADERS.contains(&parsed.as_str()) {
            return Err(header_problem(name, "is set by the client itself"));
        }
        if parsed == AUTHORIZATION && self.token != TokenSource::None {
            return Err(header_problem(name, "is set by the token already"));
        }
        let mut value = HeaderValue::from_str(value.expose())
            .map_err(|_| header_problem(name, "has a bad character in its value"))?;
        value.set_sensitive(true);
        Ok((parsed, value))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("token", &self.token)
            .field("headers", &self.headers)
            .field("timeout", &self.timeout)
            .field("compression", &self.compression)
            .field("ca_file", &self.ca_file)
            .field("verify", &self.verify)
            .finish_non_exhaustive()
    }
}

fn header_problem(name: &str, problem: &str) -> InvalidClient {
    InvalidClient::Header { name: name.escape_default().to_string(), problem: problem.to_owned() }
}
