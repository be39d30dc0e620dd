//! The known word that was probably meant.

/// What is longer is no slip of any word.
const WORD_BYTES_MAX: usize = 100;

/// The word of `known` that `word` is a slip of, if any.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // To compare takes as long as both words, one multiplied by the other.
    if word.len() > WORD_BYTES_MAX {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace('-', "_");
    let word = plain(word);
    let distances = known.into_iter().map(|known| {
        let plain = plain(known);
        (strsim::damerau_levenshtein(&word, &plain), known.len().max(word.len()), known)
    });
    // One slip in three letters, and always one.
    let near = distances.filter(|(distance, len, _)| *distance <= (len / 3).max(1));
    near.min_by_key(|(distance, ..)| *distance).map(|(.., known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_leads_to_the_word_that_was_meant_and_nonsense_to_none() {
        let known = ["interest", "interval_ms", "url"];
        assert_eq!(nearest("intrest", known), Some("interest"));
        assert_eq!(nearest("Interval-ms", known), Some("interval_ms"));
        assert_eq!(nearest("uri", known), Some("url"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest(&"url".repeat(1_000_000), known), None);
    }
}
