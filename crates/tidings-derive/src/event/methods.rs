//! The methods of the trait, each one `match` over the variants.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Fields, Member};

use super::model::{Content, Model, Own, Shape, Variant};

/// Every method that has no default, and those that an embedded event answers.
pub(super) fn all(model: &Model) -> TokenStream {
    let methods = [
        descriptor_index(model),
        encode(model),
        decode(model),
        fields(model),
        project(model),
        role(model),
    ];
    quote!(#(#methods)*)
}

/// Where in `DESCRIPTORS` each variant begins, as constant expressions.
///
/// `lists` is the carrier of the constants that say where embedded events end.
pub(super) fn offsets(model: &Model, lists: &TokenStream) -> Vec<TokenStream> {
    let (mut embedded, mut own) = (0_usize, 0_usize);
    let offset = |variant: &Variant| {
        let since = Literal::usize_unsuffixed(own);
        let offset = match embedded.checked_sub(1) {
            None => quote!(#since),
            Some(last) => {
                let end = format_ident!("__END_{last}");
                quote!(#lists::#end + #since)
            }
        };
        match &variant.content {
            Content::Own(_) => own += 1,
            Content::Embedded(_) => (embedded, own) = (embedded + 1, 0),
        }
        offset
    };
    model.variants.iter().map(offset).collect()
}

fn offsets_in_methods(model: &Model) -> Vec<TokenStream> {
    offsets(model, &quote!(__TidingsLists::<Self>))
}

fn descriptor_index(model: &Model) -> TokenStream {
    let private = &model.private;
    let arms = model.variants.iter().zip(offsets_in_methods(model)).map(|(variant, offset)| {
        let path = model.path(variant);
        match &variant.content {
            Content::Own(_) => quote!(#path { .. } => #offset,),
            Content::Embedded(embedded) => {
                let (member, inner) = (&embedded.member, embedded.binding());
                let index = embedded.item(private, "descriptor_index");
                quote!(#path { #member: #inner } => #offset + #index(#inner),)
            }
        }
    });
    quote! {
        #[inline]
        fn descriptor_index(&self) -> #private::std::primitive::usize {
            match self { #(#arms)* }
        }
    }
}

fn encode(model: &Model) -> TokenStream {
    let private = &model.private;
    let own = match model.shape {
        Shape::Enum => quote!(__encoder.variant(self)),
        Shape::Struct => quote!(__encoder.value(self)),
    };
    let body = delegated(model, &own, "encode", &quote!(__encoder));
    quote! {
        fn encode(
            &self,
            __encoder: &mut #private::Encoder,
        ) -> #private::std::result::Result<(), #private::EncodeError> {
            #body
        }
    }
}

/// Leaves `transparent` variants to a method of the event inside, all others to `own`.
fn delegated(model: &Model, own: &TokenStream, method: &str, more: &TokenStream) -> TokenStream {
    let arms: Vec<TokenStream> = model
        .variants
        .iter()
        .filter_map(|variant| match &variant.content {
            Content::Own(_) => None,
            Content::Embedded(embedded) => {
                let (path, member) = (model.path(variant), &embedded.member);
                let (inner, method) = (embedded.binding(), embedded.item(&model.private, method));
                Some(quote!(#path { #member: #inner } => #method(#inner, #more),))
            }
        })
        .collect();
    if arms.is_empty() {
        return own.clone();
    }
    let others = model.own().next().map(|_| quote!(_ => #own,));
    quote!(match self { #(#arms)* #others })
}

fn decode(model: &Model) -> TokenStream {
    let private = &model.private;
    let arms = model.variants.iter().zip(offsets_in_methods(model)).enumerate().map(
        |(place, (variant, offset))| match &variant.content {
            Content::Own(own) => {
                let value = decode_own(model, variant, own);
                quote!(_ if __index == #offset => #value,)
            }
            Content::Embedded(embedded) => {
                let (path, member) = (model.path(variant), &embedded.member);
                let decode = embedded.item(private, "decode");
                let end = format_ident!("__END_{}", embedded_before(model, place));
                quote! {
                    _ if __index < __TidingsLists::<Self>::#end => {
                        #decode(__index - (#offset), __data)
                            .map(|__inner| #path { #member: __inner })
                    }
                }
            }
        },
    );
    quote! {
        fn decode(
            __index: #private::std::primitive::usize,
            __data: &#private::std::primitive::str,
        ) -> #private::std::result::Result<Self, #private::DecodeError> {
            match () {
                #(#arms)*
                _ => #private::std::result::Result::Err(
                    #private::DecodeError::new("the event has no type of this index")
                ),
            }
        }
    }
}

fn embedded_before(model: &Model, place: usize) -> usize {
    model
        .variants
        .iter()
        .take(place)
        .filter(|variant| matches!(variant.content, Content::Embedded(_)))
        .count()
}

fn decode_own(model: &Model, variant: &Variant, own: &Own) -> TokenStream {
    let private = &model.private;
    match (model.shape, own.serde_index) {
        (Shape::Struct, _) if matches!(variant.fields, Fields::Unit) => {
            quote!(#private::decode_unit::<Self>(__data))
        }
        (Shape::Struct, _) => quote!(#private::decode_value::<Self>(__data)),
        (Shape::Enum, Some(index)) => quote!(#private::decode_variant::<Self>(#index, __data)),
        (Shape::Enum, None) => {
            let reason = format!("serde skips the variant `{}`", variant.ident.unraw());
            quote! {
                #private::std::result::Result::Err(#private::DecodeError::new(#reason))
            }
        }
    }
}

fn fields(model: &Model) -> TokenStream {
    let private = &model.private;
    let arms = model.variants.iter().map(|variant| {
        let path = model.path(variant);
        match &variant.content {
            Content::Own(_) => {
                let (patterns, visits) = visits(variant);
                quote!(#path { #(#patterns),* } => { #(#visits)* })
            }
            Content::Embedded(embedded) => {
                let (member, inner) = (&embedded.member, embedded.binding());
                let fields = embedded.item(private, "fields");
                quote!(#path { #member: #inner } => #fields(#inner, __visit),)
            }
        }
    });
    quote! {
        fn fields(
            &self,
            __visit: &mut dyn #private::std::ops::FnMut(
                &'static #private::std::primitive::str,
                &dyn #private::std::fmt::Debug,
            ),
        ) {
            match self { #(#arms)* }
        }
    }
}

fn visits(variant: &Variant) -> (Vec<TokenStream>, Vec<TokenStream>) {
    let visit = |(place, member): (usize, Member)| {
        let binding = format_ident!("__field_{place}");
        let name = match &member {
            Member::Named(ident) => ident.unraw().to_string(),
            Member::Unnamed(index) => index.index.to_string(),
        };
        (quote!(#member: #binding), quote!(__visit(#name, #binding);))
    };
    variant.fields.members().enumerate().map(visit).unzip()
}

fn project(model: &Model) -> TokenStream {
    let private = &model.private;
    let others = delegated(
        model,
        &quote!(#private::std::option::Option::None),
        "project",
        &quote!(__target),
    );
    quote! {
        fn project(
            &self,
            __target: #private::std::any::TypeId,
        ) -> #private::std::option::Option<&dyn #private::std::any::Any> {
            if __target == #private::std::any::TypeId::of::<Self>() {
                return #private::std::option::Option::Some(self);
            }
            #others
        }
    }
}

fn role(model: &Model) -> TokenStream {
    if model.embedded().next().is_none() {
        return TokenStream::new();
    }
    let private = &model.private;
    let own = quote!(#private::Event::descriptor(self).role);
    let body = delegated(model, &own, "role", &TokenStream::new());
    quote! {
        fn role(&self) -> #private::Role {
            #body
        }
    }
}
