//! Places: which sink is tested, and the server it talks to.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tidings_delivery::{Secret, Sink};
use tidings_fault_server::{
    CloudEvents, Fault, FaultServer, Hec, Identity, Protocol, ProtocolReply, Recorded, Rules,
    Taking,
};
use tidings_http::{HttpSink, TokenSource};
use tidings_splunk::SplunkSink;

/// A sort of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Http,
    Splunk,
    /// With indexer acknowledgement.
    SplunkIndexed,
}

/// How a sink trusts the server.
#[derive(Debug, Clone)]
pub(crate) enum Trust {
    /// Whom everybody trusts; without TLS it does not matter.
    Everybody,
    /// The authority in this file.
    Authority(PathBuf),
    /// Anybody at all.
    Danger,
}

/// A sink, and what its settings and itself look like to a debugger.
pub(crate) struct Built {
    pub(crate) sink: Box<dyn Sink>,
    pub(crate) debug: String,
}

impl Place {
    /// A server for it, and when posts of events arrived there.
    pub(crate) fn server(self, token: &str, tls: Option<&Identity>) -> (FaultServer, Arrivals) {
        let protocol: Box<dyn Protocol> = match self {
            Self::Http => Box::new(CloudEvents::new()),
            Self::Splunk => Box::new(Hec::new().token(token)),
            Self::SplunkIndexed => Box::new(Hec::new().token(token).ack_after(2)),
        };
        let arrivals = Arrivals::default();
        let builder = FaultServer::builder(Timed { protocol, arrivals: arrivals.clone() });
        let builder = match tls {
            Some(identity) => builder.tls(identity),
            None => builder,
        };
        (builder.start().expect("there is a port"), arrivals)
    }

    /// A sink that sends to this server.
    pub(crate) fn sink(
        self,
        server: &FaultServer,
        token: &str,
        timeout: Duration,
        trust: &Trust,
    ) -> Built {
        let token = TokenSource::Fixed(Secret::new(token));
        let danger = matches!(trust, Trust::Danger);
        if self == Self::Http {
            let mut builder = HttpSink::builder(&format!("{}/events", server.url()))
                .token(token)
                .timeout(timeout)
                .danger_accept_invalid_certificates(danger)
                .proxy(Some(""));
            if let Trust::Authority(file) = trust {
                builder = builder.ca_file(file);
            }
            let debug = format!("{builder:?} {builder:#?}");
            let sink = builder.build().expect("the settings are in order");
            return Built { debug: format!("{debug} {sink:?}"), sink: Box::new(sink) };
        }
        let mut builder = SplunkSink::builder(&server.url())
            .token(token)
            .timeout(timeout)
            .danger_accept_invalid_certificates(danger)
            .acknowledge(self == Self::SplunkIndexed)
            .ack_poll(Duration::from_millis(10))
            .proxy(Some(""));
        if let Trust::Authority(file) = trust {
            builder = builder.ca_file(file);
        }
        let debug = format!("{builder:?} {builder:#?}");
        let sink = builder.build().expect("the settings are in order");
        Built { debug: format!("{debug} {sink:?}"), sink: Box::new(sink) }
    }

    /// A refusal as this place words it: a status, the code of the collector, and a text.
    pub(crate) fn refusal(self, status: u16, code: u32, text: &str) -> Fault {
        match self {
            Self::Http => Fault::refusal(status, serde_json::json!({ "error": text }).to_string()),
            Self::Splunk | Self::SplunkIndexed => Fault::hec(status, code, text),
        }
    }

    /// What goes into `Authorization`.
    pub(crate) fn authorization(self, token: &str) -> String {
        match self {
            Self::Http => format!("Bearer {token}"),
            Self::Splunk | Self::SplunkIndexed => format!("Splunk {token}"),
        }
    }
}

/// When posts of events arrived, by the server's own clock.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arrivals(Arc<Mutex<Vec<Instant>>>);

impl Arrivals {
    pub(crate) fn all(&self) -> Vec<Instant> {
        self.0.lock().expect("nobody panics with it").clone()
    }
}

/// A protocol that notes when posts of events begin.
struct Timed {
    protocol: Box<dyn Protocol>,
    arrivals: Arrivals,
}

impl Protocol for Timed {
    fn handle(&mut self, request: &Recorded, taking: Taking) -> ProtocolReply {
        self.protocol.handle(request, taking)
    }

    /// Asked once a request, before its body is read.
    fn brings_events(&self, method: &str, path: &str) -> bool {
        let brings_events = self.protocol.brings_events(method, path);
        if brings_events {
            self.arrivals.0.lock().expect("nobody panics with it").push(Instant::now());
        }
        brings_events
    }

    fn rules(&mut self) -> Option<&mut Rules> {
        self.protocol.rules()
    }
}
