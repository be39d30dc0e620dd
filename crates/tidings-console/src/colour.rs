//! Colour and marks: what the terminal and the environment allow.
//!
//! One function decides each; the environment comes in as an argument, so that the rules
//! can be tested without touching the process.

/// Whether the output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ColourChoice {
    /// As the environment says, see [`decide`].
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Which characters the marks and lines are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum MarksChoice {
    /// As the locale says, see [`is_utf8_locale`].
    #[default]
    Auto,
    /// `✓` passed, `✗` failed, `○` skipped, `■` ended without a word on how, `●` running,
    /// `·` mentioned only; and box lines.
    Unicode,
    /// `+ x - = * .` in the same order, and ASCII lines.
    Ascii,
}

/// Decides on colour; the first rule that applies holds.
///
/// | rule | colour |
/// |---|---|
/// | `NO_COLOR` is set and not empty | no |
/// | `CLICOLOR_FORCE` is set and not `0` | yes |
/// | `FORCE_COLOR` is set and not empty | yes, but for `0` and `false` |
/// | `CLICOLOR` is `0` | no |
/// | `TERM` is `dumb` | no |
/// | the output is a terminal | yes |
///
/// ```
/// use tidings_console::decide;
///
/// let env = |name: &str| (name == "NO_COLOR").then(|| "1".to_owned());
/// assert!(!decide(&env, true));
/// assert!(decide(&|_: &str| None, true));
/// ```
pub fn decide(env: &impl Fn(&str) -> Option<String>, is_terminal: bool) -> bool {
    if env("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return false;
    }
    if env("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return true;
    }
    if let Some(value) = env("FORCE_COLOR").filter(|value| !value.is_empty()) {
        return value != "0" && value != "false";
    }
    if env("CLICOLOR").as_deref() == Some("0") || is_dumb(env) {
        return false;
    }
    is_terminal
}

/// Whether the terminal says that it cannot move its cursor.
pub(crate) fn is_dumb(env: &impl Fn(&str) -> Option<String>) -> bool {
    env("TERM").as_deref() == Some("dumb")
}

/// Whether the locale can show more than ASCII: the first of `LC_ALL`, `LC_CTYPE` and
/// `LANG` that is not empty names UTF-8. Windows has no such variables and always can.
///
/// ```
/// use tidings_console::is_utf8_locale;
///
/// let env = |name: &str| (name == "LANG").then(|| "en_GB.UTF-8".to_owned());
/// assert!(is_utf8_locale(&env));
/// ```
pub fn is_utf8_locale(env: &impl Fn(&str) -> Option<String>) -> bool {
    let deciding =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(env).find(|value| !value.is_empty());
    match deciding {
        Some(locale) => {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        }
        None => cfg!(windows),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(variables: &[(&str, &str)], is_terminal: bool) -> bool {
        decide(&environment(variables), is_terminal)
    }

    fn environment(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
        move |name| {
            let found = variables.iter().find(|(own, _)| *own == name);
            found.map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn without_a_word_the_terminal_decides() {
        assert!(decided(&[], true));
        assert!(!decided(&[], false));
    }

    #[test]
    fn no_color_beats_everything_unless_it_is_empty() {
        let forced = [("NO_COLOR", "0"), ("CLICOLOR_FORCE", "1"), ("FORCE_COLOR", "1")];
        assert!(!decided(&forced, true));
        assert!(decided(&[("NO_COLOR", "")], true));
        assert!(decided(&[("NO_COLOR", ""), ("FORCE_COLOR", "1")], false));
    }

    #[test]
    fn clicolor_force_beats_force_color() {
        let variables = [("CLICOLOR_FORCE", "1"), ("FORCE_COLOR", "0"), ("TERM", "dumb")];
        assert!(decided(&variables, false));
        assert!(!decided(&[("CLICOLOR_FORCE", "0")], false));
        assert!(decided(&[("CLICOLOR_FORCE", "0")], true));
    }

    #[test]
    fn force_color_beats_clicolor_and_the_terminal() {
        let variables = [("FORCE_COLOR", "3"), ("CLICOLOR", "0"), ("TERM", "dumb")];
        assert!(decided(&variables, false));
        assert!(!decided(&[("FORCE_COLOR", "0")], true));
        assert!(!decided(&[("FORCE_COLOR", "")], false));
    }

    #[test]
    fn clicolor_zero_and_a_dumb_terminal_beat_the_terminal() {
        assert!(!decided(&[("CLICOLOR", "0")], true));
        assert!(decided(&[("CLICOLOR", "1")], true));
        assert!(!decided(&[("CLICOLOR", "1")], false));
        assert!(!decided(&[("TERM", "dumb")], true));
        assert!(decided(&[("TERM", "xterm-256color")], true));
    }

    #[test]
    fn the_first_locale_that_is_set_decides() {
        let utf8 = |variables: &[(&str, &str)]| is_utf8_locale(&environment(variables));
        assert!(utf8(&[("LANG", "de_DE.UTF-8")]));
        assert!(utf8(&[("LANG", "C"), ("LC_ALL", "C.utf8")]));
        assert!(utf8(&[("LC_ALL", ""), ("LC_CTYPE", "en_US.UTF-8"), ("LANG", "C")]));
        assert!(!utf8(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]));
        assert!(!utf8(&[("LC_CTYPE", "de_DE.ISO-8859-1")]));
        assert_eq!(utf8(&[]), cfg!(windows));
    }
}
