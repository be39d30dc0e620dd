//! What does an `emit` cost, beside the least that the same work can cost?
//!
//! `cargo bench --bench emit` prints divan's table, with allocations, and then one line per
//! question with the ratio to a floor that is measured in the same run, in alternating
//! rounds: a bare loop where nobody listens; one `Arc` of the envelope's size and one clock
//! read where somebody does.

#![expect(clippy::print_stdout, reason = "a benchmark's table is its product")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use divan::{AllocProfiler, Bencher};
use serde::{Deserialize, Serialize};
use tidings::{Bus, Emitter, Envelope, Event, Interest, Observer, ObserverError, Subscription};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

#[derive(Debug, Serialize, Deserialize, Event)]
#[event(namespace = "bench")]
enum Bench {
    Tick { number: u64 },
    Tock { number: u64 },
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

/// A bus on which `interested` of `all` observers hear `bench.tick`.
struct Setting {
    emitter: Emitter<Bench>,
    _subscriptions: Vec<Subscription>,
    bus: Bus,
}

impl Setting {
    fn new(interested: usize, all: usize) -> Self {
        let bus = Bus::new();
        let subscriptions = (0..all)
            .map(|number| {
                let other = format!("other{number}.topic");
                let prefix = if number < interested { "bench.tick" } else { other.as_str() };
                bus.subscribe(Glance(Interest::parse([prefix]).expect("a good prefix")))
            })
            .collect();
        Self { emitter: bus.emitter("bench", "b1"), _subscriptions: subscriptions, bus }
    }

    /// Makes every lane ask for its routes again.
    fn change_registrations(&self) {
        let passing = self.bus.observe("elsewhere", |_| ());
        drop(passing.expect("a good prefix"));
    }

    fn tick(&self) {
        black_box(self.emitter.emit(Bench::Tick { number: black_box(7) }));
    }
}

#[divan::bench]
fn nobody_interested(bencher: Bencher) {
    let setting = Setting::new(0, 100);
    bencher.bench_local(|| setting.tick());
}

#[divan::bench]
fn nobody_interested_built_on_demand(bencher: Bencher) {
    let setting = Setting::new(0, 100);
    bencher.bench_local(|| {
        black_box(setting.emitter.emit_with(Bench::TOCK, || Bench::Tock { number: black_box(7) }))
    });
}

#[divan::bench(args = [1, 10])]
fn interested_of_100(bencher: Bencher, interested: usize) {
    let setting = Setting::new(interested, 100);
    bencher.bench_local(|| setting.tick());
}

#[divan::bench(args = [1, 100, 10_000])]
fn one_interested_among_prefixes(bencher: Bencher, prefixes: usize) {
    let setting = Setting::new(1, prefixes);
    bencher.bench_local(|| setting.tick());
}

/// The first event of a type after a registration has changed.
#[divan::bench(args = [1, 100, 10_000])]
fn cold_route_among_prefixes(bencher: Bencher, prefixes: usize) {
    let setting = Setting::new(1, prefixes);
    bencher.with_inputs(|| setting.change_registrations()).bench_local_refs(|()| setting.tick());
}

#[divan::bench(args = [1, 2], sample_size = 1, sample_count = 50)]
fn threads_of_10_000_events(bencher: Bencher, threads: usize) {
    let setting = Setting::new(1, 100);
    bencher.bench_local(|| emit_on_threads(&setting, threads, 10_000));
}

#[divan::bench]
fn floor_arc_and_clock(bencher: Bencher) {
    let start = Instant::now();
    bencher.bench_local(|| floor_heard(start));
}

/// As large as the envelope of a small event.
const ENVELOPE_BYTES: usize = 216;

fn floor_heard(start: Instant) {
    let elapsed = black_box(start.elapsed());
    black_box(Arc::new((elapsed, [0_u8; ENVELOPE_BYTES])));
}

fn emit_on_threads(setting: &Setting, threads: usize, events: u64) {
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| (0..events).for_each(|_| setting.tick()));
        }
    });
}

/// A contestant runs its work as often as it is told, in a loop of its own.
type Contestant<'a> = &'a mut dyn FnMut(u32);

/// The median time of one call, of rounds that alternate between the contestants.
fn alternate(calls: u32, rounds: usize, contestants: &mut [Contestant<'_>]) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(rounds); contestants.len()];
    for _ in 0..rounds {
        for (contestant, times) in contestants.iter_mut().zip(&mut times) {
            let start = Instant::now();
            contestant(calls);
            times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(calls));
        }
    }
    times
        .iter_mut()
        .map(|times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        })
        .collect()
}

/// `work`, as often as it is told.
fn times_over(work: impl Fn()) -> impl FnMut(u32) {
    move |calls| (0..calls).for_each(|_| work())
}

fn row(work: &str, ours: f64, floor: f64, floor_name: &str) {
    let ratio = ours / floor;
    println!("{work:<44} {ours:>10.1} ns {floor:>10.1} ns  {ratio:>6.2}x  of {floor_name}");
}

fn main() {
    divan::main();
    println!("\n{:<44} {:>13} {:>13}  {:>7}", "work", "ours", "floor", "ratio");
    nobody();
    somebody();
    threads();
    prefixes();
}

fn nobody() {
    let silent = Setting::new(0, 100);
    let mut ours = times_over(|| silent.tick());
    let mut floor = times_over(|| {
        black_box(Bench::Tick { number: black_box(7) });
    });
    let times = alternate(100_000, 101, &mut [&mut ours, &mut floor]);
    row("nobody interested", times[0], times[1], "a loop that builds the event");
}

fn somebody() {
    let start = Instant::now();
    for interested in [1, 10] {
        let setting = Setting::new(interested, 100);
        let mut ours = times_over(|| setting.tick());
        let mut floor = times_over(|| floor_heard(start));
        let times = alternate(20_000, 101, &mut [&mut ours, &mut floor]);
        row(&format!("{interested} of 100 interested"), times[0], times[1], "Arc and clock");
    }
}

fn threads() {
    const EVENTS: u64 = 200_000;
    let setting = Setting::new(1, 100);
    let mut one = times_over(|| emit_on_threads(&setting, 1, EVENTS));
    let mut two = times_over(|| emit_on_threads(&setting, 2, EVENTS));
    let times = alternate(1, 31, &mut [&mut one, &mut two]);
    let speedup = 2.0 * times[0] / times[1];
    println!(
        "{:<44} {:>10.1} ms {:>10.1} ms  {speedup:>6.2}x  the events of one thread",
        "two threads, one",
        times[1] / 1e6,
        times[0] / 1e6
    );
}

fn prefixes() {
    let few = Setting::new(1, 1);
    for prefixes in [100, 10_000] {
        let many = Setting::new(1, prefixes);
        let (mut ours, mut floor) = (times_over(|| many.tick()), times_over(|| few.tick()));
        let times = alternate(20_000, 101, &mut [&mut ours, &mut floor]);
        row(
            &format!("1 interested of {prefixes} prefixes, cached"),
            times[0],
            times[1],
            "1 prefix",
        );
        // What a registration and its end cost, with the first event after each.
        let renew = |setting: &Setting| {
            setting.change_registrations();
            setting.tick();
        };
        let (mut ours, mut floor) = (times_over(|| renew(&many)), times_over(|| renew(&few)));
        let times = alternate(500, 51, &mut [&mut ours, &mut floor]);
        row(
            &format!("the same, registrations changed among {prefixes}"),
            times[0],
            times[1],
            "1 prefix",
        );
    }
}
