//! A crate's modules, from its files: what is built for users, with macros expanded.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, ExprLit, ImplItem, Item, ItemImpl, ItemMod, Lit, Meta};

use crate::expand::{Macros, has_pub};
use crate::sight::{gates, is_built};
use crate::text::text;

/// Where a module is, from the root of its crate.
pub(crate) type ModulePath = Vec<String>;

/// The items of one module.
#[derive(Default)]
pub(crate) struct Module {
    pub(crate) items: Vec<Item>,
    /// The conditions that the whole module stands under.
    pub(crate) gates: Vec<String>,
}

/// Where a module comes from.
struct Origin {
    path: ModulePath,
    file: PathBuf,
    /// Where the files of its children are.
    below: PathBuf,
    gates: Vec<String>,
}

/// All modules of a crate.
pub(crate) struct Sources {
    pub(crate) modules: BTreeMap<ModulePath, Module>,
    /// Calls of unknown macros that write something public.
    pub(crate) unexpanded: Vec<(ModulePath, String)>,
    pub(crate) macros: Macros,
}

impl Sources {
    /// Reads a crate from its first file.
    pub(crate) fn read(file: &Path) -> Result<Self, String> {
        let mut sources =
            Self { modules: BTreeMap::new(), unexpanded: Vec::new(), macros: Macros::default() };
        let below = file.parent().unwrap_or(Path::new("")).to_path_buf();
        let (path, gates) = (ModulePath::new(), Vec::new());
        sources.load(Origin { path, file: file.to_path_buf(), below, gates })?;
        sources.expand()?;
        Ok(sources)
    }

    /// What an `impl` holds, with macros of the crate expanded.
    pub(crate) fn inside(&self, block: &ItemImpl) -> Vec<ImplItem> {
        let mut found = Vec::new();
        for item in &block.items {
            let written = match item {
                ImplItem::Macro(call) => self.macros.expand(&call.mac),
                _ => None,
            };
            let block = written.map(|tokens| quote!(impl Whole { #tokens }));
            match block.and_then(|block| syn::parse2::<ItemImpl>(block).ok()) {
                Some(block) => found.extend(block.items),
                None => found.push(item.clone()),
            }
        }
        found
    }

    fn load(&mut self, origin: Origin) -> Result<(), String> {
        let place = |fault: String| format!("{}: {fault}", origin.file.display());
        let code = fs::read_to_string(&origin.file).map_err(|fault| place(fault.to_string()))?;
        let parsed = syn::parse_file(&code).map_err(|fault| place(fault.to_string()))?;
        self.add(origin, parsed.items)
    }

    fn add(&mut self, origin: Origin, items: Vec<Item>) -> Result<(), String> {
        let mut kept = Vec::new();
        for item in items {
            match item {
                Item::Mod(module) if is_built(&module.attrs) => {
                    self.child(&origin, &module)?;
                    kept.push(Item::Mod(ItemMod { content: None, ..module }));
                }
                Item::Mod(_) => {}
                Item::Macro(one) if one.ident.is_some() => {
                    self.macros.define(&one);
                    kept.push(Item::Macro(one));
                }
                item => kept.push(item),
            }
        }
        self.modules.insert(origin.path, Module { items: kept, gates: origin.gates });
        Ok(())
    }

    fn child(&mut self, parent: &Origin, module: &ItemMod) -> Result<(), String> {
        let name = module.ident.to_string();
        let below = parent.below.join(&name);
        let (beside, inside) = (parent.below.join(format!("{name}.rs")), below.join("mod.rs"));
        let file = match path_attribute(module) {
            _ if module.content.is_some() => parent.file.clone(),
            Some(named) => parent.file.parent().unwrap_or(Path::new("")).join(named),
            None if beside.exists() => beside,
            None => inside,
        };
        let path = [&parent.path[..], &[name]].concat();
        let gates = [parent.gates.clone(), gates(&module.attrs)].concat();
        let origin = Origin { path, file, below, gates };
        match &module.content {
            Some((_, items)) => self.add(origin, items.clone()),
            None => self.load(origin),
        }
    }

    /// Puts what macros of the crate write into the place of their calls.
    fn expand(&mut self) -> Result<(), String> {
        let paths: Vec<ModulePath> = self.modules.keys().cloned().collect();
        for path in paths {
            let items = std::mem::take(&mut self.modules.get_mut(&path).expect("listed").items);
            let mut expanded = Vec::new();
            for item in items {
                self.expand_item(&path, item, &mut expanded)?;
            }
            self.modules.get_mut(&path).expect("listed").items = expanded;
        }
        Ok(())
    }

    fn expand_item(
        &mut self,
        path: &ModulePath,
        item: Item,
        expanded: &mut Vec<Item>,
    ) -> Result<(), String> {
        let call = match &item {
            Item::Macro(call) if call.ident.is_none() => call.mac.clone(),
            _ => {
                expanded.push(item);
                return Ok(());
            }
        };
        let Some(written) = self.macros.expand(&call) else {
            if has_pub(call.tokens.clone()) {
                self.unexpanded.push((path.clone(), format!("{}!", text(&call.path))));
            }
            return Ok(());
        };
        let items =
            parse_items(written).map_err(|fault| format!("{}!: {fault}", text(&call.path)))?;
        for item in items.into_iter().filter(|item| !matches!(item, Item::Mod(_))) {
            self.expand_item(path, item, expanded)?;
        }
        Ok(())
    }
}

fn parse_items(tokens: TokenStream) -> Result<Vec<Item>, syn::Error> {
    Ok(syn::parse2::<syn::File>(tokens)?.items)
}

fn path_attribute(module: &ItemMod) -> Option<PathBuf> {
    module.attrs.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(PathBuf::from(path.value())),
            _ => None,
        },
        _ => None,
    })
}
