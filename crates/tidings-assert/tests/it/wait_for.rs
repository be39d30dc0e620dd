//! Waiting ends with the event, with the bus, or with the deadline.

use std::time::Duration;

use expect_test::expect;
use tidings_assert::event;

use crate::events::{QuickTest, fixture, recorded, step};

const LONG: Duration = Duration::from_mins(1);

#[test]
fn an_event_that_was_recorded_before_counts() {
    let recorder = recorded([step(1), step(2)]);
    let found = recorder.wait_for(event!(QuickTest::Step { n: 2, .. }), Duration::ZERO);
    assert_eq!(found.expect("it is there").id().sequence(), 1);
}

#[test]
fn the_event_of_another_thread_ends_the_wait() {
    let fixture = fixture();
    let emitter = fixture.emitter.clone();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for n in 0..100 {
                emitter.emit(step(n));
            }
        });
        let found = fixture.recorder.wait_for(event!(QuickTest::Step { n: 99, .. }), LONG);
        assert_eq!(found.expect("it comes").event_type(), "quick_test.step");
    });
}

#[test]
fn the_end_of_the_bus_ends_the_wait() {
    let fixture = fixture();
    let (bus, emitter) = (fixture.bus, fixture.emitter);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            emitter.emit(step(1));
            drop(bus.close(LONG));
        });
        let error = fixture.recorder.wait_for(event!(QuickTest::Idle), LONG).expect_err("closed");
        assert!(error.is_closed());
        assert!(error.to_string().contains("before the bus was closed"), "{error}");
        assert!(error.to_string().contains("recorded so far: 1 event"), "{error}");
    });
}

#[test]
fn a_deadline_that_passes_shows_the_nearest_miss_and_the_recording() {
    let fixture = fixture();
    for n in 0..22 {
        fixture.emitter.emit(step(n));
    }
    let deadline = Duration::from_millis(1);
    let error = fixture
        .recorder
        .wait_for(event!(QuickTest::Step { n: 30.., .. }), deadline)
        .expect_err("there is none");
    assert!(!error.is_closed());
    expect![[r#"
        no event matched `QuickTest::Step { n: 30.., .. }` within 1ms

          nearest miss is #1: field `n`: expected 30.., got 0

          recorded so far: 22 events
            … 2 more …
            #3 quick_test.step case/t1 { n: 2, status: Passed }
            #4 quick_test.step case/t1 { n: 3, status: Passed }
            #5 quick_test.step case/t1 { n: 4, status: Passed }
            #6 quick_test.step case/t1 { n: 5, status: Passed }
            #7 quick_test.step case/t1 { n: 6, status: Passed }
            #8 quick_test.step case/t1 { n: 7, status: Passed }
            #9 quick_test.step case/t1 { n: 8, status: Passed }
            #10 quick_test.step case/t1 { n: 9, status: Passed }
            #11 quick_test.step case/t1 { n: 10, status: Passed }
            #12 quick_test.step case/t1 { n: 11, status: Passed }
            #13 quick_test.step case/t1 { n: 12, status: Passed }
            #14 quick_test.step case/t1 { n: 13, status: Passed }
            #15 quick_test.step case/t1 { n: 14, status: Passed }
            #16 quick_test.step case/t1 { n: 15, status: Passed }
            #17 quick_test.step case/t1 { n: 16, status: Passed }
            #18 quick_test.step case/t1 { n: 17, status: Passed }
            #19 quick_test.step case/t1 { n: 18, status: Passed }
            #20 quick_test.step case/t1 { n: 19, status: Passed }
            #21 quick_test.step case/t1 { n: 20, status: Passed }
            #22 quick_test.step case/t1 { n: 21, status: Passed }
    "#]]
    .assert_eq(&error.to_string());
}

#[test]
fn a_guard_is_part_of_what_is_waited_for() {
    let recorder = recorded([step(1)]);
    let wanted = 2;
    let error = recorder
        .wait_for(event!(QuickTest::Step { n, .. } if *n == wanted), Duration::ZERO)
        .expect_err("there is none");
    assert!(error.to_string().contains("guard `*n == wanted` is false (n = 1)"), "{error}");
}
