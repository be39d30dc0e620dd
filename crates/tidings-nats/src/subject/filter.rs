//! Interests as filters of subjects.
//!
//! A filter is a help for the server: it may let more through than is wanted, never less. The
//! receiver looks at each event again.

use tidings_core::{Interest, Prefix, Segment};

use super::{Root, push_token};

/// The most filters of one consumer; with more, everything is asked for.
const FILTERS_MAX: usize = 32;

/// The filters of a consumer that wants this of a run, or of all.
///
/// There is one at least, and no subject fits two of them, which servers refuse. A server that
/// knows `single` filters only is asked for all types.
pub(crate) fn filters(
    root: &Root,
    run: Option<&str>,
    interest: &Interest,
    single: bool,
) -> Vec<String> {
    let mut base = root.as_str().to_owned();
    base.push('.');
    match run {
        Some(run) => push_token(run, &mut base),
        None => base.push('*'),
    }
    let whole = vec![format!("{base}.*.>")];
    let mut found: Vec<String> = Vec::new();
    base.push_str(".*");
    for entry in interest.entries() {
        match of_entry(&base, &entry) {
            Entry::Nothing => {}
            Entry::Everything => return whole,
            Entry::Some(filters) => found.extend(filters),
        }
    }
    found.sort_unstable();
    found.dedup();
    let all = found.clone();
    found.retain(|filter| !all.iter().any(|other| other != filter && covers(other, filter)));
    let overlap = found
        .iter()
        .enumerate()
        .any(|(index, filter)| found[index + 1..].iter().any(|other| overlaps(filter, other)));
    let too_many = found.len() > if single { 1 } else { FILTERS_MAX };
    if found.is_empty() || overlap || too_many { whole } else { found }
}

enum Entry {
    Nothing,
    Everything,
    Some(Vec<String>),
}

/// What one entry of an interest adds.
fn of_entry(base: &str, entry: &str) -> Entry {
    if entry.starts_with('!') {
        return Entry::Nothing;
    }
    let mut filter = base.to_owned();
    if let Some(exact) = entry.strip_prefix('=') {
        for segment in exact.split('.') {
            filter.push('.');
            push_token(segment, &mut filter);
        }
        return Entry::Some(vec![filter]);
    }
    let Ok(prefix) = Prefix::parse(entry) else { return Entry::Everything };
    for segment in prefix.segments() {
        match segment {
            Segment::Literal(text) => {
                filter.push('.');
                push_token(text, &mut filter);
            }
            Segment::One => filter.push_str(".*"),
            // What comes behind it is looked at by the receiver.
            _ => break,
        }
    }
    if filter == base {
        return Entry::Everything;
    }
    let below = format!("{filter}.>");
    Entry::Some(vec![filter, below])
}

/// Whether every subject that fits `narrow` fits `wide`.
pub(crate) fn covers(wide: &str, narrow: &str) -> bool {
    let (mut wide, mut narrow) = (wide.split('.'), narrow.split('.'));
    loop {
        match (wide.next(), narrow.next()) {
            (None, None) | (Some(">"), Some(_)) => return true,
            (Some("*"), Some(token)) if token != ">" => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

/// Whether some subject fits both.
fn overlaps(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.split('.'), other.split('.'));
    loop {
        match (one.next(), other.next()) {
            (None, None) | (Some(">"), Some(_)) | (Some(_), Some(">")) => return true,
            (Some("*"), Some(_)) | (Some(_), Some("*")) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tidings_core::EventType;

    use super::*;

    fn root() -> Root {
        Root::parse("t").expect("a root")
    }

    fn of(entries: &[&str], single: bool) -> Vec<String> {
        filters(&root(), None, &Interest::parse(entries).expect("an interest"), single)
    }

    #[test]
    fn a_prefix_is_its_name_and_all_below() {
        assert_eq!(of(&["test.case"], false), ["t.*.*.test.case", "t.*.*.test.case.>"]);
        assert_eq!(of(&["=test.case"], true), ["t.*.*.test.case"]);
        assert_eq!(of(&["test.*.x"], false), ["t.*.*.test.*.x", "t.*.*.test.*.x.>"]);
        assert_eq!(of(&["test.**.x"], false), ["t.*.*.test", "t.*.*.test.>"]);
        assert_eq!(of(&["Fremd ü"], false)[0], "t.*.*.Fremd%20%C3%BC");
    }

    #[test]
    fn what_cannot_be_said_in_filters_asks_for_everything() {
        for entries in [&["**"][..], &["!test"], &["a.*.c", "a.b.*"], &["**.x"], &[]] {
            assert_eq!(of(entries, false), ["t.*.*.>"], "{entries:?}");
        }
        assert_eq!(of(&["test.case"], true), ["t.*.*.>"]);
        assert_eq!(of(&["test", "test.case", "!test.output"], false).len(), 2);
    }

    #[test]
    fn a_run_is_always_filtered() {
        let interest = Interest::parse(["a"]).expect("an interest");
        assert_eq!(filters(&root(), Some("r 1"), &interest, true), ["t.r%201.*.>"]);
        let both = filters(&root(), Some("r 1"), &interest, false);
        assert_eq!(both, ["t.r%201.*.a", "t.r%201.*.a.>"]);
    }

    #[test]
    fn covering_is_by_whole_tokens() {
        for (wide, narrow, expected) in [
            ("t.>", "t.a.b", true),
            ("t.>", "t", false),
            ("t.>", "t.>", true),
            ("t.*", "t.>", false),
            ("t.*.>", "t.>", false),
            (">", "t.>", true),
            ("t.a", "t.ab", false),
        ] {
            assert_eq!(covers(wide, narrow), expected, "{wide} {narrow}");
        }
    }

    proptest! {
        /// No event that is wanted is filtered out, and no subject fits two filters.
        #[test]
        fn filters_let_through_whatever_is_wanted(
            entries in prop::collection::vec(
                prop::collection::vec(prop::sample::select(vec!["a", "b", "*", "**"]), 1..4),
                1..4,
            ),
            exact in any::<bool>(),
            name in prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 1..5),
            single in any::<bool>(),
        ) {
            let mut texts: Vec<String> = entries.iter().map(|entry| entry.join(".")).collect();
            if exact {
                texts.push("=a.b".to_owned());
            }
            let interest = Interest::parse(&texts).expect("good");
            let event_type = EventType::foreign(&name.join(".")).expect("good");
            let mut subject = String::new();
            super::super::encode(&root(), "run", "node", &event_type, &mut subject);
            let filters = filters(&root(), None, &interest, single);
            let fitting = filters.iter().filter(|filter| covers(filter, &subject)).count();
            prop_assert!(fitting <= 1, "{:?}", filters);
            prop_assert!(!single || filters.len() == 1);
            if interest.matches(&event_type) {
                prop_assert_eq!(fitting, 1, "{:?} {}", filters, subject);
            }
        }
    }
}
