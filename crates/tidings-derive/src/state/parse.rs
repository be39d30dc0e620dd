//! Reads the enum and its attributes into a plain model.
//!
//! Reading never stops at the first fault. What a fault hides is remembered: the graph is
//! not accused of lacking what could not be read.

use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, LitStr, Meta, Path, Token};

use crate::faults::Faults;
use crate::words::{nearest, snake_case};

/// The enum as its author wrote it.
#[derive(Debug)]
pub(super) struct Model {
    /// Where `__private` is found.
    pub(super) krate: Path,
    /// The name of the table.
    pub(super) name: String,
    /// The states, in the order of the variants.
    pub(super) states: Vec<StateModel>,
    /// Every attribute was understood: what the graph lacks is lacking indeed.
    pub(super) readable: bool,
}

/// One variant.
#[derive(Debug)]
pub(super) struct StateModel {
    /// The variant.
    pub(super) ident: Ident,
    /// The name of the state.
    pub(super) name: String,
    /// Marked `#[state(initial)]`.
    pub(super) initial: bool,
    /// Marked `#[terminal]`.
    pub(super) terminal: bool,
    /// What `#[to(…)]` lists.
    pub(super) targets: Vec<Ident>,
}

/// Reads `input`; everything wrong with its form is added to `faults`.
pub(super) fn model(input: &DeriveInput, faults: &mut Faults) -> Model {
    let mut model = Model {
        krate: syn::parse_quote!(::tidings),
        name: snake_case(&input.ident),
        states: Vec::new(),
        readable: false,
    };
    container(input, &mut model, faults);
    if let Data::Enum(data) = &input.data {
        model.states = data.variants.iter().map(|variant| state(variant, faults)).collect();
    }
    model.readable = faults.is_empty();
    shape(input, faults);
    names_are_unique(&model.states, faults);
    model
}

/// Checks that the input is what a set of states can be made of.
fn shape(input: &DeriveInput, faults: &mut Faults) {
    let name = &input.ident;
    if !input.generics.params.is_empty() {
        faults.at(
            &input.generics,
            format!("`{name}` has generic parameters, a set of states cannot be generic"),
        );
    }
    match &input.data {
        Data::Enum(data) if data.variants.is_empty() => faults.at(
            name,
            format!("`{name}` has no variants, a state machine needs at least one state"),
        ),
        Data::Enum(data) => {
            let variants = data.variants.iter();
            for variant in variants.filter(|variant| !matches!(variant.fields, Fields::Unit)) {
                let variant = &variant.ident;
                faults
                    .at(variant, format!("`{variant}` has fields, a state must be a unit variant"));
            }
        }
        Data::Struct(_) | Data::Union(_) => faults.at(
            name,
            format!("`{name}` is not an enum, `derive(State)` needs one with unit variants"),
        ),
    }
}

fn container(input: &DeriveInput, model: &mut Model, faults: &mut Faults) {
    for attribute in &input.attrs {
        if attribute.path().is_ident("to") || attribute.path().is_ident("terminal") {
            faults.at(
                attribute,
                format!("{} belongs on a variant, not on the enum", shown(attribute)),
            );
        } else if attribute.path().is_ident("state") {
            nested(attribute, faults, |meta| {
                if meta.path.is_ident("crate") {
                    model.krate =
                        meta.value()?.parse::<LitStr>()?.parse_with(Path::parse_mod_style)?;
                } else if meta.path.is_ident("name") {
                    model.name = name(meta)?;
                } else if meta.path.is_ident("initial") {
                    return Err(meta.error("`initial` belongs on a variant, not on the enum"));
                } else {
                    return Err(unknown(meta, &["crate", "name"]));
                }
                Ok(())
            });
        }
    }
}

fn state(variant: &syn::Variant, faults: &mut Faults) -> StateModel {
    let mut state = StateModel {
        ident: variant.ident.clone(),
        name: snake_case(&variant.ident),
        initial: false,
        terminal: false,
        targets: Vec::new(),
    };
    for attribute in &variant.attrs {
        if attribute.path().is_ident("state") {
            variant_settings(attribute, &mut state, faults);
        } else if attribute.path().is_ident("terminal") {
            terminal(attribute, &mut state, faults);
        } else if attribute.path().is_ident("to") {
            targets(attribute, &mut state, faults);
        }
    }
    state
}

fn variant_settings(attribute: &Attribute, state: &mut StateModel, faults: &mut Faults) {
    nested(attribute, faults, |meta| {
        if meta.path.is_ident("initial") {
            if state.initial {
                return Err(meta.error(format!("`{}` is marked initial twice", state.ident)));
            }
            state.initial = true;
        } else if meta.path.is_ident("name") {
            state.name = name(meta)?;
        } else if meta.path.is_ident("crate") {
            return Err(meta.error("`crate` belongs on the enum, not on a variant"));
        } else if meta.path.is_ident("terminal") {
            return Err(meta.error("write `#[terminal]`"));
        } else {
            return Err(unknown(meta, &["initial", "name"]));
        }
        Ok(())
    });
}

fn terminal(attribute: &Attribute, state: &mut StateModel, faults: &mut Faults) {
    if !matches!(attribute.meta, Meta::Path(_)) {
        faults.at(attribute, "`#[terminal]` takes no arguments");
    }
    if state.terminal {
        faults.at(attribute, format!("`{}` is marked terminal twice", state.ident));
    }
    state.terminal = true;
}

fn targets(attribute: &Attribute, state: &mut StateModel, faults: &mut Faults) {
    match attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated) {
        Ok(paths) if paths.is_empty() => {
            faults.at(attribute, format!("`#[to()]` of `{}` names no state", state.ident));
        }
        // The last segment names the state: `Self::Done` is as good as `Done`.
        Ok(paths) => state
            .targets
            .extend(paths.into_iter().filter_map(|path| path.segments.last().map(|last| last.ident.clone()))),
        Err(error) => faults.at(
            attribute,
            format!("`#[to(…)]` of `{}` is a list of variants, such as `#[to(Running, Skipped)]`: {error}", state.ident),
        ),
    }
}

fn nested(
    attribute: &Attribute,
    faults: &mut Faults,
    read: impl FnMut(&ParseNestedMeta) -> syn::Result<()>,
) {
    let mut read = read;
    if let Err(error) = attribute.parse_nested_meta(|meta| read(&meta)) {
        faults.add(error);
    }
}

fn name(meta: &ParseNestedMeta) -> syn::Result<String> {
    let text: LitStr = meta.value()?.parse()?;
    match text.value() {
        name if name.trim().is_empty() => {
            Err(syn::Error::new_spanned(text, "a name cannot be blank"))
        }
        name => Ok(name),
    }
}

fn unknown(meta: &ParseNestedMeta, known: &[&str]) -> syn::Error {
    let written =
        meta.path.segments.iter().map(|part| part.ident.to_string()).collect::<Vec<_>>().join("::");
    let expected = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
    meta.error(match nearest(&written, known.iter().copied()) {
        Some(meant) => format!("unknown attribute `{written}`, did you mean `{meant}`?"),
        None => format!("unknown attribute `{written}`, expected {expected}"),
    })
}

fn names_are_unique(states: &[StateModel], faults: &mut Faults) {
    for (place, state) in states.iter().enumerate() {
        if let Some(first) = states[..place].iter().find(|other| other.name == state.name) {
            faults.at(
                &state.ident,
                format!(
                    "`{}` and `{}` are both named \"{}\"",
                    first.ident, state.ident, state.name
                ),
            );
        }
    }
}

fn shown(attribute: &Attribute) -> &'static str {
    if attribute.path().is_ident("to") { "`#[to(…)]`" } else { "`#[terminal]`" }
}
