//! What only rare circumstances reach: many cancelled observers, colliding caches, queues
//! that move by one event, closes from inside.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use parking_lot::Mutex;
use tidings_core::state::{StateMachine, Table};
use tidings_core::{Entity, Envelope, Receipt};
use tidings_registry::{
    Bus, Dedup, Observer, ObserverDiagnostic, ObserverError, Overflow, Processing, Verdict,
};

use crate::support::{
    Latch, Log, OpenAtEnd, PATIENCE, Work, diagnostics, emit_steps, eventually, observer, record,
    step, types,
};

/// Fails as it is told to.
struct Answers(Result<(), &'static str>);

impl Observer for Answers {
    fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
        self.0.map_err(ObserverError::failed)
    }
}

/// Takes one event for each permit.
struct Steps {
    entered: SyncSender<()>,
    permits: Mutex<Receiver<()>>,
}

impl Steps {
    fn new() -> (Self, Receiver<()>, SyncSender<()>) {
        let (entered, is_in) = sync_channel(100);
        let (permit, permits) = sync_channel(100);
        (Self { entered, permits: Mutex::new(permits) }, is_in, permit)
    }
}

impl Observer for Steps {
    fn name(&self) -> String {
        "steps".to_owned()
    }

    fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
        self.entered.send(()).ok();
        // Without a permit it goes on when the test is over.
        self.permits.lock().recv().ok();
        Ok(())
    }
}

#[test]
fn an_event_that_one_of_two_queued_observers_took_is_not_said_again() {
    let bus = Bus::builder().dedup(Dedup::by_content(100, Duration::from_mins(1))).build();
    for answer in [Ok(()), Err("no")] {
        let queued = bus.register(Answers(answer)).queued(10, Overflow::Block);
        queued.start().expect("open").detach();
    }
    let emitter = bus.emitter::<Work>("case", "t");
    assert_eq!(emitter.emit(step(1)).enqueued(), 2);
    bus.barrier(PATIENCE).expect("nothing hangs");
    assert_eq!(emitter.emit(step(1)), Receipt::Duplicate);
}

#[test]
fn a_report_keeps_every_number_of_more_cancelled_observers_than_it_names() {
    const OTHERS: u64 = 300;
    let bus = Bus::new();
    let (steps, is_in, permit) = Steps::new();
    let held = bus.register(steps).queued(10, Overflow::Block).start().expect("open");
    let emitter = bus.emitter::<Work>("case", "t");
    emit_steps(&emitter, 0..2);
    is_in.recv_timeout(PATIENCE).expect("the observer is called");
    held.cancel();
    for number in 0..OTHERS {
        let other = bus.register(Answers(Ok(()))).name(&format!("other {number}"));
        let other = other.start().expect("open");
        emitter.emit(step(0));
        other.cancel();
    }
    (0..2).for_each(|_| permit.send(()).expect("it waits"));
    let report = bus.close(PATIENCE).expect("not strict");
    let counts = observer(&report, "steps").counts;
    assert_eq!((counts.accepted, counts.delivered), (2, 2), "the oldest had not come to its end");
    let delivered: u64 = report.observers.iter().map(|line| line.counts.delivered).sum();
    assert_eq!(delivered, OTHERS + 2);
    assert_eq!(observer(&report, &format!("other {}", OTHERS - 1)).counts.delivered, 1);
    assert!(report.observer("other 0").is_none(), "the oldest are added up");
}

#[test]
fn more_emitters_than_a_lane_remembers_keep_their_entities_apart() {
    let bus = Bus::new();
    let log = record(&bus);
    let entities: Vec<Entity> =
        (0..300).map(|number| Entity::new("case", &number.to_string())).collect();
    let emitters: Vec<_> =
        entities.iter().map(|entity| bus.emitter_for::<Work>(entity.clone())).collect();
    for _round in 0..2 {
        for emitter in &emitters {
            emitter.emit(step(1));
        }
    }
    let said: Vec<Entity> = log.all().iter().map(|envelope| envelope.entity().clone()).collect();
    assert_eq!(said, [entities.clone(), entities].concat());
}

#[test]
fn a_queue_that_drops_the_newest_is_full_and_not_stalled() {
    let bus = Bus::new();
    let (steps, is_in, permit) = Steps::new();
    bus.register(steps).queued(1, Overflow::DropNewest).start().expect("open").detach();
    let told = diagnostics(&bus);
    let emitter = bus.emitter::<Work>("case", "t");
    emitter.emit(step(0));
    is_in.recv_timeout(PATIENCE).expect("the observer is called");
    emit_steps(&emitter, 1..4);
    assert!(!observer(&bus.report(), "steps").stalled);
    (0..2).for_each(|_| permit.send(()).expect("it waits"));
    let report = bus.close(PATIENCE).expect("not strict");
    assert_eq!(types(&told), [""; 0]);
    assert_eq!(observer(&report, "steps").counts.dropped, 2);
}

#[test]
fn a_synchronous_observer_recovers_with_its_last_event_and_not_before() {
    let bus = Bus::new();
    let (steps, is_in, permit) = Steps::new();
    bus.register(steps).synchronous(Duration::from_millis(5)).start().expect("open").detach();
    let told = diagnostics(&bus);
    emit_steps(&bus.emitter::<Work>("case", "t"), 0..3);
    for number in 0..3 {
        is_in.recv_timeout(PATIENCE).expect("the observer is called");
        // The one before is done, and what was to be said about it is said.
        assert_eq!(types(&told), ["tidings.observer.stalled"], "at event {number}");
        permit.send(()).expect("it waits");
    }
    eventually("it recovers", || types(&told).len() == 2);
    assert_eq!(types(&told)[1], "tidings.observer.recovered");
}

#[test]
fn a_barrier_is_not_content_while_evicted_events_outnumber_those_that_are_done() {
    let bus = Bus::new();
    let (steps, is_in, permit) = Steps::new();
    bus.register(steps).queued(1, Overflow::DropOldest).start().expect("open").detach();
    let emitter = bus.emitter::<Work>("case", "t");
    emitter.emit(step(0));
    is_in.recv_timeout(PATIENCE).expect("the observer is called");
    emit_steps(&emitter, 1..6);
    let error = bus.barrier(Duration::from_millis(5)).expect_err("one is in its hands");
    assert!(error.to_string().contains("`steps`"), "{error}");
    (0..2).for_each(|_| permit.send(()).expect("it waits"));
    bus.barrier(PATIENCE).expect("nothing hangs");
    let counts = observer(&bus.report(), "steps").counts;
    assert_eq!((counts.delivered, counts.dropped, counts.pending), (2, 4, 0));
}

#[test]
fn the_thread_of_an_observer_has_its_name_whatever_stands_in_it() {
    struct Named(Log<Option<String>>);
    impl Observer for Named {
        fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
            self.0.push(std::thread::current().name().map(str::to_owned));
            Ok(())
        }
    }
    let (bus, log) = (Bus::new(), Log::new());
    let named = bus.register(Named(log.clone())).name("a\0b");
    named.queued(1, Overflow::Block).start().expect("open").detach();
    bus.emitter("case", "t").emit(step(1));
    log.wait_for(1);
    assert_eq!(log.all()[0].as_deref(), Some("tidings ab"));
}

#[test]
fn a_barrier_says_that_an_emit_has_not_come_to_its_observers_yet() {
    let (entered, latch) = (Latch::closed(), Latch::closed());
    let (bell, door) = (entered.clone(), latch.clone());
    let holds = move |_: &mut Processing<'_>| {
        bell.open();
        door.wait();
        Verdict::Keep
    };
    let bus = Bus::builder().processor(holds).build();
    let _open = OpenAtEnd(latch.clone());
    let log = record(&bus);
    let emitter = bus.emitter::<Work>("case", "t");
    let emits = std::thread::spawn(move || emitter.emit(step(1)));
    entered.wait();
    let error = bus.barrier(Duration::from_millis(5)).expect_err("a processor hangs");
    assert!(error.to_string().contains("1 emits under way"), "{error}");
    latch.open();
    emits.join().expect("no panic");
    bus.barrier(PATIENCE).expect("nothing hangs");
    assert_eq!(log.len(), 1);
}

#[test]
fn an_observer_that_closes_its_own_bus_is_not_stalled() {
    struct Closes(Bus, Log<bool>);
    impl Observer for Closes {
        fn name(&self) -> String {
            "closes".to_owned()
        }
        fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
            let report = self.0.close(PATIENCE).map_err(|_| ObserverError::failed("strict"))?;
            self.1.push(report.observer("closes").is_some_and(|line| line.stalled));
            Ok(())
        }
    }
    let (bus, stalled) = (Bus::new(), Log::new());
    bus.subscribe(Closes(bus.clone(), stalled.clone())).detach();
    bus.emitter("case", "t").emit(step(1));
    assert_eq!(stalled.all(), [false]);
}

#[test]
fn a_chain_that_is_cut_names_the_observer_that_went_on() {
    for queued in [false, true] {
        struct Echo(tidings_core::Emitter<Work>);
        impl Observer for Echo {
            fn name(&self) -> String {
                "echo".to_owned()
            }
            fn on_event(&self, _: &Arc<Envelope>) -> Result<(), ObserverError> {
                self.0.emit(step(0));
                Ok(())
            }
        }
        let bus = Bus::builder().chain_max(3).build();
        let cut = Log::new();
        let kept = cut.clone();
        bus.on(move |event: &ObserverDiagnostic, _| {
            if let ObserverDiagnostic::ChainCut { observer, .. } = event {
                kept.push(observer.clone());
            }
        })
        .detach();
        let echo = bus.register(Echo(bus.emitter("case", "t")));
        let echo = if queued { echo.queued(10, Overflow::Block) } else { echo };
        let echo = echo.start().expect("open");
        bus.emitter("case", "t").emit(step(1));
        cut.wait_for(1);
        assert_eq!(cut.all(), [Some("echo".to_owned())]);
        echo.cancel();
    }
}

#[test]
fn machines_that_are_gone_leave_their_lanes_to_others() {
    let bus = Bus::new();
    let log = record(&bus);
    let table = Table::builder("door").initial("shut").edge("shut", "open").build();
    let table = table.expect("a good table");
    let emitter = bus.emitter::<Work>("case", "t");
    for number in 0..100 {
        let machine = StateMachine::with_table(&format!("door {number}"), &table);
        emitter.transition(&machine, "open", step(number)).expect("it is shut");
    }
    let lanes: BTreeSet<_> = log.all().iter().map(|envelope| envelope.id().lane()).collect();
    assert_eq!(log.len(), 100);
    assert!(lanes.len() < 10, "{} lanes", lanes.len());
}

#[test]
fn a_thread_lets_go_of_what_other_threads_closed_once_it_uses_another_bus() {
    let (held, end) = sync_channel::<()>(1);
    let closed = Bus::new();
    let hears = move |_: &Arc<Envelope>| {
        held.try_send(()).ok();
    };
    let subscription = closed.observe("**", hears).expect("a good prefix");
    closed.emitter::<Work>("case", "t").emit(step(1));
    end.recv_timeout(PATIENCE).expect("it was heard");
    let elsewhere = closed.clone();
    std::thread::spawn(move || elsewhere.close(PATIENCE).map(drop)).join().expect("no panic").ok();
    drop(subscription);
    let other = Bus::new();
    let log = record(&other);
    other.emitter::<Work>("case", "t").emit(step(2));
    assert_eq!(log.len(), 1);
    let gone = end.try_recv();
    assert_eq!(gone, Err(std::sync::mpsc::TryRecvError::Disconnected), "it is held by its route");
}

#[test]
fn the_observers_of_the_bus_itself_say_what_they_are() {
    assert_eq!(tidings_registry::Metrics::new().kind(), "metrics");
    let table = Table::builder("door").initial("shut").edge("shut", "open").build();
    let monitor = tidings_registry::Monitor::with_table(
        &table.expect("a good table"),
        tidings_core::state::ProtocolMode::Monitor,
    );
    assert_eq!(monitor.kind(), "monitor");
}

#[test]
fn a_node_that_nobody_named_is_a_user_at_a_host() {
    let name = tidings_registry::default_node_name();
    let (user, host) = name.split_once('@').expect("user@host");
    assert!(!user.is_empty() && !host.is_empty() && name.trim() == name, "{name:?}");
    let said = |names: &[&str]| {
        let said = names.iter().filter_map(|name| std::env::var(name).ok());
        said.map(|said| said.trim().to_owned()).find(|said| !said.is_empty())
    };
    if let Some(said) = said(&["USER", "LOGNAME", "USERNAME"]) {
        assert_eq!(user, said);
    }
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let host_said = said(&["HOSTNAME", "COMPUTERNAME"]);
    if let Some(expected) = host_said.or(machine.map(|machine| machine.trim().to_owned())) {
        assert_eq!(host, expected);
    }
}

#[test]
fn a_machine_that_two_buses_hear_tells_each_only_its_own_transitions() {
    let table = Table::builder("door").initial("shut").edge("shut", "open").edge("open", "shut");
    let machine = StateMachine::with_table("door", &table.build().expect("a good table"));
    let buses = [Bus::new(), Bus::new()];
    let logs = buses.each_ref().map(record);
    let emitters = buses.each_ref().map(|bus| bus.emitter::<Work>("case", "t"));
    for (number, target) in (0..).zip(["open", "shut", "open", "shut"]) {
        let emitter = &emitters[number as usize % 2];
        emitter.transition(&machine, target, step(number)).expect("the door is the other way");
    }
    let heard = logs.map(|log| log.all().iter().map(crate::support::word).collect::<Vec<_>>());
    assert_eq!(heard, [["0", "2"], ["1", "3"]]);
}

#[test]
fn a_barrier_waits_for_the_event_in_hand_though_the_queue_is_empty() {
    let bus = Bus::new();
    let (steps, is_in, permit) = Steps::new();
    bus.register(steps).queued(10, Overflow::Block).start().expect("open").detach();
    let emitter = bus.emitter::<Work>("case", "t");
    emit_steps(&emitter, 0..3);
    for _done in 0..2 {
        is_in.recv_timeout(PATIENCE).expect("the observer is called");
        permit.send(()).expect("it waits");
    }
    is_in.recv_timeout(PATIENCE).expect("the observer is called");
    bus.barrier(Duration::from_millis(5)).expect_err("the last is in its hands");
    permit.send(()).expect("it waits");
    bus.barrier(PATIENCE).expect("nothing hangs");
}
