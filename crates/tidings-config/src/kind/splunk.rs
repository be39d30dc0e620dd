//! The kind `splunk`.

use tidings_splunk::{SplunkSink, SplunkSinkBuilder};

use super::client::{apply_client_keys, client_keys, fault};
use super::{ObserverKind, OpenContext, OpenError, Opened};
use crate::keys::Seconds;

client_keys! {
    struct SplunkKeys {
        index: Option<String>,
        source: Option<String>,
        sourcetype: Option<String>,
        host: Option<String>,
        acknowledge: Option<bool>,
        ack_poll_s: Option<Seconds<1>>,
        ack_timeout_s: Option<Seconds<1>>,
        trust_event_number: Option<bool>,
    }
}

#[typetag::deserialize(name = "splunk")]
impl ObserverKind for SplunkKeys {
    fn open(self: Box<Self>, context: &OpenContext<'_>) -> Result<Opened, OpenError> {
        if self.url.trim().is_empty() {
            return Ok(Opened::disabled("its `url` is blank"));
        }
        if self.token_env.is_none() && self.token_file.is_none() {
            return Err(OpenError::new("kind `splunk` needs `token_env` or `token_file`"));
        }
        let sink = self.builder(context)?.build().map_err(|reason| fault(&reason))?;
        Ok(Opened::sink_at(sink.origin().to_owned(), sink))
    }
}

impl SplunkKeys {
    fn builder(&self, context: &OpenContext<'_>) -> Result<SplunkSinkBuilder, OpenError> {
        let builder = apply_client_keys!(self, SplunkSink::builder(&self.url), context);
        let mut builder = self.acknowledgement(builder)?;
        if let Some(index) = &self.index {
            builder = builder.index(index);
        }
        if let Some(source) = &self.source {
            builder = builder.source(source);
        }
        if let Some(sourcetype) = &self.sourcetype {
            builder = builder.sourcetype(sourcetype);
        }
        if let Some(host) = &self.host {
            builder = builder.host(host);
        }
        Ok(builder.trust_event_number(self.trust_event_number.unwrap_or(true)))
    }

    fn acknowledgement(
        &self,
        mut builder: SplunkSinkBuilder,
    ) -> Result<SplunkSinkBuilder, OpenError> {
        let acknowledge = self.acknowledge.unwrap_or(false);
        let set = [
            ("ack_poll_s", self.ack_poll_s.is_some()),
            ("ack_timeout_s", self.ack_timeout_s.is_some()),
        ];
        if let Some((name, _)) = set.into_iter().find(|(_, is_set)| *is_set && !acknowledge) {
            let message = "it would do nothing here: it belongs to `acknowledge = true`";
            return Err(OpenError::at_key(name, message));
        }
        if let Some(poll) = self.ack_poll_s {
            builder = builder.ack_poll(poll.0);
        }
        if let Some(timeout) = self.ack_timeout_s {
            builder = builder.ack_timeout(timeout.0);
        }
        Ok(builder.acknowledge(acknowledge))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::environment::Environment;

    use super::*;

    /// The settings of a sink with these keys.
    fn settings(toml: &str) -> String {
        let toml = format!("url = \"http://h\"\n{toml}");
        let keys: SplunkKeys = toml::from_str(&toml).expect("they are right");
        let environment = Environment::default();
        let context = OpenContext::new(Path::new("/base"), &environment, None);
        format!("{:?}", keys.builder(&context).expect("they are right"))
    }

    #[test]
    fn every_key_changes_a_setting() {
        let default = settings("");
        for (toml, setting) in [
            ("token_env = \"T\"", "token: Env(\"T\")"),
            ("token_file = \"t\"", "token: File(\"/base/t\")"),
            ("headers = { a = \"b\" }", "headers: [(\"a\", [redacted])]"),
            ("timeout_ms = 7", "timeout: 7ms"),
            ("compression = \"gzip\"", "compression: Gzip"),
            ("ca_file = \"ca\"", "ca_file: Some(\"/base/ca\")"),
            ("danger_accept_invalid_certificates = true", "verify: Nothing"),
            ("index = \"i\"", "index: Some(\"i\")"),
            ("source = \"s\"", "source: Some(\"s\")"),
            ("sourcetype = \"st\"", "sourcetype: \"st\""),
            ("host = \"h\"", "host: Some(\"h\")"),
            ("acknowledge = true", "acknowledgement: Indexer"),
            ("acknowledge = true\nack_poll_s = 7", "ack_poll: 7s"),
            ("acknowledge = true\nack_timeout_s = 7", "ack_timeout: 7s"),
            ("trust_event_number = false", "event_number: Ignored"),
        ] {
            let set = settings(toml);
            assert!(!default.contains(setting), "{setting} is the default: {default}");
            assert!(set.contains(setting), "{toml} makes {setting}: {set}");
        }
        assert_eq!(settings("trust_event_number = true\nacknowledge = false"), default);
    }
}
