//! Drawings of a table: Mermaid and DOT.
//!
//! States are drawn under numbered identifiers with their names as labels, so that no name
//! can break the drawing or be taken for a keyword.

use std::fmt::Write as _;

use super::table::Table;

/// A drawing of a [`Table`], with one state highlighted if so asked.
///
/// # Examples
/// ```
/// use tidings_core::state::Table;
///
/// let table = Table::builder("lamp").initial("off").edge("off", "on").edge("on", "off").build()?;
/// let text = table.diagram().highlight("on").mermaid();
/// assert!(text.starts_with("stateDiagram-v2\n"));
/// assert!(text.contains("class s1 current"));
/// # Ok::<(), tidings_core::state::TableError>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "a diagram is drawn by `mermaid` or `dot`"]
pub struct Diagram {
    table: Table,
    current: Option<usize>,
}

impl Table {
    /// Begins a drawing of the table.
    pub fn diagram(&self) -> Diagram {
        Diagram { table: self.clone(), current: None }
    }
}

impl Diagram {
    /// Highlights a state; a name that is no state highlights nothing.
    pub fn highlight(mut self, state: &str) -> Self {
        self.current = self.table.place_of(state);
        self
    }

    /// Draws the table as a Mermaid `stateDiagram-v2`.
    pub fn mermaid(&self) -> String {
        let table = &self.table;
        let mut text = String::from("stateDiagram-v2\n");
        for (place, name) in table.states().enumerate() {
            line(&mut text, format_args!("state \"{}\" as s{place}", mermaid_text(name)));
        }
        line(&mut text, format_args!("[*] --> s{}", table.initial_at()));
        for (from, to) in table.edges_at() {
            line(&mut text, format_args!("s{from} --> s{to}"));
        }
        for place in self.terminals() {
            line(&mut text, format_args!("s{place} --> [*]"));
        }
        if let Some(current) = self.current {
            line(&mut text, format_args!("classDef current fill:#ffe08a,stroke:#8a6d00"));
            line(&mut text, format_args!("class s{current} current"));
        }
        text
    }

    /// Draws the table in the DOT language of Graphviz.
    pub fn dot(&self) -> String {
        let table = &self.table;
        let mut text = format!("digraph \"{}\" {{\n", dot_text(table.name()));
        line(&mut text, format_args!("rankdir=LR;"));
        line(&mut text, format_args!("node [shape=box, style=rounded];"));
        line(&mut text, format_args!("start [shape=point, label=\"\"];"));
        for (place, name) in table.states().enumerate() {
            let ring = if table.is_terminal_at(place) { ", peripheries=2" } else { "" };
            let fill = if self.current == Some(place) {
                ", style=\"rounded,filled\", fillcolor=\"#ffe08a\""
            } else {
                ""
            };
            line(&mut text, format_args!("s{place} [label=\"{}\"{ring}{fill}];", dot_text(name)));
        }
        line(&mut text, format_args!("start -> s{};", table.initial_at()));
        for (from, to) in table.edges_at() {
            line(&mut text, format_args!("s{from} -> s{to};"));
        }
        text.push_str("}\n");
        text
    }

    fn terminals(&self) -> impl Iterator<Item = usize> {
        (0..self.table.len()).filter(|&place| self.table.is_terminal_at(place))
    }
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    writeln!(text, "    {content}").expect("a string takes every text");
}

/// Writes everything that could mean something to Mermaid as an entity: `#34;` is a quote.
fn mermaid_text(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_alphanumeric() || matches!(letter, ' ' | '_' | '-' | '.') {
            text.push(letter);
        } else if letter.is_control() {
            text.push(' ');
        } else {
            write!(text, "#{};", u32::from(letter)).expect("a string takes every text");
        }
    }
    text
}

fn dot_text(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '"' | '\\' => text.extend(['\\', letter]),
            _ if letter.is_control() => text.push(' '),
            _ => text.push(letter),
        }
    }
    text
}
