//! The public items of a crate, one line each.
//!
//! An item is listed under its shortest public path; every other path is a line of its own that
//! says what it means. A line ends with the conditions that the item stands under.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use quote::{ToTokens, quote};
use syn::{
    Attribute, Fields, FnArg, Generics, ImplItem, Item, ItemImpl, ItemTrait, Pat, Signature,
    TraitItem, Type, Visibility,
};

use crate::scope::{Place, imports, name_of, resolve};
use crate::sight::{derives, gates, is_marked, is_seen};
use crate::source::{ModulePath, Sources};
use crate::text::text;

/// A way to an item for users.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    path: Vec<String>,
    gates: Vec<String>,
}

/// The API of a crate, sorted.
pub(crate) fn lines(name: &str, sources: &Sources) -> Vec<String> {
    let mut surface = Surface::of(name, sources);
    surface.items();
    surface.impls();
    surface.macros();
    surface.lines.into_iter().map(|(_, line)| line).collect()
}

struct Surface<'a> {
    sources: &'a Sources,
    ways: BTreeMap<Place, BTreeSet<Way>>,
    /// By the path they are sorted by.
    lines: BTreeSet<(String, String)>,
    root: String,
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn parts(item: &Item) -> (&[Attribute], Option<&Visibility>) {
    match item {
        Item::Const(one) => (&one.attrs, Some(&one.vis)),
        Item::Enum(one) => (&one.attrs, Some(&one.vis)),
        Item::Fn(one) => (&one.attrs, Some(&one.vis)),
        Item::Mod(one) => (&one.attrs, Some(&one.vis)),
        Item::Static(one) => (&one.attrs, Some(&one.vis)),
        Item::Struct(one) => (&one.attrs, Some(&one.vis)),
        Item::Trait(one) => (&one.attrs, Some(&one.vis)),
        Item::Type(one) => (&one.attrs, Some(&one.vis)),
        Item::Union(one) => (&one.attrs, Some(&one.vis)),
        Item::Impl(one) => (&one.attrs, None),
        _ => (&[], None),
    }
}

impl<'a> Surface<'a> {
    /// Finds every way to every item.
    fn of(name: &str, sources: &'a Sources) -> Self {
        let root = name.to_owned();
        let mut found = Self { sources, ways: BTreeMap::new(), lines: BTreeSet::new(), root };
        let start = Way { path: vec![name.to_owned()], gates: Vec::new() };
        let mut waiting = VecDeque::from([(ModulePath::new(), start)]);
        let mut seen = BTreeSet::new();
        while let Some((module, way)) = waiting.pop_front() {
            if seen.insert(module.clone()) {
                waiting.extend(found.module(&module, &way));
            }
        }
        found
    }

    /// Notes what a public module holds; returns the modules to look into next.
    fn module(&mut self, module: &ModulePath, way: &Way) -> Vec<(ModulePath, Way)> {
        let items = &self.sources.modules[module].items;
        let (mut inner, mut places) = (Vec::new(), Vec::new());
        for item in items {
            let (attributes, visibility) = parts(item);
            if let Some(name) = name_of(item)
                && visibility.is_some_and(is_public)
                && is_seen(attributes)
            {
                let place = Place { module: module.clone(), name: name.clone() };
                places.push((place, name, gates(attributes)));
            }
        }
        for import in imports(items).into_iter().filter(|one| one.is_public && one.is_seen) {
            if let Some(place) = resolve(self.sources, module, &import.path) {
                places.push((place, import.name, import.gates));
            } else {
                let here = format!("{}::{}", way.path.join("::"), import.name);
                let gates = [&way.gates[..], &import.gates].concat();
                let line = format!("pub use {} as {here}", import.path.join("::"));
                self.add(&here, line, &gates);
            }
        }
        for (place, name, gates) in places {
            let path = [&way.path[..], &[name]].concat();
            let way = Way { path, gates: [&way.gates[..], &gates].concat() };
            if self.sources.modules.contains_key(&place.inside()) {
                inner.push((place.inside(), way.clone()));
            }
            self.ways.entry(place).or_default().insert(way);
        }
        inner
    }

    /// The shortest way to an item, if there is any.
    fn way(&self, place: &Place) -> Option<&Way> {
        self.ways.get(place)?.iter().min_by_key(|way| (way.path.len(), *way))
    }

    fn add(&mut self, key: &str, line: String, gates: &[String]) {
        let gates: BTreeSet<&String> = gates.iter().collect();
        let gates = gates.iter().fold(String::new(), |all, gate| all + "  [" + gate + "]");
        self.lines.insert((key.to_owned(), line + &gates));
    }

    fn items(&mut self) {
        for (place, ways) in self.ways.clone() {
            let way = self.way(&place).expect("it has one").clone();
            let path = way.path.join("::");
            for other in ways.iter().filter(|other| **other != way) {
                let here = other.path.join("::");
                self.add(&here, format!("pub use {path} as {here}"), &other.gates);
            }
            let items = &self.sources.modules[&place.module].items;
            for item in items.iter().filter(|item| name_of(item).as_ref() == Some(&place.name)) {
                for line in describe(item, &path) {
                    self.add(&path, line, &way.gates);
                }
            }
        }
    }

    fn impls(&mut self) {
        for (module, content) in &self.sources.modules {
            for item in &content.items {
                if let Item::Impl(one) = item
                    && is_seen(&one.attrs)
                {
                    self.one_impl(module, one, &content.gates);
                }
            }
        }
    }

    fn one_impl(&mut self, module: &ModulePath, one: &ItemImpl, around: &[String]) {
        let way = match place_of(self.sources, module, &one.self_ty) {
            Some(place) => self.way(&place).cloned(),
            // A type of another crate, or of any: ours only by its trait.
            None => self.foreign(module, one),
        };
        let Some(way) = way else { return };
        let path = way.path.join("::");
        let gates = [&way.gates[..], around, &gates(&one.attrs)].concat();
        if one.trait_.is_some() {
            self.add(&path, trait_impl(one), &gates);
            return;
        }
        let items = self.sources.inside(one);
        let mut line = |line: String, attributes: &[Attribute]| {
            let within = within(one);
            let gates = [&gates[..], &self::gates(attributes)].concat();
            self.add(&path, format!("{line}{within}"), &gates);
        };
        for item in items {
            match &item {
                ImplItem::Fn(method) if is_public(&method.vis) && is_seen(&method.attrs) => {
                    line(format!("pub {}", function(&method.sig, &path)), &method.attrs);
                }
                ImplItem::Const(constant)
                    if is_public(&constant.vis) && is_seen(&constant.attrs) =>
                {
                    let (name, kind) = (&constant.ident, text(&constant.ty));
                    line(format!("pub const {path}::{name}: {kind}"), &constant.attrs);
                }
                _ => {}
            }
        }
    }

    /// The way to the trait, or to a type among its arguments.
    fn foreign(&self, module: &ModulePath, one: &ItemImpl) -> Option<Way> {
        let (path, _) = one.trait_.as_ref()?;
        let mut paths = vec![path.segments.iter().map(|part| part.ident.to_string()).collect()];
        let arguments = path.segments.last().map(|last| last.arguments.to_token_stream());
        paths.extend(arguments.into_iter().flatten().map(|token| vec![token.to_string()]));
        let mut places = paths.iter().filter_map(|path| resolve(self.sources, module, path));
        places.find_map(|place| self.way(&place).cloned())
    }

    fn macros(&mut self) {
        let modules = &self.sources.modules;
        for item in modules.values().flat_map(|module| &module.items) {
            match item {
                Item::Macro(one)
                    if is_marked(&one.attrs, "macro_export") && is_seen(&one.attrs) =>
                {
                    let name = one.ident.as_ref().map(ToString::to_string).unwrap_or_default();
                    let path = format!("{}::{name}", self.root);
                    for matcher in self.sources.macros.matchers(&name) {
                        self.add(&path, format!("macro {path}! ({})", text(&matcher)), &[]);
                    }
                }
                Item::Fn(one) => {
                    for attribute in one.attrs.iter().filter(|one| is_procedural(one)) {
                        let (name, root) = (&one.sig.ident, self.root.clone());
                        let line = format!("#[{}] {root}::{name}", text(&attribute.meta));
                        self.add(&root, line, &[]);
                    }
                }
                _ => {}
            }
        }
        for (module, call) in &self.sources.unexpanded {
            let path = [std::slice::from_ref(&self.root), module].concat().join("::");
            self.lines.insert((path.clone(), format!("{path}: what `{call}` writes")));
        }
    }
}

fn is_procedural(attribute: &Attribute) -> bool {
    let path = attribute.path();
    ["proc_macro", "proc_macro_derive", "proc_macro_attribute"].iter().any(|one| path.is_ident(one))
}

/// The item that a type names, behind references.
fn place_of(sources: &Sources, module: &ModulePath, kind: &Type) -> Option<Place> {
    match kind {
        Type::Reference(reference) => place_of(sources, module, &reference.elem),
        Type::Path(path) => {
            let path: Vec<_> =
                path.path.segments.iter().map(|part| part.ident.to_string()).collect();
            resolve(sources, module, &path)
        }
        _ => None,
    }
}

/// `impl<E: Event> Emitter<E>`, where that says more than the path of the type does.
fn within(one: &ItemImpl) -> String {
    if one.generics.params.is_empty() {
        return String::new();
    }
    let (generics, bounds) = (&one.generics, &one.generics.where_clause);
    format!("  in impl{} {}{}", text(generics), text(&one.self_ty), after(bounds))
}

fn after(tokens: &impl ToTokens) -> String {
    let text = text(tokens);
    if text.is_empty() { text } else { format!(" {}", text.trim_end_matches(',')) }
}

fn trait_impl(one: &ItemImpl) -> String {
    let (path, _) = one.trait_.as_ref().expect("it implements a trait");
    // `fmt::Display` and `Display` are the same to a user.
    let name = path.segments.last().map(text).unwrap_or_default();
    let types = one.items.iter().filter_map(|item| match item {
        ImplItem::Type(one) => Some(format!("{} = {}", one.ident, text(&one.ty))),
        _ => None,
    });
    let types = types.collect::<Vec<_>>().join(", ");
    let types = if types.is_empty() { types } else { format!(" {{ {types} }}") };
    let bounds = after(&one.generics.where_clause);
    format!("impl{} {name} for {}{bounds}{types}", text(&one.generics), text(&one.self_ty))
}

/// `fn path::name<T>(self: …, name: Type) -> Type where …`.
fn function(signature: &Signature, path: &str) -> String {
    let arguments = signature.inputs.iter().map(|argument| match argument {
        FnArg::Receiver(one) => text(one).trim_start_matches("mut ").to_owned(),
        FnArg::Typed(one) => match &*one.pat {
            Pat::Ident(name) => format!("{}: {}", name.ident, text(&one.ty)),
            _ => format!("_: {}", text(&one.ty)),
        },
    });
    let arguments = arguments.collect::<Vec<_>>().join(", ");
    let (constness, asyncness) = (&signature.constness, &signature.asyncness);
    let words = text(&quote!(#constness #asyncness));
    let words = if words.is_empty() { words } else { format!("{words} ") };
    let (generics, name) = (text(&signature.generics), &signature.ident);
    let output = after(&signature.output);
    let bounds = after(&signature.generics.where_clause);
    format!("{words}fn {path}::{name}{generics}({arguments}){output}{bounds}")
}

/// The lines of an item that is listed under this path.
fn describe(item: &Item, path: &str) -> Vec<String> {
    let (attributes, _) = parts(item);
    let open = if is_marked(attributes, "non_exhaustive") { "#[non_exhaustive] " } else { "" };
    let parent = path.rsplit_once("::").map_or("", |(parent, _)| parent);
    let mut lines = match item {
        Item::Const(one) => vec![format!("pub const {path}: {}", text(&one.ty))],
        Item::Static(one) => vec![format!("pub static {path}: {}", text(&one.ty))],
        Item::Fn(one) => vec![format!("pub {}", function(&one.sig, parent))],
        Item::Mod(_) => vec![format!("pub mod {path}")],
        Item::Type(one) => {
            vec![format!("pub type {path}{} = {}", text(&one.generics), text(&one.ty))]
        }
        Item::Struct(one) => {
            let head = format!("{open}pub struct {path}{}", generic(&one.generics));
            let mut lines = vec![head + &shape(&one.fields)];
            lines.extend(public_fields(&one.fields, path));
            lines
        }
        Item::Enum(one) => {
            let mut lines = vec![format!("{open}pub enum {path}{}", generic(&one.generics))];
            for variant in one.variants.iter().filter(|variant| is_seen(&variant.attrs)) {
                let open = is_marked(&variant.attrs, "non_exhaustive");
                let open = if open { "#[non_exhaustive] " } else { "" };
                let fields = variant_fields(&variant.fields);
                lines.push(format!("{open}pub {path}::{}{fields}", variant.ident));
            }
            lines
        }
        Item::Trait(one) => trait_lines(one, path),
        other => vec![format!("{path}: {}", text(other))],
    };
    lines.extend(derives(attributes).into_iter().map(|name| {
        let name_of_type = path.rsplit("::").next().unwrap_or_default();
        format!("impl {name} for {name_of_type}, derived")
    }));
    lines
}

fn generic(generics: &Generics) -> String {
    format!("{}{}", text(generics), after(&generics.where_clause))
}

/// Whether all fields are public, so that anybody can build one.
fn shape(fields: &Fields) -> String {
    let all = fields.iter().all(|field| is_public(&field.vis));
    match fields {
        Fields::Unit => String::new(),
        Fields::Named(_) if all => " { all fields public }".to_owned(),
        Fields::Unnamed(_) if all => " ( all fields public )".to_owned(),
        _ => " { private fields }".to_owned(),
    }
}

fn public_fields(fields: &Fields, path: &str) -> Vec<String> {
    let public = fields.iter().enumerate().filter(|(_, field)| is_public(&field.vis));
    let public = public.filter(|(_, field)| is_seen(&field.attrs));
    public
        .map(|(index, field)| {
            let name = field.ident.as_ref().map_or(index.to_string(), ToString::to_string);
            format!("pub {path}::{name}: {}", text(&field.ty))
        })
        .collect()
}

fn variant_fields(fields: &Fields) -> String {
    let list = |fields: &Fields| {
        let one = |field: &syn::Field| match &field.ident {
            Some(name) => format!("{name}: {}", text(&field.ty)),
            None => text(&field.ty),
        };
        fields.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    match fields {
        Fields::Unit => String::new(),
        Fields::Named(_) => format!(" {{ {} }}", list(fields)),
        Fields::Unnamed(_) => format!("({})", list(fields)),
    }
}

fn trait_lines(one: &ItemTrait, path: &str) -> Vec<String> {
    let (generics, above) = (text(&one.generics), text(&one.supertraits));
    let above = if above.is_empty() { above } else { format!(": {above}") };
    let bounds = after(&one.generics.where_clause);
    let mut lines = vec![format!("pub trait {path}{generics}{above}{bounds}")];
    for item in &one.items {
        lines.extend(match item {
            TraitItem::Fn(method) if is_seen(&method.attrs) => {
                let provided = if method.default.is_some() { " { provided }" } else { "" };
                Some(format!("pub {}{provided}", function(&method.sig, path)))
            }
            TraitItem::Type(kind) if is_seen(&kind.attrs) => {
                let bounds = text(&kind.bounds);
                let bounds = if bounds.is_empty() { bounds } else { format!(": {bounds}") };
                Some(format!("pub type {path}::{}{bounds}", kind.ident))
            }
            TraitItem::Const(constant) if is_seen(&constant.attrs) => {
                let kind = text(&constant.ty);
                let provided = if constant.default.is_some() { " { provided }" } else { "" };
                Some(format!("pub const {path}::{}: {kind}{provided}", constant.ident))
            }
            _ => None,
        });
    }
    lines
}
