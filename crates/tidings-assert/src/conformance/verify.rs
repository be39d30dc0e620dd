//! Compares what was taken with what was emitted.
//!
//! Pure: ids in, words out. Events of other buses are left aside; a send of an earlier check
//! that hung on may still bring them.

use std::collections::{BTreeMap, BTreeSet};

/// The most ids that are named in a reason.
const NAMED_MAX: usize = 5;

/// Whether an event may be taken twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubles {
    /// It may not.
    Forbidden,
    /// It may: nobody can know whether it was taken the first time.
    Recognisable,
}

/// What was emitted, and what must become of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ledger<'a> {
    /// All ids, each lane in order.
    pub(super) emitted: &'a [String],
    /// Those that must be taken.
    pub(super) must: &'a [String],
    /// Those that must not be taken.
    pub(super) must_not: &'a [String],
    pub(super) doubles: Doubles,
}

impl Ledger<'_> {
    /// What is wrong with what was taken.
    pub(super) fn compare(&self, accepted: &[String]) -> Result<(), String> {
        let known: BTreeSet<&str> = self.emitted.iter().map(String::as_str).collect();
        let buses: BTreeSet<&str> = known.iter().map(|id| bus_of(id)).collect();
        let ours = || accepted.iter().map(String::as_str).filter(|id| buses.contains(bus_of(id)));
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        let mut firsts = Vec::new();
        for id in ours() {
            let count = times.entry(id).or_default();
            *count += 1;
            if *count == 1 {
                firsts.push(id);
            }
        }
        let absent = |id: &&str| !times.contains_key(id);
        let mut faults = Vec::new();
        let must = || self.must.iter().map(String::as_str);
        note(&mut faults, "were lost", must().filter(absent));
        let must_not = self.must_not.iter().map(String::as_str);
        note(&mut faults, "were taken that cannot be", must_not.filter(|id| !absent(id)));
        let strange = firsts.iter().copied().filter(|id| !known.contains(id));
        note(&mut faults, "were taken that were never emitted", strange);
        if self.doubles == Doubles::Forbidden {
            let doubled = firsts.iter().copied().filter(|id| times[id] > 1);
            note(&mut faults, "were taken more than once", doubled);
        }
        note(&mut faults, "were taken after later ones of their lane", late(&firsts).into_iter());
        if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
    }
}

fn note<'a>(faults: &mut Vec<String>, what: &str, ids: impl Iterator<Item = &'a str>) {
    let ids: Vec<&str> = ids.collect();
    if ids.is_empty() {
        return;
    }
    let named = ids[..ids.len().min(NAMED_MAX)].join(", ");
    let more = if ids.len() > NAMED_MAX { ", …" } else { "" };
    faults.push(format!("{} events {what}: {named}{more}", ids.len()));
}

/// Those that were taken for the first time after one of their lane with a higher number.
fn late<'a>(firsts: &[&'a str]) -> Vec<&'a str> {
    let mut highest: BTreeMap<&str, u64> = BTreeMap::new();
    let mut behind = Vec::new();
    for id in firsts {
        let Some((lane, number)) = id.rsplit_once('.') else { continue };
        let Ok(number) = number.parse() else { continue };
        let before = highest.entry(lane).or_insert(number);
        if number < *before {
            behind.push(*id);
        }
        *before = number.max(*before);
    }
    behind
}

fn bus_of(id: &str) -> &str {
    id.split('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    fn compare(doubles: Doubles, accepted: &str) -> Result<(), String> {
        let (emitted, must_not) = (ids("b.0.0 b.0.1 b.1.0 b.0.2"), ids("b.0.1"));
        let must = ids("b.0.0 b.1.0 b.0.2");
        let ledger = Ledger { emitted: &emitted, must: &must, must_not: &must_not, doubles };
        ledger.compare(&ids(accepted))
    }

    #[test]
    fn what_must_arrive_and_no_more_is_right() {
        assert_eq!(compare(Doubles::Forbidden, "b.0.0 b.0.2 b.1.0"), Ok(()));
        assert_eq!(compare(Doubles::Forbidden, "other.0.5 b.0.0 b.1.0 b.0.2"), Ok(()));
    }

    #[test]
    fn each_fault_is_named() {
        let reason = |accepted| compare(Doubles::Forbidden, accepted).expect_err("a fault");
        assert_eq!(reason("b.0.0 b.0.2"), "1 events were lost: b.1.0");
        assert_eq!(reason("b.0.0 b.0.1 b.0.2 b.1.0"), "1 events were taken that cannot be: b.0.1");
        assert_eq!(
            reason("b.0.0 b.0.2 b.1.0 b.1.1"),
            "1 events were taken that were never emitted: b.1.1"
        );
        assert_eq!(reason("b.0.0 b.0.2 b.1.0 b.0.0"), "1 events were taken more than once: b.0.0");
        assert_eq!(
            reason("b.0.2 b.0.0 b.1.0"),
            "1 events were taken after later ones of their lane: b.0.0"
        );
    }

    #[test]
    fn a_double_in_its_turn_can_be_recognised() {
        assert_eq!(compare(Doubles::Recognisable, "b.0.0 b.0.2 b.0.0 b.1.0"), Ok(()));
    }
}
