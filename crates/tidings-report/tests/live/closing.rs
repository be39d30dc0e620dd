//! The end: everybody gets what is left, and nobody is waited for too long.

use std::io::{Read as _, Write as _};
use std::time::{Duration, Instant};

use tidings_report::FAREWELL_MAX;
use tidings_testrun::RunEmitter;

use crate::support::{Copy, PATIENCE, Scene, Stream, builder, connect};

/// More than any socket buffers.
fn say_a_lot(run: &RunEmitter) {
    for number in 0..400 {
        let case = run.case(&format!("case {number}"));
        case.stdout("all work and no play ".repeat(3_000));
        case.success();
    }
}

#[test]
fn a_close_tells_what_is_left_and_ends_every_stream() {
    // No message would come by itself.
    let scene = Scene::with(builder().interval(PATIENCE));
    let run = RunEmitter::start(&scene.bus, "nightly");
    let mut streams = [0, 1, 2].map(|_| Stream::open(&scene.live, None));
    let mut pages = [0, 1, 2].map(|_| Copy::default());
    for (page, stream) in pages.iter_mut().zip(&mut streams) {
        page.follow(stream, 1);
    }
    let case = run.case("hangs");
    run.case("first").success();
    let begun = Instant::now();
    assert!(scene.bus.close(PATIENCE).expect("it is not strict").complete);
    assert!(begun.elapsed() < FAREWELL_MAX, "{:?}", begun.elapsed());
    let end = scene.model_at_the_end();
    for (page, stream) in pages.iter_mut().zip(&mut streams) {
        let mut last = String::new();
        while let Some(message) = stream.next() {
            last.clone_from(&message.name);
            page.take(message);
        }
        assert_eq!(last, "end");
        assert_eq!(page.told(), &end);
    }
    let refused = std::net::TcpStream::connect(scene.live.address());
    assert!(refused.is_err(), "nobody listens any more");
    drop((case, run));
}

#[test]
fn a_close_waits_for_no_idle_connection() {
    let scene = Scene::new();
    let mut idle = [0, 1, 2].map(|_| connect(&scene.live));
    // One has been accepted for certain when a later one is served.
    drop(Stream::open(&scene.live, None));
    let begun = Instant::now();
    assert!(scene.bus.close(PATIENCE).expect("it is not strict").complete);
    assert!(begun.elapsed() < FAREWELL_MAX, "{:?}", begun.elapsed());
    for socket in &mut idle {
        let read = socket.read(&mut [0]);
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    }
}

#[test]
fn a_client_that_does_not_read_delays_nobody_and_is_cut_off() {
    let stall = Duration::from_millis(200);
    let scene = Scene::with(builder().stall_max(stall).keep_alive(stall));
    let run = RunEmitter::start(&scene.bus, "nightly");
    say_a_lot(&run);
    let mut stalled = connect(&scene.live);
    stalled.write_all(b"GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n").expect("it is written");
    let mut stream = Stream::open(&scene.live, None);
    let mut page = Copy::default();
    let mut version = 1 + 400 * 3;
    page.follow(&mut stream, version);
    for number in 0..100 {
        run.case(&format!("later {number}")).success();
        version += 2;
        page.follow(&mut stream, version);
    }
    assert_eq!(page.told(), &scene.model());
    // By then it has not read for longer than it may.
    stream.wait_for_comments(3);
    let mut got = Vec::new();
    let read = stalled.read_to_end(&mut got);
    let text = String::from_utf8_lossy(&got);
    assert!(!text.contains("event: changes"), "it was cut off before: {read:?}");
    assert!(!text.ends_with("\n\n") || read.is_err(), "not even the model was written whole");
    run.success();
}

#[test]
fn a_close_gives_a_client_that_does_not_read_no_more_than_its_time() {
    let scene = Scene::new();
    let run = RunEmitter::start(&scene.bus, "nightly");
    say_a_lot(&run);
    let mut stalled = connect(&scene.live);
    stalled.write_all(b"GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n").expect("it is written");
    assert_eq!(stalled.read(&mut [0]).expect("it began"), 1);
    let begun = Instant::now();
    let report = scene.bus.close(Duration::from_millis(800)).expect("it is not strict");
    assert!(report.complete, "{report:?}");
    assert!(begun.elapsed() < Duration::from_millis(800), "{:?}", begun.elapsed());
    drop(run);
}

#[test]
fn a_page_that_nobody_holds_is_not_served() {
    let live = builder().start().expect("a free port");
    let mut stream = Stream::open(&live, None);
    assert_eq!(stream.next().expect("a model").name, "model");
    drop(live);
    while stream.next().is_some() {}
}
