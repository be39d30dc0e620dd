//! Who emits does not wait for who watches.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tidings_registry::Bus;
use tidings_testrun::{LiveSummary, RunEmitter};

use crate::support::{Copy, Scene, Stream, builder, get};

#[test]
fn events_that_come_while_messages_are_made_are_not_lost() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "nightly");
    let mut stream = Stream::open(&scene.live, None);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        // Models are made all the time.
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                assert_eq!(get(&scene.live, "/report.html", "").0, 200);
            }
        });
        let emitting = [0, 1, 2].map(|thread| {
            let run = &run;
            scope.spawn(move || {
                let suite = run.suite(&format!("suite {thread}"));
                (0..1_000).for_each(|case| {
                    suite.case(&format!("case {case}")).success();
                });
                suite.success();
            })
        });
        for thread in emitting {
            thread.join().expect("no panic");
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let mut page = Copy::default();
    page.follow(&mut stream, 1 + 3 * 2_002);
    assert_eq!(page.told()["counts"]["passed"], 3_000);
    // Who was heard first, and so its number, is not the same everywhere.
    let unnumbered = |model: &Value| {
        let mut model = model.clone();
        let cases = model["cases"].as_object().into_iter().flatten().map(|(_, case)| {
            let mut case = case.clone();
            case["number"] = Value::Null;
            (format!("{} {}", case["suite"], case["name"]), case)
        });
        model["cases"] = Value::Object(cases.collect());
        model
    };
    assert!(unnumbered(page.told()) == unnumbered(&scene.model()), "something was lost");
    run.success();
}

/// Time per event and the longest one, of 20,000 cases.
fn emit_a_run(bus: &Bus) -> (Duration, Duration) {
    let run = RunEmitter::start(bus, "nightly");
    let begun = Instant::now();
    let mut longest = Duration::ZERO;
    for suite in 0..20 {
        let suite = run.suite(&format!("suite {suite}"));
        for case in 0..1_000 {
            let case_begun = Instant::now();
            suite.case(&format!("case {case}")).success();
            longest = longest.max(case_begun.elapsed());
        }
        suite.success();
    }
    let each = begun.elapsed() / 40_000;
    run.success();
    (each, longest)
}

#[test]
fn what_an_emit_costs_is_shown() {
    let bus = Bus::new();
    let _summary = LiveSummary::on(&bus);
    let (alone, longest_alone) = emit_a_run(&bus);
    println!("per event and longest case: LiveSummary {alone:?} {longest_alone:?}");
    for clients in [0, 3] {
        let bus = Bus::new();
        let live = builder().interval(Duration::from_millis(250)).start().expect("a free port");
        bus.subscribe(live.clone()).detach();
        let mut readers = Vec::new();
        for _ in 0..clients {
            let mut stream = Stream::open(&live, None);
            readers.push(thread::spawn(move || while stream.next().is_some() {}));
        }
        let (each, longest) = emit_a_run(&bus);
        println!("Live with {clients} clients: {each:?} {longest:?}");
        assert!(bus.close(Duration::from_secs(30)).expect("it is not strict").complete);
        for reader in readers {
            reader.join().expect("no panic");
        }
    }
}
