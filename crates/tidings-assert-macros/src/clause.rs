//! Clauses: `exactly: […]`, `never: …`, `per(…)`, and what is said about a wrong one.
//!
//! A mistake is reported at the token that makes it, with what would have been right.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, Pat, Result, Token, bracketed, parenthesized, token};

use crate::parse::{Guarded, crate_path};
use crate::{count, pattern};

const CLAUSES: [&str; 7] =
    ["exactly", "in_order", "any_order", "never", "count", "per", "starts_before_finish"];

/// Expands `assert_events!`.
pub(crate) fn enforced(input: TokenStream) -> TokenStream {
    let parser = |input: ParseStream<'_>| {
        let call = Call::parse(input, "assert_events!")?;
        let (krate, check) = (&call.krate, call.expand());
        Ok(quote!(#krate::__private::enforce(#check)))
    };
    parser.parse2(input).unwrap_or_else(|error| error.to_compile_error())
}

/// Expands `check_events!`.
pub(crate) fn checked(input: TokenStream) -> TokenStream {
    let parser = |input: ParseStream<'_>| Ok(Call::parse(input, "check_events!")?.expand());
    parser.parse2(input).unwrap_or_else(|error| error.to_compile_error())
}

/// One call: a recorder and its clauses.
struct Call {
    krate: TokenStream,
    recorder: Expr,
    clauses: Vec<TokenStream>,
}

impl Call {
    fn parse(input: ParseStream<'_>, name: &str) -> Result<Self> {
        let krate = crate_path(input)?;
        let needs_clause = format!(
            "{name} needs a recorder and a clause: `{name}(recorder, exactly: [QuickTest::Started {{ .. }}])`"
        );
        if input.is_empty() {
            return Err(input.error(needs_clause));
        }
        let recorder = input.parse()?;
        if input.is_empty() {
            return Err(input.error(needs_clause));
        }
        input.parse::<Token![,]>()?;
        let clauses = clauses(input, &krate)?;
        if clauses.is_empty() {
            return Err(input.error(needs_clause));
        }
        Ok(Self { krate, recorder, clauses })
    }

    fn expand(&self) -> TokenStream {
        let Self { krate, recorder, clauses } = self;
        quote!(#krate::__private::check(&#recorder, &[#(#clauses),*]))
    }
}

fn clauses(input: ParseStream<'_>, krate: &TokenStream) -> Result<Vec<TokenStream>> {
    let mut clauses = Vec::new();
    while !input.is_empty() {
        clauses.push(clause(input, krate)?);
        if input.is_empty() {
            break;
        }
        input.parse::<Token![,]>()?;
    }
    Ok(clauses)
}

fn clause(input: ParseStream<'_>, krate: &TokenStream) -> Result<TokenStream> {
    if !input.peek(Ident::peek_any) {
        return Err(input.error(format!("a clause is expected: {}", listed())));
    }
    let name = Ident::parse_any(input)?;
    let expectation = quote!(#krate::__private::Expectation);
    match name.to_string().as_str() {
        "exactly" => {
            let patterns = list(input, krate, &name)?;
            Ok(quote!(#expectation::exactly([#(#patterns),*])))
        }
        "in_order" | "any_order" => {
            let patterns = filled_list(input, krate, &name)?;
            Ok(quote!(#expectation::#name([#(#patterns),*])))
        }
        "never" => {
            let patterns = list_or_one(input, krate, &name)?;
            Ok(quote!(#expectation::never([#(#patterns),*])))
        }
        "count" => {
            let counts = counts(input, krate, &name)?;
            Ok(quote!(#expectation::count([#(#counts),*])))
        }
        "per" => per(input, krate, &name),
        "starts_before_finish" => {
            if input.peek(token::Paren) || input.peek(Token![:]) {
                let message = "`starts_before_finish` takes no arguments";
                return Err(Error::new(name.span(), message));
            }
            Ok(quote!(#expectation::starts_before_finish()))
        }
        other => Err(unknown(&name, other)),
    }
}

fn listed() -> String {
    CLAUSES.map(|clause| format!("`{clause}`")).join(", ")
}

fn unknown(name: &Ident, text: &str) -> Error {
    let nearest = CLAUSES.iter().min_by_key(|clause| distance(text, clause));
    let hint = match nearest {
        Some(nearest) if distance(text, nearest) <= text.len().max(3) / 2 => {
            format!("; did you mean `{nearest}`?")
        }
        _ => String::new(),
    };
    let message = format!("unknown clause `{text}`{hint} (clauses: {})", listed());
    Error::new(name.span(), message)
}

/// How many insertions, deletions and substitutions lie between two words.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

/// The patterns of `: […]`.
fn list(input: ParseStream<'_>, krate: &TokenStream, name: &Ident) -> Result<Vec<TokenStream>> {
    let needs_list = || {
        let example = format!("`{name}: [QuickTest::Started {{ .. }}, …]`");
        Error::new(name.span(), format!("`{name}` needs a list of patterns: {example}"))
    };
    if !input.peek(Token![:]) || input.peek(Token![::]) {
        return Err(needs_list());
    }
    input.parse::<Token![:]>()?;
    if !input.peek(token::Bracket) {
        return Err(needs_list());
    }
    let content;
    bracketed!(content in input);
    let patterns = content.parse_terminated(Guarded::parse_in_list, Token![,])?;
    Ok(patterns.iter().map(|guarded| pattern::expand(krate, guarded)).collect())
}

impl Guarded {
    fn parse_in_list(input: ParseStream<'_>) -> Result<Self> {
        let guarded: Self = input.parse()?;
        if !input.is_empty() && !input.peek(Token![,]) {
            return Err(input.error("`,` or `if` is expected after a pattern"));
        }
        Ok(guarded)
    }
}

fn filled_list(
    input: ParseStream<'_>,
    krate: &TokenStream,
    name: &Ident,
) -> Result<Vec<TokenStream>> {
    let patterns = list(input, krate, name)?;
    if patterns.is_empty() {
        let message = format!(
            "`{name}: []` says nothing: it holds for every recording (nothing at all is `exactly: []`)"
        );
        return Err(Error::new(name.span(), message));
    }
    Ok(patterns)
}

fn list_or_one(
    input: ParseStream<'_>,
    krate: &TokenStream,
    name: &Ident,
) -> Result<Vec<TokenStream>> {
    let fork = input.fork();
    let has_colon = fork.parse::<Token![:]>().is_ok();
    if !has_colon || fork.peek(token::Bracket) {
        return filled_list(input, krate, name);
    }
    input.parse::<Token![:]>()?;
    let guarded: Guarded = input.parse()?;
    Ok(vec![pattern::expand(krate, &guarded)])
}

fn counts(input: ParseStream<'_>, krate: &TokenStream, name: &Ident) -> Result<Vec<TokenStream>> {
    let needs_counts = || {
        let example =
            "`count: { QuickTest::Started { .. } => 3, QuickTest::Done { .. } => 1..=2 }`";
        Error::new(name.span(), format!("`count` needs patterns and their counts: {example}"))
    };
    if !input.peek(Token![:]) {
        return Err(needs_counts());
    }
    input.parse::<Token![:]>()?;
    if !input.peek(token::Brace) {
        return Err(needs_counts());
    }
    let content;
    syn::braced!(content in input);
    if content.is_empty() {
        return Err(Error::new(name.span(), "`count: {}` says nothing"));
    }
    let mut counts = Vec::new();
    while !content.is_empty() {
        counts.push(one_count(&content, krate)?);
        if content.is_empty() {
            break;
        }
        content.parse::<Token![,]>()?;
    }
    Ok(counts)
}

fn one_count(input: ParseStream<'_>, krate: &TokenStream) -> Result<TokenStream> {
    let guarded: Guarded = input.parse()?;
    if !input.peek(Token![=>]) {
        return Err(input.error("`=> COUNT` is expected after the pattern"));
    }
    input.parse::<Token![=>]>()?;
    let count: Expr = input.parse()?;
    count::check(&count)?;
    let pattern = pattern::expand(krate, &guarded);
    Ok(quote!((#pattern, #krate::__private::Count::from(#count))))
}

/// `per(|envelope| key)` and every clause after it, up to the next `per`.
fn per(input: ParseStream<'_>, krate: &TokenStream, name: &Ident) -> Result<TokenStream> {
    let wrong = |fault: &str| {
        let example = "`per(|envelope| envelope.entity()), exactly: […]`";
        Error::new(name.span(), format!("`per` {fault}: {example}"))
    };
    if !input.peek(token::Paren) {
        return Err(wrong("needs a key"));
    }
    let content;
    parenthesized!(content in input);
    if content.is_empty() {
        return Err(wrong("needs a key"));
    }
    let key = keyed(&content.parse()?, krate);
    let mut grouped = Vec::new();
    while next_clause(input).is_some_and(|name| name != "per") {
        input.parse::<Token![,]>()?;
        grouped.push(clause(input, krate)?);
    }
    if grouped.is_empty() {
        return Err(wrong("says how to group; a clause for the groups must follow"));
    }
    Ok(quote!(#krate::__private::Expectation::per(#key, [#(#grouped),*])))
}

/// The name of the clause behind the next comma.
fn next_clause(input: ParseStream<'_>) -> Option<Ident> {
    let fork = input.fork();
    fork.parse::<Token![,]>().ok()?;
    Ident::parse_any(&fork).ok()
}

/// A closure that gives the key as text.
///
/// The text is made inside the user's own closure, so that the key may borrow from the
/// envelope.
fn keyed(key: &Expr, krate: &TokenStream) -> TokenStream {
    match key {
        Expr::Closure(closure) if closure.inputs.len() == 1 => {
            let (input, body) = (&closure.inputs[0], &closure.body);
            let moved = closure.capture.as_ref().map(ToTokens::to_token_stream);
            let input = if let Pat::Type(typed) = input {
                typed.to_token_stream()
            } else {
                quote!(#input: &#krate::__private::Envelope)
            };
            quote!(#moved |#input| #krate::__private::key_text(&#body))
        }
        other => quote_spanned!(pattern::hygienic() => |envelope: &#krate::__private::Envelope| {
            #krate::__private::key_text(&(#other)(envelope))
        }),
    }
}
