//! Alternating rounds, and what their medians say.

use std::time::Duration;

use crate::allocations::allocations_of;
use crate::row::{Aim, Role, Row, Spent};

/// How much time a row gets.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_enums, reason = "a bench either measures or is tried out")]
pub enum Effort {
    /// Enough for medians that can be compared.
    Full,
    /// One short round: does it run?
    Test,
}

/// How long one contestant works in one round, about: shorter than what a scheduler gives
/// others at once, so that they spoil few rounds.
const ROUND: Duration = Duration::from_micros(500);
const ROUNDS: usize = 401;
/// Rounds of works that need preparation.
const ROUNDS_OF_FIXED: usize = 21;
const CALLS_MAX: u32 = 4_000_000;
const CALLS_COUNTED: u32 = 1_000;

/// What the rounds of one row gave, contestant by contestant.
#[derive(Debug)]
#[non_exhaustive]
pub struct Measured {
    /// Nanoseconds of one call on the clock, round by round.
    pub wall_ns: Vec<Vec<f64>>,
    /// Nanoseconds of one call on the processors, round by round.
    pub cpu_ns: Vec<Vec<f64>>,
    /// Allocations of one call.
    pub allocations: Vec<f64>,
}

/// Runs a row: floor, peers and ours in turn, round after round.
pub fn measure(row: &mut Row, effort: Effort) -> Measured {
    let fixed = row.calls;
    let (rounds, shrink) = match effort {
        Effort::Test => (1, 100),
        Effort::Full if fixed.is_some() => (ROUNDS_OF_FIXED, 1),
        Effort::Full => (ROUNDS, 1),
    };
    let contestants = row.contestants.iter_mut();
    let (calls, allocations): (Vec<u32>, Vec<f64>) = contestants
        .map(|contestant| {
            let run = &mut contestant.run;
            let calls = fixed.unwrap_or_else(|| calibrated(run));
            let calls = (calls / shrink).max(1);
            (calls, allocations(run, fixed.map_or(calls.min(CALLS_COUNTED), |_| calls)))
        })
        .unzip();
    let empty = vec![Vec::with_capacity(rounds); row.contestants.len()];
    let mut measured = Measured { wall_ns: empty.clone(), cpu_ns: empty, allocations };
    for _round in 0..rounds {
        for (index, contestant) in row.contestants.iter_mut().enumerate() {
            let spent = (contestant.run)(calls[index]);
            measured.wall_ns[index].push(of_one(spent.wall, calls[index]));
            measured.cpu_ns[index].push(of_one(spent.cpu, calls[index]));
        }
    }
    measured
}

/// So many calls as fill a round.
fn calibrated(run: &mut dyn FnMut(u32) -> Spent) -> u32 {
    let mut calls = 1;
    while calls < CALLS_MAX {
        let took = run(calls).wall;
        if took >= ROUND / 2 {
            break;
        }
        calls *= 2;
    }
    calls
}

fn allocations(run: &mut dyn FnMut(u32) -> Spent, calls: u32) -> f64 {
    run(1);
    let count = allocations_of(|| {
        run(calls);
    });
    as_float(count) / f64::from(calls)
}

fn of_one(spent: Duration, calls: u32) -> f64 {
    spent.as_secs_f64() * 1e9 / f64::from(calls)
}

#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
fn as_float(count: u64) -> f64 {
    count as f64
}

/// The middle one; of an even number the upper middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

impl Measured {
    /// The median time of one call of a contestant.
    pub fn wall(&self, contestant: usize) -> f64 {
        median(self.wall_ns[contestant].clone())
    }

    /// The median of what round by round one contestant took more than another.
    pub(crate) fn ratio(&self, ours: usize, other: usize) -> f64 {
        let pairs = self.wall_ns[ours].iter().zip(&self.wall_ns[other]);
        median(pairs.map(|(ours, other)| ours / other).collect())
    }
}

/// An aim, what was measured for it, and whether it holds.
pub(crate) struct Judged {
    pub(crate) aim: String,
    pub(crate) measured: String,
    pub(crate) is_held: bool,
}

/// Judges the first way of ours.
pub(crate) fn judge(row: &Row, measured: &Measured) -> Vec<Judged> {
    let place = |role: Role| row.contestants.iter().position(|other| other.role == role);
    let ours = place(Role::Ours).expect("every row has ours");
    let named = |name: &str| {
        let is_named = row.contestants.iter().position(|other| other.name == name);
        is_named.expect("an aim names a contestant of its row")
    };
    let judged =
        |(aim, measured, is_held): (String, String, bool)| Judged { aim, measured, is_held };
    let of_aim = |aim: &Aim| match *aim {
        Aim::CostOf(name, most) => {
            let ratio = measured.ratio(ours, named(name));
            (format!("≤ {most}× {name}"), format!("{ratio:.2}× {name}"), ratio <= most)
        }
        Aim::SpeedOf(name, least) => {
            let ratio = 1.0 / measured.ratio(ours, named(name));
            let text = format!("{ratio:.2}× the speed of {name}");
            (format!("≥ {least}× the speed of {name}"), text, ratio >= least)
        }
        Aim::NanosMax(most) => {
            let took = measured.wall(ours);
            (format!("≤ {}", show_ns(most)), show_ns(took), took <= most)
        }
        Aim::PerSecondMin(least) => {
            let rate = 1e9 / measured.wall(ours);
            (format!("≥ {least:.0}/s"), format!("{rate:.0}/s"), rate >= least)
        }
        Aim::CpuNanosMax(most) => {
            let took = median(measured.cpu_ns[ours].clone());
            (format!("≤ {} CPU", show_ns(most)), format!("{} CPU", show_ns(took)), took <= most)
        }
        Aim::AllocationsMax(most) => {
            let count = measured.allocations[ours];
            let text = format!("{} allocations", show_count(count));
            (format!("≤ {most} allocations"), text, count <= most)
        }
    };
    row.aims.iter().map(|aim| judged(of_aim(aim))).collect()
}

/// A time, with three digits.
pub(crate) fn show_ns(ns: f64) -> String {
    match ns {
        ns if ns >= 1e6 => format!("{:.2} ms", ns / 1e6),
        ns if ns >= 1e4 => format!("{:.1} µs", ns / 1e3),
        ns if ns >= 1e3 => format!("{:.2} µs", ns / 1e3),
        ns if ns >= 1e2 => format!("{ns:.0} ns"),
        ns if ns >= 1e1 => format!("{ns:.1} ns"),
        ns => format!("{ns:.2} ns"),
    }
}

/// A count of allocations; what less than one call in a hundred makes is not shown.
pub(crate) fn show_count(count: f64) -> String {
    match count {
        count if count < 0.005 => "0".to_owned(),
        count if (count - count.round()).abs() < 0.01 => format!("{count:.0}"),
        count => format!("{count:.2}"),
    }
}
