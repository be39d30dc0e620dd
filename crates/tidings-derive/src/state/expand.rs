//! Writes the impl; every path in it is absolute or goes through `__private`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use super::graph::{Graph, graph};
use super::parse::{Model, model};
use crate::faults::Faults;

/// Expands `#[derive(State)]`.
#[expect(clippy::needless_pass_by_value, reason = "the input of a derive is consumed by it")]
pub(crate) fn derive(input: DeriveInput) -> TokenStream {
    let mut faults = Faults::default();
    let model = model(&input, &mut faults);
    let graph = graph(&input.ident, &model, &mut faults);
    if faults.is_empty() {
        implementation(&input, &model, &graph)
    } else {
        let stand_in = stand_in(&input, &model);
        let errors = faults.into_compile_errors();
        quote!(#stand_in #errors)
    }
}

fn implementation(input: &DeriveInput, model: &Model, graph: &Graph) -> TokenStream {
    let Model { krate, name, states, .. } = model;
    let enum_name = &input.ident;
    let private = quote!(#krate::__private::state::private);
    let variants: Vec<_> = states.iter().map(|state| &state.ident).collect();
    let names: Vec<_> = states.iter().map(|state| &state.name).collect();
    let places = 0..states.len();
    let initial = graph.initial;
    let rows =
        names.iter().zip(&graph.targets).map(|(name, targets)| quote!((#name, &[#(#targets),*])));
    quote! {
        #[automatically_derived]
        impl #private::State for #enum_name {
            const STATES: &'static [Self] = &[#(Self::#variants),*];
            fn table() -> &'static #private::Table {
                static TABLE: #private::LazyTable =
                    #private::LazyTable::new(|| #private::declared(#name, #initial, &[#(#rows),*]));
                &TABLE
            }
            fn index(self) -> usize {
                match self { #(Self::#variants => #places),* }
            }
            fn name(self) -> &'static str {
                match self { #(Self::#variants => #names),* }
            }
        }
    }
}

/// Returns an impl that type-checks whatever the input was; it is never run.
fn stand_in(input: &DeriveInput, model: &Model) -> TokenStream {
    let enum_name = &input.ident;
    let krate = &model.krate;
    let private = quote!(#krate::__private::state::private);
    let (impl_generics, type_generics, _) = input.generics.split_for_impl();
    let bounds = if input.generics.params.is_empty() {
        TokenStream::new()
    } else {
        let own = input.generics.where_clause.as_ref().map(|clause| {
            let predicates = clause.predicates.iter();
            quote!(#(#predicates,)*)
        });
        quote! {
            where
                #own
                Self: ::core::marker::Copy + ::core::cmp::Eq + ::core::fmt::Debug
                    + ::core::marker::Send + ::core::marker::Sync + 'static
        }
    };
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::State for #enum_name #type_generics #bounds {
            const STATES: &'static [Self] = &[];
            fn table() -> &'static #private::Table {
                ::core::unreachable!()
            }
            fn index(self) -> usize {
                ::core::unreachable!()
            }
            fn name(self) -> &'static str {
                ::core::unreachable!()
            }
        }
    }
}
