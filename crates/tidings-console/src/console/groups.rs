//! Lines held back until their suite has ended, so that each suite is one group.
//!
//! Suites that run side by side would otherwise interleave, and groups cannot nest. Nothing
//! is lost: what is too much is let go before its suite has ended, and so is all of it when
//! the console is flushed or closed.

use tidings_core::Entity;

use crate::annotation::{GROUP_END, group_begin};

/// How many bytes of lines are held back at most, of all suites together.
pub const GROUPED_BYTES_MAX: usize = 256 * 1024;

/// The lines of the suites that have not ended.
#[derive(Debug, Default)]
pub(super) struct Groups {
    held: Vec<Group>,
    bytes: usize,
    events: u64,
}

/// The lines of one suite.
#[derive(Debug)]
pub(super) struct Group {
    suite: Entity,
    lines: String,
    events: u64,
    is_ended: bool,
}

impl Groups {
    /// Holds a line back, or says with which groups before it it may be written now.
    pub(super) fn take(&mut self, entity: &Entity, line: &str) -> Taken {
        let Some(suite) = suite_around(entity) else { return Taken::Now(None) };
        let place = self.held.iter().position(|group| group.suite == suite);
        if suite == *entity {
            // Its own line stands below the group, where it is seen when that is folded.
            return Taken::Now(place.map(|place| self.remove(place, true)));
        }
        let place = place.unwrap_or_else(|| {
            let group = Group { suite, lines: String::new(), events: 0, is_ended: false };
            self.held.push(group);
            self.held.len() - 1
        });
        let group = &mut self.held[place];
        group.lines.push_str(line);
        group.events += 1;
        self.bytes += line.len();
        self.events += 1;
        if self.bytes <= GROUPED_BYTES_MAX {
            return Taken::Held;
        }
        let sizes = self.held.iter().enumerate().map(|(place, group)| (group.lines.len(), place));
        let (_, largest) = sizes.max().unwrap_or((0, place));
        Taken::Full(self.remove(largest, false))
    }

    /// Lets everything go.
    pub(super) fn release(&mut self) -> Vec<Group> {
        (self.bytes, self.events) = (0, 0);
        std::mem::take(&mut self.held)
    }

    /// How many lines are held back.
    pub(super) fn events(&self) -> u64 {
        self.events
    }

    fn remove(&mut self, place: usize, is_ended: bool) -> Group {
        let mut group = self.held.remove(place);
        group.is_ended = is_ended;
        self.bytes -= group.lines.len();
        self.events -= group.events;
        group
    }
}

/// What becomes of a line.
pub(super) enum Taken {
    /// It is held back.
    Held,
    /// It is held back or within the group, which has to be written now.
    Full(Group),
    /// It is to be written, behind the group if there is one.
    Now(Option<Group>),
}

impl Group {
    /// The line that begins it.
    pub(super) fn begin(&self) -> String {
        let name = self.suite.id();
        if self.is_ended { group_begin(name) } else { group_begin(&format!("{name} (not ended)")) }
    }

    /// The line that ends it.
    pub(super) fn end() -> &'static str {
        GROUP_END
    }

    /// Its lines, each with its line break.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.split_inclusive('\n')
    }
}

/// The outermost suite that an entity is or belongs to.
fn suite_around(entity: &Entity) -> Option<Entity> {
    let is_around = |kind: &str| matches!(kind, "run" | "node");
    let around = entity.pairs().take_while(|(kind, _)| is_around(kind)).count();
    let (kind, _) = entity.pairs().nth(around)?;
    if matches!(kind, "case" | "step") {
        return None;
    }
    Entity::from_path(entity.pairs().take(around + 1)).ok()
}
