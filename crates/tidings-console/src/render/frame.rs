//! The live picture: as much of the tree as fits, and the counts below it.
//!
//! When it does not fit, what runs comes first, then what failed, then what changed last;
//! each with the nodes around it. The order on the screen stays that of the tree.

use std::collections::HashSet;

use tidings_core::{Outcome, Timestamp};

use super::row::{Paint, Row};
use super::style::{Size, Style};
use super::summary::{counts_row, first_line, tally_text};
use super::totals::counts_text;
use crate::duration::{Precision, format_count, format_duration};
use crate::run::Board;
use crate::tree::{Node, NodeId, State, Tree};

/// Draws the tree as it is at `now`, within `size`.
///
/// `now` is used for one thing: how long what runs has been running. Give the time of the
/// latest event and what has passed since; so a replay looks as the run did.
pub fn render_frame(tree: &Tree, now: Timestamp, size: Size, style: Style) -> String {
    // The counts, and the line that sets them apart.
    let room = Size::new(size.width, size.height.saturating_sub(2));
    let mut out = render_rows(tree, None, now, room, style);
    if !out.is_empty() {
        out.push('\n');
    }
    counts_row(tree, style).render(size.width, style, &mut out);
    out
}

/// The tree without the counts below it; the numbers of suites come from the board of their
/// run, if there is one.
pub(crate) fn render_rows(
    tree: &Tree,
    board: Option<&Board>,
    now: Timestamp,
    size: Size,
    style: Style,
) -> String {
    let mut out = String::new();
    let order = tree.walk();
    let room = size.height;
    let chosen = choose(tree, &order, room);
    let mut trunks: Vec<bool> = Vec::new();
    for (position, (id, depth)) in order.iter().enumerate() {
        if !chosen.contains(id) {
            continue;
        }
        trunks.truncate(*depth);
        let is_last = !has_later_sibling(&order[position + 1..], *depth, &chosen);
        trunks.push(!is_last);
        let node = tree.node(*id);
        let said = note(node, board);
        let row = branches(&trunks, style).then(|row| node_row(row, node, said, (now, style)));
        row.render(size.width, style, &mut out);
    }
    let hidden = u64::try_from(order.len() - chosen.len()).unwrap_or(u64::MAX) + tree.folded();
    if hidden > 0 && room > 0 {
        let text = format!("{} {} more", style.marks().cut, format_count(hidden));
        Row::new().with(Paint::Dim, &text).render(size.width, style, &mut out);
    }
    out
}

/// Whether a sibling that is shown comes after a node of this depth.
fn has_later_sibling(after: &[(NodeId, usize)], depth: usize, chosen: &HashSet<NodeId>) -> bool {
    after
        .iter()
        .take_while(|(_, other)| *other >= depth)
        .any(|(id, other)| *other == depth && chosen.contains(id))
}

/// Chooses the nodes that are shown.
fn choose(tree: &Tree, order: &[(NodeId, usize)], room: usize) -> HashSet<NodeId> {
    if order.len() <= room && tree.folded() == 0 {
        return order.iter().map(|(id, _)| *id).collect();
    }
    // One row says how many more there are.
    let mut room = room.saturating_sub(1);
    let mut wanted: Vec<NodeId> = order.iter().map(|(id, _)| *id).collect();
    wanted.sort_by_cached_key(|id| urgency(tree.node(*id)));
    let mut chosen = HashSet::new();
    for id in wanted {
        if room == 0 {
            break;
        }
        let mut path = Vec::new();
        let mut next = Some(id);
        while let Some(outer) = next.filter(|outer| !chosen.contains(outer)) {
            path.push(outer);
            next = tree.node(outer).parent;
        }
        if path.len() <= room {
            room -= path.len();
            chosen.extend(path);
        }
    }
    chosen
}

/// Less is more urgent. What runs and what failed keep their place, so that the picture
/// does not jump; the rest is taken newest first.
fn urgency(node: &Node) -> (u8, u64) {
    let newest_first = u64::MAX - node.changed;
    match (node.state, node.is_container) {
        (State::Running { .. }, false) => (0, 0),
        (State::Finished { outcome: Outcome::Failure, .. }, false) => (1, newest_first),
        (State::Running { .. } | State::Finished { outcome: Outcome::Failure, .. }, true) => (2, 0),
        (State::Finished { .. }, _) => (3, newest_first),
        (State::Mentioned, _) => (4, newest_first),
    }
}

/// The lines that lead to a node; `trunks` says for each depth whether more follows there.
fn branches(trunks: &[bool], style: Style) -> Row {
    let marks = style.marks();
    let mut text = String::new();
    // Outermost nodes stand at the left edge, without a line.
    for (index, goes_on) in trunks.iter().enumerate().skip(1) {
        let is_own = index + 1 == trunks.len();
        text.push_str(match (is_own, goes_on) {
            (true, true) => marks.branch,
            (true, false) => marks.last_branch,
            (false, true) => marks.trunk,
            (false, false) => marks.gap,
        });
    }
    Row::new().with(Paint::Dim, &text)
}

impl Row {
    fn then(self, build: impl FnOnce(Self) -> Self) -> Self {
        build(self)
    }
}

fn node_row(
    row: Row,
    node: &Node,
    said: Option<(Paint, String)>,
    (now, style): (Timestamp, Style),
) -> Row {
    let row = row
        .with(Paint::of_state(node.state), style.marks().of_state(node.state))
        .with(Paint::Dim, &format!(" {}/", node.entity.kind()))
        .with(name_paint(node), node.entity.id());
    let row = if node.attempts > 1 {
        row.with(Paint::Odd, &format!("  attempt {}", node.attempts))
    } else {
        row
    };
    let row = match said {
        Some((paint, text)) => row.with(paint, "  ").with(paint, &text),
        None => row,
    };
    match node.state {
        State::Mentioned => row,
        State::Running { since } => {
            let elapsed = now.saturating_since(since);
            row.with_right(Paint::Live, &format_duration(elapsed, Precision::Seconds))
        }
        State::Finished { duration, .. } => {
            let took = duration.map(|duration| format_duration(duration, Precision::Milliseconds));
            row.with_right(Paint::Dim, &took.unwrap_or_default())
        }
    }
}

fn name_paint(node: &Node) -> Paint {
    match node.state {
        State::Running { .. } | State::Finished { outcome: Outcome::Failure, .. } => Paint::Strong,
        State::Mentioned | State::Finished { .. } => Paint::Plain,
    }
}

/// What stands behind the name: how it went inside, why it ended so, or how far it is.
fn note(node: &Node, board: Option<&Board>) -> Option<(Paint, String)> {
    let why = first_line(&node.text);
    if node.is_of_run && node.is_container {
        // Attempts and steps are ends, too, but no cases: only the run knows what counts.
        let counts = board.and_then(|board| board.of(&node.entity));
        if let Some(text) = counts.map(counts_text).filter(|text| !text.is_empty()) {
            return Some((Paint::Dim, text));
        }
    } else if node.is_container && node.inside.sum() > 0 {
        return Some((Paint::Dim, tally_text(node.inside)));
    }
    match (node.state, why) {
        (State::Finished { outcome: Outcome::Failure, .. }, Some(why)) => {
            Some((Paint::Bad, why.to_owned()))
        }
        (State::Finished { .. }, Some(why)) => Some((Paint::Dim, why.to_owned())),
        (State::Running { .. }, _) => {
            node.last_point.as_ref().map(|point| (Paint::Dim, point.to_string()))
        }
        (State::Mentioned, _) => {
            let noun = if node.events == 1 { "event" } else { "events" };
            let count = format!("{} {noun}", format_count(node.events));
            (node.events > 0).then_some((Paint::Dim, count))
        }
        (State::Finished { .. }, None) => None,
    }
}
