//! What a target is, and all of them.

use super::{
    canonical, config, console, escaping, import, journal, names, page, prefix, redaction, replies,
    spool,
};

/// One thing that takes bytes from strangers.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// What it is called, and its folder in the corpus.
    pub name: &'static str,
    /// Takes any bytes, and panics if a promise is broken.
    pub run: fn(&[u8]),
    /// Words of its language, which mutations put in.
    pub words: &'static [&'static str],
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "canonical_json", run: canonical::run, words: JSON },
    Target { name: "config_json", run: config::json, words: config::WORDS },
    Target { name: "config_toml", run: config::toml, words: config::WORDS },
    Target { name: "console", run: console::run, words: HOSTILE },
    Target { name: "escaping", run: escaping::run, words: HOSTILE },
    Target { name: "hec_reply", run: replies::hec, words: replies::WORDS },
    Target { name: "http_reply", run: replies::http, words: replies::WORDS },
    Target { name: "import_common_test", run: import::common_test, words: import::TERMS },
    Target { name: "import_go_test", run: import::go_test, words: import::WORDS },
    Target { name: "import_libtest", run: import::libtest, words: import::WORDS },
    Target { name: "import_pytest", run: import::pytest, words: import::WORDS },
    Target { name: "journal", run: journal::read, words: journal::WORDS },
    Target { name: "journal_append", run: journal::append, words: journal::WORDS },
    Target { name: "names", run: names::run, words: names::WORDS },
    Target { name: "page", run: page::run, words: HOSTILE },
    Target { name: "prefix", run: prefix::run, words: prefix::WORDS },
    Target { name: "redaction", run: redaction::run, words: JSON },
    Target { name: "spool", run: spool::run, words: spool::WORDS },
];

/// The target of this name.
pub fn find(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Pieces of JSON, those that implementations differ about among them.
const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    ":",
    ",",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-0.0",
    "1e400",
    "1E-400",
    "9007199254740993",
    "18446744073709551616",
    "-9223372036854775809",
    "0.1",
    "1.0",
    "1e21",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\u0000\"",
    "\"\\u2028\"",
    "\"\\/\"",
    "\\u0041",
    "\"a\":",
    "\"\\u0061\":",
    "\u{feff}",
    "\u{7f}",
    "\u{10ffff}",
    "\u{e000}",
    "[[[[[[[[",
    "]]]]]]]]",
    "{\"a\":{\"a\":",
];

/// What a terminal, a browser or an XML reader would act on.
const HOSTILE: &[&str] = &[
    "\u{1b}[2J",
    "\u{1b}]0;t\u{7}",
    "\u{9b}31m",
    "\u{202e}",
    "\u{2066}",
    "\u{2028}",
    "\u{2029}",
    "\0",
    "\u{7f}",
    "\u{85}",
    "\r",
    "\n",
    "\t",
    "::error::",
    "##[error]",
    "</script><script>",
    "<!--",
    "-->",
    "]]>",
    "<![CDATA[",
    "&lt;",
    "&#0;",
    "'",
    "\"",
    "{{data}}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{feff}",
    "\u{200b}",
    "\u{1b}P",
    "\u{1b}\\",
    "\u{e0041}",
];
