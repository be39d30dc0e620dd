//! Source text: what the user wrote, on one line.
//!
//! Tokens that touched in the source touch in the text; everything else is one space apart.
//! The text is shown and pasted, never compiled here, so a token without a place in a file
//! only costs a space too many.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// The text of these tokens.
pub(crate) fn text(tokens: &impl ToTokens) -> String {
    let mut printer = Printer::default();
    printer.stream(tokens.to_token_stream());
    printer.text
}

#[derive(Default)]
struct Printer {
    text: String,
    end: Option<Place>,
}

/// A line and a column.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place(usize, usize);

impl Printer {
    fn stream(&mut self, tokens: TokenStream) {
        for token in tokens {
            self.token(token);
        }
    }

    fn token(&mut self, token: TokenTree) {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => return self.stream(group.stream()),
                };
                // Of a group that was parsed and put together again only the whole is known.
                let Places(start, end) = Places::of(group.span());
                self.put(open, Places(start, start.moved(1)));
                self.stream(group.stream());
                self.put(close, Places(end.moved(-1), end));
            }
            TokenTree::Ident(ident) => self.put(&ident.to_string(), Places::of(ident.span())),
            TokenTree::Punct(punct) => {
                self.put(&punct.as_char().to_string(), Places::of(punct.span()));
            }
            TokenTree::Literal(literal) => {
                self.put(&literal.to_string(), Places::of(literal.span()));
            }
        }
    }

    fn put(&mut self, token: &str, Places(start, end): Places) {
        if self.is_apart(token, start) {
            self.text.push(' ');
        }
        self.text.push_str(token);
        self.end = Some(end);
    }

    fn is_apart(&self, token: &str, start: Place) -> bool {
        let Some(end) = self.end else { return false };
        let line_broken = end.0 != start.0;
        let tight = self.text.ends_with(['(', '[', '.']) || matches!(token, ")" | "]" | "." | ",");
        end != start && !(line_broken && tight)
    }
}

impl Place {
    fn moved(self, columns: isize) -> Self {
        Self(self.0, self.1.saturating_add_signed(columns))
    }
}

/// Where a token starts and ends.
struct Places(Place, Place);

impl Places {
    fn of(span: Span) -> Self {
        if !proc_macro::is_available() {
            return Self(Place(0, 0), Place(0, 1));
        }
        let span = span.unwrap();
        let (start, end) = (span.start(), span.end());
        Self(Place(start.line(), start.column()), Place(end.line(), end.column()))
    }
}
