//! Reads terms from text.
//!
//! What is nested deeper than [`DEPTH_MAX`] is kept as its text, so that no input can exhaust
//! the stack and no event is lost because of what it carries.

use super::binary;
use super::literal;
use super::value::Term;

/// The deepest nesting that is read; what is deeper is text.
pub(in crate::common_test) const DEPTH_MAX: usize = 128;

/// Reads the one term that a text is, with or without a full stop behind it.
pub(in crate::common_test) fn parse(text: &str) -> Result<Term, String> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let term = reader.term()?;
    reader.skip_space();
    reader.eat(".");
    reader.skip_space();
    if reader.rest().is_empty() { Ok(term) } else { Err(reader.wrong("the end")) }
}

/// A place in a text.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let found = self.peek()?;
        self.at += found.len_utf8();
        Some(found)
    }

    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let is_there = self.rest().starts_with(expected);
        if is_there {
            self.at += expected.len();
        }
        is_there
    }

    pub(super) fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    pub(super) fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|found| !is_part(found)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    pub(super) fn take(&mut self, bytes: usize) -> &'a str {
        let taken = &self.rest()[..bytes];
        self.at += bytes;
        taken
    }

    pub(super) fn wrong(&self, expected: &str) -> String {
        let found: String = self.rest().chars().take(20).collect();
        if found.is_empty() {
            return format!("it breaks off where {expected} should be");
        }
        format!("{expected} should be at `{}` (byte {})", found.escape_debug(), self.at)
    }

    fn term(&mut self) -> Result<Term, String> {
        self.skip_space();
        if self.depth >= DEPTH_MAX {
            return self.too_deep();
        }
        self.depth += 1;
        let term = self.term_inside();
        self.depth -= 1;
        term
    }

    fn term_inside(&mut self) -> Result<Term, String> {
        let Some(first) = self.peek() else { return Err(self.wrong("a term")) };
        match first {
            '{' => self.tuple(),
            '[' => self.list(),
            '"' => Ok(Term::Text(literal::string(self)?)),
            '\'' => Ok(Term::Atom(literal::quoted(self, '\'')?)),
            '<' => binary::binary_or_pid(self),
            '#' if self.rest().starts_with("#{") => self.map(),
            '#' => literal::opaque(self),
            '$' => literal::character(self),
            '.' if self.eat("...") => Ok(Term::Raw("...".to_owned())),
            '-' | '+' | '0'..='9' => literal::number(self),
            _ if first.is_lowercase() => literal::atom_or_fun(self),
            _ => Err(self.wrong("a term")),
        }
    }

    fn tuple(&mut self) -> Result<Term, String> {
        self.eat("{");
        Ok(Term::Tuple(self.elements('}')?))
    }

    /// Elements with commas between them, and what closes them.
    fn elements(&mut self, close: char) -> Result<Vec<Term>, String> {
        let mut elements = Vec::new();
        self.skip_space();
        while self.peek() != Some(close) {
            elements.push(self.term()?);
            self.skip_space();
            if self.peek() == Some(',') {
                self.next();
                self.skip_space();
            } else if self.peek() != Some(close) {
                return Err(self.wrong(&format!("`,` or `{close}`")));
            }
        }
        self.next();
        Ok(elements)
    }

    fn list(&mut self) -> Result<Term, String> {
        if let Some(text) = literal::characters(self) {
            return Ok(Term::Text(text));
        }
        self.eat("[");
        let mut elements = Vec::new();
        self.skip_space();
        loop {
            if self.eat("]") {
                return Ok(Term::List(elements, None));
            }
            elements.push(self.term()?);
            self.skip_space();
            if self.eat("|") {
                let tail = self.term()?;
                self.skip_space();
                let is_closed = self.eat("]");
                return if is_closed { Ok(join(elements, tail)) } else { Err(self.wrong("`]`")) };
            }
            if !self.eat(",") && self.peek() != Some(']') {
                return Err(self.wrong("`,`, `|` or `]`"));
            }
            self.skip_space();
        }
    }

    fn map(&mut self) -> Result<Term, String> {
        self.eat("#{");
        let mut pairs = Vec::new();
        self.skip_space();
        while !self.eat("}") {
            let key = self.term()?;
            self.skip_space();
            let value = if self.eat("=>") || self.eat(":=") {
                self.term()?
            } else if key == Term::Raw("...".to_owned()) {
                Term::Raw(String::new())
            } else {
                return Err(self.wrong("`=>`"));
            };
            pairs.push((key, value));
            self.skip_space();
            if !self.eat(",") && self.peek() != Some('}') {
                return Err(self.wrong("`,` or `}`"));
            }
            self.skip_space();
        }
        Ok(Term::Map(pairs))
    }

    /// The text of a term, whatever is in it.
    fn too_deep(&mut self) -> Result<Term, String> {
        let start = self.at;
        let mut open = 0_usize;
        while let Some(found) = self.peek() {
            match found {
                '{' | '[' | '(' => open += 1,
                '}' | ']' | ')' | ',' | '|' | '=' if open == 0 => break,
                '}' | ']' | ')' => open -= 1,
                '"' | '\'' => {
                    literal::quoted(self, found)?;
                    continue;
                }
                '$' => {
                    literal::character(self)?;
                    continue;
                }
                _ => {}
            }
            self.next();
        }
        if open > 0 || self.at == start {
            return Err(self.wrong("a term"));
        }
        Ok(Term::Raw(self.text[start..self.at].trim_end().to_owned()))
    }
}

/// A list with a tail; one whose tail is a list is a proper one.
fn join(mut elements: Vec<Term>, tail: Term) -> Term {
    match tail {
        Term::List(more, tail) => {
            elements.extend(more);
            Term::List(elements, tail)
        }
        tail => Term::List(elements, Some(Box::new(tail))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        parse(text).expect(text).to_string()
    }

    #[test]
    fn every_kind_of_term_is_read_and_shown_as_it_is_printed() {
        for text in [
            "{event,tc_done,ct@vm,{a_SUITE,t1,ok}}",
            "[a,b|c]",
            "[]",
            "{}",
            "#{a => 1,\"k\" => <<\"v\">>,x => #{y => []}}",
            "<0.12.0>",
            "#Ref<0.1886431919.475004930.127976>",
            "#Port<0.5>",
            "#Fun<f_SUITE.2.50884531>",
            "fun lists:map/2",
            "fun 'Elixir.Foo':bar/1",
            "{1.5e-7,-3,97,16#FF}",
            "{'Quoted atom','it\\'s',ok@home,'',\"\"}",
            "<<1,2,255>>",
            "<<3:5>>",
            "<<>>",
            "<<\"text\">>",
            "[1,2,3|...]",
            "{a,...}",
            "#{a => 1,...}",
            "\"line\\nbreak \\\"quoted\\\" \\\\ tab\\t\"",
            "{ünïcode,\"☺ smile\",<<\"☺\"/utf8>>}",
        ] {
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn lists_of_characters_are_text_and_other_lists_are_not() {
        assert_eq!(shown("[47,104,111,109,101]"), "\"/home\"");
        assert_eq!(shown("[9786,32,115]"), "\"☺ s\"");
        assert_eq!(shown("[1,2,3]"), "[1,2,3]");
        assert_eq!(shown("[65|66]"), "[65|66]");
        assert_eq!(shown("<<104,105>>"), "<<\"hi\">>");
        assert_eq!(shown("<<226,152,186>>"), "<<\"☺\"/utf8>>");
        assert_eq!(shown("[ 104 ,\n 105 ]"), "\"hi\"");
    }

    #[test]
    fn strings_that_are_broken_over_lines_are_one() {
        assert_eq!(shown("{\"one \"\n  \"two\"}"), "{\"one two\"}");
        assert_eq!(shown("<<\"one \"\n  \"two\">>"), "<<\"one two\">>");
        assert_eq!(shown("<<1,\n  200>>"), "<<1,200>>");
    }

    #[test]
    fn escapes_are_read() {
        assert_eq!(
            parse(r#""\x{263a}\x41\101\e\^a\d\s""#),
            parse("[9786,65,65,27,1,127,32]")
                .map(|_| Term::Text("☺AA\u{1b}\u{1}\u{7f} ".to_owned()))
        );
        assert_eq!(parse(r"'\x{263a}'"), Ok(Term::Atom("☺".to_owned())));
        assert_eq!(parse("{$a,$\\n}"), parse("{97,10}"));
    }

    #[test]
    fn what_is_nested_too_deep_is_kept_as_text() {
        let deep = format!("{}\"]\",$]{}", "[{".repeat(50_000), "}]".repeat(50_000));
        let term = parse(&format!("{{a,{deep},b}}.")).expect("reads");
        assert_eq!(term.tuple().map(<[Term]>::len), Some(3));
        let broken = format!("{}\"]\",$]", "[{".repeat(50_000));
        assert!(parse(&broken).expect_err("is open").starts_with("it breaks off"));
    }

    #[test]
    fn what_is_no_term_says_where() {
        for (text, fault) in [
            ("{a,b", "it breaks off where `,` or `}` should be"),
            ("{a,B}", "a term should be at `B}` (byte 3)"),
            ("{a} b", "the end should be at `b` (byte 4)"),
            ("{a,\"b", "it breaks off where a closing `\"` should be"),
            ("0.0𖭽", "the end should be at `𖭽` (byte 3)"),
        ] {
            assert_eq!(parse(text).expect_err(text), fault);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in r#"([\[\]{}<>#|,"'$. a-c0-9\\=>\n]|fun |\PC){0,60}"#) {
            if let Ok(term) = parse(&text) {
                let shown = term.to_string();
                prop_assert_eq!(parse(&shown).map(|term| term.to_string()), Ok(shown));
            }
        }
    }
}
