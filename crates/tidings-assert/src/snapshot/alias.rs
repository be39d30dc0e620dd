//! Aliases: `run#1` for whatever the run was called this time.
//!
//! Names are given in the order of first appearance, so they do not depend on the ids. An
//! event of the recording is called by its number.

use std::collections::HashMap;
use std::sync::Arc;

use tidings_core::{BusId, Envelope, EventId, Lane};

#[derive(Debug, Default)]
pub(super) struct Aliases {
    runs: Vec<String>,
    nodes: Vec<String>,
    buses: Vec<BusId>,
    bus_texts: Vec<String>,
    lanes: Vec<(BusId, Lane)>,
    events: HashMap<EventId, usize>,
    /// Events that are named somewhere and were not recorded.
    strangers: Vec<EventId>,
}

impl Aliases {
    pub(super) fn of(events: &[Arc<Envelope>]) -> Self {
        let mut aliases = Self::default();
        for (index, event) in events.iter().enumerate() {
            let id = event.id();
            number(&mut aliases.runs, event.run().to_owned());
            number(&mut aliases.nodes, event.node().to_owned());
            number(&mut aliases.buses, id.bus());
            number(&mut aliases.lanes, (id.bus(), id.lane()));
            aliases.events.entry(id).or_insert(index + 1);
        }
        aliases.bus_texts = aliases.buses.iter().map(ToString::to_string).collect();
        aliases
    }

    pub(super) fn event_id(&mut self, id: EventId) -> String {
        match self.events.get(&id) {
            Some(number) => format!("#{number}"),
            None => format!("event#{}", number(&mut self.strangers, id)),
        }
    }

    pub(super) fn origin(&mut self, event: &Envelope) -> String {
        let id = event.id();
        format!(
            "run#{} node#{} bus#{} lane#{}",
            number(&mut self.runs, event.run().to_owned()),
            number(&mut self.nodes, event.node().to_owned()),
            number(&mut self.buses, id.bus()),
            number(&mut self.lanes, (id.bus(), id.lane())),
        )
    }

    /// The text with every id in it replaced by its name.
    pub(super) fn text(&mut self, text: &str) -> String {
        let mut renamed = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((at, bus)) = self.next_bus(rest) {
            let (before, found) = rest.split_at(at);
            renamed.push_str(&self.without_runs(before));
            let length = self.bus_texts[bus].len();
            rest = &found[length..];
            match event_id_length(rest).and_then(|more| found[..length + more].parse().ok()) {
                Some(id) => {
                    rest = &found[length + event_id_length(rest).unwrap_or(0)..];
                    renamed.push_str(&self.event_id(id));
                }
                None => renamed.extend(["bus#".to_owned(), (bus + 1).to_string()]),
            }
        }
        renamed.push_str(&self.without_runs(rest));
        renamed
    }

    fn next_bus(&self, text: &str) -> Option<(usize, usize)> {
        let places = self.bus_texts.iter().enumerate();
        places.filter_map(|(bus, id)| Some((text.find(id.as_str())?, bus))).min()
    }

    /// Run names are chosen by people: only one with a digit in it, standing alone, is taken
    /// for a run's name and not for a word.
    fn without_runs(&self, text: &str) -> String {
        let mut renamed = text.to_owned();
        for (index, run) in self.runs.iter().enumerate() {
            if run.bytes().any(|byte| byte.is_ascii_digit()) {
                renamed = replace_alone(&renamed, run, &format!("run#{}", index + 1));
            }
        }
        renamed
    }
}

/// The number of `wanted` in a list to which it is added when it is new.
fn number<T: PartialEq>(list: &mut Vec<T>, wanted: T) -> usize {
    if let Some(index) = list.iter().position(|known| *known == wanted) {
        index + 1
    } else {
        list.push(wanted);
        list.len()
    }
}

/// How many bytes of `.<lane>.<sequence>` follow a bus id.
fn event_id_length(text: &str) -> Option<usize> {
    let digits = |text: &str| {
        let length = text.bytes().take_while(u8::is_ascii_digit).count();
        (length > 0).then_some(length)
    };
    let lane = digits(text.strip_prefix('.')?)?;
    let sequence = digits(text[1 + lane..].strip_prefix('.')?)?;
    Some(2 + lane + sequence)
}

fn replace_alone(text: &str, wanted: &str, alias: &str) -> String {
    let is_part = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    let mut replaced = String::with_capacity(text.len());
    let mut done = 0;
    for (at, found) in text.match_indices(wanted) {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        if before.is_some_and(is_part) || after.is_some_and(is_part) {
            continue;
        }
        replaced.push_str(&text[done..at]);
        replaced.push_str(alias);
        done = at + found.len();
    }
    replaced.push_str(&text[done..]);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_inside_another_word_is_no_run() {
        assert_eq!(
            replace_alone("run-1 run-10 a_run-1 (run-1)", "run-1", "R"),
            "R run-10 a_run-1 (R)"
        );
    }

    #[test]
    fn an_event_id_is_longer_than_its_bus() {
        assert_eq!(event_id_length(".2.41 x"), Some(5));
        assert_eq!(event_id_length(".2."), None);
        assert_eq!(event_id_length(" .2.41"), None);
    }
}
