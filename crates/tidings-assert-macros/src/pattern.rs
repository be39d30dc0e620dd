//! From a pattern to the expression that makes a `Pattern` of it.
//!
//! Two closures: one says yes or no, and nothing else is done while an assertion holds; the
//! other finds out, after a miss, what it was that differed. Both infer the event's type
//! from the pattern itself.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Pat, Result};

use crate::decompose::{self, Case, Equality, Field};
use crate::parse::{Guarded, crate_path};
use crate::source;

/// Expands `event!`.
pub(crate) fn single(input: TokenStream) -> TokenStream {
    let parser = |input: ParseStream<'_>| -> Result<TokenStream> {
        let krate = crate_path(input)?;
        if input.is_empty() {
            return Err(input.error("event! needs a pattern: `event!(QuickTest::Started { .. })`"));
        }
        let guarded: Guarded = input.parse()?;
        if !input.is_empty() {
            return Err(input.error("event! takes one pattern, and nothing after it"));
        }
        Ok(expand(&krate, &guarded))
    };
    parser.parse2(input).unwrap_or_else(|error| error.to_compile_error())
}

/// The expression that makes a `Pattern`.
pub(crate) fn expand(krate: &TokenStream, guarded: &Guarded) -> TokenStream {
    let text = text_of(guarded);
    let moved = guarded.moved;
    let condition = guarded.guard.as_ref().map(|guard| quote!(if #guard));
    if matches!(guarded.pattern, Pat::Wild(_)) {
        let holds = condition.map_or_else(
            || quote!(true),
            |condition| quote!(match () { () #condition => true, () => false }),
        );
        return quote!(#krate::__private::Pattern::any(#text, #moved || #holds));
    }
    let pattern = &guarded.pattern;
    let explain = explanation(krate, guarded);
    quote_spanned! { hygienic() =>
        #krate::__private::Pattern::new(
            #text,
            #moved |event: &_| {
                #[allow(unreachable_patterns, unused_parens, unused_variables)]
                let hit = match event {
                    #pattern #condition => true,
                    _ => false,
                };
                hit
            },
            |event: &_| { #explain },
        )
    }
}

/// The span of our own names: a guard never sees them, whatever its variables are called.
pub(crate) fn hygienic() -> Span {
    Span::mixed_site()
}

fn text_of(guarded: &Guarded) -> String {
    let pattern = source::text(&guarded.pattern);
    match &guarded.guard {
        Some(guard) => format!("{pattern} if {}", source::text(guard)),
        None => pattern,
    }
}

fn explanation(krate: &TokenStream, guarded: &Guarded) -> TokenStream {
    let cases = decompose::cases(&guarded.pattern);
    let cases = cases.iter().map(|case| case_explained(krate, case));
    let guard = guarded.guard.as_ref().map(|guard| guard_explained(krate, guarded, guard));
    quote_spanned! { hygienic() =>
        #[allow(unused_imports)]
        use #krate::__private::ShowAnything as _;
        let mut explain = #krate::__private::Explain::new();
        #(#cases)*
        #guard
        explain
    }
}

fn guard_explained(krate: &TokenStream, guarded: &Guarded, guard: &Expr) -> TokenStream {
    let pattern = &guarded.pattern;
    let (pattern_text, text) = (source::text(pattern), source::text(guard));
    let bound = decompose::used_bindings(pattern, &guard.to_token_stream());
    let names: Vec<String> =
        bound.iter().map(|ident| ident.to_string().trim_start_matches("r#").to_owned()).collect();
    let equalities = decompose::equalities(guard, &bound).unwrap_or_default();
    let equalities = equalities.iter().map(|Equality { ident, left, right }| {
        quote_spanned!(hygienic() =>
            explain.equality(#left, #right, #krate::__private::Show(&#ident).show());
        )
    });
    quote_spanned! { hygienic() =>
        explain.guarded(#pattern_text, &[#(#names),*]);
        #[allow(unreachable_patterns, unused_parens, unused_variables)]
        match event {
            #pattern => {
                explain.guard(
                    #text,
                    &[#((#names, #krate::__private::Show(&#bound).show())),*],
                );
                #(#equalities)*
            }
            _ => {}
        }
    }
}

fn case_explained(krate: &TokenStream, case: &Case) -> TokenStream {
    let Case { path, shell, fields, mentions } = case;
    let fields = fields.iter().map(|field| field_explained(krate, field));
    quote_spanned! { hygienic() =>
        #[allow(unreachable_patterns, unused_parens, unused_variables)]
        match event {
            #shell => explain.case(#path, &[#(#mentions),*], true),
            _ => explain.case(#path, &[#(#mentions),*], false),
        }
        #(#fields)*
    }
}

fn field_explained(krate: &TokenStream, field: &Field) -> TokenStream {
    let Field { name, text, matching, binding } = field;
    quote_spanned! { hygienic() =>
        #[allow(unreachable_patterns, unused_parens, unused_variables)]
        match event {
            #matching => explain.agrees(#name, #text),
            #binding => explain.field(#name, #text, &#krate::__private::Show(value).show()),
            _ => {}
        }
    }
}
