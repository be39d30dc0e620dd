//! The live picture of a test run: the tree, the nodes when there are several, and how far it
//! is.

use tidings_core::Timestamp;

use super::frame::render_rows;
use super::row::{Paint, Row};
use super::style::{Size, Style};
use super::totals::{Apart, Wrapped, parts, parts_row};
use crate::duration::{Precision, format_count, format_duration};
use crate::run::{Board, NodeRow};
use crate::tree::Tree;

/// The most rows that the numbers take.
const PROGRESS_ROWS_MAX: usize = 3;

/// As [`render_frame`](super::render_frame), with the numbers of the run below it.
pub(crate) fn render_run_frame(
    tree: &Tree,
    board: &Board,
    now: Timestamp,
    size: Size,
    style: Style,
) -> String {
    let progress = progress(board, size.width, style);
    let progress_rows = progress.len().min(PROGRESS_ROWS_MAX).min((size.height / 4).max(1));
    let left = size.height.saturating_sub(progress_rows + 1);
    // What runs stands below its node; the tree has the rest.
    let nodes = node_rows(board, now, left / 2, style);
    let left = left.saturating_sub(if nodes.is_empty() { 0 } else { nodes.len() + 1 });
    let room = Size::new(size.width, left);
    let mut out = render_rows(tree, Some(board), now, room, style);
    if !nodes.is_empty() && !out.is_empty() {
        out.push('\n');
    }
    for row in &nodes {
        row.render(size.width, style, &mut out);
    }
    if !out.is_empty() && size.height > progress_rows {
        out.push('\n');
    }
    progress.render(progress_rows, style, &mut out);
    out
}

/// `12/40 · 3 running, 9 passed`.
fn progress(board: &Board, width: usize, style: Style) -> Wrapped {
    let done = format_count(board.done());
    let head = match board.expected {
        // What began since the plan was last compared is expected, too.
        Some(expected) => {
            let expected = expected.max(board.done() + board.counts.running);
            format!("{done}/{}", format_count(expected))
        }
        None => format!("{done} done"),
    };
    let mut row = Wrapped::new(width, Row::new().with(Paint::Strong, &head));
    let mut apart = Apart::dot(style);
    for part in parts(&board.counts) {
        row = row.with(apart, part);
        apart = Apart::COMMA;
    }
    row
}

/// Each node with its numbers, and below it what runs there, as far as there is room.
fn node_rows(board: &Board, now: Timestamp, room: usize, style: Style) -> Vec<Row> {
    let mut rows = Vec::new();
    if board.nodes.is_empty() || room == 0 {
        return rows;
    }
    let shown = if board.nodes.len() > room { room - 1 } else { board.nodes.len() };
    // Every node has its row before any of them has two.
    let mut left = room - shown;
    for node in &board.nodes[..shown] {
        rows.push(node_row(node, style));
        let running = &node.running[..node.running.len().min(left)];
        left -= running.len();
        rows.extend(running.iter().map(|case| {
            let elapsed = format_duration(now.saturating_since(case.since), Precision::Seconds);
            Row::new()
                .with(Paint::Dim, "   ")
                .with(Paint::Live, style.marks().running)
                .with(Paint::Plain, " ")
                .with_path(&case.entity)
                .with_right(Paint::Live, &elapsed)
        }));
    }
    let more = board.nodes.len() - shown;
    if more > 0 {
        let text = format!("{} {more} more nodes", style.marks().cut);
        rows.push(Row::new().with(Paint::Dim, &text));
    }
    rows
}

fn node_row(node: &NodeRow, style: Style) -> Row {
    let row = match node.lost {
        Some(_) => Row::new().with(Paint::Bad, style.marks().failed),
        None => Row::new().with(Paint::Live, style.marks().running),
    };
    let row = row.with(Paint::Dim, " node/").with(Paint::Strong, &node.name);
    let counts = parts_row(&node.counts);
    let row = if counts.width() > 0 { row.with(Paint::Plain, "  ").with_row(counts) } else { row };
    match &node.lost {
        Some(reason) if reason.is_empty() => row.with(Paint::Bad, "  lost"),
        Some(reason) => row.with(Paint::Bad, &format!("  lost: {reason}")),
        None => row,
    }
}
