//! The child: emits until it is killed, and says on its output what it does.
//!
//! A line is said before what it announces begins, or after what it confirms is so: a kill
//! between the two leaves the parent with too little to expect, never with too much.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tidings::Bus;
use tidings_delivery::{Delivery, Retry, SpoolFsync, SpoolSettings};
use tidings_http::HttpSink;

/// How many threads emit.
pub(crate) const THREADS: u32 = 2;
/// What the parent's lines begin with; a test runner writes to the same output.
pub(crate) const MARK: char = '#';

const ORDER_VARIABLE: &str = "TIDINGS_KILL_ORDER";

/// What a child is told to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) child: u32,
    pub(crate) url: String,
    pub(crate) spool: PathBuf,
    /// After how many bursts it closes; none for going on until it is killed.
    pub(crate) bursts: Option<u32>,
    pub(crate) burst_max: u64,
    pub(crate) queue_events: usize,
    pub(crate) batch_events: usize,
    /// Whether the device is waited for; a killed process does not need it.
    pub(crate) waits_for_device: bool,
    pub(crate) timeout_ms: u64,
    pub(crate) flush_ms: u64,
    pub(crate) close_ms: u64,
}

impl Order {
    /// What this process was told, if it is a child.
    pub(crate) fn received() -> Option<Self> {
        let text = std::env::var(ORDER_VARIABLE).ok()?;
        Some(serde_json::from_str(&text).expect("the parent writes what it means"))
    }

    /// The variable of the environment that tells a child.
    pub(crate) fn to_variable(&self) -> (&'static str, String) {
        (ORDER_VARIABLE, serde_json::to_string(self).expect("an order has no odd keys"))
    }

    pub(crate) fn carry_out(&self) {
        say("opening");
        let delivery = self.delivery();
        say("opened");
        let bus = Bus::new();
        bus.subscribe(delivery).detach();
        let emitted: Vec<u64> = std::thread::scope(|scope| {
            let start = |thread| {
                let bus = &bus;
                scope.spawn(move || self.emit(bus, thread))
            };
            let threads: Vec<_> = (0..THREADS).map(start).collect();
            threads.into_iter().map(|thread| thread.join().expect("no emitter panics")).collect()
        });
        say("closing");
        let report = bus.close(Duration::from_millis(self.close_ms)).expect("it is not strict");
        let counts = report.observers[0].counts;
        if counts.delivered + counts.spooled == counts.accepted {
            for (thread, end) in emitted.iter().enumerate() {
                say(&format!("flushed {thread} {end}"));
            }
        }
        say(&format!(
            "closed {} {report}",
            if report.complete { "complete" } else { "incomplete" }
        ));
    }

    fn delivery(&self) -> Delivery {
        let sink = HttpSink::builder(&self.url)
            .timeout(Duration::from_millis(self.timeout_ms))
            .proxy(Some(""))
            .build()
            .expect("the settings are in order");
        let fsync = if self.waits_for_device { SpoolFsync::Batch } else { SpoolFsync::Never };
        let retry = Retry::default().first(Duration::from_millis(1)).cap(Duration::from_millis(5));
        Delivery::builder(sink)
            .queue_events(self.queue_events)
            .batch_events(self.batch_events)
            .linger(Duration::from_millis(1))
            .retry(retry)
            .spool(SpoolSettings::new(&self.spool).fsync(fsync))
            .start()
            .expect("the spool opens again")
    }

    /// Emits bursts and flushes some of them; answers how many events that were.
    fn emit(&self, bus: &Bus, thread: u32) -> u64 {
        let case = bus.raw_emitter("case", &format!("t{thread}"));
        let mut chance = fastrand::Rng::with_seed(u64::from(self.child) << 8 | u64::from(thread));
        let mut emitted = 0;
        for _burst in 0..self.bursts.unwrap_or(u32::MAX) {
            let end = emitted + chance.u64(1..=self.burst_max);
            say(&format!("intends {thread} {end}"));
            for n in emitted..end {
                let receipt = case.emit("kill.noted", data_of(self.child, thread, n));
                assert_eq!(receipt.expect("the type is valid").enqueued(), 1);
            }
            emitted = end;
            if chance.u8(..4) == 0 {
                continue;
            }
            match bus.barrier(Duration::from_millis(self.flush_ms)) {
                Ok(()) => say(&format!("flushed {thread} {end}")),
                Err(_) => say(&format!("unflushed {thread} {end}")),
            }
        }
        emitted
    }
}

/// The payload of one event: equal only for the same place in the same stream.
pub(crate) fn data_of(child: u32, thread: u32, n: u64) -> Value {
    let text = format!("{child}/{thread}/{n} ").repeat(1 + usize::try_from(n % 7).expect("small"));
    json!({ "child": child, "thread": thread, "n": n, "text": text })
}

/// Says one line, in one piece. When the parent is gone, so is the reason to go on.
fn say(line: &str) {
    let line = line.replace('\n', ";");
    // The runner may have begun a line of its own.
    let text = format!("\n{MARK}{line}\n");
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).expect("the parent listens");
}
