//! What does it cost to bring events to a broker, beside a bare loop of its client?
//!
//! A real `nats-server` on this machine keeps the messages in files, and acknowledges each
//! one; at most [`WINDOW_DEFAULT`] are under way. Ours go from a bus through a delivery with
//! queue, retry and spool. The bare loops know the client only: one publishes bodies that were
//! prepared beforehand, one makes each event first, as anybody would have to. All of them send
//! ids by which the server keeps once what comes twice. Connecting, and making the stream, is
//! left out; the server's processor time is its own.

use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{Context, stream};
use sha2::{Digest, Sha256};
use tidings::delivery::{Delivery, Overflow, SpoolSettings};
use tidings::nats::{NatsServer, NatsSink, WINDOW_DEFAULT};
use tidings::{Bus, BusId, wire};
use tidings_fault_server::broker::{Broker, BrokerVersion};
use tokio::runtime::{Builder, Runtime};

use crate::noted::{Bench, tick};
use crate::processor;
use crate::row::{Aim, Row, Spent};

/// How long nothing here takes.
const LONG: Duration = Duration::from_mins(2);
/// Events of one round.
const EVENTS: u32 = 20_000;
/// Events before it, so that what the round before left behind costs nobody anything.
const WARM: u32 = 2_000;
const PREPARED: &str = "async-nats, prepared bodies";
const MAKES: &str = "async-nats, makes the events";
const ROOT: &str = "bench";

/// Acknowledged events, with ids, to a real server.
///
/// # Panics
///
/// Where there is no `nats-server`, with the command that obtains one.
pub fn rows() -> Vec<Row> {
    let broker = Rc::new(
        Broker::start(BrokerVersion::New)
            .expect("`crates/tidings-nats/tests/servers.sh` obtains a server"),
    );
    let body = body();
    let bytes = body.len();
    let [bare, making, ours] = [&broker, &broker, &broker].map(Rc::clone);
    let row = Row::new(format!("relay to `nats-server`, acknowledged, events of {bytes} bytes"));
    let row = row
        .calls(EVENTS)
        .floor(PREPARED, move |events| {
            let body = body.clone();
            publish(&bare.url(), events, move |_| body.clone())
        })
        .peer(MAKES, move |events| publish(&making.url(), events, made))
        .ours("Delivery", move |events| deliver(&ours.url(), events))
        .aim(Aim::SpeedOf(PREPARED, 0.8));
    vec![row]
}

fn measured(work: impl FnOnce()) -> Spent {
    let (begin, cpu) = (Instant::now(), processor::time());
    work();
    Spent::new(begin.elapsed(), processor::time().saturating_sub(cpu))
}

fn bus() -> Bus {
    Bus::builder().run("run-7").node("lab-3").build()
}

/// Emits and delivers with all guarantees on.
fn deliver(url: &str, events: u32) -> Spent {
    let folder = tempfile::tempdir().expect("a folder");
    let bus = bus();
    let sink = NatsSink::builder(NatsServer::at(url)).root(ROOT).node_of(&bus).build();
    let delivery = Delivery::builder(sink.expect("the settings are good"))
        .queue_events(20_000)
        .overflow(Overflow::Block)
        .batch_events(1_000)
        .spool(SpoolSettings::new(folder.path().join("spool")))
        .dead_letter(folder.path().join("dead.jsonl"))
        .start()
        .expect("it starts");
    bus.subscribe(delivery).detach();
    let emitter = bus.emitter::<Bench>("case", "t1");
    let emit = |numbers: Range<u32>| {
        for number in numbers {
            emitter.emit(tick(number.into()));
        }
        bus.barrier(LONG).expect("all is delivered");
    };
    // Connects, and makes the stream.
    emit(0..WARM);
    let spent = measured(|| emit(WARM..WARM + events));
    let report = bus.close(LONG).expect("the bus is not strict");
    assert!(report.complete, "{report}");
    let runtime = runtime();
    runtime.block_on(async { drop_stream(&connect(url).await, events).await });
    spent
}

/// Publishes, and takes the acknowledgements in order.
fn publish(url: &str, events: u32, body: impl Fn(u32) -> Vec<u8> + Send + Sync + 'static) -> Spent {
    let runtime = runtime();
    let context = runtime.block_on(async {
        let context = connect(url).await;
        // As a sink creates it.
        let settings = stream::Config {
            name: ROOT.to_owned(),
            subjects: vec![format!("{ROOT}.*.*.>")],
            discard: stream::DiscardPolicy::New,
            max_bytes: 1024 * 1024 * 1024,
            max_age: Duration::from_hours(7 * 24),
            duplicate_window: Duration::from_mins(2),
            ..stream::Config::default()
        };
        context.create_stream(settings).await.expect("a stream");
        context
    });
    let body = Arc::new(body);
    let bus = BusId::generate();
    // On the thread of the runtime, where a sink's own work is done as well.
    let work = |numbers: Range<u32>| {
        let loop_of_client = publish_all(context.clone(), bus, numbers, Arc::clone(&body));
        runtime.block_on(runtime.spawn(loop_of_client)).expect("it does not panic");
    };
    work(0..WARM);
    let spent = measured(|| work(WARM..WARM + events));
    runtime.block_on(drop_stream(&context, events));
    spent
}

async fn publish_all(
    context: Context,
    bus: BusId,
    numbers: Range<u32>,
    body: Arc<impl Fn(u32) -> Vec<u8>>,
) {
    let mut acks = VecDeque::with_capacity(WINDOW_DEFAULT);
    for number in numbers {
        if acks.len() == WINDOW_DEFAULT
            && let Some(oldest) = acks.pop_front()
        {
            taken(oldest).await;
        }
        let id = format!("{bus}.0.{number}");
        let message = PublishMessage::build().payload(body(number).into()).message_id(id);
        let subject = format!("{ROOT}.run-7.lab-3.bench.tick");
        let sent = context.send_publish(subject, message).await;
        acks.push_back(sent.expect("it is sent"));
    }
    for ack in acks {
        taken(ack).await;
    }
}

async fn taken(ack: async_nats::jetstream::context::PublishAckFuture) {
    assert!(!ack.await.expect("it is acknowledged").duplicate, "ids are unique");
}

fn runtime() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().expect("a runtime")
}

async fn connect(url: &str) -> Context {
    let client = async_nats::connect(url).await.expect("a connection");
    ContextBuilder::new().timeout(LONG).max_ack_inflight(WINDOW_DEFAULT).build(client)
}

/// Makes room, and sees that everything was there once.
async fn drop_stream(context: &Context, events: u32) {
    let stream = context.get_stream(ROOT).await.expect("a stream");
    let info = stream.get_info().await.expect("it is known");
    assert_eq!(info.state.messages, u64::from(WARM + events), "each event once");
    context.delete_stream(ROOT).await.expect("it goes");
}

/// An event as a program without a library for them would make it, with the same members.
fn made(number: u32) -> Vec<u8> {
    let event = tick(number.into());
    let Bench::Tick { number: n, text } = &event;
    let data = serde_json::json!({ "number": n, "text": text });
    let text = serde_json::to_string(&data).expect("it has a JSON form");
    let hash = Sha256::digest(&text);
    let id = u128::from_be_bytes(hash[..16].try_into().expect("16 bytes are 16 bytes"));
    format!(
        "{{\"specversion\":\"1.0\",\"id\":\"0193c0de-0000-7000-8000-000000000001.0.{number}\",\
         \"source\":\"/run-7/lab-3/case/t1\",\"type\":\"bench.tick\",\
         \"time\":\"2026-11-21T06:00:00.{number:09}Z\",\"subject\":\"t1\",\
         \"datacontenttype\":\"application/json\",\"contentid\":\"{id:032x}\",\
         \"busid\":\"0193c0de-0000-7000-8000-000000000001\",\"sequence\":\"{number:020}\",\
         \"position\":\"{number:020}\",\"lane\":0,\"runid\":\"run-7\",\"node\":\"lab-3\",\
         \"elapsedns\":\"{number}\",\"entity\":\"[[\\\"case\\\",\\\"t1\\\"]]\",\"data\":{text}}}"
    )
    .into_bytes()
}

/// The body of an event, as our sink makes it.
fn body() -> Vec<u8> {
    let bus = bus();
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    let _heard = bus.observe("bench", move |envelope| {
        let mut text = String::new();
        let written = wire::write_event(envelope, Some(100_000), &mut text);
        sender.send(written.map(|()| text))
    });
    bus.emitter::<Bench>("case", "t1").emit(tick(0));
    let text = receiver.recv().expect("it is heard").expect("it has a JSON form");
    text.into_bytes()
}
