//! What does delivery cost beside a bare loop that sends the same bytes?
//!
//! `cargo bench --bench delivery` sends events of 510 bytes, encoded for Splunk's HTTP Event
//! Collector, to a receiver on loopback that reads and forgets them: once from a bus through
//! a delivery with queue, retry, spool and dead letters, once from a bare loop with the same
//! HTTP library: one that posts bodies prepared beforehand, which is the floor, and one that
//! makes each event first (`serde_json`, SHA-256 for its content id), as anybody would have
//! to. All are measured in the same run, in alternating rounds, wall clock and processor
//! time; the receiver's own is left out.
//!
//! Then: what 100,000 emits cost while the server hangs, without a server, and while it
//! takes events; and how much memory is held while it is away.

#![expect(clippy::print_stdout, reason = "a benchmark's table is its product")]

use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tidings::{Bus, Envelope, Event};
use tidings_delivery::{Delivery, Load, Overflow, Secret, SpoolSettings};
use tidings_splunk::{Compression, SplunkSink, TokenSource};

/// How long nothing here takes.
const LONG: Duration = Duration::from_mins(2);

#[derive(Debug, Clone, Serialize, Deserialize, Event)]
#[event(namespace = "bench")]
enum Bench {
    Tick { number: u64, text: String },
}

/// So much text makes an event of 510 bytes.
const TEXT: &str = "the element `submit` of the page `login` was not there within three seconds \
                    of looking";

fn tick(number: usize) -> Bench {
    Bench::Tick { number: 100_000 + number as u64, text: TEXT.to_owned() }
}

fn main() {
    let is_test = std::env::args().any(|argument| argument == "--test");
    let (events, rounds) = if is_test { (2_000, 1) } else { (400_000, 5) };
    println!("events of {} bytes", encoded(1).bytes_each);
    println!(
        "{:<26} {:>11} {:>11} {:>6} {:>11} {:>6}   CPU an event: ours, makes, prepared",
        "body", "ours", "makes", "ratio", "prepared", "ratio"
    );
    for compression in [Compression::None, Compression::Gzip { level: 1 }] {
        for batch in [100, 1_000] {
            compare(compression, batch, events, rounds);
        }
    }
    hung(if is_test { 1_000 } else { 100_000 }, rounds);
    away(if is_test { 1_000 } else { 1_000_000 });
}

/// Ours beside the bare loops: medians of alternating rounds.
fn compare(compression: Compression, batch: usize, events: usize, rounds: usize) {
    let prepared = encoded(batch);
    let (mut ours, mut makes, mut sends) = (Vec::new(), Vec::new(), Vec::new());
    for _round in 0..rounds {
        ours.push(deliver(compression, batch, events));
        makes.push(post(compression, events, batch, made));
        sends.push(post(compression, events, batch, |_, body| body.extend(&prepared.body)));
    }
    let all = [median(ours), median(makes), median(sends)];
    let [ours, makes, sends] = all.each_ref().map(|cost| 1e9 / cost.wall_ns);
    let [ours_cpu, makes_cpu, sends_cpu] = all.map(|cost| cost.cpu_ns / 1e3);
    let body = if compression == Compression::None { "plain" } else { "gzip level 1" };
    println!(
        "{:<26} {ours:>9.0}/s {makes:>9.0}/s {:>5.2}x {sends:>9.0}/s {:>5.2}x   \
         {ours_cpu:.2} us, {makes_cpu:.2} us, {sends_cpu:.2} us",
        format!("{body}, batches of {batch}"),
        ours / makes,
        ours / sends,
    );
}

/// What one event costs.
struct Cost {
    wall_ns: f64,
    cpu_ns: f64,
}

fn median(mut costs: Vec<Cost>) -> Cost {
    let mut middle = |of: fn(&Cost) -> f64| {
        costs.sort_by(|a, b| of(a).total_cmp(&of(b)));
        of(&costs[costs.len() / 2])
    };
    Cost { wall_ns: middle(|cost| cost.wall_ns), cpu_ns: middle(|cost| cost.cpu_ns) }
}

#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
fn measured(events: usize, work: impl FnOnce()) -> Cost {
    let (begin, cpu) = (Instant::now(), cpu_ns());
    work();
    let events = events as f64;
    Cost {
        wall_ns: begin.elapsed().as_nanos() as f64 / events,
        cpu_ns: cpu_ns().saturating_sub(cpu) as f64 / events,
    }
}

/// Processor time of all threads but the receivers, in nanoseconds; 0 where it is not told.
fn cpu_ns() -> u64 {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return 0 };
    let of_task = |task: fs::DirEntry| {
        let name = fs::read_to_string(task.path().join("comm")).ok()?;
        let times = fs::read_to_string(task.path().join("schedstat")).ok()?;
        (!name.starts_with("receiver")).then(|| times.split(' ').next()?.parse::<u64>().ok())?
    };
    tasks.flatten().filter_map(of_task).sum()
}

fn sink(receiver: &Receiver, compression: Compression) -> SplunkSink {
    SplunkSink::builder(&receiver.url())
        .token(TokenSource::Fixed(Secret::new("0123-4567")))
        .index("tests")
        .compression(compression)
        .proxy(Some(""))
        .build()
        .expect("the settings are good")
}

/// Emits and delivers with all guarantees on.
fn deliver(compression: Compression, batch: usize, events: usize) -> Cost {
    let (receiver, folder) =
        (Receiver::start(Manner::Take), tempfile::tempdir().expect("a folder"));
    let bus = Bus::builder().run("run-7").node("lab-3").build();
    let delivery = Delivery::builder(sink(&receiver, compression))
        .queue_events(20_000)
        .overflow(Overflow::Block)
        .batch_events(batch)
        .spool(SpoolSettings::new(folder.path().join("spool")))
        .dead_letter(folder.path().join("dead.jsonl"))
        .start()
        .expect("it starts");
    bus.subscribe(delivery).detach();
    let emitter = bus.emitter::<Bench>("case", "t1");
    let cost = measured(events, || {
        for number in 0..events {
            emitter.emit(tick(number));
        }
        bus.barrier(LONG).expect("all is delivered");
    });
    let report = bus.close(LONG).expect("the bus is not strict");
    assert!(report.complete, "{report}");
    cost
}

/// Posts one body after the other, as `fill` makes them.
fn post(
    compression: Compression,
    events: usize,
    batch: usize,
    fill: impl Fn(Range<usize>, &mut Vec<u8>),
) -> Cost {
    let receiver = Receiver::start(Manner::Take);
    let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().proxy(None).build());
    let url = format!("{}/services/collector/event", receiver.url());
    let (mut body, mut packed) = (Vec::new(), Vec::new());
    measured(events, || {
        for first in (0..events).step_by(batch) {
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
        let event = tick(number);
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
fn encoded(batch: usize) -> Encoded {
    let receiver = Receiver::start(Manner::Take);
    let (mut sink, mut load) = (sink(&receiver, Compression::None), Load::new());
    for envelope in envelopes(batch) {
        load.push(&mut sink, envelope, 0).expect("it has a form");
    }
    let body = load.batch(1, 1).bytes().to_vec();
    Encoded { bytes_each: body.len() / batch, body }
}

struct Encoded {
    body: Vec<u8>,
    bytes_each: usize,
}

fn envelopes(count: usize) -> Vec<Arc<Envelope>> {
    let bus = Bus::builder().run("run-7").node("lab-3").build();
    let (sender, receiver) = std::sync::mpsc::sync_channel(count);
    let _heard = bus.observe("bench", move |envelope| sender.send(Arc::clone(envelope)));
    let emitter = bus.emitter::<Bench>("case", "t1");
    for number in 0..count {
        emitter.emit(tick(number));
    }
    receiver.try_iter().collect()
}

/// Emits while the server hangs, beside emits without a server and with one.
fn hung(events: usize, rounds: usize) {
    let run = |manner| {
        let receiver = Receiver::start(manner);
        let bus = Bus::builder().run("run-7").node("lab-3").build();
        let delivery = Delivery::builder(sink(&receiver, Compression::None)).start();
        bus.subscribe(delivery.expect("it starts")).detach();
        let emitter = bus.emitter::<Bench>("case", "t1");
        let cost = measured(events, || {
            for number in 0..events {
                emitter.emit(tick(number));
            }
        });
        receiver.release();
        cost
    };
    let manners = [Manner::Hang, Manner::Refuse, Manner::Take];
    let mut costs = manners.map(|_| Vec::new());
    for _round in 0..rounds {
        for (manner, costs) in manners.into_iter().zip(&mut costs) {
            costs.push(run(manner));
        }
    }
    let [hung, none, taking] = costs.map(|costs| median(costs).wall_ns);
    println!(
        "an emit while the server hangs: {hung:.0} ns; without a server: {none:.0} ns, {:.2}x; \
         while it takes events: {taking:.0} ns, {:.2}x",
        hung / none,
        hung / taking
    );
}

/// How much memory grows while there is no server, at the bound of the queue and beyond.
fn away(events: usize) {
    let receiver = Receiver::start(Manner::Hang);
    let bus = Bus::builder().run("run-7").node("lab-3").build();
    let delivery = Delivery::builder(sink(&receiver, Compression::None)).start();
    bus.subscribe(delivery.expect("it starts")).detach();
    let emitter = bus.emitter::<Bench>("case", "t1");
    let emit = |count: usize| {
        for number in 0..count {
            emitter.emit(tick(number));
        }
        resident_kib()
    };
    let before = emit(0);
    let (full, beyond) = (emit(events / 50), emit(events));
    println!(
        "memory while it is away: {} KiB more after {} events, {} KiB after {} (queue: 10,000)",
        full.saturating_sub(before),
        events / 50,
        beyond.saturating_sub(before),
        events / 50 + events
    );
    receiver.release();
}

/// Resident memory of the process; 0 where it is not told.
fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// What a receiver does with requests.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Take,
    /// Reads nothing until it is released.
    Hang,
    /// Nobody listens there.
    Refuse,
}

/// Reads requests with a length, forgets them, and answers that they were taken.
struct Receiver {
    address: SocketAddr,
    released: Arc<(Mutex<bool>, Condvar)>,
}

impl Receiver {
    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let released = Arc::new((Mutex::new(manner == Manner::Take), Condvar::new()));
        if manner == Manner::Refuse {
            return Self { address, released };
        }
        let gate = Arc::clone(&released);
        let serve = move || {
            for stream in listener.incoming().flatten() {
                let gate = Arc::clone(&gate);
                let take = move || {
                    let (lock, changed) = &*gate;
                    let guard = lock.lock().expect("nobody panics with it");
                    drop(changed.wait_while(guard, |released| !*released));
                    // A connection that ends has done its work.
                    drop(answer_all(stream));
                };
                thread::Builder::new().name("receiver".into()).spawn(take).expect("a thread");
            }
        };
        thread::Builder::new().name("receivers".into()).spawn(serve).expect("a thread");
        Self { address, released }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn release(&self) {
        *self.released.0.lock().expect("nobody panics with it") = true;
        self.released.1.notify_all();
    }
}

fn answer_all(mut stream: TcpStream) -> io::Result<()> {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
        content-length: 27\r\n\r\n{\"text\":\"Success\",\"code\":0}";
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 256 * 1024];
    let mut filled = 0;
    loop {
        let head = loop {
            let read = stream.read(&mut buffer[filled..])?;
            if read == 0 {
                return Ok(());
            }
            filled += read;
            if let Some(end) = buffer[..filled].windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        let mut left = length_of(&buffer[..head]).saturating_sub(filled - head);
        while left > 0 {
            let most = left.min(buffer.len());
            let read = stream.read(&mut buffer[..most])?;
            if read == 0 {
                return Ok(());
            }
            left -= read;
        }
        filled = 0;
        stream.write_all(ANSWER)?;
    }
}

/// The length that a request's head says; none for a question without a body.
fn length_of(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_lowercase();
    let line = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    line.and_then(|length| length.trim().parse().ok()).unwrap_or(0)
}
