//! Events, envelopes and a bus that writes down what it is asked to do.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings_core::emitter::{
    Accepted, Dispatch, Draft, Source, Stream, StreamClosed, TypeSlot, TypeTable,
};
use tidings_core::wire::{Received, read_event, write_event};
use tidings_core::{
    Attributes, BusId, Context, Descriptor, Emitter, Entity, Envelope, Event, EventId, EventType,
    Head, Lane, Payload, Receipt, Tally, Timestamp,
};
use tidings_derive::Event;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "work", crate = "tidings_core")]
pub(crate) enum Work {
    #[event(begin)]
    Started {
        name: String,
    },
    #[event(end(success))]
    Done {
        name: String,
        #[event(volatile)]
        seconds: f64,
    },
    Idle,
}

/// Embeds [`Work`], whose events keep their names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "lab", crate = "tidings_core")]
pub(crate) enum Lab {
    Opened,
    #[event(transparent)]
    Work(Work),
}

pub(crate) fn started(name: &str) -> Work {
    Work::Started { name: name.to_owned() }
}

pub(crate) fn done(name: &str, seconds: f64) -> Work {
    Work::Done { name: name.to_owned(), seconds }
}

pub(crate) fn context(entity: &Entity, attributes: &Attributes) -> Context {
    Context::new("run-7".into(), "lab-3".into(), entity.clone(), attributes.clone())
}

pub(crate) fn head(event_type: EventType, context: Context) -> Head {
    Head::new(
        EventId::new(BusId::from_u128(5), Lane::new(3), 9),
        event_type,
        Arc::new(context),
        Timestamp::from_nanos(1_795_230_202_119_948_123),
        Duration::from_nanos(77),
    )
}

/// An envelope as a bus would make it.
pub(crate) fn envelope<E: Event>(event: E, entity: &Entity) -> Envelope<E> {
    let event_type = event.event_type().clone();
    Envelope::new(head(event_type, context(entity, &Attributes::new())), event)
}

pub(crate) fn line<P: Payload + ?Sized>(envelope: &Envelope<P>) -> String {
    let mut line = String::new();
    write_event(envelope, None, &mut line).expect("the payload has a JSON form");
    line
}

pub(crate) fn received(line: &str) -> Received {
    read_event(line).expect(line)
}

/// A bus without observers: it keeps the envelopes, and says of types what it is told to.
pub(crate) struct FakeBus {
    generation: Arc<AtomicU64>,
    pub(crate) state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    /// The types that nobody hears.
    pub(crate) unheard: Vec<EventType>,
    pub(crate) closed: bool,
    pub(crate) envelopes: Vec<Arc<Envelope>>,
    /// The key of each event's source.
    pub(crate) keys: Vec<(u64, u64)>,
    /// What was accepted on machines' lanes and is not delivered yet.
    accepted: Vec<Arc<Envelope>>,
    streams: u32,
}

impl FakeBus {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { generation: Arc::default(), state: Mutex::default() })
    }

    pub(crate) fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        self.generation.fetch_add(1, Ordering::AcqRel);
        change(&mut self.state.lock().expect("no test panics in here"))
    }

    pub(crate) fn emitter<E: Event>(self: &Arc<Self>, entity: &Entity) -> Emitter<E> {
        Emitter::new(Arc::new(Bus(Arc::clone(self))), entity.clone())
    }

    pub(crate) fn dispatch(self: &Arc<Self>) -> Arc<dyn Dispatch> {
        Arc::new(Bus(Arc::clone(self)))
    }

    pub(crate) fn envelopes(&self) -> Vec<Arc<Envelope>> {
        self.with(|state| state.envelopes.clone())
    }

    fn freeze(&self, source: &Source, draft: &mut dyn Draft) -> Arc<Envelope> {
        let sequence = self.with(|state| {
            state.keys.push(source.key());
            state.keys.len() - 1
        });
        let mut head = head(draft.event_type().clone(), source.context_here());
        head.id = EventId::new(BusId::from_u128(5), Lane::new(0), sequence as u64);
        draft.freeze(head, None)
    }
}

struct Bus(Arc<FakeBus>);

impl Dispatch for Bus {
    fn table(&self, types: &'static [&'static Descriptor]) -> Arc<TypeTable> {
        let types = types.iter().map(|found| found.event_type.clone()).zip(0..);
        Arc::new(TypeTable::new(Arc::clone(&self.0.generation), types))
    }

    fn context(&self, entity: Entity, attributes: &Attributes) -> Context {
        let of_bus = Attributes::new().with("level", "bus").with("bus", 1);
        context(&entity, &of_bus.merged(attributes))
    }

    fn emit(&self, source: &Source, slot: TypeSlot<'_>, draft: &mut dyn Draft) -> Receipt {
        if let Some(receipt) = self.foreseen(slot) {
            return receipt;
        }
        let envelope = self.0.freeze(source, draft);
        self.0.with(|state| state.envelopes.push(envelope));
        Receipt::Dispatched(Tally::new(1, 0, 0, 0))
    }

    fn foreseen(&self, slot: TypeSlot<'_>) -> Option<Receipt> {
        let event_type = match slot {
            TypeSlot::Known(table, index) => table.event_type(index),
            TypeSlot::Named(name) => name,
            other => unreachable!("a slot is known or named: {other:?}"),
        };
        let state = self.0.state.lock().expect("no test panics in here");
        if state.closed {
            return Some(Receipt::Closed);
        }
        if !state.unheard.contains(event_type) {
            return None;
        }
        if let TypeSlot::Known(table, index) = slot {
            table.remember_unheard(index, self.0.generation.load(Ordering::Acquire));
        }
        Some(Receipt::UNHEARD)
    }

    fn stream(&self) -> Arc<dyn Stream> {
        self.0.with(|state| state.streams += 1);
        Arc::new(Bus(Arc::clone(&self.0)))
    }

    fn key(&self) -> u64 {
        1
    }
}

impl Stream for Bus {
    fn accept(
        &self,
        source: &Source,
        slot: TypeSlot<'_>,
        draft: &mut dyn Draft,
    ) -> Result<Accepted, StreamClosed> {
        match self.foreseen(slot) {
            Some(Receipt::Closed) => Err(StreamClosed),
            Some(receipt) => Ok(Accepted::Settled(receipt)),
            None => {
                let envelope = self.0.freeze(source, draft);
                self.0.with(|state| state.accepted.push(envelope));
                Ok(Accepted::Drain)
            }
        }
    }

    fn drain(&self) -> Receipt {
        self.0.with(|state| {
            let accepted = std::mem::take(&mut state.accepted);
            let count = u32::try_from(accepted.len()).expect("few");
            state.envelopes.extend(accepted);
            Receipt::Dispatched(Tally::new(count, 0, 0, 0))
        })
    }
}

impl State {
    pub(crate) fn streams(&self) -> u32 {
        self.streams
    }
}
