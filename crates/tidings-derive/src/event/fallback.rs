//! What is written after a fault: the messages, and an event that does nothing.
//!
//! With the constants and the trait in place the rest of the user's program compiles, so
//! that only the faults are reported. The program itself never does.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;

use super::expand;
use super::model::Model;

/// The messages and an implementation that only has to compile.
pub(super) fn expand(model: Model, errors: &TokenStream) -> TokenStream {
    let model = with_distinct_constants(model);
    let constants = expand::constants(&model, |_| quote!(reserved("invalid")));
    let body = body(&model.private);
    let implementation = expand::implementation(&model, &constants, &TokenStream::new(), &body);
    quote!(#errors #implementation)
}

fn with_distinct_constants(mut model: Model) -> Model {
    let mut seen = BTreeSet::new();
    model.variants.retain(|variant| match variant.constant() {
        Some(constant) => seen.insert(constant.to_string()),
        None => true,
    });
    model
}

fn body(private: &TokenStream) -> TokenStream {
    quote! {
        const DESCRIPTORS: &'static [&'static #private::Descriptor] = &[];

        fn descriptor_index(&self) -> #private::std::primitive::usize {
            0
        }

        fn encode(
            &self,
            _: &mut #private::Encoder,
        ) -> #private::std::result::Result<(), #private::EncodeError> {
            #private::std::result::Result::Ok(())
        }

        fn decode(
            _: #private::std::primitive::usize,
            _: &#private::std::primitive::str,
        ) -> #private::std::result::Result<Self, #private::DecodeError> {
            #private::std::result::Result::Err(
                #private::DecodeError::new("the event was not derived")
            )
        }

        fn fields(
            &self,
            _: &mut dyn #private::std::ops::FnMut(
                &'static #private::std::primitive::str,
                &dyn #private::std::fmt::Debug,
            ),
        ) {
        }

        fn project(
            &self,
            _: #private::std::any::TypeId,
        ) -> #private::std::option::Option<&dyn #private::std::any::Any> {
            #private::std::option::Option::None
        }
    }
}
