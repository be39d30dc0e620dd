//! Macros by example, expanded: what a crate's own `macro_rules` write is part of its API.
//!
//! Enough of the language for items: fragments, groups and repetitions. A call that fits no rule
//! is not expanded, never guessed.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::ItemMacro;

/// Fragments that are one token tree each; others reach to the next token of the rule.
const SINGLE: [&str; 4] = ["ident", "literal", "tt", "block"];

/// The macros of a crate by name.
#[derive(Debug, Default)]
pub(crate) struct Macros(BTreeMap<String, Vec<Rule>>);

#[derive(Debug)]
struct Rule {
    matcher: Vec<TokenTree>,
    body: TokenStream,
}

/// What the names of a rule stand for.
type Bindings = BTreeMap<String, Bound>;

#[derive(Debug, Clone)]
enum Bound {
    One(TokenStream),
    Many(Vec<Bindings>),
}

impl Macros {
    /// Remembers a definition.
    pub(crate) fn define(&mut self, definition: &ItemMacro) {
        let name = definition.ident.as_ref().expect("a definition has a name").to_string();
        self.0.insert(name, rules(definition.mac.tokens.clone()));
    }

    /// What the rules of a macro take, as they stand there.
    pub(crate) fn matchers(&self, name: &str) -> impl Iterator<Item = TokenStream> {
        self.0.get(name).into_iter().flatten().map(|rule| rule.matcher.iter().cloned().collect())
    }

    /// What a call writes; none if the macro is not known or no rule fits.
    pub(crate) fn expand(&self, call: &syn::Macro) -> Option<TokenStream> {
        let rules = self.0.get(&call.path.segments.last()?.ident.to_string())?;
        let input: Vec<TokenTree> = call.tokens.clone().into_iter().collect();
        rules.iter().find_map(|rule| {
            let mut bindings = Bindings::new();
            let rest = take(&rule.matcher, &input, None, &mut bindings)?;
            if rest.is_empty() { write(rule.body.clone(), &bindings) } else { None }
        })
    }
}

/// Whether something in there is public.
pub(crate) fn has_pub(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => has_pub(group.stream()),
        token => token.to_string() == "pub",
    })
}

fn rules(definition: TokenStream) -> Vec<Rule> {
    let mut groups = definition.into_iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group.stream()),
        _ => None,
    });
    let mut rules = Vec::new();
    while let (Some(matcher), Some(body)) = (groups.next(), groups.next()) {
        rules.push(Rule { matcher: matcher.into_iter().collect(), body });
    }
    rules
}

fn is_dollar(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '$')
}

/// What follows a repetition: its separator, if any, and how many tokens that and the operator are.
fn separator(tokens: &[TokenTree]) -> (Option<&TokenTree>, usize) {
    let is_operator = |token: &TokenTree| ["*", "+", "?"].contains(&token.to_string().as_str());
    match tokens {
        [first, ..] if is_operator(first) => (None, 1),
        [first, second, ..] if is_operator(second) => (Some(first), 2),
        _ => (None, 0),
    }
}

/// Matches the beginning of `input`, and gives the rest of it. A type or an expression at the end
/// of the matcher reaches to `end`.
fn take<'a>(
    matcher: &[TokenTree],
    input: &'a [TokenTree],
    end: Option<&TokenTree>,
    bindings: &mut Bindings,
) -> Option<&'a [TokenTree]> {
    match matcher {
        [] => Some(input),
        [dollar, TokenTree::Group(inner), rest @ ..] if is_dollar(dollar) => {
            let (between, after) = separator(rest);
            let input = take_many(inner, between, input, bindings);
            take(&rest[after..], input, end, bindings)
        }
        [dollar, TokenTree::Ident(name), _, TokenTree::Ident(kind), rest @ ..]
            if is_dollar(dollar) =>
        {
            let length = fragment_length(kind, rest.first().or(end), input)?;
            let bound = Bound::One(input[..length].iter().cloned().collect());
            bindings.insert(name.to_string(), bound);
            take(rest, &input[length..], end, bindings)
        }
        [TokenTree::Group(wanted), rest @ ..] => {
            let [TokenTree::Group(found), input @ ..] = input else { return None };
            let tokens = |group: &Group| group.stream().into_iter().collect::<Vec<_>>();
            let same = wanted.delimiter() == found.delimiter();
            let inside = tokens(found);
            let left = take(&tokens(wanted), &inside, None, bindings)?;
            if same && left.is_empty() { take(rest, input, end, bindings) } else { None }
        }
        [wanted, rest @ ..] => {
            let (found, input) = input.split_first()?;
            if wanted.to_string() == found.to_string() {
                take(rest, input, end, bindings)
            } else {
                None
            }
        }
    }
}

fn fragment_length(kind: &Ident, next: Option<&TokenTree>, input: &[TokenTree]) -> Option<usize> {
    if SINGLE.contains(&kind.to_string().as_str()) {
        return if input.is_empty() { None } else { Some(1) };
    }
    let is_end = |token: &TokenTree| next.is_some_and(|next| next.to_string() == token.to_string());
    Some(input.iter().position(is_end).unwrap_or(input.len()))
}

fn take_many<'a>(
    inner: &Group,
    between: Option<&TokenTree>,
    mut input: &'a [TokenTree],
    bindings: &mut Bindings,
) -> &'a [TokenTree] {
    let inner: Vec<TokenTree> = inner.stream().into_iter().collect();
    let mut times = Vec::new();
    while !input.is_empty() {
        let mut found = Bindings::new();
        let Some(rest) = take(&inner, input, between, &mut found) else { break };
        times.push(found);
        input = rest;
        match (between, input.split_first()) {
            (Some(mark), Some((first, rest))) if mark.to_string() == first.to_string() => {
                input = rest;
            }
            (Some(_), _) => break,
            (None, _) => {}
        }
    }
    for name in names(&inner) {
        bindings.insert(name, Bound::Many(times.clone()));
    }
    input
}

/// The names that tokens of a rule mention.
fn names(tokens: &[TokenTree]) -> Vec<String> {
    let mut names = Vec::new();
    for pair in tokens.windows(2) {
        if let [dollar, TokenTree::Ident(name)] = pair
            && is_dollar(dollar)
        {
            names.push(name.to_string());
        }
    }
    for token in tokens {
        if let TokenTree::Group(group) = token {
            names.extend(self::names(&group.stream().into_iter().collect::<Vec<_>>()));
        }
    }
    names
}

/// Writes the body of a rule; none if it uses what this does not know.
fn write(body: TokenStream, bindings: &Bindings) -> Option<TokenStream> {
    let mut out = TokenStream::new();
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let mut rest = &tokens[..];
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (dollar, [TokenTree::Ident(name), after @ ..]) if is_dollar(dollar) => {
                match bindings.get(&name.to_string()) {
                    Some(Bound::One(tokens)) => out.extend(tokens.clone()),
                    None if name == "crate" => out.extend([TokenTree::Ident(name.clone())]),
                    _ => return None,
                }
                rest = after;
            }
            (dollar, [TokenTree::Group(inner), after @ ..]) if is_dollar(dollar) => {
                let (between, length) = separator(after);
                out.extend(write_many(inner, between, bindings)?);
                rest = &after[length..];
            }
            (TokenTree::Group(group), _) => {
                let inside = write(group.stream(), bindings)?;
                out.extend([TokenTree::Group(Group::new(group.delimiter(), inside))]);
            }
            (token, _) => out.extend([token.clone()]),
        }
    }
    Some(out)
}

fn write_many(
    inner: &Group,
    between: Option<&TokenTree>,
    bindings: &Bindings,
) -> Option<TokenStream> {
    debug_assert_eq!(inner.delimiter(), Delimiter::Parenthesis, "`$(…)*`");
    let tokens: Vec<TokenTree> = inner.stream().into_iter().collect();
    let times = names(&tokens).into_iter().find_map(|name| match bindings.get(&name) {
        Some(Bound::Many(times)) => Some(times.clone()),
        _ => None,
    })?;
    let mut out = TokenStream::new();
    for (index, found) in times.into_iter().enumerate() {
        if index > 0 {
            out.extend(between.cloned());
        }
        let mut inside = bindings.clone();
        inside.extend(found);
        out.extend(write(inner.stream(), &inside)?);
    }
    Some(out)
}
