//! A page that is served, and a client that knows no more than a browser does.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::Value;
use tidings_core::Envelope;
use tidings_registry::Bus;
use tidings_report::{Lifecycles, Live, LiveBuilder, Model};
use tidings_testrun::RunSummary;

/// How long a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A builder for a free port.
pub(crate) fn builder() -> LiveBuilder {
    Live::builder().listen("127.0.0.1:0").interval(Duration::from_millis(1))
}

/// A bus, its live page, and what its events come to.
pub(crate) struct Scene {
    pub(crate) bus: Bus,
    pub(crate) live: Live,
    known: Arc<Mutex<(RunSummary, Lifecycles)>>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(builder())
    }

    pub(crate) fn with(builder: LiveBuilder) -> Self {
        let live = builder.start().expect("a free port");
        let bus = Bus::builder().run("r").node("n1").build();
        let known = Arc::new(Mutex::new((RunSummary::new(), Lifecycles::new())));
        let own = Arc::clone(&known);
        let note = move |envelope: &Arc<Envelope>| {
            let (summary, lifecycles) = &mut *own.lock();
            summary.apply(envelope);
            lifecycles.apply(envelope);
        };
        bus.observe("**", note).expect("a prefix").detach();
        bus.subscribe(live.clone()).detach();
        Self { bus, live, known }
    }

    /// The model of all that was emitted, in the form of [`Copy::told`].
    pub(crate) fn model(&self) -> Value {
        let (summary, lifecycles) = &*self.known.lock();
        form(serde_json::to_value(Model::of(summary, lifecycles)).expect("it has a form"))
    }

    /// The same, when nothing more will come.
    pub(crate) fn model_at_the_end(&self) -> Value {
        self.known.lock().0.finish();
        self.model()
    }
}

/// A request, as raw text, and its answer.
pub(crate) fn ask(live: &Live, request: &str) -> (u16, String) {
    let mut socket = connect(live);
    socket.write_all(request.as_bytes()).expect("it is written");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("it ends");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("an answer has a status"), answer)
}

/// Asks for a path as a browser does.
pub(crate) fn get(live: &Live, path: &str, headers: &str) -> (u16, String) {
    ask(live, &format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n{headers}\r\n"))
}

pub(crate) fn connect(live: &Live) -> TcpStream {
    let socket = TcpStream::connect(live.address()).expect("it listens");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    socket
}

/// One server-sent event.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    pub(crate) data: Value,
    pub(crate) bytes: usize,
}

impl Message {
    pub(crate) fn version(&self) -> u64 {
        version_of(self.id.as_deref().expect("it has an id"))
    }
}

pub(crate) fn version_of(id: &str) -> u64 {
    let number = id.rsplit('-').next().and_then(|number| number.parse().ok());
    number.expect("an id ends with a version")
}

/// A stream of server-sent events.
pub(crate) struct Stream {
    reader: BufReader<TcpStream>,
    /// How many comments it has seen.
    pub(crate) comments: usize,
    pub(crate) retry: Option<String>,
}

impl Stream {
    pub(crate) fn open(live: &Live, last_id: Option<&str>) -> Self {
        let last_id = last_id.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let mut socket = connect(live);
        // What HTTP/1.0 is answered has no chunks.
        let request = format!("GET /events HTTP/1.0\r\nHost: localhost\r\n{last_id}\r\n");
        socket.write_all(request.as_bytes()).expect("it is written");
        let mut stream = Self { reader: BufReader::new(socket), comments: 0, retry: None };
        let mut head = String::new();
        while stream.reader.read_line(&mut head).expect("a line") > 2 {}
        assert!(head.starts_with("HTTP/1.0 200"), "{head}");
        assert!(head.contains("content-type: text/event-stream\r\n"), "{head}");
        stream
    }

    /// The next event; none at the end of the stream.
    pub(crate) fn next(&mut self) -> Option<Message> {
        let mut message = Message { name: String::new(), id: None, data: Value::Null, bytes: 0 };
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).expect("a line, or the end");
            message.bytes += line.len();
            let line = line.strip_suffix('\n')?;
            match line.split_once(": ") {
                None if line == ":" => self.comments += 1,
                None if message.name.is_empty() => message.bytes = 0,
                None => return Some(message),
                Some(("event", name)) => name.clone_into(&mut message.name),
                Some(("id", id)) => message.id = Some(id.to_owned()),
                Some(("data", data)) => message.data = data.parse().expect("it is JSON"),
                Some(("retry", retry)) => self.retry = Some(retry.to_owned()),
                Some((field, _)) => assert_eq!(field, "", "no field of an event"),
            }
        }
    }

    /// Waits until it was silent for so long that this many comments came.
    pub(crate) fn wait_for_comments(&mut self, comments: usize) {
        while self.comments < comments {
            let mut line = String::new();
            assert_ne!(self.reader.read_line(&mut line).expect("a line"), 0, "it has ended");
            self.comments += usize::from(line == ":\n");
        }
    }
}

/// What an open page holds: a model that changes are put into.
#[derive(Debug, Default)]
pub(crate) struct Copy {
    told: Value,
    pub(crate) last_id: Option<String>,
    pub(crate) models: usize,
}

impl Copy {
    /// Takes an event as the page does.
    pub(crate) fn take(&mut self, message: Message) {
        self.last_id = message.id.or(self.last_id.take());
        match message.name.as_str() {
            "model" => {
                self.told = form(message.data);
                self.models += 1;
            }
            "changes" => {
                let mut parts = form(message.data);
                let parts = parts.as_object_mut().expect("an object");
                let cases = parts.remove("cases").expect("it names cases");
                let told = self.told.as_object_mut().expect("a model comes before");
                let known = told["cases"].as_object_mut().expect("cases by number");
                known.extend(cases.as_object().cloned().expect("cases by number"));
                told.extend(std::mem::take(parts));
            }
            other => assert_eq!(other, "end", "no name of an event"),
        }
    }

    /// Reads until it has this version, or the stream ends.
    pub(crate) fn follow(&mut self, stream: &mut Stream, version: u64) {
        while self.last_id.as_deref().is_none_or(|id| version_of(id) < version) {
            match stream.next() {
                Some(message) => self.take(message),
                None => break,
            }
        }
    }

    /// Its model, with cases by number.
    pub(crate) fn told(&self) -> &Value {
        &self.told
    }
}

/// A model with its cases by number, as their order says nothing.
fn form(mut model: Value) -> Value {
    let cases = model["cases"].as_array().expect("a list of cases").iter();
    let number = |case: &Value| case["number"].as_u64().expect("a case has a number").to_string();
    let cases: BTreeMap<String, Value> = cases.map(|case| (number(case), case.clone())).collect();
    model["cases"] = serde_json::to_value(cases).expect("it has a form");
    model
}
