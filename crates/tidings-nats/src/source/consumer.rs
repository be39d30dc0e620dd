//! The consumer that a source reads through.
//!
//! A durable consumer keeps how far reading got, and is never reused: each session makes a
//! new one behind what the old one knows as acknowledged, and removes the old one. So what
//! was delivered and not acknowledged comes again at once and in order, instead of after a
//! time-out and behind what is newer. Two names take turns, so that one of them is always
//! there, whenever it breaks off.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, Info, PullConsumer, ReplayPolicy};
use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::stream::Stream;

use crate::server::{Kind, NatsError, innermost, shown};
use crate::stream::ensure;

use super::Start;
use super::plan::Plan;

/// When the broker would deliver again by itself what is not acknowledged. A source asks for
/// it long before.
const ACK_WAIT: Duration = Duration::from_hours(1);
/// How long a consumer without a durable name outlives its source.
const INACTIVE_MAX: Duration = Duration::from_mins(1);

/// How far reading got, as this source knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Resume {
    /// The last message in the stream that need not come again; none before the first session.
    pub(super) done: Option<u64>,
    /// When the stream was made that this is a number of.
    pub(super) created: String,
}

/// A consumer that begins behind what is done.
pub(super) struct Made {
    pub(super) consumer: PullConsumer,
    pub(super) resume: Resume,
    /// Whether nothing is filtered out of the run.
    pub(super) is_whole: bool,
}

/// Makes the consumer of a session.
pub(super) async fn make(
    context: &Context,
    plan: &Plan,
    resume: &Resume,
    single: bool,
) -> Result<Made, NatsError> {
    ensure(context, &plan.root, &plan.stream).await?;
    let name = plan.stream.name_for(&plan.root);
    let stream = &context.get_stream(name).await.map_err(|fault| of(&fault, "made"))?;
    let created = stream.cached_info().created.to_string();
    let state = &stream.cached_info().state;
    let known = match &plan.durable {
        Some(durable) => Some(Known::find(stream, durable, plan, resume).await?),
        None => None,
    };
    let floor = known.as_ref().and_then(|known| known.floor);
    let same_stream = resume.created == created;
    let done = match resume.done {
        // A stream that was made anew, or came back without its end, has other messages.
        Some(done) if same_stream && done <= state.last_sequence => done.max(floor.unwrap_or(0)),
        Some(_) => floor.unwrap_or(0),
        None => floor.unwrap_or(match plan.start {
            Start::Beginning => 0,
            Start::Now => state.last_sequence,
        }),
    };
    let filters = plan.filters(single);
    let is_whole = plan.is_whole(&filters);
    let mut config = config_of(plan, done + 1, filters);
    if let Some(known) = &known {
        config.durable_name = Some(known.next.clone());
        config.name.clone_from(&config.durable_name);
        known.remove(stream, &known.next).await?;
    }
    let consumer = stream.create_consumer(config).await.map_err(|fault| of(&fault, "made"))?;
    if let Some(known) = &known {
        known.remove(stream, &known.last).await?;
    }
    Ok(Made { consumer, resume: Resume { done: Some(done), created }, is_whole })
}

fn config_of(plan: &Plan, first: u64, filters: Vec<String>) -> Config {
    let is_durable = plan.durable.is_some();
    let mut config = Config {
        description: Some(plan.owner.to_string()),
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: first },
        ack_policy: if is_durable { AckPolicy::All } else { AckPolicy::None },
        replay_policy: ReplayPolicy::Instant,
        ack_wait: ACK_WAIT,
        // An observer that hangs must not hold up the relay.
        max_ack_pending: if is_durable { -1 } else { 0 },
        ..Config::default()
    };
    if !is_durable {
        config.inactive_threshold = INACTIVE_MAX;
        config.memory_storage = true;
        config.num_replicas = 1;
    }
    match <[String; 1]>::try_from(filters) {
        Ok([filter]) => config.filter_subject = filter,
        Err(filters) => config.filter_subjects = filters,
    }
    config
}

/// The consumers of a durable name.
struct Known {
    /// How far reading got, as the broker knows it.
    floor: Option<u64>,
    /// The one that knows it; to be removed when there is another one.
    last: String,
    /// The name of the next one.
    next: String,
}

impl Known {
    async fn find(
        stream: &Stream,
        durable: &str,
        plan: &Plan,
        resume: &Resume,
    ) -> Result<Self, NatsError> {
        let names = [durable.to_owned(), format!("{durable}_b")];
        let mut floors = [None, None];
        for (name, floor) in names.iter().zip(&mut floors) {
            let Some(info) = info(stream, name).await? else { continue };
            let owner = info.config.description.as_deref();
            if resume.done.is_some() && owner != Some(&plan.owner.to_string()) {
                return Err(taken_over(durable));
            }
            *floor = Some(info.ack_floor.stream_sequence);
        }
        let [first, second] = names;
        let is_first = floors[0] >= floors[1] && floors[0].is_some();
        let (last, next) = if is_first { (first, second) } else { (second, first) };
        Ok(Self { floor: floors[0].max(floors[1]), last, next })
    }

    async fn remove(&self, stream: &Stream, name: &str) -> Result<(), NatsError> {
        if info(stream, name).await?.is_none() {
            return Ok(());
        }
        match stream.delete_consumer(name).await {
            Ok(_) => Ok(()),
            Err(fault) => Err(of(&fault, "removed")),
        }
    }
}

async fn info(stream: &Stream, name: &str) -> Result<Option<Info>, NatsError> {
    match stream.consumer_info(name).await {
        Ok(info) => Ok(Some(info)),
        Err(fault) if fault.kind() == ConsumerInfoErrorKind::NotFound => Ok(None),
        Err(fault) => Err(of(&fault, "found")),
    }
}

/// Another source reads in the place of this one.
pub(super) fn taken_over(durable: &str) -> NatsError {
    let text = format!(
        "another receiver has taken over the durable name `{durable}`: give each receiver a \
         name of its own"
    );
    NatsError::new(Kind::Setting("durable"), text)
}

fn of(fault: &(dyn std::error::Error + 'static), what: &str) -> NatsError {
    let said = innermost(fault);
    let lower = said.to_lowercase();
    let kind = if lower.contains("no responders") {
        Kind::NoJetStream
    } else if lower.contains("timed out") || lower.contains("timeout") {
        Kind::Timeout
    } else {
        Kind::Refused
    };
    NatsError::new(kind, format!("the consumer could not be {what}: {}", shown(&said)))
}
