//! The attributes file: read once, checked before anything runs, and made a configuration.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::json;
use tidings::Attributes;
use tidings::config::{Config, read_file};

use crate::sdk::Outcome;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttributesFile {
    event_url: String,
    bearer_file: Option<PathBuf>,
    bearer_env: Option<String>,
    application_name: String,
    app_version: String,
    /// Keeps what the server does not take; to have none, one has to say so, by `null`.
    #[serde(deserialize_with = "Option::deserialize")]
    spool: Option<PathBuf>,
    /// From one sending to the next; without it, all is sent after the run, 5 events a post.
    interval_ms: Option<u64>,
    #[serde(flatten)]
    further: Attributes,
}

pub(crate) type Told = (Attributes, Config);

/// What the file says of the application, and whom to tell; a `url` or `room` goes before its own.
pub(crate) fn read(path: &Path, url: Option<String>, room: Option<PathBuf>) -> Outcome<Told> {
    let file: AttributesFile = read_file(path)?;
    let wrong = |what: &str| format!("the attributes file `{}` {what}", path.display());
    let url = url.unwrap_or(file.event_url);
    if url.contains('?') {
        Err(wrong("gets a URL with a query: leave it out, as a path is put behind the URL"))?;
    }
    if file.application_name.trim().is_empty() || file.app_version.trim().is_empty() {
        Err(wrong("has a blank `applicationName` or `appVersion`"))?;
    }
    let (name, version) = (file.application_name, file.app_version);
    let spool = room.map(|room| room.join("optics-spool")).or(file.spool);
    let about = file.further.with("applicationName", name).with("appVersion", version);
    let (send, events) = file.interval_ms.map_or(("on_flush", Some(5)), |_| ("real_time", None));
    let config = json!({ "observer": [{
        "kind": "http", "name": path.display().to_string(),
        "url": format!("{}/v1/event/batchevent", url.trim_end_matches('/')),
        "token_file": file.bearer_file, "token_env": file.bearer_env,
        "encoding": "optics", "utc_offset": "+05:30", "spool": spool,
        "static_attributes": about, "event_attributes": ["device"],
        "send": send, "interval_ms": file.interval_ms, "batch": { "events": events },
        "dead_letter": spool.as_ref().map(|spool| spool.with_extension("dead_letters")),
    }] });
    let config = Config::from_json(&format!("{config:#}"), path.parent().unwrap_or(path))
        .map_err(|fault| wrong(&format!("makes a wrong {fault}")))?;
    Ok((about, config))
}
