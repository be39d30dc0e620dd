//! Reasons: what the collector answered, in one line for a person and without secrets.

use std::fmt::Write as _;
use std::time::Duration;

use tidings_core::text::is_dangerous;
use tidings_http_client::Reply;

use crate::reply::Said;

/// The most characters of the server's own words that a reason repeats.
const WORDS_CHARS_MAX: usize = 120;

/// A reply, its words in one line and without secrets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) form: Form,
    pub(crate) said: Said,
}

/// What the body of a reply is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// A JSON object, as the collector answers.
    Json,
    /// Nothing, or blank.
    #[default]
    Empty,
    /// Something else: it is not the collector that answers.
    Foreign,
    /// Not all of it was read: it broke off, or is too long.
    CutOff,
}

impl Answer {
    /// Reads a reply; of one that says nothing as the collector does, the beginning are its
    /// words.
    pub(crate) fn read(reply: &Reply) -> Self {
        let read = Said::read(reply.body());
        let form = match &read {
            _ if !reply.is_complete() => Form::CutOff,
            Some(_) => Form::Json,
            None if reply.body().trim_ascii().is_empty() => Form::Empty,
            None => Form::Foreign,
        };
        let mut said = read.unwrap_or_default();
        let is_strange = said.text.is_empty() && said.code.is_none();
        said.text = one_line(&if is_strange { reply.excerpt() } else { reply.scrub(&said.text) });
        Self { status: reply.status(), retry_after: reply.retry_after(), form, said }
    }

    /// Whether the status is 2xx.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// `splunk answered 403 with code 4, Invalid token: what to do`.
pub(crate) fn reason(answer: &Answer, advice: &str) -> String {
    let mut text = format!("splunk answered {}", answer.status);
    if let Some(code) = answer.said.code {
        write!(text, " with code {code}").expect("a string takes every text");
    }
    for (separator, part) in [(", ", &*answer.said.text), (": ", advice)] {
        if !part.is_empty() {
            text.push_str(separator);
            text.push_str(part);
        }
    }
    text
}

/// `splunk answered 200 with something that is no answer of the event collector: <html>: what
/// to do`: for a success that does not say what the collector says then.
pub(crate) fn strange(answer: &Answer, advice: &str) -> String {
    let what = match answer.form {
        Form::Json if answer.said.code.is_some() => return reason(answer, advice),
        Form::Json | Form::Foreign => "with something that is no answer of the event collector",
        Form::Empty => "without a word",
        Form::CutOff => "with an answer of which a part is missing",
    };
    let mut text = format!("splunk answered {} {what}", answer.status);
    for part in [&*answer.said.text, advice] {
        if !part.is_empty() {
            text.push_str(": ");
            text.push_str(part);
        }
    }
    text
}

fn one_line(words: &str) -> String {
    let mut shown = words.chars().filter(|c| !is_dangerous(*c));
    let mut line: String = shown.by_ref().take(WORDS_CHARS_MAX).collect();
    if shown.next().is_some() {
        line.push('…');
    }
    line.trim().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_server_stay_in_one_short_line() {
        assert_eq!(one_line(" bad\r\n\u{1b}[31m\u{202e}event.\n"), "bad[31mevent");
        let long = one_line(&"ü".repeat(1_000));
        assert_eq!(long, format!("{}…", "ü".repeat(WORDS_CHARS_MAX)));
    }

    #[test]
    fn what_was_not_said_leaves_no_gap() {
        let answer = Answer { status: 503, ..Answer::default() };
        assert_eq!(reason(&answer, ""), "splunk answered 503");
        assert_eq!(reason(&answer, "wait"), "splunk answered 503: wait");
    }
}
