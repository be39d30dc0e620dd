//! Texts of a run, cut to a size.

use serde::Serialize;

/// The most bytes of a name, a path or a reason that the page shows.
pub const NAME_BYTES_MAX: usize = 1_024;

/// The most bytes of any other text; the reducer keeps less of almost all of them.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// A name, a path, a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Name(pub(super) Box<str>);

/// Anything longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Text(Box<str>);

impl Name {
    pub(crate) fn new(text: &str) -> Self {
        Self(cut(text, NAME_BYTES_MAX))
    }
}

impl Text {
    pub(super) fn new(text: &str) -> Self {
        Self(cut(text, TEXT_BYTES_MAX))
    }
}

fn cut(text: &str, bytes_max: usize) -> Box<str> {
    if text.len() <= bytes_max {
        return text.into();
    }
    let kept = &text[..text.floor_char_boundary(bytes_max)];
    let left_out = text.len() - kept.len();
    format!("{kept}… [{left_out} bytes left out]").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_at_a_character_and_says_how_much_is_missing() {
        let name = Name::new(&"xé".repeat(NAME_BYTES_MAX));
        let kept = format!("{}x… [2048 bytes left out]", "xé".repeat(341));
        assert_eq!(*name.0, *kept);
        let fits = "x".repeat(NAME_BYTES_MAX);
        assert_eq!(*Name::new(&fits).0, *fits);
    }
}
