//! What a real server has, seen by a client of its own.

use std::time::Duration;

use async_nats::jetstream::{self, stream};
use async_nats::{Client, ConnectOptions, Subscriber};
use futures_util::StreamExt;
use tokio::runtime::{Builder, Runtime};

const WITHIN: Duration = Duration::from_secs(20);

/// A client of a server.
pub(crate) struct View {
    runtime: Runtime,
    client: Client,
    jetstream: jetstream::Context,
}

impl View {
    pub(crate) fn of(url: &str) -> Self {
        Self::with(url, ConnectOptions::new())
    }

    pub(crate) fn with(url: &str, options: ConnectOptions) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a thread");
        let client = runtime.block_on(options.connect(url)).expect("the server lets us in");
        let jetstream = {
            let _entered = runtime.enter();
            jetstream::new(client.clone())
        };
        Self { runtime, client, jetstream }
    }

    /// Creates a stream like this.
    pub(crate) fn create(&self, config: stream::Config) {
        self.runtime.block_on(self.jetstream.create_stream(config)).expect("a stream");
    }

    /// Changes a stream to be like this.
    pub(crate) fn update(&self, config: stream::Config) {
        self.runtime.block_on(self.jetstream.update_stream(config)).expect("a stream");
    }

    pub(crate) fn delete(&self, stream: &str) {
        self.runtime.block_on(self.jetstream.delete_stream(stream)).expect("a stream");
    }

    pub(crate) fn config(&self, stream: &str) -> stream::Config {
        let stream = self.runtime.block_on(self.jetstream.get_stream(stream)).expect("a stream");
        stream.cached_info().config.clone()
    }

    /// How many messages a stream has; none if there is no such stream.
    pub(crate) fn count(&self, stream: &str) -> u64 {
        let stream = self.runtime.block_on(self.jetstream.get_stream(stream));
        stream.map_or(0, |stream| stream.cached_info().state.messages)
    }

    /// The ids of all messages of a stream, in their order.
    pub(crate) fn ids(&self, stream: &str) -> Vec<String> {
        let messages = self.messages(stream).into_iter();
        messages.map(|(_, id, _)| id).collect()
    }

    /// Subject, id and body of all messages of a stream, in their order.
    pub(crate) fn messages(&self, stream: &str) -> Vec<(String, String, String)> {
        self.runtime.block_on(async {
            let Ok(stream) = self.jetstream.get_stream(stream).await else { return Vec::new() };
            let state = stream.cached_info().state.clone();
            let mut messages = Vec::new();
            if state.messages == 0 {
                return messages;
            }
            let consumer = stream
                .create_consumer(jetstream::consumer::pull::OrderedConfig::default())
                .await
                .expect("a consumer");
            let mut incoming = consumer.messages().await.expect("messages");
            while let Ok(Some(Ok(message))) = tokio::time::timeout(WITHIN, incoming.next()).await {
                let id = message.headers.as_ref().and_then(|headers| headers.get("Nats-Msg-Id"));
                let id = id.map_or_else(String::new, |id| id.as_str().to_owned());
                let body = String::from_utf8_lossy(&message.payload).into_owned();
                messages.push((message.subject.to_string(), id, body));
                if message.info().expect("of a stream").stream_sequence >= state.last_sequence {
                    break;
                }
            }
            messages
        })
    }

    /// Begins to listen to what is published on a subject.
    pub(crate) fn listen(&self, subject: &str) -> Subscriber {
        self.runtime.block_on(async {
            let heard = self.client.subscribe(subject.to_owned()).await.expect("a subscription");
            self.client.flush().await.expect("a connection");
            heard
        })
    }

    /// The next message that is heard: its subject and body.
    pub(crate) fn next(&self, heard: &mut Subscriber) -> (String, String) {
        let next = async { tokio::time::timeout(WITHIN, heard.next()).await };
        let message = self.runtime.block_on(next).expect("in time").expect("a message");
        (message.subject.to_string(), String::from_utf8_lossy(&message.payload).into_owned())
    }
}
