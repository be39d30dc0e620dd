//! What `#[event(…)]` says, and where it may say it.
//!
//! Every key is in one table; an unknown or misplaced key is answered from it.

use std::fmt;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, LitStr, Path, Token, parenthesized, token};

use crate::faults::Faults;
use crate::words::nearest;

/// What an attribute stands on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Enum,
    Struct,
    Variant,
    Field,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enum => "an enum",
            Self::Struct => "a struct",
            Self::Variant => "a variant",
            Self::Field => "a field",
        })
    }
}

struct Key {
    name: &'static str,
    /// As users write it; empty for what they should not.
    shown: &'static str,
    places: &'static [Place],
}

impl Key {
    const fn new(name: &'static str, shown: &'static str, places: &'static [Place]) -> Self {
        Self { name, shown, places }
    }
}

const KEYS: &[Key] = &[
    Key::new("namespace", "namespace = \"…\"", &[Place::Enum, Place::Struct]),
    Key::new("name", "name = \"…\"", &[Place::Struct, Place::Variant]),
    Key::new("begin", "begin", &[Place::Struct, Place::Variant]),
    Key::new("end", "end(…)", &[Place::Struct, Place::Variant]),
    Key::new("transparent", "transparent", &[Place::Variant]),
    Key::new("volatile", "volatile", &[Place::Field]),
    Key::new("crate", "crate = \"…\"", &[Place::Enum, Place::Struct]),
    Key::new("reserved", "", &[Place::Enum, Place::Struct]),
];

/// The attributes of one place; what the place does not take stays empty.
///
/// A flag is kept as the path that set it, for messages to point at.
#[derive(Default)]
pub(super) struct Attributes {
    pub(super) namespace: Option<LitStr>,
    pub(super) name: Option<LitStr>,
    pub(super) begin: Option<Path>,
    pub(super) end: Option<(Path, Outcome)>,
    pub(super) transparent: Option<Path>,
    pub(super) volatile: Option<Path>,
    pub(super) facade: Option<Path>,
    pub(super) reserved: bool,
    seen: Vec<String>,
}

impl Attributes {
    /// Reads every `#[event(…)]` of one place.
    pub(super) fn read(attributes: &[Attribute], place: Place, faults: &mut Faults) -> Self {
        let mut read = Self::default();
        for attribute in attributes.iter().filter(|found| found.path().is_ident("event")) {
            if let Err(error) = attribute.parse_nested_meta(|meta| read.key(&meta, place, faults)) {
                faults.add(error);
            }
        }
        if let (Some(_), Some((end, _))) = (&read.begin, &read.end) {
            faults.at(end, "an event cannot both `begin` and `end` its entity");
        }
        read
    }

    fn key(
        &mut self,
        meta: &ParseNestedMeta<'_>,
        place: Place,
        faults: &mut Faults,
    ) -> syn::Result<()> {
        let key = meta.path.to_token_stream().to_string();
        if !KEYS.iter().any(|known| known.name == key && known.places.contains(&place)) {
            faults.at(&meta.path, unknown(&key, place));
            return skip_value(meta.input);
        }
        if self.seen.contains(&key) {
            faults.at(&meta.path, format_args!("`{key}` is given twice"));
        }
        match key.as_str() {
            "namespace" => self.namespace = Some(meta.value()?.parse()?),
            "name" => self.name = Some(meta.value()?.parse()?),
            "begin" => self.begin = Some(flag(meta)?),
            "end" => self.end = Some((meta.path.clone(), Outcome::read(&meta.path, meta.input)?)),
            "transparent" => self.transparent = Some(flag(meta)?),
            "volatile" => self.volatile = Some(flag(meta)?),
            "crate" => self.facade = Some(path(&meta.value()?.parse()?)?),
            _ => self.reserved = true,
        }
        self.seen.push(key);
        Ok(())
    }

    /// The role that `begin` and `end(…)` give.
    pub(super) fn role(&self) -> Role {
        match (&self.begin, &self.end) {
            (Some(_), _) => Role::Begin,
            (None, Some((_, outcome))) => Role::End(*outcome),
            (None, None) => Role::Point,
        }
    }
}

fn flag(meta: &ParseNestedMeta<'_>) -> syn::Result<Path> {
    if meta.input.is_empty() || meta.input.peek(Token![,]) {
        return Ok(meta.path.clone());
    }
    let message = format_args!("`{}` takes no value", meta.path.to_token_stream());
    Err(syn::Error::new_spanned(&meta.path, message))
}

fn path(literal: &LitStr) -> syn::Result<Path> {
    literal.parse().map_err(|_| {
        let message = format_args!("`{}` is no path of a crate", literal.value());
        syn::Error::new_spanned(literal, message)
    })
}

/// Whether an event begins or ends its entity.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Point,
    Begin,
    End(Outcome),
}

impl Role {
    /// The value of the core's `Role`, below the path of generated code.
    pub(super) fn tokens(self, private: &TokenStream) -> TokenStream {
        match self {
            Self::Point => quote!(#private::Role::Point),
            Self::Begin => quote!(#private::Role::Begin),
            Self::End(outcome) => {
                let outcome = outcome.tokens();
                quote!(#private::Role::End(#private::Outcome::#outcome))
            }
        }
    }
}

/// What stands between the brackets of `end(…)`.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    Success,
    Failure,
    Skipped,
    Unknown,
}

impl Outcome {
    fn read(key: &Path, input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(token::Paren) {
            return Ok(Self::Unknown);
        }
        let content;
        parenthesized!(content in input);
        let words: TokenStream = content.parse()?;
        match words.to_string().as_str() {
            "success" => Ok(Self::Success),
            "failure" => Ok(Self::Failure),
            "skipped" => Ok(Self::Skipped),
            other => {
                let at = if words.is_empty() { key.to_token_stream() } else { words };
                let message = format_args!(
                    "unknown outcome `{other}`: it is `end(success)`, `end(failure)`, \
                     `end(skipped)`, or `end` alone"
                );
                Err(syn::Error::new_spanned(at, message))
            }
        }
    }

    fn tokens(self) -> TokenStream {
        match self {
            Self::Success => quote!(Success),
            Self::Failure => quote!(Failure),
            Self::Skipped => quote!(Skipped),
            Self::Unknown => quote!(Unknown),
        }
    }
}

/// Steps over `= …` or `(…)` after a key that says nothing to us.
pub(super) fn skip_value(input: ParseStream<'_>) -> syn::Result<()> {
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        input.parse::<Expr>()?;
    } else if input.peek(token::Paren) {
        let content;
        parenthesized!(content in input);
        content.parse::<TokenStream>()?;
    }
    Ok(())
}

fn unknown(key: &str, place: Place) -> String {
    if let Some(known) = KEYS.iter().find(|known| known.name == key) {
        let places: Vec<String> = known.places.iter().map(Place::to_string).collect();
        return format!("`{key}` does not belong on {place} but on {}", places.join(" or "));
    }
    let known: Vec<&Key> = KEYS
        .iter()
        .filter(|known| known.places.contains(&place) && !known.shown.is_empty())
        .collect();
    let shown: Vec<String> = known.iter().map(|known| format!("`{}`", known.shown)).collect();
    let hint = nearest(key, known.iter().map(|known| known.name))
        .map_or_else(String::new, |name| format!(", did you mean `{name}`?"));
    format!("unknown attribute `{key}`{hint} ({place} takes {})", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_known_key_is_proposed() {
        assert!(unknown("nmae", Place::Variant).contains("did you mean `name`?"));
        assert!(unknown("namespce", Place::Enum).contains("did you mean `namespace`?"));
        assert!(!unknown("colour", Place::Variant).contains("did you mean"));
    }

    #[test]
    fn a_hidden_key_is_never_shown() {
        assert!(!unknown("colour", Place::Enum).contains("reserved"));
    }
}
