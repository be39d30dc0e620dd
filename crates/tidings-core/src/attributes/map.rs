//! An immutable, shared map of names to JSON values.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// The most levels of lists and objects that a value keeps.
pub const ATTRIBUTE_DEPTH_MAX: usize = 32;

/// Names and their JSON values, in the order of the names; cheap to clone.
///
/// Names and values are any text and any JSON, and nothing limits how many there are; all
/// of them go with every event of their author, so keep them small. A value nested deeper
/// than [`ATTRIBUTE_DEPTH_MAX`] levels, which readers of a journal might refuse, is
/// replaced by its JSON text.
///
/// ```
/// use tidings_core::Attributes;
///
/// let attributes = Attributes::new().with("application", "MyApp").with("attempt", 2);
/// assert_eq!(attributes.get("attempt"), Some(&2.into()));
/// assert_eq!(attributes.text("application"), Some("MyApp"));
/// ```
#[derive(Clone, Default)]
pub struct Attributes(Option<Arc<BTreeMap<Box<str>, Value>>>);

impl Attributes {
    /// None at all; does not allocate.
    pub const fn new() -> Self {
        Self(None)
    }

    /// The same with `name` set to `value`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// Sets `name` to `value`, replacing an earlier value.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        let map = Arc::make_mut(self.0.get_or_insert_default());
        map.insert(name.into(), bounded(value.into()));
    }

    /// These with `later` on top: of a name that both have, the later value counts.
    #[must_use]
    pub fn merged(&self, later: &Self) -> Self {
        match (&self.0, &later.0) {
            (_, None) => self.clone(),
            (None, _) => later.clone(),
            (Some(earlier), Some(later)) => {
                let mut map = BTreeMap::clone(earlier);
                map.extend(later.iter().map(|(name, value)| (name.clone(), value.clone())));
                Self(Some(Arc::new(map)))
            }
        }
    }

    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.as_ref()?.get(name)
    }

    /// The value of `name` when it is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().flat_map(|map| map.iter()).map(|(name, value)| (&**name, value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |map| map.len())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn bounded(value: Value) -> Value {
    if is_deeper_than(&value, ATTRIBUTE_DEPTH_MAX) {
        return Value::String(value.to_string());
    }
    value
}

fn is_deeper_than(value: &Value, levels: usize) -> bool {
    let below = |inner| is_deeper_than(inner, levels - 1);
    match value {
        Value::Array(list) => levels == 0 || list.iter().any(below),
        Value::Object(map) => levels == 0 || map.values().any(below),
        _ => false,
    }
}

impl<K: AsRef<str>, V: Into<Value>> FromIterator<(K, V)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut attributes = Self::new();
        for (name, value) in pairs {
            attributes.set(name.as_ref(), value);
        }
        attributes
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl PartialEq for Attributes {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = BTreeMap::<Box<str>, Value>::deserialize(deserializer)?;
        let bounded = map.into_iter().map(|(name, value)| (name, bounded(value)));
        let map: BTreeMap<_, _> = bounded.collect();
        Ok(Self((!map.is_empty()).then(|| Arc::new(map))))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn nested(levels: usize) -> Value {
        (0..levels).fold(json!(1), |inner, _| json!([inner]))
    }

    #[test]
    fn the_later_value_of_a_name_counts() {
        let first = Attributes::new().with("a", 1).with("b", 1);
        let both = first.merged(&Attributes::new().with("b", 2).with("c", 2));
        let values: Vec<_> = both.iter().map(|(name, value)| (name, value.clone())).collect();
        assert_eq!(values, [("a", json!(1)), ("b", json!(2)), ("c", json!(2))]);
        assert_eq!(first.get("b"), Some(&json!(1)), "the original is as it was");
    }

    #[test]
    fn a_value_nested_too_deep_is_kept_as_its_text() {
        let deepest = Attributes::new().with("a", nested(ATTRIBUTE_DEPTH_MAX));
        assert_eq!(deepest.get("a"), Some(&nested(ATTRIBUTE_DEPTH_MAX)));
        let deeper = nested(ATTRIBUTE_DEPTH_MAX + 1);
        let text = deeper.to_string();
        let attributes = Attributes::new().with("a", deeper.clone());
        assert_eq!(attributes.text("a"), Some(&*text));
        let read: Attributes = serde_json::from_value(json!({ "a": deeper })).expect("a map");
        assert_eq!(read, attributes);
    }

    #[test]
    fn a_map_without_names_is_no_attributes_at_all() {
        let read: Attributes = serde_json::from_str("{}").expect("a map");
        assert!(read.is_empty());
        assert_eq!(read, Attributes::new());
    }
}
