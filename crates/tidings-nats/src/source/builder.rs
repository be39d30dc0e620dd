//! The settings of a source, each with a default.

use tidings_core::{BusId, Interest};

use crate::NatsServer;
use crate::server::{NatsError, shown};
use crate::stream::StreamSettings;
use crate::subject::Root;

use super::NatsSource;
use super::plan::Plan;

/// The most bytes of a durable name.
const DURABLE_BYTES_MAX: usize = 64;

/// Where a source begins that nobody knows yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Start {
    /// With the first event that the stream has.
    #[default]
    Beginning,
    /// With what is published from now on.
    Now,
}

/// The settings of a [`NatsSource`].
#[derive(Debug, Clone)]
#[must_use = "settings do nothing until a source is opened"]
pub struct NatsSourceBuilder {
    server: NatsServer,
    root: String,
    run: Option<String>,
    interest: Interest,
    stream: StreamSettings,
    durable: Option<String>,
    start: Start,
}

impl NatsSourceBuilder {
    pub(super) fn new(server: NatsServer) -> Self {
        Self {
            server,
            root: crate::ROOT_DEFAULT.to_owned(),
            run: None,
            interest: Interest::everything(),
            stream: StreamSettings::default(),
            durable: None,
            start: Start::default(),
        }
    }

    /// The first tokens of all subjects, as the nodes have them; `tidings` by default.
    pub fn root(mut self, root: &str) -> Self {
        root.clone_into(&mut self.root);
        self
    }

    /// Takes this run only; all of them by default.
    pub fn run(mut self, run: &str) -> Self {
        self.run = Some(run.to_owned());
        self
    }

    /// Takes these prefixes only, as [`Interest::parse`] reads them; everything by default.
    ///
    /// Servers from 2.10 on send nothing else. Older ones know one filter at a time and may
    /// send everything; what is handed out is the same.
    ///
    /// # Errors
    ///
    /// For the first entry that is no prefix.
    pub fn interest<T: AsRef<str>>(mut self, entries: &[T]) -> Result<Self, NatsError> {
        let parsed = Interest::parse(entries);
        self.interest =
            parsed.map_err(|fault| NatsError::setting("interest", fault.to_string()))?;
        Ok(self)
    }

    /// As [`interest`](Self::interest), of one that is there already.
    pub fn interested_in(mut self, interest: Interest) -> Self {
        self.interest = interest;
        self
    }

    /// The stream, which is created when it is missing, so that a receiver may be there
    /// before the first node.
    pub fn stream(mut self, stream: StreamSettings) -> Self {
        self.stream = stream;
        self
    }

    /// Has the broker keep under this name how far reading got, so that it goes on there after
    /// a restart. Two sources with one name take it away from each other; the later one stays.
    pub fn durable(mut self, name: &str) -> Self {
        self.durable = Some(name.to_owned());
        self
    }

    /// Where to begin, unless the broker knows how far reading got.
    pub fn start(mut self, start: Start) -> Self {
        self.start = start;
        self
    }

    /// Connects and begins to read.
    ///
    /// # Errors
    ///
    /// A setting that cannot be used, no connection, or a stream that is not as it has to be.
    pub fn open(self) -> Result<NatsSource, NatsError> {
        let root = Root::parse(&self.root)
            .map_err(|fault| NatsError::setting("root", fault.to_string()))?;
        if let Some(durable) = &self.durable {
            check_durable(durable)?;
        }
        NatsSource::open(Plan {
            server: self.server,
            root,
            run: self.run,
            interest: self.interest,
            stream: self.stream,
            durable: self.durable,
            start: self.start,
            owner: BusId::generate(),
        })
    }
}

fn check_durable(name: &str) -> Result<(), NatsError> {
    let is_clean = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.is_empty() && name.len() <= DURABLE_BYTES_MAX && name.bytes().all(is_clean) {
        return Ok(());
    }
    let text = format!(
        "`{}` is no durable name: letters, digits, `-` and `_` are expected, \
         {DURABLE_BYTES_MAX} bytes at most",
        shown(name)
    );
    Err(NatsError::setting("durable", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_cannot_be_used_is_told_before_connecting() {
        let at = || NatsSource::builder(NatsServer::at("nats://127.0.0.1:1"));
        let durable = at().durable("a.b").open().expect_err("a dot");
        assert_eq!(durable.key(), Some("durable"));
        assert_eq!(at().root("a b").open().expect_err("a space").key(), Some("root"));
        assert_eq!(at().interest(&["a*"]).expect_err("a star").key(), Some("interest"));
    }
}
