//! From lines to events: a term may span lines, have text glued before or behind it, colours in
//! it, and lines of something else in between.
//!
//! A term that is printed over several lines is indented from its second line on. A line that
//! is not, or that no term can have, belongs to something else and does not end the term.

use crate::json_line::without_escapes;

use super::scanner::{Scan, Scanner};
use super::term::{Term, parse};

/// The largest term that is read, in bytes of its text.
const TERM_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How many lines of something else may stand inside of a term.
const LINES_BETWEEN_MAX: usize = 1_000;

/// How many lines a term may have for a line of something else to be searched in it.
const LINES_SEARCHED_MAX: usize = 256;

/// How many bytes a term may have for a line of something else to be searched in it.
const BYTES_SEARCHED_MAX: usize = 64 * 1024;

/// How events and what a handler says of itself begin.
const BEGINNINGS: [&str; 2] = ["{event,", "{handler_"];

/// A part of a stream.
#[derive(Debug, PartialEq)]
pub(super) enum Piece {
    /// A term that begins as an event does, and how many lines it has.
    Term(Term, usize),
    /// A text that is something else.
    Foreign(String),
    /// What is wrong.
    Fault(String),
}

/// Makes terms of lines.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    pending: Option<Pending>,
}

/// A term that has not ended.
#[derive(Debug)]
struct Pending {
    /// The text before it in its first line, if it says anything.
    before: Option<String>,
    indent: usize,
    /// How many bytes the time has that stands before each of its lines, if one does.
    stamp: usize,
    lines: Vec<String>,
    bytes: usize,
    scanner: Scanner,
    /// How many lines of something else came since its last line.
    between: usize,
}

impl Assembler {
    /// Takes the next line.
    pub(super) fn take(&mut self, line: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let plain = without_escapes(line.trim_start_matches('\u{feff}'));
        let plain = plain.trim_end();
        if plain.trim().is_empty() {
            return pieces;
        }
        if let Some(pending) = self.pending.take() {
            let part = pending.part(plain);
            if part.is_some() || !begins_event(plain) {
                self.go_on(pending, line, part, &mut pieces);
                return pieces;
            }
            pending.give_up("before the next one begins", &mut pieces);
        }
        self.begin(line, plain, &mut pieces);
        pieces
    }

    /// Takes the end of the stream: what is still pending was cut off.
    pub(super) fn end(&mut self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        if let Some(pending) = self.pending.take() {
            pending.give_up("at the end of the stream", &mut pieces);
        }
        pieces
    }

    fn begin(&mut self, line: &str, plain: &str, pieces: &mut Vec<Piece>) {
        let Some(at) = beginning(plain) else {
            pieces.push(Piece::Foreign(line.to_owned()));
            return;
        };
        let (before, text) = plain.split_at(at);
        let is_sure = is_nothing(before);
        let mut scanner = Scanner::default();
        match scanner.feed(text) {
            Scan::Ends(end) => match parse(&text[..end]) {
                Ok(term) if is_sure || is_event(&term) => {
                    if !is_sure {
                        pieces.push(Piece::Foreign(before.to_owned()));
                    }
                    pieces.push(Piece::Term(term, 1));
                    self.after(&text[end..], pieces);
                }
                Err(fault) if is_sure => pieces.push(broken(&fault, text)),
                _ => pieces.push(Piece::Foreign(line.to_owned())),
            },
            Scan::GoesOn => {
                let (lines, bytes) = (vec![text.to_owned()], text.len());
                let before = (!is_sure).then(|| before.to_owned());
                let stamp = if is_stamp(&plain[..at]) { at } else { 0 };
                let indent = indent(&plain[stamp..]);
                let between = 0;
                self.pending =
                    Some(Pending { before, indent, stamp, lines, bytes, scanner, between });
            }
            Scan::Broken if is_sure => pieces.push(match parse(text) {
                Err(fault) => broken(&fault, text),
                Ok(_) => broken("its brackets do not close", text),
            }),
            Scan::Broken => pieces.push(Piece::Foreign(line.to_owned())),
        }
    }

    /// What stands behind a term in its last line.
    fn after(&mut self, rest: &str, pieces: &mut Vec<Piece>) {
        let rest = rest.trim_start();
        let rest = rest.strip_prefix('.').unwrap_or(rest).trim();
        if !rest.is_empty() {
            self.begin(rest, rest, pieces);
        }
    }

    fn go_on(
        &mut self,
        mut pending: Pending,
        line: &str,
        part: Option<&str>,
        pieces: &mut Vec<Piece>,
    ) {
        let mut scanner = pending.scanner;
        let plain = part.unwrap_or_default();
        let scan = part.map_or(Scan::Broken, |part| scanner.feed(part));
        if scan == Scan::Broken {
            pending.between += 1;
            pieces.push(Piece::Foreign(line.to_owned()));
            if pending.between > LINES_BETWEEN_MAX {
                pending.give_up("and only other lines follow", pieces);
            } else {
                self.pending = Some(pending);
            }
            return;
        }
        let part = if let Scan::Ends(end) = scan { &plain[..end] } else { plain };
        pending.bytes += part.len() + 1;
        if pending.bytes > TERM_BYTES_MAX {
            pending.give_up("as it is larger than 8 MiB", pieces);
            return;
        }
        (pending.scanner, pending.between) = (scanner, 0);
        pending.lines.push(part.to_owned());
        if let Scan::Ends(end) = scan {
            pending.finish(pieces);
            self.after(&plain[end..], pieces);
        } else {
            self.pending = Some(pending);
        }
    }
}

impl Pending {
    /// What a line has of it, if it may have any.
    fn part<'a>(&self, plain: &'a str) -> Option<&'a str> {
        let is_stamped = plain.get(..self.stamp).is_some_and(is_stamp);
        let part = if is_stamped { &plain[self.stamp..] } else { plain };
        (indent(part) > self.indent).then_some(part)
    }

    /// Makes the term that its lines are.
    ///
    /// A line of something else that looks like one of a term is found by leaving it out.
    fn finish(self, pieces: &mut Vec<Piece>) {
        let text = self.lines.join("\n");
        match parse(&text) {
            Ok(term) if self.before.is_none() || is_event(&term) => {
                pieces.extend(self.before.map(Piece::Foreign));
                pieces.push(Piece::Term(term, self.lines.len()));
            }
            Err(fault) if self.before.is_none() => match self.without_one_line() {
                Some((term, left_out)) => {
                    let lines = self.lines.len() - 1;
                    pieces.push(Piece::Foreign(self.lines[left_out].clone()));
                    pieces.push(Piece::Term(term, lines));
                }
                None => pieces.push(broken(&fault, &text)),
            },
            _ => self.give_up("", pieces),
        }
    }

    /// The term that its lines are without one of them, and which.
    fn without_one_line(&self) -> Option<(Term, usize)> {
        if self.lines.len() > LINES_SEARCHED_MAX || self.bytes > BYTES_SEARCHED_MAX {
            return None;
        }
        (1..self.lines.len() - 1).find_map(|left_out| {
            let mut lines = self.lines.clone();
            lines.remove(left_out);
            Some((parse(&lines.join("\n")).ok()?, left_out))
        })
    }

    /// Says that its end never came.
    fn give_up(self, why: &str, pieces: &mut Vec<Piece>) {
        let Some(before) = self.before else {
            let text = excerpt(&self.lines[0]);
            let fault = format!("an event breaks off {why}, and is not used: `{text}`");
            pieces.push(Piece::Fault(fault));
            return;
        };
        let mut lines = self.lines.into_iter();
        let first = lines.next().unwrap_or_default();
        pieces.push(Piece::Foreign(format!("{before}{first}")));
        pieces.extend(lines.map(Piece::Foreign));
    }
}

/// Where in a line an event seems to begin.
fn beginning(text: &str) -> Option<usize> {
    BEGINNINGS.iter().filter_map(|beginning| text.find(beginning)).min()
}

/// Whether what stands before an event says nothing of its own: space, the prompt of a shell, or
/// the time that something writes before each line.
fn is_nothing(before: &str) -> bool {
    if is_stamp(before) {
        return true;
    }
    let before = before.trim();
    let Some(prompt) = before.strip_suffix('>') else { return before.is_empty() };
    let count = prompt.rsplit(')').next().unwrap_or(prompt);
    count.chars().all(|found| found.is_ascii_digit())
        && (count.len() == prompt.len() || prompt.starts_with('('))
}

/// Whether a text is nothing but a time: `2026-11-21T02:57:56.123Z`, `[02:57:56]`.
fn is_stamp(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 6
        && text.chars().all(|found| found.is_ascii_digit() || "-:.,TZ+/[]| ".contains(found))
}

/// Whether a line begins an event for sure: nothing stands before it, or all of it is there.
fn begins_event(text: &str) -> bool {
    let Some(at) = beginning(text) else { return false };
    let (before, text) = text.split_at(at);
    is_nothing(before)
        || match Scanner::default().feed(text) {
            Scan::Ends(end) => parse(&text[..end]).is_ok_and(|term| is_event(&term)),
            _ => false,
        }
}

/// How far a line is indented.
fn indent(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

/// Whether a term has the shape of an event, and is not only some tuple in a text.
fn is_event(term: &Term) -> bool {
    let Some((name, rest)) = term.tagged() else { return false };
    name == "event" && rest.len() == 3 && rest[..2].iter().all(|part| part.atom().is_some())
}

fn broken(fault: &str, text: &str) -> Piece {
    Piece::Fault(format!("an event cannot be read, and is not used: {fault}: `{}`", excerpt(text)))
}

/// The beginning of a text, on one line.
fn excerpt(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("{}{dots}", short.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(lines: &str) -> Vec<Piece> {
        let mut assembler = Assembler::default();
        let mut pieces: Vec<Piece> = lines.lines().flat_map(|line| assembler.take(line)).collect();
        pieces.extend(assembler.end());
        pieces
    }

    fn term(text: &str, lines: usize) -> Piece {
        Piece::Term(parse(text).expect("a term"), lines)
    }

    const SHORT: &str = "{event,tc_start,n,{a_SUITE,t}}";

    #[test]
    fn a_term_may_span_lines_with_others_in_between() {
        let found = pieces(
            "{event,tc_start,n,\nwarning: 100% (here)\n       {a_SUITE,\n  at foo(bar)\n   t}}.\nend",
        );
        assert_eq!(
            found,
            [
                Piece::Foreign("warning: 100% (here)".to_owned()),
                Piece::Foreign("  at foo(bar)".to_owned()),
                term(SHORT, 3),
                Piece::Foreign("end".to_owned()),
            ]
        );
    }

    #[test]
    fn a_line_that_only_looks_like_one_of_a_term_is_left_out() {
        let found = pieces("{event,tc_start,n,\n  still here\n       {a_SUITE,\n   t}}.");
        assert_eq!(found, [Piece::Foreign("  still here".to_owned()), term(SHORT, 3)]);
    }

    #[test]
    fn an_event_inside_of_an_event_does_not_end_it() {
        let found = pieces("{event,mine,n,\n   {a,\n    {event,b,c,\n     d}}}.");
        assert_eq!(found, [term("{event,mine,n,{a,{event,b,c,d}}}", 4)]);
        let found = pieces("  {event,mine,n,\n  {event,mine,n,d}.");
        assert_eq!(found[1], term("{event,mine,n,d}", 1));
        let found = pieces("{event,mine,n,\n...{event,mine,n,d}.");
        assert_eq!(found[2], term("{event,mine,n,d}", 1));
    }

    #[test]
    fn prompts_colours_marks_and_glued_text_hide_nothing() {
        for line in [
            "\u{feff}{event,tc_start,n,{a_SUITE,t}}.",
            "\u{1b}[32m{event,tc_start,n,{a_SUITE,\u{1b}[1mt}}.\u{1b}[0m\r",
            "1> {event,tc_start,n,{a_SUITE,t}}.",
            "(ct@vm)12> {event,tc_start,n,{a_SUITE,t}}.",
            "{event,tc_start,n,{a_SUITE,t}}",
        ] {
            assert_eq!(pieces(line), [term(SHORT, 1)], "{line}");
        }
        let glued = format!("dots....{SHORT}.{SHORT}. and more");
        assert_eq!(
            pieces(&glued),
            [
                Piece::Foreign("dots....".to_owned()),
                term(SHORT, 1),
                term(SHORT, 1),
                Piece::Foreign("and more".to_owned())
            ]
        );
    }

    #[test]
    fn times_before_each_line_hide_nothing() {
        let found = pieces(
            "2026-11-21T02:57:56.123Z {event,tc_start,n,\n\
             2026-11-21T02:57:56.124Z make: done\n\
             2026-11-21T02:57:56.125Z        {a_SUITE,t}}.\n\
             [02:57:57] {event,tc_start,n,{a_SUITE,t}}.",
        );
        let other = Piece::Foreign("2026-11-21T02:57:56.124Z make: done".to_owned());
        assert_eq!(found, [other, term(SHORT, 2), term(SHORT, 1)]);
    }

    #[test]
    fn an_event_that_breaks_off_is_a_fault_and_the_next_is_read() {
        let found = pieces(&format!("{{event,tc_done,n,{{a_SUITE,\n{SHORT}.\n{{event,x,n,\n"));
        let fault = |why, text| {
            Piece::Fault(format!("an event breaks off {why}, and is not used: `{text}`"))
        };
        assert_eq!(
            found,
            [
                fault("before the next one begins", "{event,tc_done,n,{a_SUITE,"),
                term(SHORT, 1),
                fault("at the end of the stream", "{event,x,n,"),
            ]
        );
    }

    #[test]
    fn what_merely_speaks_of_events_is_text() {
        for line in ["got {event,foo}", "see {event, and more", "x {event,a,b,{c,D}}", "{evente,a}"]
        {
            assert_eq!(pieces(line), [Piece::Foreign(line.to_owned())], "{line}");
        }
    }
}
