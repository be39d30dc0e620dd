//! The kind `http`.

use tidings_core::Attributes;
use tidings_http::{Encoding, HttpSink, HttpSinkBuilder, Optics};

use super::client::{apply_client_keys, client_keys, fault};
use super::{ObserverKind, OpenContext, OpenError, Opened};

client_keys! {
    struct HttpKeys {
        encoding: Option<EncodingKey>,
        utc_offset: Option<String>,
        static_attributes: Option<Attributes>,
        event_attributes: Option<Vec<String>>,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum EncodingKey {
    CloudEvents,
    Json,
    Optics,
}

#[typetag::deserialize(name = "http")]
impl ObserverKind for HttpKeys {
    fn open(self: Box<Self>, context: &OpenContext<'_>) -> Result<Opened, OpenError> {
        if self.url.trim().is_empty() {
            return Ok(Opened::disabled("its `url` is blank"));
        }
        let sink = self.builder(context)?.build().map_err(|reason| fault(&reason))?;
        Ok(Opened::sink_at(sink.origin().to_owned(), sink))
    }
}

impl HttpKeys {
    fn builder(&self, context: &OpenContext<'_>) -> Result<HttpSinkBuilder, OpenError> {
        let builder = apply_client_keys!(self, HttpSink::builder(&self.url), context);
        Ok(builder.encoding(self.encoding()?))
    }

    fn encoding(&self) -> Result<Encoding, OpenError> {
        let key = self.encoding.unwrap_or(EncodingKey::CloudEvents);
        if key == EncodingKey::Optics {
            return self.optics().map(Encoding::Optics);
        }
        let set = [
            ("utc_offset", self.utc_offset.is_some()),
            ("static_attributes", self.static_attributes.is_some()),
            ("event_attributes", self.event_attributes.is_some()),
        ];
        if let Some((name, _)) = set.into_iter().find(|(_, is_set)| *is_set) {
            let message = "it would do nothing here: it belongs to `encoding = \"optics\"`";
            return Err(OpenError::at_key(name, message));
        }
        Ok(if key == EncodingKey::Json { Encoding::Json } else { Encoding::CloudEvents })
    }

    fn optics(&self) -> Result<Optics, OpenError> {
        let mut optics = Optics::new();
        if let Some(offset) = &self.utc_offset {
            let offset = offset.parse().map_err(|reason: tidings_http::InvalidUtcOffset| {
                OpenError::at_key("utc_offset", reason.to_string())
            })?;
            optics = optics.utc_offset(offset);
        }
        if let Some(attributes) = &self.static_attributes {
            optics = optics.static_attributes(attributes.clone());
        }
        if let Some(names) = &self.event_attributes {
            optics = optics.event_attributes(names);
        }
        Ok(optics)
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
        let keys: HttpKeys = toml::from_str(&toml).expect("they are right");
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
            ("encoding = \"json\"", "encoding: Json"),
            ("encoding = \"optics\"", "encoding: Optics"),
            ("encoding = \"optics\"\nutc_offset = \"-08:00\"", "minutes: -480"),
            ("encoding = \"optics\"\nstatic_attributes = { a = 7 }", "\"a\": Number(7)"),
            ("encoding = \"optics\"\nevent_attributes = [\"a\"]", "event_attributes: [\"a\"]"),
        ] {
            let set = settings(toml);
            assert!(!default.contains(setting), "{setting} is the default: {default}");
            assert!(set.contains(setting), "{toml} makes {setting}: {set}");
        }
        assert_eq!(settings("encoding = \"cloudevents\"\ncompression = \"none\""), default);
    }
}
