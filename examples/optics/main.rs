//! A UI-driver framework whose actions are tracked, as Optics does it, on a tiny application.
//!
//! `cargo run --example optics` tells a server of its own; `-- --help` says how to tell yours.
//! Here are its tests; read on in `sdk` (driving, capturing) and `settings` (sending).

mod sdk;
mod settings;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::json;
use tidings::{Attributes, Bus, Scope, Verdict};
use tidings_fault_server::{FaultServer, JsonArray};

use crate::sdk::{Driver, EventSdk, Outcome};

/// A UI-driver framework whose actions are tracked, as Optics does it.
///
/// Exit code: 0 tests passed and every event arrived, 1 not so, 2 usage or configuration.
#[derive(Parser)]
struct Options {
    /// Attributes files: the first says what is tested, and the server of each is told [our own]
    files: Vec<PathBuf>,
    /// Tell this server, not that of the first file; without one, `optics-spool` is its spool
    #[arg(long)]
    url: Option<String>,
    /// Give every event this attribute `device`
    #[arg(long)]
    device: Option<String>,
    /// Drop events of this type, such as `optics.enter_text`
    #[arg(long)]
    drop: Option<String>,
}

type Test = fn(&mut Driver<'_>) -> Outcome;

const TESTS: [(&str, Test); 3] =
    [("test_login", test_login), ("test_offers", test_offers), ("test_refusal", test_refusal)];

fn test_login(driver: &mut Driver<'_>) -> Outcome {
    driver.sdk.capture_event("button_clicked", json!({ "button_id": "submit", "screen": "login" }));
    driver.sdk.capture_event("next", json!({ "n": 2 }));
    sign_in(driver, "open sesame")
}

fn test_offers(driver: &mut Driver<'_>) -> Outcome {
    sign_in(driver, "open sesame")?;
    driver.press_element("offers", "offers_opened")?;
    // A new thread has no context: it is handed that of the test.
    let (context, sdk) = (Scope::capture(), driver.sdk);
    let load = move || {
        let _same = context.enter();
        sdk.capture_event("offers_loaded", json!({ "offers": 3 }));
    };
    std::thread::scope(|threads| threads.spawn(load).join()).map_err(|_| "loading panicked")?;
    driver.press_element("back", "press_element")
}

fn test_refusal(driver: &mut Driver<'_>) -> Outcome {
    sign_in(driver, "guess").err().map(drop).ok_or_else(|| "any password will do".into())
}

fn sign_in(driver: &mut Driver<'_>, password: &str) -> Outcome {
    driver.enter_text("user", "asha")?;
    driver.enter_text("password", password)?;
    driver.press_element("submit", "login_submitted")
}

fn main() -> ExitCode {
    run(Options::parse()).unwrap_or_else(|fault| {
        writeln!(io::stderr(), "optics: {fault}").ok();
        ExitCode::from(2)
    })
}

fn run(Options { mut files, mut url, device, drop }: Options) -> Outcome<ExitCode> {
    let (receiver, mut spool) = (JsonArray::new().path("/v1/event/batchevent"), None);
    let ours = FaultServer::start(receiver.token(include_str!("token.txt").trim()))?;
    if files.is_empty() {
        files.push(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/optics/attributes.json").into());
        spool = url.as_ref().map(|_| std::env::current_dir()).transpose()?;
        url.get_or_insert_with(|| ours.url());
    }
    let read = files.iter().map(|path| settings::read(path, url.take(), spool.take()));
    let (about, places): (Vec<_>, Vec<_>) = read.collect::<Outcome<Vec<_>>>()?.into_iter().unzip();
    // Custom processing, before anybody gets an event.
    let bus = Bus::builder().attributes(&about[0]).processor(move |event| {
        if let Some(device) = &device {
            event.set_attribute("device", device.as_str());
        }
        let is_dropped = drop.as_deref() == Some(event.event_type().as_str());
        if is_dropped { Verdict::Drop } else { Verdict::Keep }
    });
    let sdk = EventSdk::open(bus.build(), places)?;

    let (mut told, mut failed, start) = (Vec::new(), false, Instant::now());
    for (name, test) in TESTS {
        // Everything this thread captures has this attribute until the guard is dropped.
        let _context = Scope::new(Attributes::new().with("testCaseName", name)).enter();
        let outcome = test(&mut Driver { sdk: &sdk, screen: "Login", typed: String::new() });
        failed |= outcome.is_err();
        let outcome = outcome.map_or_else(|why| format!("failed: {why}"), |()| "passed".into());
        writeln!(told, "{name}: {outcome}")?;
    }
    writeln!(told, "{} tests in {} ms", TESTS.len(), start.elapsed().as_millis())?;
    // Outside of a test there is no name of one.
    sdk.capture_event("action_completed", json!({ "action": "press_element" }));
    let report = sdk.bus.close(Duration::from_secs(5))?;
    writeln!(told, "report: {report}")?;
    io::stdout().write_all(&told)?;
    let shortfalls = sdk.places.iter().flat_map(|place| place.shortfalls(&report));
    for shortfall in shortfalls.collect::<std::collections::BTreeSet<_>>() {
        writeln!(io::stderr(), "optics: {shortfall}")?;
    }
    Ok(ExitCode::from(u8::from(failed || !report.complete)))
}
