//! `starts_before_finish`: every beginning has its end, and no end comes first.

use std::collections::HashMap;

use tidings_core::Entity;

use super::View;
use crate::report::table::{Mark, Row, Table};
use crate::report::{Report, text};

pub(super) fn check(view: &View<'_>) -> Result<(), Report> {
    let mut open: HashMap<&Entity, Vec<usize>> = HashMap::new();
    let mut faults: Vec<(usize, Fault)> = Vec::new();
    let mut hints = 0;
    for (index, event) in view.events().iter().enumerate() {
        let role = event.role();
        if role.is_begin() {
            hints += 1;
            open.entry(event.entity()).or_default().push(index);
        } else if role.outcome().is_some() {
            hints += 1;
            let begun = open.get_mut(event.entity()).and_then(Vec::pop);
            if begun.is_none() {
                faults.push((index, Fault::NotBegun));
            }
        }
    }
    if hints == 0 {
        return Err(no_hints(view));
    }
    faults.extend(open.values().flatten().map(|index| (*index, Fault::NotEnded)));
    faults.sort_unstable();
    if faults.is_empty() { Ok(()) } else { Err(report(&faults, view)) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    NotBegun,
    NotEnded,
}

fn no_hints(view: &View<'_>) -> Report {
    let headline = format!(
        "starts_before_finish: none of {} begins or ends anything",
        text::counted(view.len(), "recorded event")
    );
    Report::new(headline)
        .with_note("mark the variants that do: #[event(begin)], #[event(end(success))]")
}

fn report(faults: &[(usize, Fault)], view: &View<'_>) -> Report {
    let count = |wanted| faults.iter().filter(|(_, fault)| *fault == wanted).count();
    let said: Vec<String> = [
        (count(Fault::NotEnded), "without an end", "beginning"),
        (count(Fault::NotBegun), "without a beginning", "end"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, lack, what)| format!("{} {lack}", text::counted(number, what)))
    .collect();
    let headline = format!("starts_before_finish: {}", said.join(", "));
    let rows = faults.iter().map(|(index, fault)| row(*index, *fault, view));
    Report::new(headline).with_table(Table::new(rows.collect()))
}

fn row(index: usize, fault: Fault, view: &View<'_>) -> Row {
    let entity = view.events()[index].entity();
    let shown = text::event(view.number(index), &view.events()[index], false);
    let name = text::escaped(&entity.to_string());
    match fault {
        Fault::NotEnded => Row::new(Mark::Missing, format!("an end of {name}"), shown)
            .with_notes(vec!["nothing ends it".to_owned()]),
        Fault::NotBegun => {
            let later = (index..view.len()).find(|later| {
                let event = &view.events()[*later];
                event.role().is_begin() && event.entity() == entity
            });
            let note = match later {
                Some(later) => format!("begins later at #{}", view.number(later)),
                None => "nothing begins it".to_owned(),
            };
            Row::new(Mark::Missing, format!("a beginning of {name}"), shown).with_notes(vec![note])
        }
    }
}
