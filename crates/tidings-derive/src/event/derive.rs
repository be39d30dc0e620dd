//! From the annotated type to the tokens of its implementation.

use proc_macro2::TokenStream;
use syn::{Data, DeriveInput};

use super::{expand, fallback, read};
use crate::faults::Faults;

/// The implementation of `Event` for the annotated type, or every fault of it at once.
pub(crate) fn derive(input: DeriveInput) -> TokenStream {
    let mut faults = Faults::default();
    if let Data::Union(union) = &input.data {
        faults.at(union.union_token, "an event is an enum or a struct, never a union");
        return faults.into_compile_errors();
    }
    let model = read::read(input, &mut faults);
    if faults.is_empty() {
        expand::expand(&model)
    } else {
        fallback::expand(model, &faults.into_compile_errors())
    }
}
