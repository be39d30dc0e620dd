//! The machine that a report was made on, without a name of it.

use std::fmt;
use std::fs;
use std::process::Command;
use std::thread;

/// What is worth knowing about the machine.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Machine {
    /// The model of the processor.
    pub cpu: String,
    /// How many cores there are.
    pub cores: usize,
    /// System and architecture.
    pub os: String,
    /// The compiler.
    pub rustc: String,
}

impl Machine {
    /// The machine this runs on; `unknown` where it does not say.
    pub fn here() -> Self {
        let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let name = after(&release, "PRETTY_NAME", '=').trim_matches('"').to_owned();
        let kind = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
        let rustc = Command::new("rustc").arg("--version").output();
        let version = rustc.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        Self {
            cpu: after(&cpus, "model name", ':').to_owned(),
            cores: thread::available_parallelism().map_or(0, usize::from),
            os: format!("{kind}, {name}"),
            rustc: version.map_or_else(|_| UNKNOWN.to_owned(), |text| text.trim().to_owned()),
        }
    }
}

const UNKNOWN: &str = "unknown";

/// What stands behind a key on its line.
fn after<'a>(text: &'a str, key: &str, mark: char) -> &'a str {
    let line = text.lines().find(|line| line.starts_with(key));
    line.and_then(|line| line.split_once(mark)).map_or(UNKNOWN, |(_, value)| value.trim())
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} cores; {}; {}", self.cpu, self.cores, self.os, self.rustc)
    }
}
