//! What has been read of the annotated type, ready to be written out.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Fields, Generics, Ident, Member, Type, Visibility};

use super::attributes::Role;

/// The annotated type.
pub(super) struct Model {
    pub(super) ident: Ident,
    pub(super) visibility: Visibility,
    pub(super) generics: Generics,
    /// The path below which generated code finds everything it names.
    pub(super) private: TokenStream,
    pub(super) shape: Shape,
    /// One for a struct.
    pub(super) variants: Vec<Variant>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Enum,
    Struct,
}

pub(super) struct Variant {
    /// As in Rust; the name of the type for a struct.
    pub(super) ident: Ident,
    pub(super) fields: Fields,
    pub(super) content: Content,
}

pub(super) enum Content {
    /// An event type of the annotated type.
    Own(Own),
    /// The only field is an event by itself.
    Embedded(Embedded),
}

pub(super) struct Own {
    /// Its constant: `STARTED`, or `TYPE` for a struct.
    pub(super) constant: Ident,
    pub(super) event_type: String,
    pub(super) role: Role,
    /// Names on the wire.
    pub(super) volatile: Vec<String>,
    /// Its place among the variants that serde reads, if it is one of them.
    pub(super) serde_index: Option<u32>,
}

pub(super) struct Embedded {
    pub(super) member: Member,
    pub(super) event: Type,
}

impl Model {
    /// The event types that are the type's own.
    pub(super) fn own(&self) -> impl Iterator<Item = &Own> {
        self.variants.iter().filter_map(|variant| match &variant.content {
            Content::Own(own) => Some(own),
            Content::Embedded(_) => None,
        })
    }

    /// The events in `transparent` variants.
    pub(super) fn embedded(&self) -> impl Iterator<Item = &Embedded> {
        self.variants.iter().filter_map(|variant| match &variant.content {
            Content::Own(_) => None,
            Content::Embedded(embedded) => Some(embedded),
        })
    }

    /// How a value of this variant is matched and made, up to its braces.
    pub(super) fn path(&self, variant: &Variant) -> TokenStream {
        let ident = &variant.ident;
        match self.shape {
            Shape::Enum => quote!(Self::#ident),
            Shape::Struct => quote!(Self),
        }
    }
}

impl Embedded {
    /// An item of the trait for the event inside, where that stands in the source.
    ///
    /// All uses go through it, so that an embedded type that is no event is one message.
    pub(super) fn item(&self, private: &TokenStream, item: &str) -> TokenStream {
        let (event, span) = (&self.event, self.span());
        let item = Ident::new(item, span);
        quote_spanned!(span=> <#event as #private::Event>::#item)
    }

    /// A binding for the event inside.
    pub(super) fn binding(&self) -> Ident {
        Ident::new("__inner", self.span())
    }

    fn span(&self) -> Span {
        Span::call_site().located_at(self.event.span())
    }
}

impl Variant {
    /// The constant of its event type, unless that is another event's.
    pub(super) fn constant(&self) -> Option<&Ident> {
        match &self.content {
            Content::Own(own) => Some(&own.constant),
            Content::Embedded(_) => None,
        }
    }
}
