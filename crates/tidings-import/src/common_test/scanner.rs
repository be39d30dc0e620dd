//! Where the brackets of a term close, line by line.
//!
//! `~p` breaks a term between its elements only, so that every line of it has whole strings,
//! atoms and numbers; a line that has not is no part of a term.

/// Follows the brackets of a term over its lines.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scanner {
    open: usize,
}

/// What a line does to a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// The term ends before this byte.
    Ends(usize),
    /// More has to come.
    GoesOn,
    /// It is no line of a term.
    Broken,
}

impl Scanner {
    /// Takes the next line.
    pub(super) fn feed(&mut self, line: &str) -> Scan {
        let mut places = line.char_indices();
        while let Some((at, found)) = places.next() {
            match found {
                '{' | '[' => self.open += 1,
                '}' | ']' if self.open == 0 => return Scan::Broken,
                '}' | ']' => {
                    self.open -= 1;
                    if self.open == 0 {
                        return Scan::Ends(at + 1);
                    }
                }
                '"' | '\'' => {
                    if !skip_quoted(&mut places, found) {
                        return Scan::Broken;
                    }
                }
                '$' => match places.next() {
                    Some((_, '\\')) => drop(places.next()),
                    Some(_) => {}
                    None => return Scan::Broken,
                },
                _ if found.is_alphanumeric() || found.is_whitespace() => {}
                _ if "_@.,|:/+-=>#<".contains(found) => {}
                _ => return Scan::Broken,
            }
        }
        Scan::GoesOn
    }
}

/// Whether what was opened is closed.
fn skip_quoted(places: &mut std::str::CharIndices<'_>, quote: char) -> bool {
    while let Some((_, found)) = places.next() {
        match found {
            '\\' => drop(places.next()),
            _ if found == quote => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_ends_where_its_first_bracket_closes() {
        let mut scanner = Scanner::default();
        assert_eq!(scanner.feed("{event,tc_done,"), Scan::GoesOn);
        assert_eq!(scanner.feed("   {a,\"}]\",'}',$},[\"\\\"}\"]}"), Scan::GoesOn);
        assert_eq!(scanner.feed(" }. more"), Scan::Ends(2));
        assert_eq!(Scanner::default().feed("{a}"), Scan::Ends(3));
    }

    #[test]
    fn a_line_that_no_term_has_is_broken() {
        for line in ["  at foo(bar)", "  \"open", "  }", "  50% done!"] {
            assert_eq!(Scanner::default().feed(line), Scan::Broken, "{line}");
        }
    }
}
