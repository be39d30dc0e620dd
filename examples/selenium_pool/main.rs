//! A pool of child processes that fetch pages and are reported to Splunk, as Selenium pools do:
//!
//! `cargo run --example selenium_pool -- --settings settings.toml http://192.0.2.7/`
//!
//! Read on in `events`, `pool`, `worker` (the child) and `site` (pages on loopback). Exit code:
//! 0 when every event arrived, whatever the pages are like; 1 when not; 2 for usage and settings.

mod events;
mod pool;
mod site;
mod worker;

use std::error::Error;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tidings::config::Config;
use tidings::{Processing, Verdict};

/// Fetches pages with a pool of child processes, and tells Splunk.
#[derive(Parser)]
struct Options {
    /// Whom to tell
    #[arg(long, value_name = "FILE", default_value = "examples/selenium_pool/settings.toml")]
    settings: PathBuf,
    /// How many children work at a time
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..))]
    children: u8,
    /// How long a page may take
    #[arg(long, default_value_t = 10_000)]
    timeout_ms: u64,
    /// A folder for pages that are too large for an event
    #[arg(long, value_name = "FOLDER", default_value = "screenshots")]
    screenshots: PathBuf,
    /// The pages [default: three of our own, of which one is missing and one slow]
    urls: Vec<String>,
    #[arg(long, hide = true)]
    child: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let work = if options.child { worker::work(&options) } else { run(&options) };
    work.unwrap_or_else(|fault| {
        say(&fault.to_string());
        ExitCode::from(2)
    })
}

/// Tells a person; one who does not listen is no reason to fail.
fn say(text: &str) {
    writeln!(io::stderr(), "selenium_pool: {text}").ok();
}

/// Does all jobs; it is a success when all was told.
fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let config = Config::load(&options.settings)?;
    let bus = config.bus_builder().processor(add_known_type).build();
    let started = config.start_on(bus)?;
    started.warnings().iter().for_each(|warning| say(warning));
    let (_site, ours) = site::serve()?;
    let urls = if options.urls.is_empty() { ours.to_vec() } else { options.urls.clone() };
    // Who says it, on every event. The id, `user@host`, is the same in each run of a client.
    let bus = started.bus();
    let emitter = bus.emitter("pool", bus.node()).with("id", bus.node()).with("Run", bus.run());
    pool::run(&emitter.with("func", "title"), urls, options.children);
    let report = started.close().unwrap_or_else(|strict| strict.report().clone());
    started.shortfalls(&report).iter().for_each(|shortfall| say(shortfall));
    Ok(ExitCode::from(u8::from(!report.complete)))
}

/// `selenium.job.start` was `JOB START`, and searches go on looking for that.
fn add_known_type(event: &mut Processing<'_>) -> Verdict {
    if let Some(name) = event.event_type().as_str().strip_prefix("selenium.") {
        event.set_attribute("type", name.replace('.', " ").to_uppercase());
    }
    Verdict::Keep
}
