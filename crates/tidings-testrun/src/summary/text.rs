//! Texts cut to a size, at a boundary of characters.

use crate::vocabulary::Failure;

use super::limits::FAILURE_TEXT_BYTES_MAX;

/// The longest beginning of `text` of at most `bytes`.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// The longest end of `text` of at most `bytes`.
pub(super) fn tail(text: &str, bytes: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(bytes))..]
}

fn cut(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let dropped = text.len() - bytes_max;
    format!("{}\n[{dropped} bytes left out]", head(text, bytes_max))
}

/// The failure, each of its texts cut to the limit.
pub(super) fn bounded(failure: &Failure) -> Box<Failure> {
    bounded_to(failure, FAILURE_TEXT_BYTES_MAX)
}

/// How many bytes the texts of a failure have.
pub(super) fn bytes_of(failure: &Failure) -> usize {
    let texts = [&failure.details, &failure.expected, &failure.actual];
    let causes = failure.causes.iter().map(|cause| cause.message.len());
    let texts = texts.into_iter().flatten().map(String::len);
    failure.message.len() + texts.chain(causes).sum::<usize>()
}

/// The failure, each of its texts cut to this size.
pub(super) fn bounded_to(failure: &Failure, bytes_max: usize) -> Box<Failure> {
    let cut = |text: &str| cut(text, bytes_max);
    let cut_option = |text: &Option<String>| text.as_deref().map(cut);
    let mut kept = Failure::new(failure.kind, cut(&failure.message));
    kept.class = cut_option(&failure.class);
    kept.details = cut_option(&failure.details);
    kept.expected = cut_option(&failure.expected);
    kept.actual = cut_option(&failure.actual);
    kept.location.clone_from(&failure.location);
    for cause in failure.causes.iter().take(crate::vocabulary::CAUSES_MAX) {
        let mut cause = cause.clone();
        cause.message = cut(&cause.message);
        kept.causes.push(cause);
    }
    Box::new(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(head("aéé", 2), "a");
        assert_eq!(tail("ééa", 2), "a");
        assert_eq!((head("ab", 9), tail("ab", 9)), ("ab", "ab"));
    }

    #[test]
    fn a_long_failure_says_how_much_was_left_out() {
        let failure = Failure::assertion("x").with_details("d".repeat(FAILURE_TEXT_BYTES_MAX + 7));
        let details = bounded(&failure).details.expect("kept");
        assert!(details.ends_with("d\n[7 bytes left out]"));
        let fits = Failure::assertion("x").with_details("d".repeat(FAILURE_TEXT_BYTES_MAX));
        assert_eq!(*bounded(&fits), fits);
    }
}
