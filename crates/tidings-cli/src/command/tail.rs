//! `tidings tail`: the events of many nodes on standard output, as they come.
//!
//! Lines are never left out: the next event waits until the reader has taken what is there.

use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tidings_console::{ColourChoice, Console, Mode, decide};
use tidings_core::{Interest, Prefix};
use tidings_nats::{NatsError, NatsSource, Start};
use tidings_registry::Bus;

use super::delivering::listen;
use crate::args::{Place, TailArgs, TailFormat};
use crate::failure::{Failure, Verdict};
use crate::interrupt::Interrupt;
use crate::nats;
use crate::output::Screen;

/// From one look for an interruption to the next.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How many bytes of events are printed before it is waited until they are taken.
const AHEAD_BYTES_MAX: usize = 128 * 1024;
/// What is assumed for an event beside its data.
const EVENT_BYTES_EXTRA: usize = 512;
/// How long the last lines have at the end.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// Prints events until the command is interrupted, or nobody reads any more.
///
/// # Errors
///
/// [`Failure`] when the server cannot be reached or used.
pub(crate) fn tail(
    args: &TailArgs,
    screen: &Screen,
    interrupt: &Interrupt,
) -> Result<Verdict, Failure> {
    let source = open(args)?;
    listen(screen, interrupt);
    let out = Out::default();
    let bus = Bus::new();
    let console = Console::to(out.clone())
        .colour(if is_coloured() { ColourChoice::Always } else { ColourChoice::Never })
        .mode(match args.format {
            TailFormat::Lines => Mode::Lines,
            TailFormat::Json => Mode::Json,
        })
        .build();
    let everything =
        Interest::everything().with(Prefix::parse("tidings").expect("a segment is a prefix"));
    let printing = bus.register(console).interest(everything).start();
    printing.map_err(|fault| Failure::Serve(Box::new(fault)))?.detach();
    let verdict = Printing { bus: &bus, out: &out, screen, interrupt }.run(source);
    // Whoever does not read is not waited for.
    let _unread = bus.close(CLOSE_WITHIN);
    Ok(verdict)
}

fn open(args: &TailArgs) -> Result<NatsSource, Failure> {
    let stream = nats::stream(&args.nats).create(false);
    let mut builder = NatsSource::builder(nats::server(&args.nats)?)
        .root(&args.nats.root)
        .stream(stream)
        .start(match args.from {
            Place::Start => Start::Beginning,
            Place::Now => Start::Now,
        });
    if let Some(run) = &args.nats.run {
        builder = builder.run(run);
    }
    let failure = |fault: NatsError| nats::failure(&fault);
    if !args.interest.is_empty() {
        builder = builder.interest(&args.interest).map_err(failure)?;
    }
    builder.open().map_err(failure)
}

fn is_coloured() -> bool {
    decide(&|name: &str| std::env::var(name).ok(), io::stdout().is_terminal())
}

/// Prints what comes.
struct Printing<'a> {
    bus: &'a Bus,
    out: &'a Out,
    screen: &'a Screen,
    interrupt: &'a Interrupt,
}

impl Printing<'_> {
    fn run(&self, mut source: NatsSource) -> Verdict {
        let (mut ahead, mut is_down, mut unreadable) = (0, false, 0);
        while !self.interrupt.is_set() && !self.out.is_gone() {
            match source.next(LOOK_EVERY) {
                Ok(Some(envelope)) => {
                    ahead += envelope.data().map_or(0, str::len) + EVENT_BYTES_EXTRA;
                    let _receipt = self.bus.republish(envelope);
                    if is_down {
                        self.screen.say("note: events come again");
                        is_down = false;
                    }
                }
                Ok(None) => ahead = AHEAD_BYTES_MAX,
                Err(fault) if fault.needs_a_person() => {
                    self.screen.say(&format!("error: {fault}"));
                    return Verdict::Incomplete;
                }
                Err(fault) if !is_down => {
                    self.screen.say(&format!("warning: {fault}; it is tried again"));
                    is_down = true;
                }
                Err(_) => {}
            }
            if ahead >= AHEAD_BYTES_MAX {
                self.wait_until_taken();
                ahead = 0;
            }
            let report = source.report();
            if report.unreadable > unreadable {
                unreadable = report.unreadable;
                let why = report.last_unreadable.as_deref().unwrap_or_default();
                self.screen.say(&format!("warning: a message is no event: {why}"));
            }
        }
        Verdict::Complete
    }

    fn wait_until_taken(&self) {
        while self.bus.barrier(LOOK_EVERY).is_err()
            && !self.interrupt.is_set()
            && !self.out.is_gone()
        {}
    }
}

/// Standard output, which knows when nobody reads it any more.
#[derive(Debug, Clone, Default)]
struct Out(Arc<AtomicBool>);

impl Out {
    fn is_gone(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn note<T>(&self, outcome: io::Result<T>) -> io::Result<T> {
        if outcome.as_ref().is_err_and(|fault| fault.kind() == ErrorKind::BrokenPipe) {
            self.0.store(true, Ordering::Release);
        }
        outcome
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.note(io::stdout().lock().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.note(io::stdout().lock().flush())
    }
}
