//! The commands, and the two ways to escape what is in them.
//!
//! GitHub decodes `%25`, `%0D` and `%0A` in the data of a command, and `%3A` and `%2C` in its
//! properties as well. What a terminal would act on is shown by its escape before.

use std::fmt::Write as _;

use crate::escape::{disarm, escape};

/// The most characters of a name in a command.
const NAME_CHARACTERS_MAX: usize = 200;

/// Ends a group.
pub(crate) const GROUP_END: &str = "::endgroup::\n";

/// Begins a group of this name.
pub(crate) fn group_begin(name: &str) -> String {
    format!("::group::{}\n", data(&short(name)))
}

/// An annotation in the making.
#[derive(Debug)]
pub(super) struct Annotation {
    text: String,
    has_properties: bool,
}

impl Annotation {
    /// `level` is `error` or `warning`.
    pub(super) fn new(level: &'static str) -> Self {
        Self { text: format!("::{level}"), has_properties: false }
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        let separator = if self.has_properties { ',' } else { ' ' };
        self.has_properties = true;
        let value = property(&short(value));
        write!(self.text, "{separator}{name}={value}").expect("a string takes every text");
        self
    }

    /// The whole command, with a line break; line breaks of the message stay.
    pub(super) fn message(mut self, message: &str) -> String {
        let lines: Vec<String> = message.lines().map(line).collect();
        self.text.push_str("::");
        self.text.push_str(&data(&lines.join("\n")));
        self.text.push('\n');
        self.text
    }
}

/// A line that is safe to show once the runner has decoded it.
fn line(text: &str) -> String {
    disarm(&escape(&text.replace('\t', "    "))).into_owned()
}

fn short(text: &str) -> String {
    let mut short: String = text.chars().take(NAME_CHARACTERS_MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    disarm(&escape(&short)).into_owned()
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn data_and_properties_are_escaped_as_documented() {
        let command = Annotation::new("error")
            .with("file", "a,b:c%.rs")
            .with("title", "x\n::error::y")
            .message("50% of a:b, c\n\n\t::set-output name=x::y\n\u{1b}[31m\r##[error]");
        assert_eq!(
            command,
            "::error file=a%2Cb%3Ac%25.rs,title=x\\n%3A%3Aerror%3A%3Ay::\
             50%25 of a:b, c%0A%0A    \\u{3a}:set-output name=x::y%0A\
             \\u{1b}[31m\\r#\\u{23}[error]\n"
        );
        assert_eq!(group_begin("a\r\n::b%"), "::group::a\\r\\n::b%25\n");
        assert_eq!(group_begin(&"ü".repeat(300)).chars().filter(|c| *c == 'ü').count(), 200);
    }

    proptest! {
        /// The first `::` behind the properties ends them, as the runner looks for it.
        #[test]
        fn a_command_is_one_line_and_its_message_comes_back(
            title in any::<String>(),
            message in "[a-z%:,# ]{0,20}",
        ) {
            let command = Annotation::new("error").with("title", &title).message(&message);
            prop_assert_eq!(command.matches('\n').count(), 1);
            prop_assert!(!command.contains('\r'));
            let (head, data) = command[2..].trim_end_matches('\n').split_once("::").unwrap();
            prop_assert!(!head.contains("##["));
            prop_assert_eq!(head.matches(',').count(), 0);
            prop_assert_eq!(data.replace("%25", "%"), disarm(&message));
        }
    }
}
