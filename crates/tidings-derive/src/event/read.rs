//! From syntax to the model of an event: what holds for the type as a whole.

use std::collections::BTreeMap;

use syn::{Data, DataEnum, DeriveInput, Generics, Ident};

use super::attributes::{Attributes, Place};
use super::model::{Content, Model, Own, Shape, Variant};
use super::variant::{Container, Reader};
use super::{names, serde_attributes};
use crate::faults::Faults;
use crate::words;

/// The most event types of one event; the core counts embedded ones too.
const EVENT_TYPES_MAX: usize = 256;

/// Reads the annotated type; what is wrong with it goes to `faults`.
pub(super) fn read(input: DeriveInput, faults: &mut Faults) -> Model {
    refuse_lifetimes(&input.generics, faults);
    let (shape, place) = match &input.data {
        Data::Enum(_) => (Shape::Enum, Place::Enum),
        Data::Struct(_) | Data::Union(_) => (Shape::Struct, Place::Struct),
    };
    let attributes = Attributes::read(&input.attrs, place, faults);
    let container = Container {
        namespace: namespace(&input.ident, shape, &attributes, faults),
        reserved: attributes.reserved,
        serde: serde_attributes::Container::read(&input.attrs, faults),
    };
    let mut reader = Reader::new(&container, faults);
    let variants = match input.data {
        Data::Enum(data) => variants(data, &input.ident, &mut reader),
        Data::Struct(data) => vec![reader.structure(&input.ident, data.fields, &attributes)],
        Data::Union(_) => Vec::new(),
    };
    refuse_shared_names(&input.ident, &variants, faults);
    Model {
        ident: input.ident,
        visibility: input.vis,
        generics: input.generics,
        private: names::private(attributes.facade.as_ref()),
        shape,
        variants,
    }
}

fn refuse_lifetimes(generics: &Generics, faults: &mut Faults) {
    for parameter in generics.lifetimes() {
        let lifetime = &parameter.lifetime;
        faults.at(
            lifetime,
            format_args!(
                "an event owns its data: it outlives the borrow `{lifetime}` in queues and files"
            ),
        );
    }
}

/// The first part of every event type; empty for a struct that names none.
fn namespace(ident: &Ident, shape: Shape, attributes: &Attributes, faults: &mut Faults) -> String {
    let (namespace, literal) = match (&attributes.namespace, shape) {
        (Some(literal), _) => (literal.value(), Some(literal)),
        (None, Shape::Enum) => (words::snake_case(ident), None),
        (None, Shape::Struct) => return String::new(),
    };
    let reserved = names::is_reserved(&namespace) && !attributes.reserved;
    let fault = names::fault_of_part(&namespace, "namespace")
        .or_else(|| reserved.then(|| names::RESERVED.to_owned()));
    match (fault, literal) {
        (Some(fault), Some(literal)) => faults.at(literal, fault),
        (Some(fault), None) => faults
            .at(ident, format_args!("{fault}; give another with `#[event(namespace = \"…\")]`")),
        (None, _) => {}
    }
    namespace
}

fn variants(data: DataEnum, ident: &Ident, reader: &mut Reader<'_>) -> Vec<Variant> {
    let variants: Vec<Variant> =
        data.variants.into_iter().filter_map(|variant| reader.variant(variant)).collect();
    if reader.count() == 0 {
        reader.faults.at(ident, "an event has at least one variant");
    }
    variants
}

fn refuse_shared_names(ident: &Ident, variants: &[Variant], faults: &mut Faults) {
    let mut types: BTreeMap<&str, &Ident> = BTreeMap::new();
    let mut constants: BTreeMap<String, &Ident> = BTreeMap::new();
    for (variant, own) in variants.iter().filter_map(own) {
        let (here, event_type) = (&variant.ident, own.event_type.as_str());
        if let Some(first) = types.insert(event_type, here) {
            faults.at(
                here,
                format_args!("`{first}` and `{here}` have the same event type `{event_type}`"),
            );
        }
        let constant = own.constant.to_string();
        if constant == "TYPES" {
            faults.at(
                here,
                format_args!(
                    "the constant of `{here}` would be `{ident}::TYPES`, the list of all types: \
                     name the variant otherwise"
                ),
            );
        }
        if let Some(first) = constants.insert(constant, here) {
            faults.at(
                here,
                format_args!(
                    "`{first}` and `{here}` have the same constant `{ident}::{}`: name one of \
                     the variants otherwise",
                    own.constant
                ),
            );
        }
    }
    if variants.len() > EVENT_TYPES_MAX {
        faults.at(ident, format_args!("an event has at most {EVENT_TYPES_MAX} event types"));
    }
}

fn own(variant: &Variant) -> Option<(&Variant, &Own)> {
    match &variant.content {
        Content::Own(own) => Some((variant, own)),
        Content::Embedded(_) => None,
    }
}
