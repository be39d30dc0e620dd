//! The emit path, as often as it is told: `tidings-instructions ENTRY CALLS`, or without
//! arguments the entries and how many calls each needs.
//!
//! `./check-instructions` at the root runs it under an instruction counter with N and 2N
//! calls; the difference is N calls and nothing else. So every entry prepares the same
//! whatever the number, and what it measures runs on the main thread.

#![expect(clippy::print_stdout, reason = "the names of the entries are asked for")]

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tidings::journal::Journal;
use tidings::{
    Bus, Emitter, Envelope, Event, Interest, ManualClock, Observer, ObserverError, Overflow,
    Timestamp,
};

type Entry = (&'static str, fn(u32), u32);

/// Name, work, and how many calls make the changing rest of a process small beside them.
const ENTRIES: [Entry; 5] = [
    ("nobody", nobody, 2_000_000),
    ("one-of-100", one_of_100, 50_000),
    ("ten-of-100", ten_of_100, 50_000),
    ("queued", queued, 30_000),
    ("journal-line", journal_line, 10_000),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let Some(name) = arguments.next() else {
        for (name, _, calls) in ENTRIES {
            println!("{name} {calls}");
        }
        return Ok(());
    };
    let calls = arguments.next().ok_or("how many calls? say a number after the entry")?.parse()?;
    let entry = ENTRIES.iter().find(|(entry, ..)| *entry == name);
    let (_, run, _) = entry.ok_or_else(|| format!("there is no entry `{name}`"))?;
    run(calls);
    Ok(())
}

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "bench")]
enum Bench {
    Tick { number: u64, seconds: f64 },
}

fn bus() -> Bus {
    // The names of the machine have lengths of their own.
    Bus::builder().run("run-7").node("lab-3").build()
}

fn ticks(emitter: &Emitter<Bench>, calls: u32) {
    for _ in 0..calls {
        black_box(emitter.emit(Bench::Tick { number: black_box(100_007), seconds: 0.25 }));
    }
}

/// Looks at the event and lets it go.
struct Glance(Interest);

impl Observer for Glance {
    fn interest(&self) -> Interest {
        self.0.clone()
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        black_box(envelope.id());
        Ok(())
    }
}

fn interest(prefix: &str) -> Interest {
    Interest::parse([prefix]).expect("a good prefix")
}

fn among_100(interested: usize, calls: u32) {
    let bus = bus();
    for number in 0..100 {
        let other = format!("other{number}.topic");
        let prefix = if number < interested { "bench" } else { other.as_str() };
        bus.subscribe(Glance(interest(prefix))).detach();
    }
    ticks(&bus.emitter("bench", "b1"), calls);
}

fn nobody(calls: u32) {
    among_100(0, calls);
}

fn one_of_100(calls: u32) {
    among_100(1, calls);
}

fn ten_of_100(calls: u32) {
    among_100(10, calls);
}

/// Room for all events, so that the observer's thread is never waited for nor woken.
const QUEUE: usize = 65_536;

/// Stands still at its first event until it is let go.
struct Stands {
    here: SyncSender<()>,
    go: Mutex<Receiver<()>>,
}

impl Observer for Stands {
    fn interest(&self) -> Interest {
        interest("bench")
    }

    fn on_event(&self, _envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        let _was_there_before = self.here.try_send(());
        let _end = self.go.lock().unwrap_or_else(PoisonError::into_inner).recv();
        Ok(())
    }
}

fn queued(calls: u32) {
    let (bus, (here, is_here), (go, gate)) = (bus(), sync_channel(1), sync_channel(1));
    let observer = Stands { here, go: Mutex::new(gate) };
    let registration = bus.register(observer).queued(QUEUE, Overflow::DropNewest);
    registration.start().expect("a thread can be had").detach();
    let emitter = bus.emitter("bench", "b1");
    ticks(&emitter, 1);
    is_here.recv().expect("the observer stands at the first event");
    ticks(&emitter, calls);
    drop(go);
    // What waits in the queue is not drained: that is not what is counted.
    std::process::exit(0);
}

/// Forgets what is written.
struct Nowhere;

impl Write for Nowhere {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(black_box(bytes).len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn journal_line(calls: u32) {
    // Times have lengths of their own, too, once they are written.
    let clock = ManualClock::new(Timestamp::from_nanos(1_774_062_602_000_000_000));
    let bus = Bus::builder().run("run-7").node("lab-3").clock(clock).build();
    let journal = Journal::builder().bus(&bus).to_writer(Nowhere);
    bus.subscribe(journal.expect("it takes everything")).detach();
    ticks(&bus.emitter("bench", "b1"), calls);
}
