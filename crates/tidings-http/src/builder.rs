//! The settings of a sink, checked when it is built.

use std::path::Path;
use std::time::Duration;

use tidings_http_client::{ClientBuilder, Compression, HttpClient, InvalidClient, TokenSource};

use crate::{Encoder, Encoding, HttpSink};

/// Makes an [`HttpSink`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct HttpSinkBuilder {
    client: ClientBuilder,
    has_token: bool,
    encoding: Encoding,
}

impl HttpSinkBuilder {
    pub(crate) fn new(url: &str) -> Self {
        let client = HttpClient::builder(url);
        Self { client, has_token: false, encoding: Encoding::default() }
    }

    /// What bodies look like; CloudEvents by default.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Has an encoder of yours make the bodies.
    pub fn encoder(self, encoder: impl Encoder) -> Self {
        self.encoding(Encoding::Custom(Box::new(encoder)))
    }

    /// Where the token is kept that is sent as `Authorization: Bearer …`; by default there
    /// is none.
    pub fn token(mut self, token: TokenSource) -> Self {
        self.has_token = token != TokenSource::None;
        self.client = self.client.token(token);
        self
    }

    /// What goes before the token in `Authorization`: `Bearer` by default.
    pub fn scheme(mut self, scheme: &str) -> Self {
        self.client = self.client.scheme(scheme);
        self
    }

    /// Sends one more header with each batch. Its value is shown nowhere.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.client = self.client.header(name, value);
        self
    }

    /// What the sink calls itself; `tidings/` and the version by default.
    pub fn user_agent(mut self, user_agent: &str) -> Self {
        self.client = self.client.user_agent(user_agent);
        self
    }

    /// How long a post may take, from the look-up of the name to the last byte of the
    /// answer; [`TIMEOUT_DEFAULT`](crate::TIMEOUT_DEFAULT) by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.client = self.client.timeout(timeout);
        self
    }

    /// How bodies are compressed; by default they are not.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.client = self.client.compression(compression);
        self
    }

    /// Trusts the authorities in this PEM file, and no others.
    pub fn ca_file(mut self, path: impl AsRef<Path>) -> Self {
        self.client = self.client.ca_file(path);
        self
    }

    /// Accepts any certificate: of anybody, for any name, of any age. Who is in between
    /// reads the token.
    pub fn danger_accept_invalid_certificates(mut self, accept: bool) -> Self {
        self.client = self.client.danger_accept_invalid_certificates(accept);
        self
    }

    /// The proxy; `None` for the one of the environment, `""` for none at all.
    pub fn proxy(mut self, proxy: Option<&str>) -> Self {
        self.client = self.client.proxy(proxy);
        self
    }

    /// Looks up variables, those of proxies and of the token, by `lookup` instead of in the
    /// environment of the process.
    pub fn environment(
        mut self,
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.client = self.client.environment(lookup);
        self
    }

    /// Checks the settings, reads the token and the authorities. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`InvalidClient`] says which setting cannot be used, and why.
    pub fn build(self) -> Result<HttpSink, InvalidClient> {
        let encoder = self.encoding.into_encoder();
        Ok(HttpSink::new(self.client.build()?, encoder, self.has_token))
    }
}
