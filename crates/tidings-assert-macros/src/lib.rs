//! The procedural half of `assert_events!`: patterns taken apart so that a miss can explain
//! itself.
//!
//! Used only through the macros of `tidings-assert`, which hand in their own `$crate`: the
//! code made here names nothing but `$crate::__private`, under whatever name a user knows
//! that crate. Patterns and guards are passed on as they were written, so the compiler checks
//! them where they stand.

mod clause;
mod count;
mod decompose;
mod parse;
mod pattern;
mod source;

use proc_macro::TokenStream;

/// Asserts what a recorder has heard; behind `tidings_assert::assert_events!`.
#[proc_macro]
pub fn assert_events(input: TokenStream) -> TokenStream {
    clause::enforced(input.into()).into()
}

/// Checks what a recorder has heard; behind `tidings_assert::check_events!`.
#[proc_macro]
pub fn check_events(input: TokenStream) -> TokenStream {
    clause::checked(input.into()).into()
}

/// Makes a pattern for events a value; behind `tidings_assert::event!`.
#[proc_macro]
pub fn event(input: TokenStream) -> TokenStream {
    pattern::single(input.into()).into()
}
