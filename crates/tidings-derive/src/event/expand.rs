//! The implementation that is written for a model without faults.
//!
//! Generated code names everything by its whole path and its own bindings with two
//! leading underscores, so that nothing in the user's scope changes its meaning.

use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::{Generics, Ident, Type, parse_quote};

use super::methods;
use super::model::{Content, Model, Own};

/// The constants, the implementation and what it needs.
pub(super) fn expand(model: &Model) -> TokenStream {
    let constants = constants(model, |own| {
        let event_type = &own.event_type;
        // The grammar and the reserved segment have been checked, with better messages.
        quote!(reserved(#event_type))
    });
    let lists = lists(model);
    let descriptors = descriptors(model);
    let methods = methods::all(model);
    implementation(model, &constants, &lists, &quote!(#descriptors #methods))
}

/// Puts the parts together, also for [`fallback`](super::fallback).
pub(super) fn implementation(
    model: &Model,
    constants: &TokenStream,
    lists: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let (ident, private) = (&model.ident, &model.private);
    let (_, arguments, _) = model.generics.split_for_impl();
    let bounded = bounded(model);
    let (parameters, _, conditions) = bounded.split_for_impl();
    quote! {
        #constants

        #[doc(hidden)]
        const _: () = {
            #lists

            #[automatically_derived]
            #[allow(deprecated)]
            impl #parameters #private::Event for #ident #arguments #conditions {
                #body
            }
        };
    }
}

/// One constant per event type of the type's own; `make` says how it is made.
pub(super) fn constants(model: &Model, make: impl Fn(&Own) -> TokenStream) -> TokenStream {
    let (ident, visibility, private) = (&model.ident, &model.visibility, &model.private);
    let (parameters, arguments, conditions) = model.generics.split_for_impl();
    let constants = model.own().map(|own| {
        let (constant, value) = (&own.constant, make(own));
        let text = format!("The event type `{}`.", own.event_type);
        quote! {
            #[doc = #text]
            #[allow(dead_code)]
            #visibility const #constant: #private::EventType = #private::EventType::#value;
        }
    });
    quote! {
        #[automatically_derived]
        impl #parameters #ident #arguments #conditions {
            #(#constants)*
        }
    }
}

/// The generics with what an event asks of its parameters.
fn bounded(model: &Model) -> Generics {
    let private = &model.private;
    let mut generics = model.generics.clone();
    let parameters: Vec<Ident> = generics.type_params().map(|found| found.ident.clone()).collect();
    if parameters.is_empty() && generics.lifetimes().next().is_none() {
        return generics;
    }
    let lifetimes: Vec<_> = generics.lifetimes().map(|found| found.lifetime.clone()).collect();
    let conditions = generics.make_where_clause();
    for lifetime in lifetimes {
        // Refused; without the bound there would be a second message.
        conditions.predicates.push(parse_quote!(#lifetime: 'static));
    }
    for parameter in &parameters {
        conditions.predicates.push(parse_quote! {
            #parameter: #private::std::fmt::Debug
                + #private::serde::Serialize
                + #private::serde::de::DeserializeOwned
                + #private::std::marker::Send
                + #private::std::marker::Sync
                + 'static
        });
    }
    for embedded in model.embedded().filter(|embedded| names_any(&embedded.event, &parameters)) {
        let event = &embedded.event;
        conditions.predicates.push(parse_quote!(#event: #private::Event));
    }
    generics
}

fn names_any(event: &Type, parameters: &[Ident]) -> bool {
    fn found(tokens: TokenStream, parameters: &[Ident]) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => parameters.contains(&ident),
            TokenTree::Group(group) => found(group.stream(), parameters),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    found(quote!(#event), parameters)
}

/// A carrier of the lists that `DESCRIPTORS` is cut from, where other events are embedded.
///
/// It is generic in the event, because lengths may depend on the event's parameters.
fn lists(model: &Model) -> TokenStream {
    if model.embedded().next().is_none() {
        return TokenStream::new();
    }
    let (ident, private) = (&model.ident, &model.private);
    let (_, arguments, _) = model.generics.split_for_impl();
    let bounded = bounded(model);
    let (parameters, _, conditions) = bounded.split_for_impl();
    let (runs, ends, all) = runs(model);
    quote! {
        struct __TidingsLists<__E>(#private::std::marker::PhantomData<__E>);

        #[automatically_derived]
        impl #parameters __TidingsLists<#ident #arguments> #conditions {
            #(#runs)*
            #(#ends)*
            const __ALL: &'static (
                [&'static #private::Descriptor; #private::EVENT_TYPES_MAX],
                #private::std::primitive::usize,
            ) = &#private::concat(&[#(#all),*]);
        }
    }
}

/// Constants for runs of own variants, constants for where embedded events end, and the
/// lists in the order of the variants.
fn runs(model: &Model) -> (Vec<TokenStream>, Vec<TokenStream>, Vec<TokenStream>) {
    let private = &model.private;
    let (mut runs, mut ends, mut all) = (Vec::new(), Vec::new(), Vec::new());
    let mut run: Vec<TokenStream> = Vec::new();
    let close = |run: &mut Vec<TokenStream>, runs: &mut Vec<_>, all: &mut Vec<_>| {
        let name = format_ident!("__RUN_{}", runs.len());
        runs.push(quote! {
            const #name: &'static [&'static #private::Descriptor] = &[#(#run),*];
        });
        all.push(quote!(Self::#name));
        run.clear();
    };
    for (variant, offset) in model.variants.iter().zip(methods::offsets(model, &quote!(Self))) {
        match &variant.content {
            Content::Own(own) => run.push(descriptor(own, private)),
            Content::Embedded(embedded) => {
                if !run.is_empty() {
                    close(&mut run, &mut runs, &mut all);
                }
                let list = embedded.item(private, "DESCRIPTORS");
                let name = format_ident!("__END_{}", ends.len());
                ends.push(quote! {
                    const #name: #private::std::primitive::usize = #offset + #list.len();
                });
                all.push(list);
            }
        }
    }
    if !run.is_empty() {
        close(&mut run, &mut runs, &mut all);
    }
    (runs, ends, all)
}

fn descriptors(model: &Model) -> TokenStream {
    let private = &model.private;
    let value = if model.embedded().next().is_some() {
        quote!(__TidingsLists::<Self>::__ALL.0.split_at(__TidingsLists::<Self>::__ALL.1).0)
    } else {
        let all = model.own().map(|own| descriptor(own, private));
        quote!(&[#(#all),*])
    };
    quote! {
        const DESCRIPTORS: &'static [&'static #private::Descriptor] = #value;
    }
}

fn descriptor(own: &Own, private: &TokenStream) -> TokenStream {
    let (event_type, volatile) = (&own.event_type, &own.volatile);
    let role = own.role.tokens(private);
    quote! {
        &#private::Descriptor::new(
            #private::EventType::reserved(#event_type),
            #role,
            &[#(#volatile),*],
        )
    }
}
