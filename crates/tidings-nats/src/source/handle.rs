//! The source as its reader sees it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::jetstream;
use tidings_core::Envelope;
use tidings_core::time::moment::deadline_in;
use tidings_core::wire::EventReader;

use crate::server::{Kind, NatsError};

use super::arrival::{place_of, read};
use super::consumer::Resume;
use super::link::{Link, Pauses, begin, opened};
use super::plan::Plan;
use super::session::{Session, broken};
use super::{Arrived, NatsSourceBuilder, Place, Taken};
use crate::NatsServer;

/// How long the broker has for taking an acknowledgement.
const ACKNOWLEDGE_WITHIN: Duration = Duration::from_secs(2);

/// Events of a stream, in its order.
///
/// It reconnects by itself and then reads on behind what was acknowledged, so that an event
/// may come again: who needs each once asks [`Seen`](crate::Seen), or has a
/// [`Relay`](crate::Relay) do all of it. Without a durable name it reads on behind what it
/// handed out.
///
/// ```no_run
/// use std::time::Duration;
/// use tidings_nats::{NatsServer, NatsSource, Start};
///
/// let mut source = NatsSource::builder(NatsServer::at("nats://lab:4222"))
///     .interest(&["test.case"])?
///     .start(Start::Now)
///     .open()?;
/// while let Some(envelope) = source.next(Duration::from_secs(60))? {
///     assert!(envelope.event_type().as_str().starts_with("test.case"));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct NatsSource {
    plan: Arc<Plan>,
    link: Link,
    pauses: Pauses,
    buffer: VecDeque<jetstream::Message>,
    events: EventReader,
    resume: Resume,
    epoch: u32,
    /// The last that was handed out or passed over.
    last: Option<Place>,
    report: SourceReport,
}

/// What a source went through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceReport {
    /// Messages that came, also those that came again.
    pub received: u64,
    /// Messages that are no events, and were passed over.
    pub unreadable: u64,
    /// What is wrong with the last of these.
    pub last_unreadable: Option<String>,
    /// How often it connected, and found its place again.
    pub sessions: u64,
    /// How many messages the stream had beyond the last that came, when that came.
    pub pending: u64,
}

impl NatsSource {
    /// Settings of a source.
    pub fn builder(server: NatsServer) -> NatsSourceBuilder {
        NatsSourceBuilder::new(server)
    }

    pub(super) fn open(plan: Plan) -> Result<Self, NatsError> {
        let plan = Arc::new(plan);
        let session = Session::open(&plan, &Resume::default())?;
        let mut source = Self {
            plan,
            link: Link::Down(Instant::now()),
            pauses: Pauses::default(),
            buffer: VecDeque::new(),
            events: EventReader::new(),
            resume: Resume::default(),
            epoch: 0,
            last: None,
            report: SourceReport::default(),
        };
        source.adopt(session);
        Ok(source)
    }

    /// The next event; none when there is none within this time.
    ///
    /// A message that is no event is passed over and counted. It comes back a second after
    /// the time is over at the latest, whatever the broker does.
    ///
    /// # Errors
    ///
    /// What is wrong, each time that it is met: a broken connection once, and again each time
    /// that there is still none. The next call goes on. One that
    /// [needs a person](NatsError::needs_a_person) will not end by itself.
    pub fn next(&mut self, wait: Duration) -> Result<Option<Arc<Envelope>>, NatsError> {
        let deadline = deadline_in(wait);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.take(left)? {
                Some(Taken::Event(arrived)) if arrived.is_wanted => {
                    return Ok(Some(arrived.envelope));
                }
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }

    /// Says that everything handed out so far is safe: it need not come again, not even after
    /// a restart. Without a durable name there is nobody to tell.
    ///
    /// # Errors
    ///
    /// When the broker could not be told. It comes again then, or is told with the next.
    pub fn acknowledge(&mut self) -> Result<(), NatsError> {
        match self.last {
            Some(last) => self.acknowledge_through(last),
            None => Ok(()),
        }
    }

    /// Whether there is a connection now, as far as is known.
    pub fn is_connected(&self) -> bool {
        matches!(&self.link, Link::Up(session) if session.is_connected())
    }

    /// What it went through so far.
    pub fn report(&self) -> &SourceReport {
        &self.report
    }

    /// Whether everything of the run comes, so that a position that is missing is late.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(&self.link, Link::Up(session) if session.is_whole)
    }

    /// What comes next, whatever it is; none when nothing does within this time.
    pub(crate) fn take(&mut self, wait: Duration) -> Result<Option<Taken>, NatsError> {
        let deadline = deadline_in(wait);
        loop {
            if let Some(message) = self.buffer.pop_front() {
                match self.read(&message)? {
                    Some(taken) => return Ok(Some(taken)),
                    None => continue,
                }
            }
            let left = deadline.saturating_duration_since(Instant::now());
            self.fill(left)?;
            if self.buffer.is_empty() && Instant::now() >= deadline {
                return Ok(None);
            }
        }
    }

    /// Says that everything up to this place is safe.
    pub(crate) fn acknowledge_through(&mut self, place: Place) -> Result<(), NatsError> {
        if self.plan.durable.is_none()
            || self.resume.done.is_some_and(|done| place.sequence <= done)
        {
            return Ok(());
        }
        let Link::Up(session) = &self.link else {
            return Err(broken("there is no connection to acknowledge over"));
        };
        if place.epoch == self.epoch
            && let Err(fault) = session.acknowledge(place, ACKNOWLEDGE_WITHIN)
        {
            // Nobody waits for a dead connection a second time; what it brought comes again.
            self.hang_up();
            return Err(fault);
        }
        // Of an earlier session: the broker hears it with the next one.
        self.resume.done = Some(place.sequence);
        Ok(())
    }

    /// Gets messages, or a session to get them from; takes no longer than it is given.
    fn fill(&mut self, wait: Duration) -> Result<(), NatsError> {
        match &mut self.link {
            Link::Up(session) => {
                let mut arrived = Vec::new();
                let outcome = session.receive(wait, &mut arrived);
                self.buffer.extend(arrived);
                if let Err(fault) = outcome {
                    self.hang_up();
                    return Err(fault);
                }
            }
            Link::Opening(opening) => match opened(opening, wait) {
                Some(Ok(session)) => self.adopt(session),
                Some(Err(fault)) => {
                    self.hang_up();
                    return Err(fault);
                }
                None => {}
            },
            Link::Down(until) => {
                let pause = until.saturating_duration_since(Instant::now());
                if pause.is_zero() {
                    self.link = begin(&self.plan, &self.resume)?;
                } else {
                    std::thread::park_timeout(pause.min(wait));
                }
            }
        }
        Ok(())
    }

    fn adopt(&mut self, session: Session) {
        // What came over an earlier connection and was not read comes again.
        self.buffer.clear();
        self.resume = session.resume.clone();
        self.epoch += 1;
        self.report.sessions += 1;
        self.link = Link::Up(Box::new(session));
    }

    fn hang_up(&mut self) {
        self.link = Link::Down(deadline_in(self.pauses.next()));
    }

    /// Reads a message; none when the session that it came over is over.
    fn read(&mut self, message: &jetstream::Message) -> Result<Option<Taken>, NatsError> {
        let Link::Up(session) = &mut self.link else {
            // It comes again, in its order.
            return Ok(None);
        };
        let Some((place, pending)) = place_of(message, self.epoch) else {
            self.hang_up();
            let text = "a message came that is none of a consumer";
            return Err(NatsError::new(Kind::Refused, text));
        };
        if place.delivery != session.next_delivery {
            self.buffer.clear();
            self.hang_up();
            return Err(broken("messages were lost on the way"));
        }
        session.next_delivery += 1;
        session.keep_reply(message);
        self.pauses.reset();
        self.report.received += 1;
        self.report.pending = pending;
        self.last = Some(place);
        if self.plan.durable.is_none() {
            self.resume.done = Some(place.sequence);
        }
        let taken = read(&mut self.events, message, place, &self.plan);
        if let Taken::Unreadable { reason, .. } = &taken {
            self.report.unreadable += 1;
            self.report.last_unreadable = Some(reason.clone());
        }
        Ok(Some(taken))
    }
}

/// A source is moved to the thread that reads.
const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<NatsSource>();
    is_send::<Arrived>();
};
