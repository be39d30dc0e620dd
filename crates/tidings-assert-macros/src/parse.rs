//! Patterns with guards, as they stand in a clause.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, Pat, Result, Token};

/// `PATTERN` or `PATTERN if GUARD`; with `move` in front the guard owns what it names.
pub(crate) struct Guarded {
    pub(crate) moved: Option<Token![move]>,
    pub(crate) pattern: Pat,
    pub(crate) guard: Option<Expr>,
}

impl Parse for Guarded {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let moved = input.parse()?;
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        if let Pat::Ident(binding) = &pattern
            && is_binding(binding)
            && binding.subpat.is_none()
        {
            let message = format!(
                "`{}` would match every event: write `_`, or the path of an event",
                binding.ident
            );
            return Err(Error::new(binding.ident.span(), message));
        }
        let guard = if input.peek(Token![if]) {
            input.parse::<Token![if]>()?;
            Some(input.parse()?)
        } else {
            None
        };
        Ok(Self { moved, pattern, guard })
    }
}

/// Whether an identifier in a pattern binds a name; if not it is a unit path or a constant.
///
/// The two look the same; the compiler's own lints tell them apart by the first letter too.
pub(crate) fn is_binding(pattern: &syn::PatIdent) -> bool {
    pattern.by_ref.is_some()
        || pattern.mutability.is_some()
        || pattern.subpat.is_some()
        || !pattern.ident.to_string().starts_with(char::is_uppercase)
}

/// Takes `(…)`, the path of the runtime crate, off the front.
pub(crate) fn crate_path(input: ParseStream<'_>) -> Result<TokenStream> {
    let content;
    syn::parenthesized!(content in input);
    content.parse()
}
