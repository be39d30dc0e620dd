//! The presence as its owner sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tidings_core::{BusId, Envelope, Event as _, Interest};
use tidings_registry::{Bus, Observer, ObserverError, Subscription};
use tidings_testrun::TestRun;

use crate::NatsServer;
use crate::relay::WaitingClock;
use crate::server::{Kind, NatsError};
use crate::sink::HEARTBEAT_DEFAULT;
use crate::subject::{ROOT_DEFAULT, Root};

use super::ear::Ear;
use super::voice::Voice;
use super::watch::{NodeState, Watch};

/// After how many intervals without a heartbeat or an event a node is lost.
pub const INTERVALS_UNTIL_LOST: u32 = 3;

/// How often it is looked who is silent.
const TICK: Duration = Duration::from_millis(20);

/// The settings of a [`Presence`], and what it has to know from before.
#[derive(Debug)]
#[must_use = "settings do nothing until a presence is started"]
pub struct PresenceSettings {
    root: String,
    run: Option<String>,
    interval: Duration,
    watch: Watch,
}

impl Default for PresenceSettings {
    fn default() -> Self {
        let (root, interval) = (ROOT_DEFAULT.to_owned(), HEARTBEAT_DEFAULT);
        Self { root, run: None, interval, watch: Watch::new(interval, None) }
    }
}

impl PresenceSettings {
    /// The first tokens of all subjects, as the nodes have them.
    pub fn root(mut self, root: &str) -> Self {
        root.clone_into(&mut self.root);
        self
    }

    /// Watches the nodes of this run only; those of all runs by default.
    pub fn run(mut self, run: &str) -> Self {
        self.run = Some(run.to_owned());
        self
    }

    /// The interval that is assumed of a node whose heartbeats were not heard.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(Duration::from_millis(1));
        self
    }

    /// Names events of before a restart, in their order: those in the journal of the master.
    /// What was running then is running still, until it ends or its node is lost. Others
    /// than [those that count](Presence::interest) change nothing and need not be named.
    pub fn remember(mut self, past: impl IntoIterator<Item = Arc<Envelope>>) -> Self {
        past.into_iter().for_each(|envelope| self.watch.remember(&envelope));
        self
    }
}

/// Watches which nodes are there, and says so on a bus: `node.joined` and `node.lost`.
///
/// A node is lost when neither a heartbeat nor an event of it came for
/// [`INTERVALS_UNTIL_LOST`] of its intervals, while the connection to the broker was up. What
/// was running there is ended with `aborted`, marked synthetic, so that observers of any
/// kind see it. A node that is heard again joins again, and its late ends take the place of
/// the synthetic ones. A node that says that it leaves is not lost.
///
/// ```no_run
/// use std::time::Duration;
/// use tidings_nats::{NatsServer, Presence, PresenceSettings};
/// use tidings_registry::Bus;
///
/// let bus = Bus::new();
/// let server = NatsServer::at("nats://lab:4222");
/// let presence = Presence::start(server, &bus, PresenceSettings::default().run("nightly"))?;
/// assert!(presence.nodes().iter().all(|node| !node.is_lost));
/// # Ok::<(), tidings_nats::NatsError>(())
/// ```
#[derive(Debug)]
#[must_use = "nobody is watched any more when it is dropped"]
pub struct Presence {
    watch: Arc<Mutex<Watch>>,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
    _listening: Subscription,
}

impl Presence {
    /// Begins to watch. It connects by itself, now and whenever the connection breaks.
    ///
    /// # Errors
    ///
    /// A setting that cannot be used, or no thread.
    pub fn start(
        server: NatsServer,
        bus: &Bus,
        settings: PresenceSettings,
    ) -> Result<Self, NatsError> {
        let root = Root::parse(&settings.root)
            .map_err(|fault| NatsError::setting("root", fault.to_string()))?;
        let ear = Ear::new(server, &root, settings.run.as_deref());
        let mut watch = settings.watch;
        watch.narrow(settings.interval, settings.run);
        let watch = Arc::new(Mutex::new(watch));
        let listener = Listener { watch: Arc::clone(&watch), own: bus.id() };
        let listening = bus.subscribe(listener);
        let stop: Arc<AtomicBool> = Arc::default();
        let (watching, stopping, voice) = (Arc::clone(&watch), Arc::clone(&stop), Voice::on(bus));
        let thread = std::thread::Builder::new()
            .name("tidings-presence".to_owned())
            .spawn(move || run(ear, voice, &watching, &stopping))
            .map_err(|fault| NatsError::new(Kind::Unreachable, format!("no thread: {fault}")))?;
        Ok(Self { watch, stop, thread: Some(thread), _listening: listening })
    }

    /// The event types of the past that count.
    pub fn interest() -> Interest {
        Interest::types(TestRun::TYPES.iter().copied())
    }

    /// The nodes that are known, by run and name.
    pub fn nodes(&self) -> Vec<NodeState> {
        self.watch.lock().nodes()
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // What it says may be said inside an observer that takes its time.
        }
    }
}

/// Hears the events of the bus.
struct Listener {
    watch: Arc<Mutex<Watch>>,
    own: BusId,
}

impl Observer for Listener {
    fn name(&self) -> String {
        "presence".to_owned()
    }

    fn kind(&self) -> &'static str {
        "presence"
    }

    fn interest(&self) -> Interest {
        Interest::everything()
    }

    fn on_event(&self, envelope: &Arc<Envelope>) -> Result<(), ObserverError> {
        // The master itself is no node of its own.
        if envelope.id().bus() != self.own {
            self.watch.lock().hear(envelope);
        }
        Ok(())
    }

    fn needs_close(&self) -> bool {
        false
    }
}

fn run(mut ear: Ear, mut voice: Voice, watch: &Mutex<Watch>, stop: &AtomicBool) {
    let mut clock = WaitingClock::new(Instant::now());
    let mut beats = Vec::new();
    while !stop.load(Ordering::Acquire) {
        let is_new = ear.listen(TICK, &mut beats);
        let now = clock.look(Instant::now(), ear.is_up());
        let is_anybody_overdue = {
            let mut watch = watch.lock();
            watch.set_now(now);
            if is_new {
                watch.begin_anew();
            }
            beats.drain(..).for_each(|beat| watch.hear_beat(&beat));
            ear.is_up() && watch.is_anybody_overdue()
        };
        // Silence may be that of the network: who answers has sent everything else before.
        if is_anybody_overdue && ear.is_answered(&mut beats) {
            let mut watch = watch.lock();
            beats.drain(..).for_each(|beat| watch.hear_beat(&beat));
            watch.give_up();
        }
        let sayings = watch.lock().take_sayings();
        for saying in sayings {
            voice.say(saying);
        }
    }
}
