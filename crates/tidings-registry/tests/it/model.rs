//! Random use of a bus on one thread, against a plain list that does the same.

use std::sync::Arc;

use proptest::prelude::*;
use tidings_core::{Envelope, EventType, Interest, Prefix};
use tidings_registry::{Bus, Observer, ObserverError, Subscription};

use crate::support::Log;

const PREFIXES: [&str; 10] = ["**", "*", "a", "a.", "a.b", "b", "*.b", "**.c", "a.*.c", "a.**.c"];
const TYPES: [&str; 9] = ["a", "b", "c", "a.b", "a.c", "b.b", "a.b.c", "a.b.b.c", "ab"];

#[derive(Debug, Clone)]
enum Act {
    Subscribe { prefix: usize, priority: i32 },
    Cancel(usize),
    Pause(usize),
    Resume(usize),
    Replace(usize),
    Emit(usize),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => (0..PREFIXES.len(), -1..2).prop_map(|(prefix, priority)| Act::Subscribe { prefix, priority }),
        1 => any::<usize>().prop_map(Act::Cancel),
        1 => any::<usize>().prop_map(Act::Pause),
        1 => any::<usize>().prop_map(Act::Resume),
        1 => any::<usize>().prop_map(Act::Replace),
        5 => (0..TYPES.len()).prop_map(Act::Emit),
    ]
}

/// One registration, in the bus and in the model.
struct Registered {
    subscription: Subscription,
    prefix: Prefix,
    priority: i32,
    name: usize,
    paused: bool,
}

struct Named(usize, Log<(usize, String)>);

impl Observer for Named {
    fn interest(&self) -> Interest {
        Interest::everything()
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        self.1.push((self.0, envelope.event_type().to_string()));
        Ok(())
    }
}

#[derive(Default)]
struct Model {
    registered: Vec<Registered>,
    calls: Vec<(usize, String)>,
    names: usize,
}

impl Model {
    fn name(&mut self) -> usize {
        self.names += 1;
        self.names
    }

    fn emit(&mut self, name: &str) -> u32 {
        let event_type = EventType::parse(name).expect("a good name");
        let mut heard: Vec<&Registered> = self
            .registered
            .iter()
            .filter(|one| !one.paused && one.prefix.matches(&event_type))
            .collect();
        heard.sort_by_key(|one| std::cmp::Reverse(one.priority));
        self.calls.extend(heard.iter().map(|one| (one.name, name.to_owned())));
        u32::try_from(heard.len()).expect("few")
    }
}

fn run(acts: &[Act]) {
    let (bus, log) = (Bus::new(), Log::new());
    let raw = bus.raw_emitter("case", "t");
    let mut model = Model::default();
    for act in acts {
        let place = |number: usize, model: &Model| {
            (!model.registered.is_empty()).then(|| number % model.registered.len())
        };
        match *act {
            Act::Subscribe { prefix, priority } => {
                let name = model.name();
                let prefix = Prefix::parse(PREFIXES[prefix]).expect("a good prefix");
                let registration = bus
                    .register(Named(name, log.clone()))
                    .interest(prefix.clone().into())
                    .priority(priority);
                model.registered.push(Registered {
                    subscription: registration.start().expect("open"),
                    prefix,
                    priority,
                    name,
                    paused: false,
                });
            }
            Act::Cancel(number) => {
                if let Some(place) = place(number, &model) {
                    model.registered.remove(place).subscription.cancel();
                }
            }
            Act::Pause(number) => {
                if let Some(place) = place(number, &model) {
                    model.registered[place].subscription.pause();
                    model.registered[place].paused = true;
                }
            }
            Act::Resume(number) => {
                if let Some(place) = place(number, &model) {
                    model.registered[place].subscription.resume();
                    model.registered[place].paused = false;
                }
            }
            Act::Replace(number) => {
                if let Some(place) = place(number, &model) {
                    let name = model.name();
                    model.registered[place].subscription.replace(Named(name, log.clone()));
                    model.registered[place].name = name;
                }
            }
            Act::Emit(number) => {
                let receipt = raw.emit(TYPES[number], serde_json::json!({})).expect("a good name");
                assert_eq!(receipt.delivered(), model.emit(TYPES[number]));
            }
        }
    }
    assert_eq!(log.all(), model.calls);
}

proptest! {
    #[test]
    fn a_bus_calls_whom_a_plain_list_would_call(acts in prop::collection::vec(act(), 0..80)) {
        run(&acts);
    }
}
