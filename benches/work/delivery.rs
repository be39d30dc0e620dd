//! What does delivery cost beside a bare loop that sends the same bytes?
//!
//! Events of about 510 bytes go to a receiver on loopback that reads and forgets them: from
//! a bus through a delivery with queue, retry, spool and dead letters, and from bare loops
//! with the same HTTP library. One posts bodies prepared beforehand; one makes each event
//! first, as anybody would have to. The receiver's processor time is left out.
//!
//! A body prepared beforehand holds events that somebody made, identified and timed; a
//! delivery that is emitted to pays for that as well. So that the two can be compared, rows
//! of their own hand events made beforehand to a delivery, which encodes and sends them.

use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use tidings::delivery::{Delivery, Load, Overflow, Secret, Sink, SpoolSettings};
use tidings::http::HttpSink;
use tidings::splunk::{Compression, SplunkSink, TokenSource};
use tidings::{Bus, Envelope, Observer};

use crate::noted::{Bench, tick};
use crate::processor;
use crate::receiver::{Manner, Receiver};
use crate::row::{Aim, Row, Spent};

/// How long nothing here takes.
const LONG: Duration = Duration::from_mins(2);
/// Events of one round, and emits beside a server in trouble.
const EVENTS: u32 = 50_000;
const PREPARED: &str = "ureq, prepared bodies";
const MAKES: &str = "ureq, makes the events";
const GZIP: Compression = Compression::Gzip { level: 1 };

/// Splunk's collector and plain HTTP, plain and packed, and emits while the server is away.
pub fn rows() -> Vec<Row> {
    let plain = Compression::None;
    let hec = |compression| move |url: &str| hec(url, compression);
    vec![
        row("HEC, plain, batches of 100", plain, 100, hec(plain)).aim(Aim::CpuNanosMax(1_200.0)),
        row("HEC, plain, batches of 1,000", plain, 1_000, hec(plain))
            .aim(Aim::CpuNanosMax(1_200.0)),
        row("HEC, gzip level 1, batches of 1,000", GZIP, 1_000, hec(GZIP)),
        row("HTTP, plain, batches of 1,000", plain, 1_000, http).aim(Aim::CpuNanosMax(1_200.0)),
        made_before("HEC, plain, batches of 100", 100, hec(plain)),
        made_before("HEC, plain, batches of 1,000", 1_000, hec(plain)),
        made_before("HTTP, plain, batches of 1,000", 1_000, http),
        Row::new("emit into a delivery, in bursts of 50,000")
            .calls(EVENTS)
            .peer("ours, without a server", |events| emit_beside(Manner::Refuse, events))
            .peer("ours, while the server takes events", |events| emit_beside(Manner::Take, events))
            .ours("while the server hangs", |events| emit_beside(Manner::Hang, events)),
    ]
}

fn row<S: Sink>(
    name: &str,
    compression: Compression,
    batch: usize,
    sink: impl Fn(&str) -> S + Copy + 'static,
) -> Row {
    let prepared = encoded(sink, batch);
    let bytes = prepared.len() / batch;
    Row::new(format!("delivery by {name}, events of {bytes} bytes"))
        .calls(EVENTS)
        .floor(PREPARED, move |events| {
            post(compression, events, batch, |_, body| body.extend(&prepared))
        })
        .peer(MAKES, move |events| post(compression, events, batch, made))
        .ours("Delivery", move |events| deliver(sink, events, batch))
        .aim(Aim::SpeedOf(PREPARED, 0.65))
}

fn made_before<S: Sink>(
    name: &str,
    batch: usize,
    sink: impl Fn(&str) -> S + Copy + 'static,
) -> Row {
    let prepared = encoded(sink, batch);
    let events = envelopes(batch);
    Row::new(format!("delivery by {name}, of events made before"))
        .calls(EVENTS)
        .floor(PREPARED, move |events| {
            post(Compression::None, events, batch, |_, body| body.extend(&prepared))
        })
        .ours("Delivery", move |count| hand_over(sink, &events, count))
        .aim(Aim::SpeedOf(PREPARED, 0.65))
        .aim(Aim::CpuNanosMax(1_200.0))
}

fn measured(work: impl FnOnce()) -> Spent {
    let (begin, cpu) = (Instant::now(), processor::time());
    work();
    Spent::new(begin.elapsed(), processor::time().saturating_sub(cpu))
}

fn hec(url: &str, compression: Compression) -> SplunkSink {
    let sink = SplunkSink::builder(url).token(TokenSource::Fixed(Secret::new("0123-4567")));
    let sink = sink.index("tests").compression(compression).proxy(Some(""));
    sink.build().expect("the settings are good")
}

fn http(url: &str) -> HttpSink {
    HttpSink::builder(url).proxy(Some("")).build().expect("the settings are good")
}

fn bus() -> Bus {
    Bus::builder().run("run-7").node("lab-3").build()
}

/// Emits and delivers with all guarantees on.
fn deliver<S: Sink>(sink: impl Fn(&str) -> S, events: u32, batch: usize) -> Spent {
    let receiver = Receiver::start(Manner::Take);
    let folder = tempfile::tempdir().expect("a folder");
    let bus = bus();
    bus.subscribe(guaranteed(sink(&receiver.url()), folder.path(), batch)).detach();
    let emitter = bus.emitter::<Bench>("case", "t1");
    let spent = measured(|| {
        for number in 0..events as usize {
            emitter.emit(tick(number as u64));
        }
        bus.barrier(LONG).expect("all is delivered");
    });
    let report = bus.close(LONG).expect("the bus is not strict");
    assert!(report.complete, "{report}");
    spent
}

/// A delivery with all guarantees on.
fn guaranteed(sink: impl Sink, folder: &Path, batch: usize) -> Delivery {
    Delivery::builder(sink)
        .queue_events(20_000)
        .overflow(Overflow::Block)
        .batch_events(batch)
        .spool(SpoolSettings::new(folder.join("spool")))
        .dead_letter(folder.join("dead.jsonl"))
        .start()
        .expect("it starts")
}

/// Delivers a batch of events made beforehand, again and again.
fn hand_over<S: Sink>(sink: impl Fn(&str) -> S, events: &[Arc<Envelope>], count: u32) -> Spent {
    let receiver = Receiver::start(Manner::Take);
    let folder = tempfile::tempdir().expect("a folder");
    let delivery = guaranteed(sink(&receiver.url()), folder.path(), events.len());
    let spent = measured(|| {
        for envelope in events.iter().cycle().take(count as usize) {
            delivery.on_event(envelope).expect("there is room");
        }
        delivery.flush(Instant::now() + LONG).expect("all is delivered");
    });
    delivery.close(Instant::now() + LONG).expect("nothing is left");
    spent
}

/// Posts one body after the other, as `fill` makes them.
fn post(
    compression: Compression,
    events: u32,
    batch: usize,
    fill: impl Fn(Range<usize>, &mut Vec<u8>),
) -> Spent {
    let receiver = Receiver::start(Manner::Take);
    let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().proxy(None).build());
    let url = format!("{}/services/collector/event", receiver.url());
    let (mut body, mut packed) = (Vec::new(), Vec::new());
    measured(|| {
        for first in (0..events as usize).step_by(batch) {
            body.clear();
            fill(first..first + batch, &mut body);
            let request = agent.post(&url).header("authorization", "Splunk 0123-4567");
            let sent = match compression {
                Compression::Gzip { level } => {
                    packed.clear();
                    let level = flate2::Compression::new(level);
                    let mut encoder = GzEncoder::new(&mut packed, level);
                    let written = encoder.write_all(&body).and_then(|()| encoder.finish());
                    written.expect("memory takes everything");
                    request.header("content-encoding", "gzip").send(&packed[..])
                }
                _ => request.send(&body[..]),
            };
            sent.expect("it is taken").body_mut().read_to_vec().expect("there is an answer");
        }
    })
}

/// Events as a program without a library for them would make them, with the same members.
fn made(numbers: Range<usize>, body: &mut Vec<u8>) {
    for number in numbers {
        let event = tick(number as u64);
        let Bench::Tick { number: n, text } = &event;
        let data = serde_json::json!({ "number": n, "text": text });
        let data = serde_json::to_string(&data).expect("it has a JSON form");
        let hash = Sha256::digest(&data);
        let id = u128::from_be_bytes(hash[..16].try_into().expect("16 bytes are 16 bytes"));
        write!(
            body,
            "{{\"time\":1795230202.{number:09},\"host\":\"lab-3\",\
             \"source\":\"/run-7/lab-3/case/t1\",\"sourcetype\":\"tidings:event\",\
             \"index\":\"tests\",\"event\":{{\"type\":\"bench.tick\",\
             \"id\":\"0193c0de-0000-7000-8000-000000000001.0.{number}\",\
             \"contentid\":\"{id:032x}\",\"run\":\"run-7\",\"node\":\"lab-3\",\
             \"entity\":{{\"case\":\"t1\"}},\"attributes\":{{}},\"position\":{number},\
             \"data\":{data}}},\"fields\":{{\"type\":\"bench.tick\",\"run\":\"run-7\",\
             \"node\":\"lab-3\"}}}}"
        )
        .expect("memory takes everything");
    }
}

/// A body of `batch` events, as our sink makes it.
fn encoded<S: Sink>(sink: impl Fn(&str) -> S, batch: usize) -> Vec<u8> {
    let receiver = Receiver::start(Manner::Take);
    let (mut sink, mut load) = (sink(&receiver.url()), Load::new());
    for envelope in envelopes(batch) {
        load.push(&mut sink, envelope, 0).expect("it has a form");
    }
    load.batch(1, 1).bytes().to_vec()
}

fn envelopes(count: usize) -> Vec<Arc<Envelope>> {
    let bus = bus();
    let (sender, receiver) = std::sync::mpsc::sync_channel(count);
    let _heard = bus.observe("bench", move |envelope| sender.send(Arc::clone(envelope)));
    let emitter = bus.emitter::<Bench>("case", "t1");
    for number in 0..count {
        emitter.emit(tick(number as u64));
    }
    receiver.try_iter().collect()
}

/// Emits beside a server that is in trouble, or is not.
fn emit_beside(manner: Manner, events: u32) -> Spent {
    let receiver = Receiver::start(manner);
    let bus = bus();
    let delivery = Delivery::builder(hec(&receiver.url(), Compression::None)).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    let emitter = bus.emitter::<Bench>("case", "t1");
    let spent = measured(|| {
        for number in 0..events as usize {
            emitter.emit(tick(number as u64));
        }
    });
    receiver.release();
    spent
}
