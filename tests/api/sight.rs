//! What attributes say of an item: whether it is built, whether the docs show it, and under which `cfg`.

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, Meta};

use crate::text::text;

/// Configurations of tests; nobody who depends on a crate sees them.
const TEST_CFGS: [&str; 3] = ["test", "doctest", "loom"];

fn list(attribute: &Attribute, name: &str) -> Option<TokenStream> {
    match &attribute.meta {
        Meta::List(list) if list.path.is_ident(name) => Some(list.tokens.clone()),
        _ => None,
    }
}

fn has_word(tokens: TokenStream, words: &[&str]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => has_word(group.stream(), words),
        token => words.contains(&token.to_string().as_str()),
    })
}

/// Whether a build for users has it, and the docs show it.
pub(crate) fn is_seen(attributes: &[Attribute]) -> bool {
    let hidden = |a: &Attribute| list(a, "doc").is_some_and(|list| has_word(list, &["hidden"]));
    is_built(attributes) && !attributes.iter().any(hidden)
}

/// Whether a build for users has it.
pub(crate) fn is_built(attributes: &[Attribute]) -> bool {
    !attributes.iter().filter_map(|attribute| list(attribute, "cfg")).any(|condition| {
        has_word(condition.clone(), &TEST_CFGS) && !has_word(condition, &["not", "any"])
    })
}

/// The conditions that it stands under, those of tests aside.
pub(crate) fn gates(attributes: &[Attribute]) -> Vec<String> {
    let conditions = attributes.iter().filter_map(|attribute| list(attribute, "cfg"));
    conditions.filter(|one| !has_word(one.clone(), &TEST_CFGS)).map(|one| text(&one)).collect()
}

/// Whether it has an attribute without arguments.
pub(crate) fn is_marked(attributes: &[Attribute], name: &str) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident(name))
}

/// The names of the traits that are derived.
pub(crate) fn derives(attributes: &[Attribute]) -> Vec<String> {
    let mut names = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let parsed = attribute.parse_nested_meta(|meta| {
            names.extend(meta.path.segments.last().map(|last| last.ident.to_string()));
            Ok(())
        });
        parsed.expect("a derive that compiles can be read");
    }
    names
}
