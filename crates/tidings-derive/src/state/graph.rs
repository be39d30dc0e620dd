//! Checks the graph that the attributes draw.
//!
//! A self edge is not an exit: a state that can only repeat itself ends there, and must
//! say so. A target that is not known but can be guessed counts as the guess, so that one
//! typing error is not followed by "cannot be reached".

use syn::Ident;

use super::parse::{Model, StateModel};
use crate::faults::Faults;
use crate::words::nearest;

/// The graph by the places of its states.
#[derive(Debug)]
pub(super) struct Graph {
    /// The place of the initial state.
    pub(super) initial: usize,
    /// For each state, where it may go.
    pub(super) targets: Vec<Vec<usize>>,
}

/// Resolves and checks the graph; what is wrong with it is added to `faults`.
pub(super) fn graph(enum_name: &Ident, model: &Model, faults: &mut Faults) -> Graph {
    let states = &model.states;
    let initial = initial(enum_name, model, faults);
    let mut every_target_is_known = model.readable;
    let mut targets = Vec::with_capacity(states.len());
    for state in states {
        targets.push(resolve(state, states, &mut every_target_is_known, faults));
    }
    for (place, targets) in targets.iter().enumerate() {
        exits(place, model, targets, faults);
    }
    if let (Some(initial), true) = (initial, every_target_is_known) {
        let reached = reachable(initial, &targets);
        for (state, _) in states.iter().zip(reached).filter(|(_, reached)| !reached) {
            let start = &states[initial].ident;
            faults.at(
                &state.ident,
                format!("`{}` cannot be reached from the initial state `{start}`", state.ident),
            );
        }
    }
    Graph { initial: initial.unwrap_or_default(), targets }
}

/// Returns the initial state, if there is exactly one.
fn initial(enum_name: &Ident, model: &Model, faults: &mut Faults) -> Option<usize> {
    let states = &model.states;
    let mut marked = (0..states.len()).filter(|&place| states[place].initial);
    let Some(first) = marked.next() else {
        if let (Some(example), true) = (states.first(), model.readable) {
            faults.at(
                enum_name,
                format!(
                    "`{enum_name}` has no initial state, mark one variant `#[state(initial)]`, such as `{}`",
                    example.ident
                ),
            );
        }
        return None;
    };
    let mut only_one = true;
    for more in marked {
        only_one = false;
        let (one, two) = (&states[first].ident, &states[more].ident);
        faults.at(two, format!("`{two}` is a second initial state, `{one}` is marked already"));
    }
    only_one.then_some(first)
}

fn resolve(
    state: &StateModel,
    states: &[StateModel],
    all_known: &mut bool,
    faults: &mut Faults,
) -> Vec<usize> {
    let place_of = |name: &str| states.iter().position(|other| other.ident == name);
    let mut places: Vec<usize> = Vec::with_capacity(state.targets.len());
    for target in &state.targets {
        let written = target.to_string();
        let place = place_of(&written).or_else(|| {
            let names: Vec<String> = states.iter().map(|other| other.ident.to_string()).collect();
            let meant = nearest(&written, names.iter().map(String::as_str));
            let advice =
                meant.map(|meant| format!(", did you mean `{meant}`?")).unwrap_or_default();
            faults.at(
                target,
                format!("`{}` goes to `{written}`, which is not a state{advice}", state.ident),
            );
            meant.and_then(place_of)
        });
        match place {
            None => *all_known = false,
            Some(place) if places.contains(&place) => {
                // A guessed name is one fault, not two.
                if states[place].ident == written {
                    faults.at(target, format!("`{}` goes to `{written}` twice", state.ident));
                }
            }
            Some(place) => places.push(place),
        }
    }
    places
}

fn exits(place: usize, model: &Model, targets: &[usize], faults: &mut Faults) {
    let state = &model.states[place];
    let exits: Vec<String> = targets
        .iter()
        .filter(|&&target| target != place)
        .map(|&target| format!("`{}`", model.states[target].ident))
        .collect();
    // A state with unknown targets is no dead end.
    let listed = state.targets.iter().any(|target| *target != state.ident);
    if state.terminal && !exits.is_empty() {
        faults.at(
            &state.ident,
            format!("`{}` is marked `#[terminal]` and goes to {}", state.ident, exits.join(", ")),
        );
    } else if !state.terminal && !listed && model.readable {
        faults.at(
            &state.ident,
            format!("`{}` is a dead end, give it `#[to(…)]` or mark it `#[terminal]`", state.ident),
        );
    }
}

fn reachable(initial: usize, targets: &[Vec<usize>]) -> Vec<bool> {
    let mut reached = vec![false; targets.len()];
    let mut open = vec![initial];
    while let Some(place) = open.pop() {
        if !std::mem::replace(&mut reached[place], true) {
            open.extend(&targets[place]);
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;
    use crate::state::parse::model;

    fn faults_of(input: &syn::DeriveInput) -> Vec<String> {
        let mut faults = Faults::default();
        let model = model(input, &mut faults);
        graph(&input.ident, &model, &mut faults);
        faults.texts()
    }

    #[test]
    fn a_sound_enum_has_no_faults() {
        let faults = faults_of(&parse_quote! {
            enum Case { #[state(initial)] #[to(Self::Running, Idle)] Idle, #[to(Done)] Running, #[terminal] #[to(Done)] Done }
        });
        assert_eq!(faults, [""; 0]);
    }

    #[test]
    fn a_typing_error_is_one_fault() {
        let faults = faults_of(&parse_quote! {
            enum Case { #[state(initial)] #[to(Runing)] Idle, #[to(Done)] Running, #[terminal] Done }
        });
        assert_eq!(
            faults,
            ["`Idle` goes to `Runing`, which is not a state, did you mean `Running`?"]
        );
    }

    #[test]
    fn all_faults_come_at_once() {
        let faults = faults_of(&parse_quote! {
            enum Case { #[state(initial)] #[to(Done, Done)] Idle, #[to(Done)] Lost, Stuck, #[terminal] #[to(Idle)] Done }
        });
        assert_eq!(
            faults,
            [
                "`Idle` goes to `Done` twice",
                "`Stuck` is a dead end, give it `#[to(…)]` or mark it `#[terminal]`",
                "`Done` is marked `#[terminal]` and goes to `Idle`",
                "`Lost` cannot be reached from the initial state `Idle`",
                "`Stuck` cannot be reached from the initial state `Idle`",
            ]
        );
    }

    #[test]
    fn a_state_that_can_only_repeat_itself_is_a_dead_end() {
        let faults = faults_of(&parse_quote! {
            enum Case { #[state(initial)] #[to(Done)] Idle, #[to(Done)] Done }
        });
        assert_eq!(faults, ["`Done` is a dead end, give it `#[to(…)]` or mark it `#[terminal]`"]);
    }
}
