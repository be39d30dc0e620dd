//! From syntax to the model of one variant, or of a struct: name, role, volatile fields.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Field, Fields, Ident, LitStr, Member};

use super::attributes::{Attributes, Place};
use super::model::{Content, Embedded, Own, Variant};
use super::names::{self, RenameRule};
use super::serde_attributes;
use crate::faults::Faults;
use crate::words;

/// What holds for every variant.
pub(super) struct Container {
    pub(super) namespace: String,
    /// Whether the types below `tidings` may be used.
    pub(super) reserved: bool,
    pub(super) serde: serde_attributes::Container,
}

/// Reads variants in their order.
pub(super) struct Reader<'a> {
    container: &'a Container,
    pub(super) faults: &'a mut Faults,
    count: usize,
    /// Serde counts those variants alone that it can read.
    readable: u32,
}

impl<'a> Reader<'a> {
    pub(super) fn new(container: &'a Container, faults: &'a mut Faults) -> Self {
        Self { container, faults, count: 0, readable: 0 }
    }

    /// How many variants have been read, faulty ones included.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Reads a struct.
    pub(super) fn structure(
        &mut self,
        ident: &Ident,
        fields: Fields,
        attributes: &Attributes,
    ) -> Variant {
        let own = Own {
            constant: Ident::new("TYPE", ident.span()),
            event_type: self.event_type(ident, attributes.name.as_ref()),
            role: attributes.role(),
            volatile: self.volatile(&fields, self.container.serde.rename_all, false),
            serde_index: None,
        };
        Variant { ident: ident.clone(), fields, content: Content::Own(own) }
    }

    /// Reads a variant; none when it embeds nothing although it is `transparent`.
    pub(super) fn variant(&mut self, variant: syn::Variant) -> Option<Variant> {
        self.count += 1;
        let attributes = Attributes::read(&variant.attrs, Place::Variant, self.faults);
        let serde = serde_attributes::Variant::read(&variant.attrs, self.faults);
        let serde_index = (!serde.unreadable).then_some(self.readable);
        self.readable += u32::from(serde_index.is_some());
        let content = if attributes.transparent.is_some() {
            Content::Embedded(self.embedded(&variant, &attributes)?)
        } else {
            let rule = serde.rename_all.or(self.container.serde.rename_all_fields);
            Content::Own(Own {
                constant: names::constant(&variant.ident),
                event_type: self.event_type(&variant.ident, attributes.name.as_ref()),
                role: attributes.role(),
                volatile: self.volatile(&variant.fields, rule, serde.own_form),
                serde_index,
            })
        };
        Some(Variant { ident: variant.ident, fields: variant.fields, content })
    }

    fn event_type(&mut self, ident: &Ident, literal: Option<&LitStr>) -> String {
        let name = literal.map_or_else(|| words::snake_case(ident), LitStr::value);
        match (names::fault_of_part(&name, "event name"), literal) {
            (Some(fault), Some(literal)) => self.faults.at(literal, fault),
            (Some(fault), None) => self
                .faults
                .at(ident, format_args!("{fault}; give another with `#[event(name = \"…\")]`")),
            (None, _) => {}
        }
        let namespace = &self.container.namespace;
        if namespace.is_empty() && names::is_reserved(&name) && !self.container.reserved {
            self.faults.at(ident, "the event types below `tidings` are reserved");
        }
        let event_type = match namespace.as_str() {
            "" => name,
            namespace => format!("{namespace}.{name}"),
        };
        if names::is_too_long(&event_type) {
            self.faults.at(
                ident,
                format_args!(
                    "the event type of `{ident}` has {} bytes, the limit is 200",
                    event_type.len()
                ),
            );
        }
        event_type
    }

    /// The names on the wire of the fields marked `volatile`.
    fn volatile(
        &mut self,
        fields: &Fields,
        rule: Option<RenameRule>,
        own_form: bool,
    ) -> Vec<String> {
        let mut names = Vec::new();
        for field in fields {
            let attributes = Attributes::read(&field.attrs, Place::Field, self.faults);
            let Some(mark) = attributes.volatile else {
                continue;
            };
            match wire_name(field, rule, own_form) {
                Ok(name) => names.push(name),
                Err(reason) => self.faults.at(mark, reason),
            }
        }
        names
    }

    fn embedded(&mut self, variant: &syn::Variant, attributes: &Attributes) -> Option<Embedded> {
        let own = [
            ("name", attributes.name.as_ref().map(ToTokens::to_token_stream)),
            ("begin", attributes.begin.as_ref().map(ToTokens::to_token_stream)),
            ("end", attributes.end.as_ref().map(|(end, _)| end.to_token_stream())),
        ];
        for (key, at) in own.into_iter().filter_map(|(key, at)| Some((key, at?))) {
            let message =
                format_args!("a `transparent` variant has no `{key}`: the event inside says it");
            self.faults.at(at, message);
        }
        for field in &variant.fields {
            let attributes = Attributes::read(&field.attrs, Place::Field, self.faults);
            if let Some(mark) = attributes.volatile {
                let message =
                    "a `transparent` variant has no `volatile` fields: the event inside says it";
                self.faults.at(mark, message);
            }
        }
        let mut fields = variant.fields.iter();
        if let (Some(field), None) = (fields.next(), fields.next()) {
            return Some(Embedded {
                member: field.ident.clone().map_or(Member::from(0), Member::Named),
                event: field.ty.clone(),
            });
        }
        self.faults.at(
            &variant.ident,
            format_args!(
                "a `transparent` variant has exactly one field, an event: `{}` has {}",
                variant.ident,
                variant.fields.len()
            ),
        );
        None
    }
}

/// The name of a volatile field on the wire, or why it can have none there.
fn wire_name(
    field: &Field,
    rule: Option<RenameRule>,
    own_form: bool,
) -> Result<String, &'static str> {
    let Some(ident) = &field.ident else {
        return Err("a `volatile` field has a name: content ids leave it out by name");
    };
    let serde = serde_attributes::Field::read(&field.attrs);
    if serde.flattened {
        return Err("a flattened field has no name on the wire that `volatile` could leave out");
    }
    if serde.unwritten {
        return Err("a field that serde skips is never on the wire: remove `volatile`");
    }
    if own_form {
        return Err("serde's `with` decides the fields on the wire: `volatile` cannot name one");
    }
    let name = serde.wire_name(&ident.unraw().to_string(), rule);
    if name.is_empty() {
        return Err("the name on the wire of a `volatile` field must not be empty");
    }
    if name.contains(',') {
        return Err("the name on the wire of a `volatile` field must not contain a comma");
    }
    Ok(name)
}
