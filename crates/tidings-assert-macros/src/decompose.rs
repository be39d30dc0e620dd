//! A pattern taken apart: which case, which field, which bindings.
//!
//! Only the outermost level is taken apart, because that is what a miss is told by:
//! "field `n`: expected 1..=2, got 3". A sub-pattern stays whole.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::{BinOp, Expr, Member, Pat, Token, UnOp};

use crate::parse::is_binding;
use crate::pattern::hygienic;
use crate::source;

/// One case of a pattern: a path and what is asked of its fields.
pub(crate) struct Case {
    /// The path as it was written.
    pub(crate) path: String,
    /// A pattern that matches whenever the path does.
    pub(crate) shell: TokenStream,
    /// The fields that can differ.
    pub(crate) fields: Vec<Field>,
    /// The names of all fields that were written.
    pub(crate) mentions: Vec<String>,
}

/// A field and the sub-pattern that is asked of it.
pub(crate) struct Field {
    pub(crate) name: String,
    /// The sub-pattern as it was written.
    pub(crate) text: String,
    /// A pattern that matches when path and field do.
    pub(crate) matching: TokenStream,
    /// A pattern that matches when the path does, and binds the field to `value`.
    pub(crate) binding: TokenStream,
}

/// The cases of a pattern, alternatives of `|` apart.
pub(crate) fn cases(pattern: &Pat) -> Vec<Case> {
    match pattern {
        Pat::Or(or) => or.cases.iter().flat_map(cases).collect(),
        Pat::Paren(paren) => cases(&paren.pat),
        Pat::Reference(reference) => cases(&reference.pat),
        Pat::Ident(ident) => match &ident.subpat {
            Some((_, inner)) => cases(inner),
            None => vec![whole(pattern)],
        },
        Pat::Struct(pattern) => vec![braced(pattern)],
        Pat::TupleStruct(pattern) => vec![tuple(pattern)],
        other => vec![whole(other)],
    }
}

fn whole(pattern: &Pat) -> Case {
    Case {
        path: source::text(pattern),
        shell: pattern.to_token_stream(),
        fields: Vec::new(),
        mentions: Vec::new(),
    }
}

fn path_of(qself: Option<&syn::QSelf>, path: &syn::Path) -> TokenStream {
    let pattern = syn::ExprPath { attrs: Vec::new(), qself: qself.cloned(), path: path.clone() };
    pattern.to_token_stream()
}

fn braced(pattern: &syn::PatStruct) -> Case {
    let path = path_of(pattern.qself.as_ref(), &pattern.path);
    let mut case = Case::new(&path);
    for field in &pattern.fields {
        let member = &field.member;
        let name = match member {
            Member::Named(ident) => ident.to_string().trim_start_matches("r#").to_owned(),
            Member::Unnamed(index) => index.index.to_string(),
        };
        let value = value_name();
        if let Some(sub) = refutable(&field.pat) {
            case.fields.push(Field {
                name: name.clone(),
                text: source::text(sub),
                matching: quote!(#path { #member: #sub, .. }),
                binding: quote!(#path { #member: #value, .. }),
            });
        }
        case.mentions.push(name);
    }
    case
}

fn tuple(pattern: &syn::PatTupleStruct) -> Case {
    let path = path_of(pattern.qself.as_ref(), &pattern.path);
    let mut case = Case::new(&path);
    let rest = pattern.elems.iter().position(|element| matches!(element, Pat::Rest(_)));
    for (index, element) in pattern.elems.iter().enumerate() {
        let place = Place::of(index, rest, &pattern.elems);
        let Some(place) = place else { continue };
        if let Some(sub) = refutable(element) {
            case.fields.push(Field {
                name: place.name(),
                text: source::text(sub),
                matching: place.pattern(&path, &sub.to_token_stream()),
                binding: place.pattern(&path, &value_name()),
            });
        }
        case.mentions.push(place.name());
    }
    case
}

impl Case {
    fn new(path: &TokenStream) -> Self {
        Self {
            path: source::text(path),
            shell: quote!(#path { .. }),
            fields: Vec::new(),
            mentions: Vec::new(),
        }
    }
}

/// Where a field of a tuple is: so many from the front, or so many from the end.
enum Place {
    Front(usize),
    End(usize),
}

impl Place {
    fn of(index: usize, rest: Option<usize>, all: &Punctuated<Pat, Token![,]>) -> Option<Self> {
        match rest {
            Some(rest) if index == rest => None,
            Some(rest) if index > rest => Some(Self::End(all.len() - 1 - index)),
            _ => Some(Self::Front(index)),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Front(index) => index.to_string(),
            Self::End(0) => "last".to_owned(),
            Self::End(index) => format!("last - {index}"),
        }
    }

    fn pattern(&self, path: &TokenStream, sub: &TokenStream) -> TokenStream {
        match self {
            Self::Front(index) => {
                let before = std::iter::repeat_n(quote!(_,), *index);
                quote!(#path(#(#before)* #sub, ..))
            }
            Self::End(index) => {
                let after = std::iter::repeat_n(quote!(, _), *index);
                quote!(#path(.., #sub #(#after)*))
            }
        }
    }
}

/// The name that a field is bound to; no variable of the user's.
fn value_name() -> TokenStream {
    quote_spanned!(hygienic() => value)
}

/// The sub-pattern, unless it matches whatever comes.
fn refutable(pattern: &Pat) -> Option<&Pat> {
    match pattern {
        Pat::Wild(_) | Pat::Rest(_) => None,
        Pat::Ident(ident) if is_binding(ident) => match &ident.subpat {
            Some((_, inner)) => refutable(inner).map(|_| pattern),
            None => None,
        },
        Pat::Paren(paren) => refutable(&paren.pat).map(|_| pattern),
        other => Some(other),
    }
}

/// The names that `pattern` binds and `guard` uses, each once.
pub(crate) fn used_bindings(pattern: &Pat, guard: &TokenStream) -> Vec<Ident> {
    let mut used = BTreeSet::new();
    collect_idents(guard.clone(), &mut used);
    let mut bound = Vec::new();
    collect_bindings(pattern, &mut bound);
    let mut seen = BTreeSet::new();
    bound.retain(|ident| {
        let name = ident.to_string();
        used.contains(&name) && seen.insert(name)
    });
    bound
}

/// One side of a guard that compares a binding with a literal.
pub(crate) struct Equality {
    pub(crate) ident: Ident,
    /// The binding as it was written: `text`, or `*n`.
    pub(crate) left: String,
    /// The literal as it was written.
    pub(crate) right: String,
}

/// The comparisons of a guard that is nothing but `binding == literal`, joined by `&&`.
pub(crate) fn equalities(guard: &Expr, bound: &[Ident]) -> Option<Vec<Equality>> {
    let Expr::Binary(binary) = guard else { return None };
    match binary.op {
        BinOp::And(_) => {
            let mut all = equalities(&binary.left, bound)?;
            all.extend(equalities(&binary.right, bound)?);
            Some(all)
        }
        BinOp::Eq(_) if is_literal(&binary.right) => {
            let name = match &*binary.left {
                Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => &unary.expr,
                other => other,
            };
            let Expr::Path(path) = name else { return None };
            let ident = path.path.get_ident().filter(|ident| bound.contains(ident))?.clone();
            let (left, right) = (source::text(&binary.left), source::text(&binary.right));
            Some(vec![Equality { ident, left, right }])
        }
        _ => None,
    }
}

fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(literal) => {
            use syn::Lit::{Bool, Char, Float, Int, Str};
            matches!(literal.lit, Bool(_) | Char(_) | Float(_) | Int(_) | Str(_))
        }
        Expr::Unary(unary) => matches!(unary.op, UnOp::Neg(_)) && is_literal(&unary.expr),
        _ => false,
    }
}

fn collect_idents(tokens: TokenStream, into: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect_idents(group.stream(), into),
            TokenTree::Ident(ident) => {
                into.insert(ident.to_string());
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn collect_bindings(pattern: &Pat, into: &mut Vec<Ident>) {
    match pattern {
        Pat::Ident(ident) => {
            if is_binding(ident) {
                into.push(ident.ident.clone());
            }
            if let Some((_, inner)) = &ident.subpat {
                collect_bindings(inner, into);
            }
        }
        Pat::Struct(pattern) => {
            for field in &pattern.fields {
                collect_bindings(&field.pat, into);
            }
        }
        Pat::TupleStruct(pattern) => collect_all(&pattern.elems, into),
        Pat::Tuple(pattern) => collect_all(&pattern.elems, into),
        Pat::Slice(pattern) => collect_all(&pattern.elems, into),
        Pat::Paren(pattern) => collect_bindings(&pattern.pat, into),
        Pat::Reference(pattern) => collect_bindings(&pattern.pat, into),
        // Every alternative binds the same names.
        Pat::Or(pattern) => pattern.cases.iter().take(1).for_each(|case| {
            collect_bindings(case, into);
        }),
        _ => {}
    }
}

fn collect_all(patterns: &Punctuated<Pat, Token![,]>, into: &mut Vec<Ident>) {
    for pattern in patterns {
        collect_bindings(pattern, into);
    }
}
