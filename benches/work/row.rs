//! A row of the report: one work, who does it, and what we aim at.

use std::fmt;
use std::time::{Duration, Instant};

/// What some calls took.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Spent {
    /// On the clock.
    pub wall: Duration,
    /// On the processors, all threads; zero where nobody asks.
    pub cpu: Duration,
}

impl From<Duration> for Spent {
    fn from(wall: Duration) -> Self {
        Self { wall, cpu: Duration::ZERO }
    }
}

impl Spent {
    /// Time on the clock and on the processors.
    pub fn new(wall: Duration, cpu: Duration) -> Self {
        Self { wall, cpu }
    }
}

/// `call`, as often as it is told, in a loop of its own.
pub fn timed<T>(mut call: impl FnMut() -> T) -> impl FnMut(u32) -> Spent {
    move |calls| {
        let begin = Instant::now();
        for _ in 0..calls {
            std::hint::black_box(call());
        }
        begin.elapsed().into()
    }
}

/// What a contestant is to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the three columns of the table")]
pub enum Role {
    /// The least that the work can cost.
    Floor,
    /// Somebody else's way.
    Peer,
    /// Ours.
    Ours,
}

/// One way of doing the work.
pub struct Contestant {
    /// What the table calls it.
    pub name: String,
    /// Its column.
    pub role: Role,
    /// Does the work so many times and says what that took, without what it had to prepare.
    pub run: Box<dyn FnMut(u32) -> Spent>,
}

impl fmt::Debug for Contestant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contestant").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What we want to hold.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Aim {
    /// Ours costs at most so many times what this contestant does.
    CostOf(&'static str, f64),
    /// Ours is at least so many times as fast as this contestant.
    SpeedOf(&'static str, f64),
    /// One call takes at most so many nanoseconds.
    NanosMax(f64),
    /// At least so many calls a second.
    PerSecondMin(f64),
    /// One call takes at most so many nanoseconds of processor time.
    CpuNanosMax(f64),
    /// One call allocates at most so often.
    AllocationsMax(f64),
}

/// One work, who does it, and what we aim at.
#[derive(Debug)]
#[non_exhaustive]
pub struct Row {
    /// The work.
    pub work: String,
    /// Who does it.
    pub contestants: Vec<Contestant>,
    /// What we aim at.
    pub aims: Vec<Aim>,
    /// Calls of one round, where a round needs preparation; else as many as fill its time.
    pub calls: Option<u32>,
}

impl Row {
    /// A work that nobody does yet.
    pub fn new(work: impl Into<String>) -> Self {
        Self { work: work.into(), contestants: Vec::new(), aims: Vec::new(), calls: None }
    }

    /// So many calls a round.
    #[must_use]
    pub fn calls(mut self, calls: u32) -> Self {
        self.calls = Some(calls);
        self
    }

    /// The least that the work can cost.
    #[must_use]
    pub fn floor(self, name: &str, run: impl FnMut(u32) -> Spent + 'static) -> Self {
        self.contestant(name, Role::Floor, run)
    }

    /// Somebody else's way.
    #[must_use]
    pub fn peer(self, name: &str, run: impl FnMut(u32) -> Spent + 'static) -> Self {
        self.contestant(name, Role::Peer, run)
    }

    /// Our way.
    #[must_use]
    pub fn ours(self, name: &str, run: impl FnMut(u32) -> Spent + 'static) -> Self {
        self.contestant(name, Role::Ours, run)
    }

    /// What we aim at; of several ways of ours the first one is judged.
    #[must_use]
    pub fn aim(mut self, aim: Aim) -> Self {
        self.aims.push(aim);
        self
    }

    fn contestant(
        mut self,
        name: &str,
        role: Role,
        run: impl FnMut(u32) -> Spent + 'static,
    ) -> Self {
        self.contestants.push(Contestant { name: name.to_owned(), role, run: Box::new(run) });
        self
    }
}
