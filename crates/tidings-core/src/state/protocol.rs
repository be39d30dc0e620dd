//! A machine for each entity, driven or monitored: pure, `now` comes in as an argument.
//!
//! The number of entities is bounded. When it is reached, the entity that finished first
//! makes room; only if none has finished, the one that was seen first. What is forgotten is
//! counted, and a violation that may come of it says so.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug, Display};
use std::hash::Hash;
use std::time::Duration;

use super::cursor::Cursor;
use super::derived::{Label, State, StateName};
use super::error::{Cause, IllegalTransition};
use super::history::Last;
use super::table::Table;
use super::transition::Transition;

/// How many entities a protocol follows if not told otherwise.
pub const ENTITIES_DEFAULT: usize = 65_536;

/// How many violations a protocol keeps if not told otherwise; it counts them all.
pub const VIOLATIONS_DEFAULT: usize = 256;

/// How many transitions of each entity are remembered.
const ENTITY_HISTORY: usize = super::error::RECENT_MAX;

/// What happens to an entity that breaks the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProtocolMode {
    /// The step is refused: the entity stays where it is.
    Drive,
    /// The step has happened elsewhere: it is reported, and the entity is taken to be there,
    /// so that one break is reported once.
    Monitor,
}

/// Follows one machine for each entity.
///
/// An entity is known from the first step that names it. If that step leads to the initial
/// state, the entity [enters](Fed::Entered) there; any other first step starts from it.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use tidings_core::state::{Protocol, ProtocolMode, Table};
///
/// let table = Table::builder("case")
///     .initial("idle")
///     .edge("idle", "started")
///     .edge("started", "done")
///     .build()?;
/// let mut protocol = Protocol::with_table(&table, ProtocolMode::Monitor);
/// let now = Duration::ZERO;
/// protocol.feed(&"case#1", "started", now)?;
/// protocol.feed(&"case#1", "done", now)?;
/// let twice = protocol.feed(&"case#1", "done", now).unwrap_err();
/// assert_eq!(
///     twice.to_string(),
///     "case#1: `done` is not allowed in `done` (allowed: none, `done` is terminal)"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Protocol<K, S> {
    table: Table,
    mode: ProtocolMode,
    entities_max: usize,
    entities: HashMap<K, Entity<S>>,
    /// Unfinished entities by the stamp of their beginning.
    running: BTreeMap<u64, K>,
    /// Finished entities by the stamp of their end.
    finished: BTreeMap<u64, K>,
    stamp: u64,
    violations: Last<Violation<K, S>>,
    forgotten_finished: u64,
    forgotten_running: u64,
}

#[derive(Debug)]
struct Entity<S> {
    cursor: Cursor<S>,
    stamp: u64,
}

/// What a step did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fed<S> {
    /// The entity was seen for the first time, in its initial state.
    Entered,
    /// The entity made a transition.
    Moved(Transition<S>),
}

/// A step that breaks the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation<K, S> {
    /// Whose step it was.
    pub entity: K,
    /// What is wrong with it.
    pub illegal: IllegalTransition<S>,
    /// When it was fed.
    pub at: Duration,
    /// Whether the entity is in the state now that the step led to.
    pub resynchronised: bool,
    /// Whether it could be the second half of an entity that was forgotten unfinished.
    pub may_be_forgotten: bool,
}

impl<K, S: State> Protocol<K, S>
where
    K: Clone + Eq + Hash + Display,
{
    /// Makes a protocol over the states of an enum, with no entities yet.
    pub fn new(mode: ProtocolMode) -> Self {
        Self::over(S::table(), mode)
    }
}

impl<K> Protocol<K, StateName>
where
    K: Clone + Eq + Hash + Display,
{
    /// Makes a protocol over a run-time table, with no entities yet.
    pub fn with_table(table: &Table, mode: ProtocolMode) -> Self {
        Self::over(table, mode)
    }
}

impl<K, S: Label> Protocol<K, S>
where
    K: Clone + Eq + Hash + Display,
{
    /// Sets how many entities are followed, instead of [`ENTITIES_DEFAULT`]; at least one.
    ///
    /// Set it before the first step: it does not make entities go.
    #[must_use]
    pub fn entities_max(mut self, entities_max: usize) -> Self {
        self.entities_max = entities_max.max(1);
        self
    }

    /// Sets how many violations are kept, instead of [`VIOLATIONS_DEFAULT`].
    ///
    /// Set it before the first step: it begins an empty list.
    #[must_use]
    pub fn violations_max(mut self, violations_max: usize) -> Self {
        self.violations = Last::new(violations_max);
        self
    }

    /// Takes one step of one entity.
    ///
    /// # Errors
    /// The step breaks the protocol; the violation is also kept and counted. A name that is
    /// no state breaks it in every state, and the entity stays where it is in either mode.
    #[expect(clippy::missing_panics_doc, reason = "an entity that is not known is entered first")]
    pub fn feed(
        &mut self,
        key: &K,
        target: impl Into<S>,
        now: Duration,
    ) -> Result<Fed<S>, Violation<K, S>> {
        let target = target.into();
        let first_sight = !self.entities.contains_key(key);
        if first_sight {
            self.enter(key, now);
        }
        let entity = self.entities.get_mut(key).expect("an entity is entered on first sight");
        match entity.cursor.plan(&target, now) {
            Some(step) => {
                entity.cursor.commit(step);
                let made = entity.cursor.told(step, target);
                self.file(key);
                Ok(Fed::Moved(made))
            }
            None if first_sight && entity.cursor.state() == target => Ok(Fed::Entered),
            None => {
                let time_in_state = entity.cursor.time_in_state(now);
                let illegal = entity.cursor.illegal(&target, time_in_state, Cause::NotAllowed);
                let forced = match self.mode {
                    ProtocolMode::Monitor => entity.cursor.forced(&target, now),
                    ProtocolMode::Drive => None,
                };
                if let Some(step) = forced {
                    entity.cursor.commit(step);
                    self.file(key);
                }
                let violation = Violation {
                    entity: key.clone(),
                    illegal,
                    at: now,
                    resynchronised: forced.is_some(),
                    may_be_forgotten: first_sight && self.forgotten_running > 0,
                };
                self.violations.push(violation.clone());
                Err(violation)
            }
        }
    }

    /// Returns the state of an entity, if it is known.
    pub fn state(&self, key: &K) -> Option<S> {
        self.entities.get(key).map(|entity| entity.cursor.state())
    }

    /// Returns the last transitions of an entity, oldest first; none if it is not known.
    pub fn history(&self, key: &K) -> Vec<Transition<S>> {
        self.entities
            .get(key)
            .map(|entity| entity.cursor.recent(ENTITY_HISTORY))
            .unwrap_or_default()
    }

    /// Returns the entities that have not finished, in the order they were first seen.
    pub fn unfinished(&self) -> impl Iterator<Item = (&K, S)> {
        self.running.values().filter_map(|key| Some((key, self.state(key)?)))
    }

    /// Returns how many entities are known.
    pub fn entities(&self) -> usize {
        self.entities.len()
    }

    /// Returns the last violations, oldest first, as many as are kept.
    pub fn violations(&self) -> impl ExactSizeIterator<Item = &Violation<K, S>> {
        self.violations.iter()
    }

    /// Returns how many violations there were, kept or not.
    pub fn violation_count(&self) -> u64 {
        self.violations.total()
    }

    /// Returns how many finished entities made room for others.
    pub fn forgotten_finished(&self) -> u64 {
        self.forgotten_finished
    }

    /// Returns how many entities made room for others before they had finished.
    pub fn forgotten_unfinished(&self) -> u64 {
        self.forgotten_running
    }

    fn over(table: &Table, mode: ProtocolMode) -> Self {
        Self {
            table: table.clone(),
            mode,
            entities_max: ENTITIES_DEFAULT,
            entities: HashMap::new(),
            running: BTreeMap::new(),
            finished: BTreeMap::new(),
            stamp: 0,
            violations: Last::new(VIOLATIONS_DEFAULT),
            forgotten_finished: 0,
            forgotten_running: 0,
        }
    }

    fn enter(&mut self, key: &K, now: Duration) {
        if self.entities.len() >= self.entities_max {
            self.forget_one();
        }
        let cursor = Cursor::new(key.to_string().into(), self.table.clone(), now, ENTITY_HISTORY);
        let stamp = self.next_stamp();
        self.shelf(cursor.is_terminal()).insert(stamp, key.clone());
        self.entities.insert(key.clone(), Entity { cursor, stamp });
    }

    fn forget_one(&mut self) {
        let gone = if let Some((_, key)) = self.finished.pop_first() {
            self.forgotten_finished += 1;
            Some(key)
        } else {
            self.forgotten_running += 1;
            self.running.pop_first().map(|(_, key)| key)
        };
        if let Some(key) = gone {
            self.entities.remove(&key);
        }
    }

    /// Puts an entity that may have finished, or come back, on the right shelf.
    fn file(&mut self, key: &K) {
        let stamp = self.next_stamp();
        let Some(entity) = self.entities.get_mut(key) else {
            return;
        };
        let finished = entity.cursor.is_terminal();
        let old = entity.stamp;
        if self.shelf(finished).contains_key(&old) {
            return;
        }
        self.shelf(!finished).remove(&old);
        self.shelf(finished).insert(stamp, key.clone());
        if let Some(entity) = self.entities.get_mut(key) {
            entity.stamp = stamp;
        }
    }

    fn shelf(&mut self, finished: bool) -> &mut BTreeMap<u64, K> {
        if finished { &mut self.finished } else { &mut self.running }
    }

    fn next_stamp(&mut self) -> u64 {
        self.stamp += 1;
        self.stamp
    }
}

impl<K, S: Label> Display for Violation<K, S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The machine of an entity bears the entity's name.
        Display::fmt(&self.illegal, out)?;
        if self.may_be_forgotten {
            out.write_str("; it may have begun before, and been forgotten as one of too many")?;
        }
        Ok(())
    }
}

impl<K: Debug, S: Label> std::error::Error for Violation<K, S> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        None // The text of the cause is the text of the violation.
    }
}
