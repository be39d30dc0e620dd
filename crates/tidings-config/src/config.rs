//! A configuration that was read and found in order.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tidings_registry::{Bus, BusBuilder};

use crate::decode::read_table;
use crate::environment::Environment;
use crate::error::ConfigError;
use crate::keys::{QueueLimits, TopKeys};
use crate::observer::{Planned, World, check_together, refuse_secrets};
use crate::source::{Fault, Source, Span, Table, Value};
use crate::started::Started;
use crate::starting::{StartedViews, Starting};

/// What the text is called in errors when it comes from no file.
const UNNAMED: &str = "configuration";

const NO_OBSERVER: &str = "no observer is enabled, so events go nowhere: add an `[[observer]]`, \
     or enable one";

/// A configuration that was read and found in order; see the [crate](crate) for its keys.
///
/// Tokens and certificates were looked at by then; files and folders are made and servers
/// asked when it is [started](Self::start).
#[derive(Debug)]
pub struct Config {
    source: Source,
    top: TopKeys,
    observers: Vec<Planned>,
    warnings: Vec<String>,
}

/// Reads configurations; see [`Config::reader`].
#[derive(Debug, Default)]
pub struct ConfigReader {
    environment: Environment,
}

impl ConfigReader {
    /// Looks variables up by `lookup` instead of in the environment of the process: those
    /// that `token_env` names, and those of proxies.
    #[must_use]
    pub fn environment(
        mut self,
        lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.environment = Environment::new(lookup);
        self
    }

    /// As [`Config::load`].
    ///
    /// # Errors
    ///
    /// As [`Config::load`].
    pub fn load(self, path: impl AsRef<Path>) -> Result<Config, ConfigError> {
        let path = path.as_ref();
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        self.read(Source::open(path)?, folder)
    }

    /// As [`Config::from_toml`].
    ///
    /// # Errors
    ///
    /// As [`Config::from_toml`].
    pub fn toml(self, text: &str, base_folder: impl Into<PathBuf>) -> Result<Config, ConfigError> {
        self.read(Source::toml(UNNAMED.to_owned(), text)?, base_folder.into())
    }

    /// As [`Config::from_json`].
    ///
    /// # Errors
    ///
    /// As [`Config::from_json`].
    pub fn json(self, text: &str, base_folder: impl Into<PathBuf>) -> Result<Config, ConfigError> {
        self.read(Source::json(UNNAMED.to_owned(), text)?, base_folder.into())
    }

    fn read(
        self,
        (source, mut table): (Source, Table),
        base_folder: PathBuf,
    ) -> Result<Config, ConfigError> {
        refuse_secrets(&mut table, &source);
        let top: Option<TopKeys> = read_table(&table, &(0..0), &source);
        let world = World { base_folder, environment: self.environment };
        let mut planned = Vec::new();
        for (table, span) in observer_tables(&table, &source) {
            planned.extend(Planned::read(table, span, &world, &source));
        }
        check_together(&mut planned, &source);
        match top {
            Some(top) if !source.has_faults() => {
                let mut warnings: Vec<String> =
                    planned.iter().filter_map(Planned::warning).collect();
                planned.retain(Planned::is_active);
                if planned.is_empty() {
                    warnings.push(NO_OBSERVER.to_owned());
                }
                Ok(Config { source, top, observers: planned, warnings })
            }
            _ => Err(source.error()),
        }
    }
}

impl Config {
    /// Reads a file: TOML if its name ends with `.toml`, JSON if with `.json`. Relative paths
    /// in it are seen from the folder it is in.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] when it cannot be read, and with every fault that was found in it.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        Self::reader().load(path)
    }

    /// Reads TOML; relative paths in it are seen from `base_folder`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every fault that was found.
    pub fn from_toml(text: &str, base_folder: impl Into<PathBuf>) -> Result<Self, ConfigError> {
        Self::reader().toml(text, base_folder)
    }

    /// Reads JSON, which has the same keys as TOML, with a list at `observer`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with every fault that was found.
    pub fn from_json(text: &str, base_folder: impl Into<PathBuf>) -> Result<Self, ConfigError> {
        Self::reader().json(text, base_folder)
    }

    /// Reads with another environment than that of the process.
    pub fn reader() -> ConfigReader {
        ConfigReader::default()
    }

    /// The settings of the bus, to which a program may add: processors, an id, a clock. Hand
    /// the bus to [`start_on`](Self::start_on).
    pub fn bus_builder(&self) -> BusBuilder {
        self.top.bus_builder()
    }

    /// How long a close may take: `close_timeout_s`, or
    /// [`CLOSE_TIMEOUT_DEFAULT`](crate::CLOSE_TIMEOUT_DEFAULT).
    pub fn close_timeout(&self) -> Duration {
        self.top.close_timeout()
    }

    /// What the least of all queues holds, deliveries and observers that are `queued`; none
    /// when no observer has a queue. The least number of events and of bytes need not be of
    /// one queue.
    ///
    /// ```
    /// use tidings_config::{Config, QueueLimits};
    /// use tidings_delivery::QUEUE_BYTES_DEFAULT;
    ///
    /// let http = "[[observer]]\nkind = \"http\"\nurl = \"http://h\"\nqueue = { events = 500 }\n";
    /// let limits = Config::from_toml(http, ".")?.least_queue();
    /// assert_eq!(limits, Some(QueueLimits { events: 500, bytes: QUEUE_BYTES_DEFAULT }));
    /// # Ok::<(), tidings_config::ConfigError>(())
    /// ```
    pub fn least_queue(&self) -> Option<QueueLimits> {
        self.observers.iter().filter_map(Planned::queue).reduce(QueueLimits::least)
    }

    /// What a person should know though nothing is wrong: observers that a blank `url`
    /// disables, a live page that other machines can read, and that no observer is enabled.
    /// Show them once.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Makes the bus and registers every observer on it.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] at the key that names what cannot be opened: a file, a spool that
    /// another process has.
    pub fn start(self) -> Result<Started, ConfigError> {
        let bus = self.bus_builder().build();
        self.start_on(bus)
    }

    /// Registers every observer on a bus that was made before.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); no observer is left on the bus then.
    pub fn start_on(self, bus: Bus) -> Result<Started, ConfigError> {
        let (mut starting, observers) = self.starting(bus);
        observers.into_iter().try_for_each(|planned| starting.start(planned))?;
        Ok(starting.finish())
    }

    /// Registers the views, and leaves the others for
    /// [later](StartedViews::start_others): for whoever was restarted and has a past to show.
    ///
    /// A view shows what it was given since it was made, and nothing else: `console`, `junit`,
    /// `live`, and observers of other crates that are not
    /// [lasting](crate::Opened::lasting). Whoever replays the past between the two calls
    /// has views that know all of it, and sinks and journals that do not get it once more.
    ///
    /// ```
    /// use tidings_config::Config;
    ///
    /// # let folder = tempfile::tempdir()?;
    /// let toml = r#"
    ///     [[observer]]
    ///     kind = "journal"
    ///     path = "run.jsonl"
    ///     [[observer]]
    ///     kind = "junit"
    ///     path = "junit.xml"
    /// "#;
    /// let config = Config::from_toml(toml, folder.path())?;
    /// let bus = config.bus_builder().build();
    /// let views = config.start_views_on(bus)?;
    /// let case = views.bus().raw_emitter("case", "t1");
    /// case.emit("test.case.finished", serde_json::json!({ "status": "success" }))?;
    /// let started = views.start_others()?;
    /// let report = started.close()?;
    /// assert_eq!(report.observer("junit").unwrap().counts.delivered, 1);
    /// assert_eq!(report.observer("journal").unwrap().counts.delivered, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start); no observer is left on the bus then.
    pub fn start_views_on(self, bus: Bus) -> Result<StartedViews, ConfigError> {
        let (mut starting, observers) = self.starting(bus);
        let (views, others): (Vec<_>, Vec<_>) = observers.into_iter().partition(Planned::is_view);
        views.into_iter().try_for_each(|planned| starting.start(planned))?;
        Ok(StartedViews::new(starting, others))
    }

    fn starting(self, bus: Bus) -> (Starting, Vec<Planned>) {
        let close_timeout = self.close_timeout();
        let Self { source, observers, warnings, .. } = self;
        let stores = observers.iter().map(Planned::store).collect();
        (Starting::new(bus, source, (warnings, stores, close_timeout)), observers)
    }
}

/// The tables below `observer`.
fn observer_tables<'t>(table: &'t Table, source: &Source) -> Vec<(&'t Table, Span)> {
    let Some(entry) = table.get("observer") else { return Vec::new() };
    let wrong = |span| {
        Fault::new(span, "`observer` is a list of tables")
            .advise("write `[[observer]]` in TOML, `\"observer\": [{ … }]` in JSON")
    };
    let Value::List(nodes) = &entry.node.value else {
        source.report(wrong(entry.key_span.clone()));
        return Vec::new();
    };
    let mut tables = Vec::new();
    for node in nodes {
        match &node.value {
            Value::Table(table) => tables.push((table, node.span.clone())),
            _ => source.report(wrong(node.span.clone())),
        }
    }
    tables
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    const TOML: &str = r#"
        run = "r"
        node = "n"
        attributes = { a = 1, b = [1.5, true, "x"], c = { d = "e" } }
        dedup = { capacity = 7, window_s = 8 }
        history = 3
        close_timeout_s = 4
        strict = true
        [[observer]]
        kind = "splunk"
        url = "https://h:8088/x"
        token_env = "T"
        interest = ["a", "!b"]
        redact = ["data.x"]
        dedup = {}
        queue = { events = 5, overflow = "spool" }
        spool = "s"
        [[observer]]
        kind = "console"
        name = "c"
        deliver = "synchronous"
        wait_max_ms = 5
        [[observer]]
        kind = "http"
        url = ""
    "#;
    const JSON: &str = r#"{
        "run": "r", "node": "n",
        "attributes": {"a": 1, "b": [1.5, true, "x"], "c": {"d": "e"}},
        "dedup": {"capacity": 7, "window_s": 8},
        "history": 3, "close_timeout_s": 4, "strict": true,
        "observer": [
            {"kind": "splunk", "url": "https://h:8088/x", "token_env": "T",
             "interest": ["a", "!b"], "redact": ["data.x"], "dedup": {},
             "queue": {"events": 5, "overflow": "spool"}, "spool": "s"},
            {"kind": "console", "name": "c", "deliver": "synchronous", "wait_max_ms": 5},
            {"kind": "http", "url": ""}
        ]
    }"#;

    fn reader() -> ConfigReader {
        Config::reader().environment(|_| Some("token".to_owned()))
    }

    #[test]
    fn json_says_the_same_as_toml() {
        let toml = reader().toml(TOML, "base").expect("it is right");
        let json = reader().json(JSON, "base").expect("it is right");
        let shown = |config: &Config| {
            let observers = config.observers.iter().map(Planned::settings);
            let observers: Vec<String> = observers.collect();
            format!("{:#?}\n{observers:#?}\n{:?}", config.top, config.warnings)
        };
        assert_eq!(shown(&toml), shown(&json));
        assert_eq!(toml.observers.len(), 2);
    }

    #[test]
    fn the_least_queue_is_that_of_every_observer_that_has_one() {
        const SINK: &str = "[[observer]]\nkind = \"http\"\nurl = \"http://h\"\n";
        const CONSOLE: &str = "[[observer]]\nkind = \"console\"\n";
        let least = |observers: &[(&str, &str)]| {
            let toml = observers.iter().flat_map(|(kind, keys)| [*kind, *keys, "\n"]);
            let toml: String = toml.collect();
            let limits = reader().toml(&toml, "").expect("it is right").least_queue();
            limits.map(|limits| (limits.events, limits.bytes))
        };
        let bytes = 64 * 1024 * 1024;
        assert_eq!(least(&[]), None);
        assert_eq!(least(&[(CONSOLE, ""), (CONSOLE, "deliver = \"synchronous\"")]), None);
        assert_eq!(least(&[(CONSOLE, "deliver = \"queued\"")]), Some((10_000, bytes)));
        assert_eq!(least(&[(SINK, "")]), Some((10_000, bytes)));
        let large = (SINK, "queue = { events = 100000, bytes = 100000000 }");
        assert_eq!(least(&[large]), Some((100_000, 100_000_000)));
        assert_eq!(least(&[large, (SINK, "")]), Some((10_000, bytes)));
        let few = (SINK, "queue = { events = 500 }");
        let small = (SINK, "queue = { events = 700, bytes = 9 }");
        assert_eq!(least(&[large, few, small]), Some((500, 9)));
        let disabled = (SINK, "queue = { events = 1 }\nenabled = false");
        assert_eq!(least(&[few, disabled]), Some((500, bytes)));
    }

    #[test]
    fn null_in_json_is_as_good_as_nothing() {
        let json = r#"{"node": null, "observer": [{"kind": "console", "mode": null},
            {"kind": "http", "url": "http://h", "send": "on_flush", "interval_ms": null,
             "token_file": null, "spool": null, "spool_full": null, "batch": {"events": null}}]}"#;
        reader().json(json, "").expect("it is right");
        let twice = reader().json(r#"{"run": null, "run": "a"}"#, "").expect_err("it is wrong");
        assert_eq!(twice.faults()[0].message(), "`run` is there twice");
    }

    #[test]
    fn every_common_key_changes_a_setting() {
        let settings = |keys: &str| {
            let toml = format!("[[observer]]\nkind = \"console\"\n{keys}");
            let config = reader().toml(&toml, "").expect("it is right");
            config.observers.first().map_or_else(String::new, Planned::settings)
        };
        let default = settings("");
        for (keys, setting) in [
            ("name = \"a\"", "\"a\""),
            ("enabled = false", ""),
            ("interest = [\"a\"]", "interest: Some"),
            ("dedup = { capacity = 7 }", "capacity: 7, window: 60s"),
            ("dedup = { window_s = 7 }", "capacity: 65536, window: 7s"),
            ("redact = [\"data.a\"]", "Key(\"a\")"),
            ("deliver = \"queued\"", "Queued"),
            ("deliver = \"synchronous\"", "wait_max: 1s"),
            ("deliver = \"synchronous\"\nwait_max_ms = 7", "wait_max: 7ms"),
        ] {
            let set = settings(keys);
            assert_ne!(set, default, "{keys}");
            assert!(set.contains(setting), "{keys} makes {setting}: {set}");
        }
        assert_eq!(settings("enabled = true\ndeliver = \"inline\""), default);
    }

    #[test]
    fn sinks_of_one_endpoint_share_a_gate_and_others_do_not() {
        let observer = |port, name| {
            format!(
                "[[observer]]\nkind = \"http\"\nname = \"{name}\"\nurl = \"http://H:{port}/{name}\"\n"
            )
        };
        let toml = [observer(80, "a"), observer(80, "b"), observer(81, "c")].concat();
        let config = reader().toml(&toml, "").expect("it is right");
        let bus = Bus::new();
        let mut gates = HashMap::new();
        for planned in config.observers {
            planned.start(&bus, &mut gates).expect("nothing to open").detach();
        }
        let mut endpoints: Vec<&str> = gates.keys().map(String::as_str).collect();
        endpoints.sort_unstable();
        assert_eq!(endpoints, ["http://h:80", "http://h:81"]);
    }
}
