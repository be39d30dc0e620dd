//! What serde's own attributes mean for an event.
//!
//! Malformed ones are serde's to report; here they are passed over.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, LitStr, token};

use super::attributes::skip_value;
use super::names::RenameRule;
use crate::faults::Faults;

const TAGGED: &str = "the event type is the tag, `data` holds the content alone";
const OTHER_FORM: &str = "`data` has the form of the event's own fields";

/// What serde is told about the enum or the struct.
#[derive(Default)]
pub(super) struct Container {
    /// The rule for the fields of a struct.
    pub(super) rename_all: Option<RenameRule>,
    /// The rule for the fields of every variant.
    pub(super) rename_all_fields: Option<RenameRule>,
}

impl Container {
    /// Reads the attributes and refuses those that change what is on the wire.
    pub(super) fn read(attributes: &[Attribute], faults: &mut Faults) -> Self {
        let mut read = Self::default();
        each(attributes, |key, meta| {
            let reason = match key {
                "rename_all" => return keep(&mut read.rename_all, rule(meta)),
                "rename_all_fields" => return keep(&mut read.rename_all_fields, rule(meta)),
                "tag" | "content" | "untagged" => TAGGED,
                "from" | "into" | "try_from" | "remote" | "transparent" | "variant_identifier"
                | "field_identifier" => OTHER_FORM,
                _ => return skip_value(meta.input),
            };
            refuse(key, meta, reason, faults)
        });
        read
    }
}

/// What serde is told about a variant.
#[derive(Default)]
pub(super) struct Variant {
    /// The rule for the variant's fields.
    pub(super) rename_all: Option<RenameRule>,
    /// Whether serde never reads it, so that its index is not counted.
    pub(super) unreadable: bool,
    /// Whether the user's own code writes it.
    pub(super) own_form: bool,
}

impl Variant {
    /// Reads the attributes and refuses those that need serde's tag.
    pub(super) fn read(attributes: &[Attribute], faults: &mut Faults) -> Self {
        let mut read = Self::default();
        each(attributes, |key, meta| {
            match key {
                "rename_all" => return keep(&mut read.rename_all, rule(meta)),
                "untagged" | "other" => return refuse(key, meta, TAGGED, faults),
                "skip" | "skip_deserializing" => read.unreadable = true,
                "with" | "serialize_with" => read.own_form = true,
                _ => {}
            }
            skip_value(meta.input)
        });
        read
    }
}

/// What serde is told about a field.
#[derive(Default)]
pub(super) struct Field {
    rename: Option<String>,
    /// Whether its own fields stand in its place.
    pub(super) flattened: bool,
    /// Whether it is never written.
    pub(super) unwritten: bool,
}

impl Field {
    /// Reads the attributes.
    pub(super) fn read(attributes: &[Attribute]) -> Self {
        let mut read = Self::default();
        each(attributes, |key, meta| {
            match key {
                "rename" => return keep(&mut read.rename, written(meta)),
                "flatten" => read.flattened = true,
                "skip" | "skip_serializing" => read.unwritten = true,
                _ => {}
            }
            skip_value(meta.input)
        });
        read
    }

    /// The name on the wire of the field that has this name in Rust.
    pub(super) fn wire_name(&self, name: &str, rule: Option<RenameRule>) -> String {
        match (&self.rename, rule) {
            (Some(renamed), _) => renamed.clone(),
            (None, Some(rule)) => rule.apply(name),
            (None, None) => name.to_owned(),
        }
    }
}

fn each(
    attributes: &[Attribute],
    mut visit: impl FnMut(&str, &ParseNestedMeta<'_>) -> syn::Result<()>,
) {
    for attribute in attributes.iter().filter(|found| found.path().is_ident("serde")) {
        // The result is serde's to report, in its own words.
        let _reported_by_serde = attribute.parse_nested_meta(|meta| {
            let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
            visit(&key, &meta)
        });
    }
}

/// Takes a value that was given; serde allows one per direction, we want the written one.
fn keep<T>(place: &mut Option<T>, value: syn::Result<Option<T>>) -> syn::Result<()> {
    if let Some(given) = value? {
        *place = Some(given);
    }
    Ok(())
}

fn refuse(
    key: &str,
    meta: &ParseNestedMeta<'_>,
    reason: &str,
    faults: &mut Faults,
) -> syn::Result<()> {
    faults.at(&meta.path, format_args!("serde's `{key}` does not fit an event: {reason}"));
    skip_value(meta.input)
}

fn rule(meta: &ParseNestedMeta<'_>) -> syn::Result<Option<RenameRule>> {
    Ok(written(meta)?.and_then(|name| RenameRule::parse(&name)))
}

/// The text of `key = "…"` or of `key(serialize = "…")`.
fn written(meta: &ParseNestedMeta<'_>) -> syn::Result<Option<String>> {
    if !meta.input.peek(token::Paren) {
        return Ok(Some(meta.value()?.parse::<LitStr>()?.value()));
    }
    let mut text = None;
    meta.parse_nested_meta(|direction| {
        if direction.path.is_ident("serialize") {
            text = Some(direction.value()?.parse::<LitStr>()?.value());
            return Ok(());
        }
        skip_value(direction.input)
    })?;
    Ok(text)
}
