//! The kind `nats`.
//!
//! Secrets and certificates are read when the configuration is loaded; nobody connects before
//! the bus is there.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tidings_delivery::Secret;
use tidings_nats::{
    NatsError, NatsServer, NatsSink, NatsSinkBuilder, StreamSettings, StreamStorage, WhenFull,
};

use super::{ObserverKind, OpenContext, OpenError, Opened};
use crate::keys::{Millis, Seconds};

#[derive(Debug, Deserialize)]
struct NatsKeys {
    url: String,
    root: Option<String>,
    stream: Option<StreamKeys>,
    user: Option<String>,
    password_env: Option<String>,
    password_file: Option<PathBuf>,
    token_env: Option<String>,
    token_file: Option<PathBuf>,
    credentials_file: Option<PathBuf>,
    ca_file: Option<PathBuf>,
    client_certificate_file: Option<PathBuf>,
    client_key_file: Option<PathBuf>,
    require_tls: Option<bool>,
    connect_timeout_ms: Option<Millis<1>>,
    window: Option<NonZeroUsize>,
    ack_timeout_s: Option<Seconds<1>>,
    heartbeat_s: Option<Seconds<1>>,
}

/// `stream = { name, create, … }`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StreamKeys {
    name: Option<String>,
    create: Option<bool>,
    max_age_s: Option<Seconds>,
    max_bytes: Option<NonZeroU64>,
    max_messages: Option<NonZeroU64>,
    replicas: Option<NonZeroUsize>,
    storage: Option<StorageKey>,
    when_full: Option<WhenFullKey>,
    duplicate_window_s: Option<Seconds<1>>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StorageKey {
    File,
    Memory,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WhenFullKey {
    Refuse,
    DiscardOldest,
}

#[typetag::deserialize(name = "nats")]
impl ObserverKind for NatsKeys {
    fn open(self: Box<Self>, context: &OpenContext<'_>) -> Result<Opened, OpenError> {
        if self.url.trim().is_empty() {
            return Ok(Opened::disabled("its `url` is blank"));
        }
        // What can be wrong is wrong now; the sink itself has to know its bus.
        let sink = self.builder(context)?.build().map_err(|reason| fault(&reason))?;
        let builder = self.builder(context)?;
        let name = tidings_delivery::Sink::name(&sink);
        Ok(Opened::sink_on(name, move |bus| {
            builder.node_of(bus).build().map_err(|reason| fault(&reason))
        }))
    }
}

impl NatsKeys {
    fn builder(&self, context: &OpenContext<'_>) -> Result<NatsSinkBuilder, OpenError> {
        let mut builder = NatsSink::builder(self.server(context)?);
        if let Some(root) = &self.root {
            builder = builder.root(root);
        }
        if let Some(stream) = &self.stream {
            builder = builder.stream(stream.settings());
        }
        if let Some(window) = self.window {
            builder = builder.window(window.get());
        }
        if let Some(timeout) = self.ack_timeout_s {
            builder = builder.ack_timeout(timeout.0);
        }
        if let Some(interval) = self.heartbeat_s {
            builder = builder.heartbeat(interval.0);
        }
        Ok(builder)
    }

    fn server(&self, context: &OpenContext<'_>) -> Result<NatsServer, OpenError> {
        let mut server = self.login(NatsServer::at(&self.url), context)?;
        if let Some(path) = &self.ca_file {
            server = server.ca_file(there("ca_file", path, context)?);
        }
        match (&self.client_certificate_file, &self.client_key_file) {
            (Some(certificate), Some(key)) => {
                let certificate = there("client_certificate_file", certificate, context)?;
                server =
                    server.client_certificate(certificate, there("client_key_file", key, context)?);
            }
            (Some(_), None) => {
                let message = "a certificate is of no use without its key: add `client_key_file`";
                return Err(OpenError::at_key("client_certificate_file", message));
            }
            (None, Some(_)) => {
                let message = "a key is of no use alone: add `client_certificate_file`";
                return Err(OpenError::at_key("client_key_file", message));
            }
            (None, None) => {}
        }
        if self.require_tls == Some(true) {
            server = server.require_tls();
        }
        if let Some(timeout) = self.connect_timeout_ms {
            server = server.connect_timeout(timeout.0);
        }
        Ok(server)
    }

    /// With the one way to log in that is named.
    fn login(
        &self,
        server: NatsServer,
        context: &OpenContext<'_>,
    ) -> Result<NatsServer, OpenError> {
        let password = secret(
            ("password_env", self.password_env.as_deref()),
            ("password_file", self.password_file.as_deref()),
            context,
        )?;
        let token = secret(
            ("token_env", self.token_env.as_deref()),
            ("token_file", self.token_file.as_deref()),
            context,
        )?;
        let file = &self.credentials_file;
        let ways = [self.user.is_some(), token.is_some(), file.is_some()];
        if ways.into_iter().filter(|is_named| *is_named).count() > 1 {
            return Err(OpenError::new(
                "there is more than one way to log in: leave one of `user` with its password, \
                 the token, and `credentials_file`",
            ));
        }
        match (&self.user, password) {
            (Some(user), Some(password)) => return Ok(server.user_password(user, password)),
            (Some(_), None) => {
                let message = "a user needs a password: add `password_env` or `password_file`";
                return Err(OpenError::at_key("user", message));
            }
            (None, Some(_)) => {
                let key =
                    if self.password_env.is_some() { "password_env" } else { "password_file" };
                return Err(OpenError::at_key(
                    key,
                    "whose password it is has to be said: add `user`",
                ));
            }
            (None, None) => {}
        }
        if let Some(path) = file {
            return Ok(server.credentials_file(there("credentials_file", path, context)?));
        }
        Ok(match token {
            Some(token) => server.token(token),
            None => server,
        })
    }
}

impl StreamKeys {
    fn settings(&self) -> StreamSettings {
        let mut settings = StreamSettings::default();
        if let Some(name) = &self.name {
            settings = settings.name(name);
        }
        if let Some(create) = self.create {
            settings = settings.create(create);
        }
        if let Some(age) = self.max_age_s {
            settings = settings.max_age(age.0);
        }
        if let Some(bytes) = self.max_bytes {
            settings = settings.max_bytes(bytes.get());
        }
        if let Some(messages) = self.max_messages {
            settings = settings.max_messages(messages.get());
        }
        if let Some(replicas) = self.replicas {
            settings = settings.replicas(replicas.get());
        }
        if let Some(storage) = self.storage {
            settings = settings.storage(match storage {
                StorageKey::File => StreamStorage::File,
                StorageKey::Memory => StreamStorage::Memory,
            });
        }
        if let Some(when_full) = self.when_full {
            settings = settings.when_full(match when_full {
                WhenFullKey::Refuse => WhenFull::Refuse,
                WhenFullKey::DiscardOldest => WhenFull::DiscardOldest,
            });
        }
        if let Some(window) = self.duplicate_window_s {
            settings = settings.duplicate_window(window.0);
        }
        settings
    }
}

/// A secret that is in a variable or in a file.
fn secret(
    (env_key, variable): (&'static str, Option<&str>),
    (file_key, file): (&'static str, Option<&Path>),
    context: &OpenContext<'_>,
) -> Result<Option<Secret>, OpenError> {
    let text = match (variable, file) {
        (Some(_), Some(_)) => {
            let message = format!("it is in two places: leave out `{env_key}` or `{file_key}`");
            return Err(OpenError::at_key(file_key, message));
        }
        (Some(name), None) if name.trim().is_empty() => {
            let message = format!("`{env_key}` is blank: name a variable");
            return Err(OpenError::at_key(env_key, message));
        }
        (Some(name), None) => {
            let value = context.variable(name).filter(|value| !value.trim().is_empty());
            value.ok_or_else(|| {
                let message = format!("variable `{name}` of the environment is not set or blank");
                OpenError::missing(env_key, message)
            })?
        }
        (None, Some(path)) => {
            let path = context.resolve(path);
            let cannot = |why: &dyn std::fmt::Display| {
                let message = format!("file `{}` cannot be read: {why}", path.display());
                OpenError::missing(file_key, message)
            };
            std::fs::read_to_string(&path).map_err(|fault| cannot(&fault.kind()))?
        }
        (None, None) => return Ok(None),
    };
    let secret = Secret::new(text);
    if secret.is_empty() {
        return Err(OpenError::missing(file_key, "the file is empty"));
    }
    Ok(Some(secret))
}

/// A file that has to be there, seen from anywhere.
fn there(key: &'static str, path: &Path, context: &OpenContext<'_>) -> Result<PathBuf, OpenError> {
    let path = context.resolve(path);
    match std::fs::File::open(&path) {
        Ok(_) => Ok(path),
        Err(fault) => {
            let message = format!("file `{}` cannot be read: {}", path.display(), fault.kind());
            Err(OpenError::missing(key, message))
        }
    }
}

/// At which key a setting is wrong.
fn fault(fault: &NatsError) -> OpenError {
    match fault.key() {
        Some(key) => OpenError::at_key(key, fault.to_string()),
        None => OpenError::new(fault.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use crate::environment::Environment;

    use super::*;

    /// The settings of a sink with these keys.
    fn settings(toml: &str) -> Result<String, OpenError> {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["f", "g"] {
            std::fs::write(folder.path().join(name), "from-a-file\n").expect("a file");
        }
        let toml = format!("url = \"nats://h\"\n{toml}");
        let keys: NatsKeys = toml::from_str(&toml).expect("they are right");
        let environment = Environment::new(|name| Some(format!("value-of-{name}")));
        let context = OpenContext::new(folder.path(), &environment, None);
        let shown = format!("{:?}", keys.builder(&context)?);
        assert!(!shown.contains("value-of-") && !shown.contains("from-a-file"), "{shown}");
        Ok(shown)
    }

    #[test]
    fn every_key_changes_a_setting() {
        let set = |toml: &str| settings(toml).expect("they are right");
        let default = set("");
        for (toml, setting) in [
            ("root = \"a.b\"", "root: \"a.b\""),
            ("user = \"u\"\npassword_env = \"P\"", "Password { user: \"u\""),
            ("user = \"u\"\npassword_file = \"f\"", "Password { user: \"u\""),
            ("token_env = \"T\"", "login: Token("),
            ("token_file = \"f\"", "login: Token("),
            ("credentials_file = \"f\"", "login: File("),
            ("ca_file = \"f\"", "ca_file: Some("),
            (
                "client_certificate_file = \"f\"\nclient_key_file = \"g\"",
                "client_certificate: Some((",
            ),
            ("require_tls = true", "tls: Required"),
            ("connect_timeout_ms = 7", "connect_timeout: 7ms"),
            ("window = 7", "window: 7"),
            ("ack_timeout_s = 7", "ack_timeout: 7s"),
            ("heartbeat_s = 7", "heartbeat: 7s"),
            ("stream = { name = \"s\" }", "name: Some(\"s\")"),
            ("stream = { create = false }", "create: false"),
            ("stream = { max_age_s = 7 }", "max_age: 7s"),
            ("stream = { max_bytes = 7 }", "max_bytes: 7,"),
            ("stream = { max_messages = 7 }", "max_messages: Some(7)"),
            ("stream = { replicas = 3 }", "replicas: 3"),
            ("stream = { storage = \"memory\" }", "storage: Memory"),
            ("stream = { when_full = \"discard_oldest\" }", "when_full: DiscardOldest"),
            ("stream = { duplicate_window_s = 7 }", "duplicate_window: 7s"),
        ] {
            let shown = set(toml);
            assert!(!default.contains(setting), "{setting} is the default: {default}");
            assert!(shown.contains(setting), "{toml} makes {setting}: {shown}");
        }
        let said = "require_tls = false\nstream = { create = true, storage = \"file\", \
                    when_full = \"refuse\" }";
        assert_eq!(set(said), default);
    }

    #[test]
    fn what_does_not_go_together_is_told_at_its_key() {
        for (toml, key, text) in [
            ("user = \"u\"", Some("user"), "a user needs a password"),
            ("password_env = \"P\"", Some("password_env"), "add `user`"),
            ("password_file = \"f\"", Some("password_file"), "add `user`"),
            ("token_env = \"T\"\ntoken_file = \"f\"", Some("token_file"), "in two places"),
            ("token_env = \" \"", Some("token_env"), "name a variable"),
            ("token_file = \"no\"", Some("token_file"), "cannot be read"),
            ("token_env = \"T\"\ncredentials_file = \"f\"", None, "more than one way to log in"),
            ("credentials_file = \"no\"", Some("credentials_file"), "cannot be read"),
            ("ca_file = \"no\"", Some("ca_file"), "cannot be read"),
            ("client_key_file = \"f\"", Some("client_key_file"), "`client_certificate_file`"),
            (
                "client_certificate_file = \"f\"",
                Some("client_certificate_file"),
                "`client_key_file`",
            ),
        ] {
            let fault = settings(toml).expect_err("it is wrong");
            assert_eq!(fault.key(), key, "{toml}");
            assert!(fault.to_string().contains(text), "{toml}: {fault}");
        }
    }
}
