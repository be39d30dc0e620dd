//! Configurations: any text is read or refused, and a refusal is safe to print.

use tidings_config::{Config, ConfigError};

/// A secret that variables hold; no error may show it.
const SECRET: &str = "hunter2-hunter2";

pub(crate) const WORDS: &[&str] = &[
    "[[observer]]\n",
    "kind = \"splunk\"\n",
    "kind = \"http\"\n",
    "kind = \"console\"\n",
    "kind = \"journal\"\n",
    "kind = \"junit\"\n",
    "kind = \"live\"\n",
    "url = \"https://host:8088\"\n",
    "url = \"\"\n",
    "token_env = \"TOKEN\"\n",
    "token = \"x\"\n",
    "token_file = \"/nowhere\"\n",
    "interest = [\"a\", \"!b.*\"]\n",
    "spool = \"s\"\n",
    "dead_letter = \"d\"\n",
    "batch = { events = 1, bytes = 2, linger_ms = 3 }\n",
    "queue = { events = 1, overflow = \"spool\" }\n",
    "retry = { first_ms = 1, cap_ms = 0 }\n",
    "redact = [\"data.a\"]\n",
    "close_timeout_s = ",
    "attributes = { a = 1 }\n",
    "dedup = { capacity = 1, window_s = 1 }\n",
    "18446744073709551615",
    "9223372036854775807",
    "-1",
    "nan",
    "inf",
    "1e308",
    "1979-05-27T07:32:00Z",
    "\u{1b}[2J",
    "\u{202e}",
    "\u{feff}",
    "\"\"\"",
    "'''",
    "\\u0000",
    "{\"observer\":[{\"kind\":\"splunk\",\"url\":\"http://h\"}]}",
    "\"kind\":\"http\"",
    "headers = { Authorization = \"x\" }\n",
    "http://user:pw@host/",
    "[a.b.c]\n",
    "\t",
    "\r\n",
    "é",
];

pub(crate) fn toml(data: &[u8]) {
    read(data, |text| reader().toml(text, "/nowhere"));
}

pub(crate) fn json(data: &[u8]) {
    read(data, |text| reader().json(text, "/nowhere"));
}

fn reader() -> tidings_config::ConfigReader {
    Config::reader().environment(|name| (name == "TOKEN").then(|| SECRET.to_owned()))
}

fn read(data: &[u8], parse: impl Fn(&str) -> Result<Config, ConfigError>) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match parse(text) {
        // It is not started: that would make files and ask servers.
        Ok(config) => check_shown(&format!("{config:?} {:?}", config.warnings()), text),
        Err(error) => {
            assert!(!error.faults().is_empty(), "refused without a reason");
            for fault in error.faults() {
                let line = text.split('\n').nth(fault.line() - 1);
                let line = line.unwrap_or_else(|| panic!("no line {} in {text:?}", fault.line()));
                assert!(fault.column() <= line.chars().count() + 1, "{fault}");
            }
            let shown = error.to_string();
            check_shown(&shown, text);
            assert_eq!(parse(text).expect_err("refused before").to_string(), shown);
        }
    }
}

fn check_shown(shown: &str, text: &str) {
    assert!(!shown.contains(SECRET) || text.contains(SECRET), "{shown}");
    let raw = shown.chars().find(|&c| c != '\n' && super::console::is_dangerous(c));
    assert_eq!(raw, None, "{shown:?}");
}
