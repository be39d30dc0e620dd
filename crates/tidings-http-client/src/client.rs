//! The client: one request at a time, sent once.

use std::fmt;
use std::sync::Arc;

use ureq::http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Method};
use ureq::{Agent, AsSendBody, SendBody};

use crate::credentials::Credentials;
use crate::early::CutOff;
use crate::endpoint::Endpoint;
use crate::gzip::Gzip;
use crate::pieces::Pieces;
use crate::resolver::Addresses;
use crate::scrubber::Scrubber;
use crate::{ClientBuilder, Reply, Unreached};

/// Sends requests to one endpoint, over one connection that it keeps open.
///
/// A connection that the server has closed meanwhile is noticed before the next request and
/// replaced. A request is never sent a second time by itself: after an unclear failure the
/// caller decides.
pub struct HttpClient {
    agent: Agent,
    addresses: Addresses,
    cut_off: CutOff,
    endpoint: Endpoint,
    headers: HeaderMap,
    credentials: Credentials,
    scrubber: Arc<Scrubber>,
    gzip: Option<Gzip>,
}

/// What is posted.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Request<'a> {
    /// What follows the path of the client's URL, a query included; empty for the URL as it
    /// was given.
    pub path_suffix: &'a str,
    /// The content type of the body.
    pub content_type: &'a str,
    /// More headers, which go before those of the client.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body in pieces, which are sent as one.
    pub body: &'a [&'a [u8]],
}

impl<'a> Request<'a> {
    /// A request to the client's URL as it is.
    pub fn new(content_type: &'a str, body: &'a [&'a [u8]]) -> Self {
        Self { path_suffix: "", content_type, headers: &[], body }
    }

    /// Goes to the client's URL with this behind its path.
    #[must_use]
    pub fn to(mut self, path_suffix: &'a str) -> Self {
        self.path_suffix = path_suffix;
        self
    }

    /// Carries these headers as well.
    #[must_use]
    pub fn headers(mut self, headers: &'a [(&'a str, &'a str)]) -> Self {
        self.headers = headers;
        self
    }
}

/// What a builder has made ready.
pub(crate) struct Parts {
    pub(crate) agent: Agent,
    pub(crate) addresses: Addresses,
    pub(crate) cut_off: CutOff,
    pub(crate) endpoint: Endpoint,
    pub(crate) headers: HeaderMap,
    pub(crate) credentials: Credentials,
    pub(crate) scrubber: Scrubber,
    pub(crate) gzip: Option<Gzip>,
}

impl HttpClient {
    /// Begins a client for this URL: `http://` or `https://`, without user and password.
    pub fn builder(url: &str) -> ClientBuilder {
        ClientBuilder::new(url)
    }

    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { agent, addresses, cut_off, endpoint, headers, credentials, scrubber, gzip } =
            parts;
        let mut client = Self {
            agent,
            addresses,
            cut_off,
            endpoint,
            headers,
            credentials,
            scrubber: Arc::new(scrubber),
            gzip,
        };
        client.know_token();
        client
    }

    /// Posts a body, once.
    ///
    /// Any status is an answer, redirects included.
    ///
    /// # Errors
    ///
    /// [`Unreached`] when there was no answer; whether the server took the body is unknown
    /// then.
    pub fn post(&mut self, request: Request<'_>) -> Result<Reply, Unreached> {
        let mut headers = self.headers_of(request.headers)?;
        if !headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, value_of(request.content_type)?);
        }
        if request.body.iter().any(|piece| !piece.is_empty())
            && let Some(mut gzip) = self.gzip.take()
        {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            let body = gzip.compress(request.body);
            let result = self.run(Method::POST, request.path_suffix, headers, body);
            self.gzip = Some(gzip);
            return result;
        }
        if let [piece] = request.body {
            return self.run(Method::POST, request.path_suffix, headers, *piece);
        }
        let len: usize = request.body.iter().map(|piece| piece.len()).sum();
        headers.insert(CONTENT_LENGTH, HeaderValue::from(len));
        let mut pieces = Pieces::new(request.body);
        let body = SendBody::from_reader(&mut pieces);
        self.run(Method::POST, request.path_suffix, headers, body)
    }

    /// Gets what is at the client's URL with `path_suffix` behind its path.
    ///
    /// # Errors
    ///
    /// [`Unreached`] when there was no answer.
    pub fn get(&mut self, path_suffix: &str) -> Result<Reply, Unreached> {
        let headers = self.headers_of(&[])?;
        self.run(Method::GET, path_suffix, headers, SendBody::none())
    }

    /// Reads the token again where it is kept, and says whether there is another one now.
    ///
    /// The old one stays when there is none. A token that was given as it is never changes.
    pub fn reload_token(&mut self) -> bool {
        let is_new = self.credentials.reload();
        if is_new {
            self.know_token();
        }
        is_new
    }

    /// Scheme, host and port: equal for all that shares an endpoint.
    pub fn origin(&self) -> &str {
        self.endpoint.origin()
    }

    /// The text without the token and the other secrets of this client.
    pub fn scrub(&self, text: &str) -> String {
        self.scrubber.scrub(text)
    }

    /// Keeps the former token too: late answers may repeat it.
    fn know_token(&mut self) {
        if let Some(token) = self.credentials.token() {
            Arc::make_mut(&mut self.scrubber).add(token.expose());
        }
    }

    fn headers_of(&self, more: &[(&str, &str)]) -> Result<HeaderMap, Unreached> {
        let mut headers = self.headers.clone();
        if let Some(value) = self.credentials.header() {
            headers.insert(AUTHORIZATION, value.clone());
        }
        for (name, value) in more {
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Unreached::bad_request("the name of a header has a bad character"))?;
            headers.insert(name, value_of(value)?);
        }
        Ok(headers)
    }

    fn run(
        &self,
        method: Method,
        path_suffix: &str,
        headers: HeaderMap,
        body: impl AsSendBody,
    ) -> Result<Reply, Unreached> {
        let target = self
            .endpoint
            .target(path_suffix)
            .ok_or_else(|| Unreached::bad_request("its path is not one of a URL"))?;
        let mut request = ureq::http::Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = target;
        *request.headers_mut() = headers;
        self.cut_off.clear();
        match self.agent.run(request) {
            Ok(response) if response.status().is_success() && self.cut_off.is_set() => {
                Err(Unreached::cut_off(self.endpoint.origin()))
            }
            Ok(response) => Ok(Reply::read(response, Arc::clone(&self.scrubber))),
            Err(fault) => {
                self.addresses.forget();
                Err(Unreached::of(&fault, self.endpoint.origin()).scrubbed(&self.scrubber))
            }
        }
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").field("origin", &self.origin()).finish_non_exhaustive()
    }
}

fn value_of(text: &str) -> Result<HeaderValue, Unreached> {
    HeaderValue::from_str(text)
        .map_err(|_| Unreached::bad_request("the value of a header has a bad character"))
}
