//! Why an event does not match: another event, a field, or the guard.
//!
//! Also says how far away it is, so that the nearest miss is the one that is shown.

use tidings_core::{DecodeError, Envelope};

use crate::report::text;

/// What taking a pattern apart found out about one event; filled by generated code.
#[derive(Debug, Default)]
pub struct Explain {
    cases: Vec<CaseReport>,
    guard: Option<String>,
    guarded: Option<Guarded>,
    fault: Option<String>,
}

/// One alternative of a pattern.
#[derive(Debug)]
pub(crate) struct CaseReport {
    pub(crate) path: &'static str,
    pub(crate) mentions: &'static [&'static str],
    holds: bool,
    /// Names and sub-patterns of the fields that agree.
    pub(crate) agreed: Vec<(&'static str, &'static str)>,
    pub(crate) misses: Vec<Field>,
}

/// The pattern before a guard, and what the guard asks.
#[derive(Debug)]
pub(crate) struct Guarded {
    pub(crate) pattern: &'static str,
    /// The names that the pattern binds and the guard uses.
    pub(crate) names: &'static [&'static str],
    /// What the guard compares, if it does nothing else; none if the pattern does not match.
    pub(crate) equalities: Vec<Equality>,
}

/// A binding, the literal it is compared with, and the Debug text it has.
#[derive(Debug)]
pub(crate) struct Equality {
    pub(crate) left: &'static str,
    pub(crate) right: &'static str,
    pub(crate) actual: String,
}

/// A field that differs.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) expected: &'static str,
    actual: String,
}

/// A place in the alignment where one side has nothing costs this much.
pub(crate) const GAP: u32 = 10;
const OTHER_TYPE: u32 = 2 * GAP - 1;
const OTHER_EVENT: u32 = 2 * GAP - 2;

impl Explain {
    /// Nothing found out yet.
    pub fn new() -> Self {
        Self::default()
    }

    pub(crate) fn of_another_type(path: &'static str) -> Self {
        let mut explain = Self::new();
        explain.fault = Some(format!("expected an event of `{path}`"));
        explain
    }

    pub(crate) fn unreadable(error: &DecodeError) -> Self {
        let mut explain = Self::new();
        explain.fault = Some(error.to_string());
        explain
    }

    /// The next alternative: its path, the fields it names, and whether the path matches.
    pub fn case(&mut self, path: &'static str, mentions: &'static [&'static str], holds: bool) {
        self.cases.push(CaseReport {
            path,
            mentions,
            holds,
            agreed: Vec::new(),
            misses: Vec::new(),
        });
    }

    /// A field of the last alternative agrees.
    pub fn agrees(&mut self, name: &'static str, expected: &'static str) {
        if let Some(case) = self.cases.last_mut() {
            case.agreed.push((name, expected));
        }
    }

    /// A field of the last alternative differs.
    pub fn field(&mut self, name: &'static str, expected: &'static str, actual: &str) {
        if let Some(case) = self.cases.last_mut() {
            case.misses.push(Field { name, expected, actual: actual.to_owned() });
        }
    }

    /// There is a guard behind this pattern, and these of its names the guard uses.
    pub fn guarded(&mut self, pattern: &'static str, names: &'static [&'static str]) {
        self.guarded = Some(Guarded { pattern, names, equalities: Vec::new() });
    }

    /// The guard compares a binding with a literal.
    pub fn equality(&mut self, left: &'static str, right: &'static str, actual: String) {
        if let Some(guarded) = &mut self.guarded {
            guarded.equalities.push(Equality { left, right, actual });
        }
    }

    /// The pattern matches; so it is the guard that does not hold.
    pub fn guard(&mut self, guard: &'static str, values: &[(&'static str, String)]) {
        let values: Vec<String> =
            values.iter().map(|(name, value)| format!("{name} = {}", text::value(value))).collect();
        let values = match values.len() {
            0 => String::new(),
            _ => format!(" ({})", values.join(", ")),
        };
        self.guard = Some(format!("guard `{guard}` is false{values}"));
    }

    /// The alternative whose path matches and of which the fewest fields differ.
    pub(crate) fn nearest(&self) -> Option<&CaseReport> {
        self.cases.iter().filter(|case| case.holds).min_by_key(|case| case.misses.len())
    }

    /// The guard, whether it was reached or not.
    pub(crate) fn guard_asked(&self) -> Option<&Guarded> {
        self.guarded.as_ref()
    }

    /// The path of the first alternative.
    pub(crate) fn first_path(&self) -> Option<&'static str> {
        self.cases.first().map(|case| case.path)
    }

    /// How far away it is: the same event with another field is nearer than another event,
    /// and none is so far that "one missing, one too many" would say it better.
    pub(crate) fn distance(&self) -> u32 {
        match self.nearest() {
            Some(case) => {
                let (misses, agreed) = (case.misses.len(), case.agreed.len());
                let share = 6 * misses / (misses + agreed).max(1);
                5 + u32::try_from(share + misses.min(1)).unwrap_or(GAP)
            }
            None if self.cases.is_empty() => OTHER_TYPE,
            None => OTHER_EVENT,
        }
    }

    /// Whether it is at least the same event.
    pub(crate) fn is_same_event(&self) -> bool {
        self.nearest().is_some()
    }

    /// What differs, one line for each reason.
    pub(crate) fn reasons(&self, envelope: &Envelope) -> Vec<String> {
        if let Some(case) = self.nearest() {
            let mut reasons: Vec<String> = case.misses.iter().map(Field::reason).collect();
            if reasons.is_empty() {
                reasons.extend(self.guard.clone());
            }
            return reasons;
        }
        let actual = text::escaped(envelope.event_type().as_str());
        if let Some(fault) = &self.fault {
            return vec![format!("{fault}, got {actual}")];
        }
        let paths: Vec<String> = self.cases.iter().map(|case| format!("`{}`", case.path)).collect();
        vec![format!("expected {}, got {actual}", paths.join(" or "))]
    }
}

impl Field {
    fn reason(&self) -> String {
        let Self { name, expected, actual } = self;
        format!("field `{name}`: expected {expected}, got {}", text::value(actual))
    }
}
