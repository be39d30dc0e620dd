//! Chromium, driven over the `WebDriver` protocol (W3C) by its driver.
//!
//! Both end with the test: the driver is ended after its session was.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_mins(1);

const HOW_TO_INSTALL: &str =
    "the page is checked in a real browser: apt-get install chromium chromium-driver";

/// A browser with one window.
pub(crate) struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
    folder: TempDir,
}

impl Browser {
    /// Starts a browser with an empty profile.
    pub(crate) fn start() -> Self {
        let folder = TempDir::new().expect("a folder for the profile");
        let (driver, port) = start_driver();
        let config = ureq::Agent::config_builder();
        let config = config.timeout_global(Some(PATIENCE)).http_status_as_error(false).build();
        let mut browser = Self {
            driver,
            agent: config.into(),
            session: format!("http://127.0.0.1:{port}/session"),
            folder,
        };
        let profile =
            format!("--user-data-dir={}", browser.folder.path().join("profile").display());
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
            &profile,
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": 30_000 },
        } } });
        let made = browser.call("POST", "", &wanted);
        let id = made["sessionId"].as_str().expect("a session has an id");
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    /// Opens a page from a file, and waits until it has shown its data.
    pub(crate) fn open(&self, html: &str) -> &Self {
        self.open_at(html, "")
    }

    /// As [`open`](Self::open), with a fragment behind the address.
    pub(crate) fn open_at(&self, html: &str, fragment: &str) -> &Self {
        let path = self.folder.path().join("page.html");
        std::fs::write(&path, html).expect("a page is written");
        self.go(&format!("file://{}{fragment}", path.display()));
        self.until("document.documentElement.dataset.ready === 'true'");
        self
    }

    pub(crate) fn go(&self, url: &str) {
        self.call("POST", "/url", &json!({ "url": "about:blank" }));
        self.call("POST", "/url", &json!({ "url": url }));
    }

    /// The value of an expression.
    pub(crate) fn value(&self, expression: &str) -> Value {
        let script = format!("return ({expression});");
        self.call("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    pub(crate) fn text(&self, expression: &str) -> String {
        let value = self.value(expression);
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }

    pub(crate) fn number(&self, expression: &str) -> f64 {
        self.value(expression).as_f64().expect(expression)
    }

    pub(crate) fn count(&self, expression: &str) -> u64 {
        self.value(expression).as_u64().expect(expression)
    }

    /// Waits until an expression holds; says so if it never does.
    pub(crate) fn until(&self, expression: &str) {
        let script = format!(
            "const done = arguments[0]; const begun = performance.now();
             const look = () => {{
               let holds = false;
               try {{ holds = Boolean({expression}); }} catch {{}}
               if (holds || performance.now() - begun > 25000) done(holds);
               else setTimeout(look, 15);
             }};
             look();"
        );
        let holds = self.call("POST", "/execute/async", &json!({ "script": script, "args": [] }));
        let state = || self.text("document.body.innerText.slice(0, 1500)");
        assert_eq!(holds, Value::Bool(true), "`{expression}` never held; the page:\n{}", state());
    }

    /// Lets the page do what it was told, up to the next two frames.
    pub(crate) fn settle(&self) {
        let script = "const done = arguments[0]; const frame = requestAnimationFrame;
            setTimeout(() => frame(() => frame(() => done(true))), 200);";
        self.call("POST", "/execute/async", &json!({ "script": script, "args": [] }));
    }

    /// Clicks in the middle of the first element that a selector finds.
    pub(crate) fn click(&self, selector: &str) {
        let quoted = json!(selector);
        let found = self.value(&format!(
            "(() => {{ const it = document.querySelector({quoted}); it?.scrollIntoView({{ block: 'nearest' }});
               const box = it?.getBoundingClientRect();
               return box ? [box.x + box.width / 2, box.y + box.height / 2] : null; }})()"
        ));
        let at = |place: usize| found[place].as_f64().expect(selector);
        self.click_at(at(0), at(1));
    }

    pub(crate) fn click_at(&self, x: f64, y: f64) {
        let moves = json!([
            { "type": "pointerMove", "duration": 0, "x": x.round(), "y": y.round() },
            { "type": "pointerDown", "button": 0 },
            { "type": "pointerUp", "button": 0 },
        ]);
        let pointer = json!({ "type": "pointer", "id": "mouse", "actions": moves });
        self.call("POST", "/actions", &json!({ "actions": [pointer] }));
        self.settle();
    }

    /// Types keys; those with names come as the protocol writes them.
    pub(crate) fn keys(&self, keys: &[&str]) {
        let actions: Vec<Value> = keys
            .iter()
            .flat_map(|key| key_codes(key))
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })))
            .collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.call("POST", "/actions", &json!({ "actions": [keyboard] }));
        self.settle();
    }

    /// What the browser wrote into its console since the last time.
    pub(crate) fn console(&self) -> Vec<String> {
        let entries = self.call("POST", "/se/log", &json!({ "type": "browser" }));
        let entries = entries.as_array().expect("a log is a list");
        entries.iter().map(|entry| format!("{}: {}", entry["level"], entry["message"])).collect()
    }

    /// A command of the browser's own protocol.
    pub(crate) fn cdp(&self, command: &str, parameters: &Value) -> Value {
        self.call("POST", "/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    pub(crate) fn resize(&self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", &size);
        self.settle();
    }

    pub(crate) fn prefer(&self, feature: &str, value: &str) {
        let features = json!({ "features": [{ "name": feature, "value": value }] });
        self.cdp("Emulation.setEmulatedMedia", &features);
        self.settle();
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.session);
        let answer = match method {
            "DELETE" => self.agent.delete(&url).call(),
            _ => self.agent.post(&url).content_type("application/json").send(body.to_string()),
        };
        let mut answer = answer.expect(path);
        let reader = answer.body_mut().with_config().limit(64 << 20);
        let text = reader.read_to_string().expect("an answer of the driver");
        let mut answer: Value = serde_json::from_str(&text).expect("the driver speaks JSON");
        let value = answer["value"].take();
        let hint = if path.is_empty() { HOW_TO_INSTALL } else { path };
        assert!(value["error"].is_null(), "{hint}: {}: {}", value["error"], value["message"]);
        value
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let url = &self.session;
        if url.contains("/session/") {
            drop(self.agent.delete(url).call());
        }
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

/// The driver on a free port.
fn start_driver() -> (Child, u16) {
    let started = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn();
    let mut driver = started.expect(HOW_TO_INSTALL);
    let output = driver.stdout.take().expect("its output is piped");
    let (told, heard) = mpsc::sync_channel(1);
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if let Some((_, port)) = line.split_once("successfully on port ") {
                drop(told.try_send(port.trim_end_matches('.').parse::<u16>()));
            }
        }
    });
    let port = heard.recv_timeout(PATIENCE);
    (driver, port.expect("the driver says its port").expect("a port is a number"))
}

fn key_codes(key: &str) -> Vec<String> {
    let code = match key {
        "Tab" => '\u{e004}',
        "Enter" => '\u{e007}',
        "Escape" => '\u{e00c}',
        "Space" => ' ',
        "End" => '\u{e010}',
        "Home" => '\u{e011}',
        "Left" => '\u{e012}',
        "Up" => '\u{e013}',
        "Right" => '\u{e014}',
        "Down" => '\u{e015}',
        _ => return key.chars().map(String::from).collect(),
    };
    vec![code.to_string()]
}
