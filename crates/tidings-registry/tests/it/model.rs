//! Random use of a bus on one thread, against a plain list that does the same.
//!
//! The list knows nothing of routes, lanes or generations: it looks at every registration for
//! every event, with a matcher of its own. What observers answer and emit is part of it.

use std::collections::VecDeque;
use std::sync::Arc;

use proptest::prelude::*;
use tidings_core::{Envelope, EventType, Interest, Prefix, RawEmitter};
use tidings_registry::{Bus, Observer, ObserverError, Report, Subscription};

use crate::support::Log;

const PREFIXES: [&str; 13] =
    ["**", "*", "a", "a.", "a.b", "b", "*.b", "**.c", "a.*.c", "a.**.c", "a.**", "*.*", "**.b.**"];
const TYPES: [&str; 9] = ["a", "b", "c", "a.b", "a.c", "b.b", "a.b.c", "a.b.b.c", "ab"];

/// What an observer is for, and what it does; numbers are places in `PREFIXES` and `TYPES`.
#[derive(Debug, Clone)]
struct Manner {
    wanted: Vec<usize>,
    unwanted: Vec<usize>,
    exact: Option<usize>,
    priority: i32,
    fails: bool,
    /// Emitted for every event that nothing caused.
    says: Option<usize>,
}

#[derive(Debug, Clone)]
enum Act {
    Subscribe(Manner),
    Cancel(usize),
    Pause(usize),
    Resume(usize),
    Replace(usize),
    Emit(usize),
}

fn manner() -> impl Strategy<Value = Manner> {
    let (prefix, event_type) = (0..PREFIXES.len(), 0..TYPES.len());
    (
        prop::collection::vec(prefix.clone(), 0..3),
        prop::collection::vec(prefix, 0..2),
        prop::option::of(event_type.clone()),
        -1..2,
        prop::bool::weighted(0.2),
        prop::option::weighted(0.2, event_type),
    )
        .prop_map(|(wanted, unwanted, exact, priority, fails, says)| Manner {
            wanted,
            unwanted,
            exact,
            priority,
            fails,
            says,
        })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => manner().prop_map(Act::Subscribe),
        1 => any::<usize>().prop_map(Act::Cancel),
        1 => any::<usize>().prop_map(Act::Pause),
        1 => any::<usize>().prop_map(Act::Resume),
        1 => any::<usize>().prop_map(Act::Replace),
        5 => (0..TYPES.len()).prop_map(Act::Emit),
    ]
}

impl Manner {
    fn interest(&self) -> Interest {
        let prefix = |place: &usize| Prefix::parse(PREFIXES[*place]).expect("a good prefix");
        let exact = self.exact.map(|place| EventType::parse(TYPES[place]).expect("a good name"));
        let exact = Interest::types(exact.iter());
        let wanted = self.wanted.iter().map(prefix).fold(exact, Interest::with);
        self.unwanted.iter().map(prefix).fold(wanted, Interest::without)
    }

    fn wants(&self, name: &str) -> bool {
        let matches = |place: &usize| begins(&split(PREFIXES[*place]), &split(name));
        let is_wanted =
            self.wanted.iter().any(matches) || self.exact.is_some_and(|place| TYPES[place] == name);
        is_wanted && !self.unwanted.iter().any(matches)
    }
}

fn split(name: &str) -> Vec<&str> {
    name.split('.').filter(|segment| !segment.is_empty()).collect()
}

/// Whether a name begins as a pattern says, tried in every way there is.
fn begins(pattern: &[&str], name: &[&str]) -> bool {
    match (pattern, name) {
        ([], _) => true,
        (["**", rest @ ..], _) => (0..=name.len()).any(|skipped| begins(rest, &name[skipped..])),
        (_, []) => false,
        ([head, rest @ ..], [first, name @ ..]) => {
            (*head == "*" || head == first) && begins(rest, name)
        }
    }
}

/// One registration, in the bus and in the model.
struct Registered {
    subscription: Subscription,
    manner: Manner,
    name: usize,
    paused: bool,
}

struct Named {
    name: usize,
    manner: Manner,
    raw: RawEmitter,
    log: Log<(usize, String)>,
}

impl Observer for Named {
    fn interest(&self) -> Interest {
        Interest::everything()
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        self.log.push((self.name, envelope.event_type().to_string()));
        if let (Some(place), None) = (self.manner.says, envelope.caused_by()) {
            self.raw.emit(TYPES[place], serde_json::json!({})).expect("a good name");
        }
        if self.manner.fails { Err(ObserverError::failed("as asked")) } else { Ok(()) }
    }
}

#[derive(Default)]
struct Model {
    registered: Vec<Registered>,
    calls: Vec<(usize, String)>,
    failures: usize,
    names: usize,
}

impl Model {
    fn name(&mut self) -> usize {
        self.names += 1;
        self.names
    }

    /// How many take the event, and how many fail at it.
    fn emit(&mut self, name: &'static str) -> (u32, u32) {
        let mut said = VecDeque::new();
        let fates = self.deliver(name, |manner| said.extend(manner.says));
        for place in said {
            self.deliver(TYPES[place], |_| {});
        }
        fates
    }

    fn deliver(&mut self, name: &str, mut hear: impl FnMut(&Manner)) -> (u32, u32) {
        let mut heard: Vec<&Registered> =
            self.registered.iter().filter(|one| !one.paused && one.manner.wants(name)).collect();
        heard.sort_by_key(|one| std::cmp::Reverse(one.manner.priority));
        for one in &heard {
            hear(&one.manner);
        }
        self.calls.extend(heard.iter().map(|one| (one.name, name.to_owned())));
        let failed = heard.iter().filter(|one| one.manner.fails).count();
        self.failures += failed;
        let count = |number: usize| u32::try_from(number).expect("few");
        (count(heard.len() - failed), count(failed))
    }

    /// Every call is in the report, whoever has gone since.
    fn agrees(&self, report: &Report) {
        let sum = |of: fn(&tidings_registry::Counts) -> u64| {
            report.observers.iter().map(|one| of(&one.counts)).sum::<u64>()
        };
        let (calls, failures) = (self.calls.len() as u64, self.failures as u64);
        assert_eq!(sum(|counts| counts.accepted), calls);
        assert_eq!(sum(|counts| counts.delivered), calls - failures);
        assert_eq!(sum(|counts| counts.failed), failures);
    }
}

fn run(acts: &[Act]) {
    let (bus, log) = (Bus::new(), Log::new());
    let raw = bus.raw_emitter("case", "t");
    let named = |name: usize, manner: &Manner| Named {
        name,
        manner: manner.clone(),
        raw: raw.clone(),
        log: log.clone(),
    };
    let mut model = Model::default();
    for act in acts {
        let place = |number: usize, model: &Model| {
            (!model.registered.is_empty()).then(|| number % model.registered.len())
        };
        match act {
            Act::Subscribe(manner) => {
                let name = model.name();
                let registration = bus
                    .register(named(name, manner))
                    .interest(manner.interest())
                    .priority(manner.priority);
                let subscription = registration.start().expect("open");
                let manner = manner.clone();
                model.registered.push(Registered { subscription, manner, name, paused: false });
            }
            Act::Cancel(number) => {
                if let Some(place) = place(*number, &model) {
                    model.registered.remove(place).subscription.cancel();
                }
            }
            Act::Pause(number) => {
                if let Some(place) = place(*number, &model) {
                    model.registered[place].subscription.pause();
                    model.registered[place].paused = true;
                }
            }
            Act::Resume(number) => {
                if let Some(place) = place(*number, &model) {
                    model.registered[place].subscription.resume();
                    model.registered[place].paused = false;
                }
            }
            Act::Replace(number) => {
                if let Some(place) = place(*number, &model) {
                    let name = model.name();
                    let one = &mut model.registered[place];
                    one.subscription.replace(named(name, &one.manner));
                    one.name = name;
                }
            }
            Act::Emit(number) => {
                let name = TYPES[*number];
                let receipt = raw.emit(name, serde_json::json!({})).expect("a good name");
                assert_eq!((receipt.delivered(), receipt.failed()), model.emit(name));
            }
        }
    }
    assert_eq!(log.all(), model.calls);
    model.agrees(&bus.report());
}

proptest! {
    #[test]
    fn a_bus_calls_whom_a_plain_list_would_call(acts in prop::collection::vec(act(), 0..80)) {
        run(&acts);
    }
}
