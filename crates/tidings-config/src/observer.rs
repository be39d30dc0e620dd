//! One observer: read from its table, and started on a bus.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use tidings_delivery::{Delivery, Gate, QUEUE_BYTES_DEFAULT, Sink, StartError};
use tidings_registry::{Bus, Deliver, Observer, Registration, Subscription};

use crate::decode::read_kind;
use crate::environment::Environment;
use crate::error::chain;
use crate::keys::{
    COMMON_KEYS, Common, DELIVERY_KEYS, DeliverySettings, OBSERVER_KEYS, QueueLimits,
};
use crate::kind::{Maker, Making, Memory, OpenContext, OpenError, Opened, Opening, PageUrl, Place};
use crate::redacting::Redacting;
use crate::source::{
    Entry, Fault, INLINE_ADVICE, Source, Span, Table, Value, is_inline_secret, is_pasted_secret,
    is_secret_attribute, is_secret_header,
};
use crate::started::Store;

/// One observer that is to be registered.
#[derive(Debug)]
pub(crate) struct Planned {
    /// What the report calls it.
    name: String,
    kind_span: Span,
    /// All its keys, for their places.
    table: Table,
    common: Common,
    delivery: DeliverySettings,
    opening: Opening,
}

/// Where a configuration is read.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) base_folder: PathBuf,
    pub(crate) environment: Environment,
}

impl Planned {
    /// Reads and opens an observer; what is wrong is reported.
    pub(crate) fn read(table: &Table, span: Span, world: &World, source: &Source) -> Option<Self> {
        let (kind, kind_span) = kind_of(table, span, source)?;
        let mut own = table.clone();
        let common_keys = own.split_off(&COMMON_KEYS);
        let delivery_keys = own.split_off(&DELIVERY_KEYS);
        let common = Common::read(&common_keys, &kind_span, source);
        let interest = common.as_ref().and_then(|common| common.interest.clone());
        let context = OpenContext::new(&world.base_folder, &world.environment, interest.as_ref());
        let delivery = DeliverySettings::read(&delivery_keys, &kind_span, &context, source);
        let made = read_kind(&kind, &kind_span, &own, source);
        let holds_secrets = refuse_pasted_secrets(&own, source);
        let (common, delivery, made) = (common?, delivery?, made?);
        if holds_secrets {
            // The kind would ask for a variable of that name, and say so.
            return None;
        }
        let opening = match made.open(&context) {
            Ok(Opened(opening)) => opening,
            Err(fault) if fault.is_missing() && !common.enabled => {
                Opening::Disabled(fault.to_string())
            }
            Err(fault) => {
                source.report(fault_of(&fault, table, &kind_span));
                return None;
            }
        };
        refuse_misfits(&kind, &opening, table, source);
        let name = common.name.clone().unwrap_or(kind);
        Some(Self { name, kind_span, table: table.clone(), common, delivery, opening })
    }

    /// Whether it is registered at all.
    pub(crate) fn is_active(&self) -> bool {
        self.common.enabled && !matches!(self.opening, Opening::Disabled(_))
    }

    /// Whether it shows nothing of what was before it was started.
    pub(crate) fn is_view(&self) -> bool {
        matches!(&self.opening, Opening::Observer(maker) if maker.memory == Memory::Rebuilt)
    }

    /// What its queue holds, if it has one.
    pub(crate) fn queue(&self) -> Option<QueueLimits> {
        match (&self.opening, self.common.deliver) {
            (Opening::Sink(_), _) => Some(self.delivery.queue()),
            (Opening::Observer(_), Deliver::Queued { capacity, .. }) => {
                Some(QueueLimits { events: capacity, bytes: QUEUE_BYTES_DEFAULT })
            }
            _ => None,
        }
    }

    /// Where it keeps what it does not deliver.
    pub(crate) fn store(&self) -> Store {
        Store {
            observer: self.name.clone(),
            spool: self.delivery.spool.clone(),
            dead_letter: self.delivery.dead_letter.clone(),
        }
    }

    /// All it was told, without places.
    #[cfg(test)]
    pub(crate) fn settings(&self) -> String {
        format!("{:?} {:?} {:?} {:?}", self.name, self.common, self.delivery, self.opening)
    }

    /// What a person should know about it.
    pub(crate) fn warning(&self) -> Option<String> {
        match &self.opening {
            Opening::Disabled(reason) if self.common.enabled => {
                Some(format!("observer `{}` is disabled: {reason}", self.name))
            }
            Opening::Observer(maker) if self.common.enabled => {
                let warning = maker.warning.as_ref()?;
                Some(format!("observer `{}`: {warning}", self.name))
            }
            _ => None,
        }
    }

    /// Where it will say what it serves.
    pub(crate) fn page(&self) -> Option<PageUrl> {
        match &self.opening {
            Opening::Observer(maker) => Some(PageUrl::clone(&maker.page)),
            _ => None,
        }
    }

    /// Registers it.
    pub(crate) fn start(
        self,
        bus: &Bus,
        gates: &mut HashMap<String, Gate>,
    ) -> Result<Subscription, Fault> {
        let Self { name, kind_span, table, common, delivery, opening } = self;
        let failed = |fault: &OpenError| fault_of(fault, &table, &kind_span);
        let registration = match opening {
            Opening::Sink(place) => {
                let Place { making, endpoint, .. } = place;
                let sink = match making {
                    Making::Made(sink) => sink,
                    Making::OnBus(start) => start(bus).map_err(|fault| failed(&fault))?,
                };
                let gate = endpoint.map(|endpoint| gates.entry(endpoint).or_default().clone());
                let delivery = deliver(&name, (sink, gate), delivery, &common);
                bus.register(delivery.map_err(|fault| failed(&fault))?)
            }
            Opening::Observer(Maker { start, interest, .. }) => {
                let observer = start(bus).map_err(|fault| failed(&fault))?;
                let registration = register(bus, observer, &common);
                match interest {
                    Some(interest) => registration.interest(interest),
                    None => registration,
                }
            }
            Opening::Disabled(reason) => return Err(Fault::new(kind_span, reason)),
        };
        let mut registration = registration.name(&name);
        if let Some(interest) = common.interest {
            registration = registration.interest(interest);
        }
        if let Some(dedup) = common.dedup {
            registration = registration.dedup(dedup);
        }
        registration.start().map_err(|fault| {
            Fault::new(kind_span, format!("failed to register `{name}`: {}", chain(&fault)))
        })
    }
}

/// What of a configuration has to fit together; unnamed observers get their names here.
pub(crate) fn check_together(planned: &mut [Planned], source: &Source) {
    let mut names = HashSet::new();
    for observer in planned.iter() {
        if let Some(name) = &observer.common.name
            && !names.insert(name.clone())
            && let Some(entry) = observer.table.get("name")
        {
            source.report(
                Fault::new(entry.node.span.clone(), format!("another observer is called `{name}`"))
                    .advise("name each once, as the report tells them apart by it"),
            );
        }
    }
    for observer in planned.iter_mut().filter(|observer| observer.common.name.is_none()) {
        let kind = observer.name.clone();
        let mut number = 2;
        while !names.insert(observer.name.clone()) {
            observer.name = format!("{kind}-{number}");
            number += 1;
        }
    }
    let mut folders = HashSet::new();
    for observer in planned.iter().filter(|observer| observer.is_active()) {
        let folder = observer.delivery.spool.as_ref();
        if let Some(folder) = folder.map(|folder| folder.components().collect::<PathBuf>())
            && !folders.insert(folder)
            && let Some(entry) = observer.table.get("spool")
        {
            source.report(
                Fault::new(entry.node.span.clone(), "another observer spools into this folder")
                    .advise("one delivery has it to itself: name another folder"),
            );
        }
    }
}

/// Reports keys whose value would be a secret, and takes them away.
pub(crate) fn refuse_secrets(top: &mut Table, source: &Source) {
    refuse_secrets_in(top, is_inline_secret, source);
    refuse_secrets_below(top, source);
    for entry in &mut top.entries {
        if let ("observer", Value::List(nodes)) = (entry.key.as_str(), &mut entry.node.value) {
            for node in nodes {
                let Value::Table(table) = &mut node.value else { continue };
                refuse_secrets_in(table, is_inline_secret, source);
                refuse_secrets_below(table, source);
            }
        }
    }
}

/// Reports secrets among what goes out with each event or request.
fn refuse_secrets_below(table: &mut Table, source: &Source) {
    for entry in &mut table.entries {
        let Value::Table(inner) = &mut entry.node.value else { continue };
        match entry.key.as_str() {
            "headers" => refuse_secrets_in(inner, is_secret_header, source),
            "attributes" | "static_attributes" => {
                refuse_secrets_in(inner, is_secret_attribute, source);
            }
            _ => {}
        }
    }
}

fn refuse_secrets_in(table: &mut Table, is_inline_secret: fn(&str) -> bool, source: &Source) {
    table.entries.retain(|entry| {
        let is_secret = is_inline_secret(&entry.key);
        if is_secret {
            let message = format!("`{}` holds a secret", entry.key);
            source.report(Fault::new(entry.key_span.clone(), message).advise(INLINE_ADVICE));
        }
        !is_secret
    });
}

/// Reports secrets that stand where the name of a variable belongs; whether there are any.
fn refuse_pasted_secrets(table: &Table, source: &Source) -> bool {
    let is_pasted = |entry: &&Entry| match &entry.node.value {
        Value::Text(text) => is_pasted_secret(&entry.key, text),
        _ => false,
    };
    let pasted: Vec<&Entry> = table.entries.iter().filter(is_pasted).collect();
    for entry in &pasted {
        let message = format!(
            "`{}` takes the name of a variable, and this is none: it looks like the secret itself",
            entry.key
        );
        source.report(Fault::new(entry.node.span.clone(), message));
    }
    !pasted.is_empty()
}

fn kind_of(table: &Table, span: Span, source: &Source) -> Option<(String, Span)> {
    match table.get("kind").map(|entry| &entry.node) {
        Some(node) => match &node.value {
            Value::Text(kind) => return Some((kind.clone(), node.span.clone())),
            _ => source.report(Fault::new(node.span.clone(), "`kind` is not a string")),
        },
        None => source.report(
            Fault::new(span, "an observer needs `kind`")
                .advise("say what it is: `kind = \"console\"`"),
        ),
    }
    None
}

/// Reports keys that are for deliveries on an observer, and the other way round.
fn refuse_misfits(kind: &str, opening: &Opening, table: &Table, source: &Source) {
    let (keys, advice): (&[&str], &str) = match opening {
        Opening::Sink(_) => {
            (&OBSERVER_KEYS, "it has a queue and a thread of its own: see `queue` and `send`")
        }
        Opening::Observer(_) => {
            (&DELIVERY_KEYS, "it takes each event at once: see `deliver` and `wait_max_ms`")
        }
        Opening::Disabled(_) => return,
    };
    for entry in table.entries.iter().filter(|entry| keys.contains(&entry.key.as_str())) {
        let message = format!("`{}` does not fit kind `{kind}`", entry.key);
        source.report(Fault::new(entry.key_span.clone(), message).advise(advice));
    }
}

fn fault_of(fault: &OpenError, table: &Table, kind_span: &Span) -> Fault {
    let entry = fault.key().and_then(|key| table.get(key));
    let span = entry.map_or(kind_span, |entry| &entry.node.span);
    Fault::new(span.clone(), fault.to_string())
}

/// Starts the delivery in front of a sink.
fn deliver(
    name: &str,
    (sink, gate): (Box<dyn Sink>, Option<Gate>),
    settings: DeliverySettings,
    common: &Common,
) -> Result<Delivery, OpenError> {
    let mut builder =
        settings.apply(Delivery::builder(sink)).name(name).redact(common.redaction.clone());
    if let Some(interest) = &common.interest {
        builder = builder.interest(interest.clone());
    }
    if let Some(gate) = gate {
        builder = builder.gate(gate);
    }
    builder.start().map_err(|fault| match &fault {
        StartError::Spool(_) => OpenError::at_key("spool", chain(&fault)),
        StartError::DeadLetter { .. } => OpenError::at_key("dead_letter", chain(&fault)),
        _ => OpenError::new(chain(&fault)),
    })
}

fn register(bus: &Bus, observer: Box<dyn Observer>, common: &Common) -> Registration {
    let registration = if common.redaction.is_empty() {
        bus.register(observer)
    } else {
        bus.register(Redacting { inner: observer, redaction: common.redaction.clone() })
    };
    registration.deliver(common.deliver)
}
