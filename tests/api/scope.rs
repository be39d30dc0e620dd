//! Which item of the crate a path means: imports and re-exports followed.

use syn::{Item, UseTree, Visibility};

use crate::sight::{gates, is_seen};
use crate::source::{ModulePath, Sources};

/// How many imports may lead from one to another.
const HOPS_MAX: usize = 20;

/// An item or a module of the crate: the module it stands in, and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) module: ModulePath,
    pub(crate) name: String,
}

impl Place {
    /// The path of the module that it is, if it is one.
    pub(crate) fn inside(&self) -> ModulePath {
        [&self.module[..], std::slice::from_ref(&self.name)].concat()
    }
}

/// One name that a `use` brings into a module.
#[derive(Debug)]
pub(crate) struct Import {
    /// The name here; `*` brings all.
    pub(crate) name: String,
    pub(crate) path: Vec<String>,
    pub(crate) is_public: bool,
    pub(crate) is_seen: bool,
    pub(crate) gates: Vec<String>,
}

/// The names that a module imports.
pub(crate) fn imports(items: &[Item]) -> Vec<Import> {
    let mut found = Vec::new();
    for item in items {
        if let Item::Use(one) = item {
            let mut pairs = Vec::new();
            leaves(&one.tree, &mut Vec::new(), &mut pairs);
            found.extend(pairs.into_iter().map(|(name, path)| Import {
                name,
                path,
                is_public: matches!(one.vis, Visibility::Public(_)),
                is_seen: is_seen(&one.attrs),
                gates: gates(&one.attrs),
            }));
        }
    }
    found
}

fn leaves(tree: &UseTree, above: &mut Vec<String>, found: &mut Vec<(String, Vec<String>)>) {
    match tree {
        UseTree::Path(path) => {
            above.push(path.ident.to_string());
            leaves(&path.tree, above, found);
            above.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            found.push((above.last().cloned().unwrap_or_default(), above.clone()));
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            found.push((name.clone(), [&above[..], &[name]].concat()));
        }
        UseTree::Rename(rename) => {
            let path = [&above[..], &[rename.ident.to_string()]].concat();
            found.push((rename.rename.to_string(), path));
        }
        UseTree::Glob(_) => found.push(("*".to_owned(), above.clone())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, above, found)),
    }
}

/// The name of an item that has one and can be imported.
pub(crate) fn name_of(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(one) => &one.ident,
        Item::Enum(one) => &one.ident,
        Item::Fn(one) => &one.sig.ident,
        Item::Mod(one) => &one.ident,
        Item::Static(one) => &one.ident,
        Item::Struct(one) => &one.ident,
        Item::Trait(one) => &one.ident,
        Item::Type(one) => &one.ident,
        Item::Union(one) => &one.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// What a path that is written in a module means; none if it is of another crate.
pub(crate) fn resolve(sources: &Sources, module: &[String], path: &[String]) -> Option<Place> {
    resolve_within(sources, module, path, HOPS_MAX)
}

fn resolve_within(
    sources: &Sources,
    module: &[String],
    path: &[String],
    hops: usize,
) -> Option<Place> {
    let hops = hops.checked_sub(1)?;
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => return resolve_within(sources, &[], rest, hops),
        "self" => return resolve_within(sources, module, rest, hops),
        "super" => {
            let (_, above) = module.split_last()?;
            return resolve_within(sources, above, rest, hops);
        }
        _ => {}
    }
    let items = &sources.modules.get(module)?.items;
    let here = Place { module: module.to_vec(), name: first.clone() };
    if items.iter().any(|item| name_of(item).as_ref() == Some(first)) {
        if rest.is_empty() {
            return Some(here);
        }
        let inside = here.inside();
        // `Type::method` is no item of a module.
        let is_module = sources.modules.contains_key(&inside);
        return if is_module { resolve_within(sources, &inside, rest, hops) } else { None };
    }
    imports(items).iter().find_map(|import| {
        let is_glob = import.name == "*";
        if !is_glob && import.name != *first {
            return None;
        }
        // `use name::…` of another crate by the same name must not find itself.
        if import.path.first() == Some(first) && !is_glob && import.path.len() == 1 {
            return None;
        }
        let whole = if is_glob { path } else { rest };
        resolve_within(sources, module, &[&import.path[..], whole].concat(), hops)
    })
}
