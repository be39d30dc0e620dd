//! The lines of the report.

use crate::measure::{Measured, judge, show_count, show_ns};
use crate::row::{Role, Row};

/// One line of the table, ready to be shown.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Line {
    /// What was done.
    pub work: String,
    /// What the least costs.
    pub floor: String,
    /// What the peers cost.
    pub peers: String,
    /// What ours costs.
    pub ours: String,
    /// What was measured for each aim.
    pub ratio: String,
    /// The aims.
    pub aim: String,
    /// Whether each aim holds.
    pub verdict: String,
    /// Allocations of one call.
    pub allocations: String,
    /// How many aims are missed.
    pub missed: usize,
}

/// What a break within a cell is in Markdown.
const BREAK: &str = "<br>";

impl Line {
    /// What a row has measured.
    pub fn of(row: &Row, measured: &Measured) -> Self {
        let cell = |role: Role| {
            let contestants = row.contestants.iter().enumerate();
            let shown = contestants.filter(|(_, contestant)| contestant.role == role);
            let shown = shown.map(|(index, contestant)| {
                format!("{}: {}", contestant.name, show_ns(measured.wall(index)))
            });
            shown.collect::<Vec<_>>().join(BREAK)
        };
        let judged = judge(row, measured);
        let join = |part: fn(&crate::measure::Judged) -> &str| {
            judged.iter().map(part).collect::<Vec<_>>().join(BREAK)
        };
        let counts = row.contestants.iter().zip(&measured.allocations);
        let of_role = |wanted: Role| {
            let mut counts = counts.clone();
            counts.find(|(contestant, _)| contestant.role == wanted).map(|(_, count)| *count)
        };
        let allocations = of_role(Role::Ours).map(show_count).unwrap_or_default();
        let floor = of_role(Role::Floor).map(|count| format!(" (floor {})", show_count(count)));
        Self {
            work: row.work.clone(),
            floor: cell(Role::Floor),
            peers: cell(Role::Peer),
            ours: cell(Role::Ours),
            ratio: join(|judged| &judged.measured),
            aim: join(|judged| &judged.aim),
            verdict: join(|judged| if judged.is_held { "held" } else { "**missed**" }),
            allocations: format!("{allocations}{}", floor.unwrap_or_default()),
            missed: judged.iter().filter(|judged| !judged.is_held).count(),
        }
    }
}

/// The lines as a Markdown table.
pub fn table(lines: &[Line]) -> String {
    let head = ["work", "floor", "peers", "ours", "ratio", "aim", "", "allocations"];
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for line in lines {
        let cells = [
            &line.work,
            &line.floor,
            &line.peers,
            &line.ours,
            &line.ratio,
            &line.aim,
            &line.verdict,
            &line.allocations,
        ];
        text.push_str("| ");
        text.push_str(&cells.map(String::as_str).join(" | "));
        text.push_str(" |\n");
    }
    text
}
