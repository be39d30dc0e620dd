//! Prefixes and interests against an oracle that tries everything.
//!
//! The first line is an event type, the others are entries of an interest.

use tidings_core::{EventType, Interest, Prefix};

pub(crate) const WORDS: &[&str] = &[
    "*", "**", ".", "a", "b", "tidings", "\n", "!", "=", "**.", ".**", "*.", "a.b", "!**", "=a",
    "é", "\0",
];

pub(crate) fn run(data: &[u8]) {
    let text = &*String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let name = lines.next().unwrap_or_default();
    let Ok(event_type) = EventType::foreign(name) else { return };
    let entries: Vec<&str> = lines.take(8).collect();
    for entry in &entries {
        let Ok(prefix) = Prefix::parse(entry) else { continue };
        assert_eq!(prefix.matches(&event_type), matches(prefix.as_str(), name), "{prefix} {name}");
        assert_eq!(Prefix::parse(prefix.as_str()).as_ref(), Ok(&prefix));
    }
    let Ok(interest) = Interest::parse(&entries) else { return };
    let wanted = interest.matches(&event_type);
    assert_eq!(wanted, is_wanted(&entries, name), "{entries:?} {name}");
    let again = Interest::parse(interest.entries()).expect("what an interest says can be read");
    assert_eq!(again.matches(&event_type), wanted, "{entries:?} {name}");
    assert!(!(wanted && interest.excludes(&event_type)));
}

fn is_wanted(entries: &[&str], name: &str) -> bool {
    let excluded = entries.iter().filter_map(|entry| entry.strip_prefix('!'));
    let exact = entries.iter().filter_map(|entry| entry.strip_prefix('='));
    let mut prefixes = entries.iter().filter(|entry| !entry.starts_with(['!', '='])).peekable();
    let everything = prefixes.peek().is_none() && exact.clone().next().is_none();
    let mut wanted = everything && !is_reserved(name);
    wanted |= exact.clone().any(|exact| exact == name);
    wanted |= prefixes.any(|prefix| matches(trimmed(prefix), name));
    wanted && !excluded.map(trimmed).any(|prefix| matches(prefix, name))
}

fn trimmed(prefix: &str) -> &str {
    prefix.strip_suffix('.').unwrap_or(prefix)
}

fn is_reserved(name: &str) -> bool {
    name.split('.').next() == Some("tidings")
}

fn matches(prefix: &str, name: &str) -> bool {
    let pattern: Vec<&str> = prefix.split('.').collect();
    let segments: Vec<&str> = name.split('.').collect();
    if is_reserved(name) && pattern[0] != "tidings" {
        return false;
    }
    // Each row: whether the pattern up to there can stand for the first so many segments.
    let mut row = vec![false; segments.len() + 1];
    row[0] = true;
    for part in pattern {
        let before = row.clone();
        for end in 0..row.len() {
            row[end] = match part {
                "**" => before[..=end].contains(&true),
                "*" => end > 0 && before[end - 1],
                literal => end > 0 && before[end - 1] && segments[end - 1] == literal,
            };
        }
    }
    row.contains(&true)
}
