//! Entities: what an event is about.
//!
//! A path is immutable and shared; its canonical JSON is made once, when the path is,
//! because every content id and every wire format needs it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// The most `(kind, id)` pairs a path may have.
pub const ENTITY_DEPTH_MAX: usize = 64;

/// A path of `(kind, id)` pairs, outermost first: `suite/a_SUITE`, `group/g1`, `case/t1`.
///
/// Kinds and ids are any text; each medium escapes what it must. A path has at least one
/// pair, and at most [`ENTITY_DEPTH_MAX`].
///
/// ```
/// use tidings_core::Entity;
///
/// let case = Entity::new("suite", "a_SUITE").child("case", "t1");
/// assert_eq!(case.to_string(), "suite/a_SUITE/case/t1");
/// assert_eq!(case.canonical_json(), r#"[["suite","a_SUITE"],["case","t1"]]"#);
/// assert!(case.starts_with(&Entity::new("suite", "a_SUITE")));
/// ```
#[derive(Clone)]
pub struct Entity(Arc<Path>);

struct Path {
    pairs: Box<[(Box<str>, Box<str>)]>,
    canonical_json: Box<str>,
}

impl Entity {
    /// A path of one pair.
    pub fn new(kind: &str, id: &str) -> Self {
        Self::from_pairs(vec![(kind.into(), id.into())])
    }

    /// Makes a path from its pairs, outermost first.
    ///
    /// # Errors
    ///
    /// [`InvalidEntity`] when there is no pair, or more than [`ENTITY_DEPTH_MAX`].
    pub fn from_path<K: AsRef<str>, I: AsRef<str>>(
        pairs: impl IntoIterator<Item = (K, I)>,
    ) -> Result<Self, InvalidEntity> {
        let pairs: Vec<(Box<str>, Box<str>)> = pairs
            .into_iter()
            .take(ENTITY_DEPTH_MAX + 1)
            .map(|(kind, id)| (kind.as_ref().into(), id.as_ref().into()))
            .collect();
        match pairs.len() {
            0 => Err(InvalidEntity::Empty),
            1..=ENTITY_DEPTH_MAX => Ok(Self::from_pairs(pairs)),
            _ => Err(InvalidEntity::TooDeep),
        }
    }

    /// The same path, one pair longer.
    ///
    /// At [`ENTITY_DEPTH_MAX`] pairs the innermost pair is replaced instead, so that a
    /// runaway recursion in a test costs neither memory nor the test.
    #[must_use]
    pub fn child(&self, kind: &str, id: &str) -> Self {
        let kept = self.depth().min(ENTITY_DEPTH_MAX - 1);
        let mut pairs = self.0.pairs[..kept].to_vec();
        pairs.push((kind.into(), id.into()));
        Self::from_pairs(pairs)
    }

    fn from_pairs(pairs: Vec<(Box<str>, Box<str>)>) -> Self {
        let canonical_json = crate::json::to_string(&pairs)
            .expect("a list of pairs of strings always has a JSON form");
        Self(Arc::new(Path { pairs: pairs.into(), canonical_json: canonical_json.into() }))
    }

    /// The pairs, outermost first.
    pub fn pairs(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> + ExactSizeIterator {
        self.0.pairs.iter().map(|(kind, id)| (&**kind, &**id))
    }

    /// How many pairs the path has, at least one.
    pub fn depth(&self) -> usize {
        self.0.pairs.len()
    }

    /// The kind of the innermost pair.
    pub fn kind(&self) -> &str {
        &self.innermost().0
    }

    /// The id of the innermost pair.
    pub fn id(&self) -> &str {
        &self.innermost().1
    }

    fn innermost(&self) -> &(Box<str>, Box<str>) {
        self.0.pairs.last().expect("a path has at least one pair")
    }

    /// The path without its innermost pair, if anything is left.
    pub fn parent(&self) -> Option<Self> {
        match self.depth() {
            1 => None,
            depth => Some(Self::from_pairs(self.0.pairs[..depth - 1].to_vec())),
        }
    }

    /// Whether `outer` is this path or one of those around it.
    pub fn starts_with(&self, outer: &Self) -> bool {
        self.0.pairs.starts_with(&outer.0.pairs)
    }

    /// `[["kind","id"],…]` by RFC 8785, as it stands in the `entity` attribute on the wire.
    pub fn canonical_json(&self) -> &str {
        &self.0.canonical_json
    }

    /// Reads [`canonical_json`](Self::canonical_json) back.
    ///
    /// # Errors
    ///
    /// [`InvalidEntity`] when the text is no list of pairs of strings, or breaks a limit.
    pub fn from_json(text: &str) -> Result<Self, InvalidEntity> {
        let pairs: Vec<(String, String)> =
            serde_json::from_str(text).map_err(|fault| InvalidEntity::Json(fault.to_string()))?;
        Self::from_path(pairs)
    }
}

/// Why something is no entity path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidEntity {
    /// There was no pair.
    #[error("an entity path needs at least one (kind, id) pair")]
    Empty,
    /// There were more than [`ENTITY_DEPTH_MAX`] pairs.
    #[error("an entity path has at most {ENTITY_DEPTH_MAX} (kind, id) pairs")]
    TooDeep,
    /// The text was no JSON of the shape `[["kind","id"],…]`.
    #[error("an entity path is written [[\"kind\",\"id\"],…]: {0}")]
    Json(String),
}

impl fmt::Display for Entity {
    /// `kind/id/kind/id…` as it is, control characters included; [`Debug`] escapes them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (kind, id)) in self.pairs().enumerate() {
            let slash = if index == 0 { "" } else { "/" };
            write!(f, "{slash}{kind}/{id}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entity({:?})", self.to_string())
    }
}

impl PartialEq for Entity {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.canonical_json == other.0.canonical_json
    }
}

impl Eq for Entity {}

impl Hash for Entity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.canonical_json.hash(state);
    }
}

impl PartialOrd for Entity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entity {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.pairs.cmp(&other.0.pairs)
    }
}

impl Serialize for Entity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.pairs.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Entity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = Vec::<(String, String)>::deserialize(deserializer)?;
        Self::from_path(pairs).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_json_reads_back_to_the_same_path() {
        let entity = Entity::new("suite", "a \"b\"/c").child("case", "ü\n");
        let again = Entity::from_json(entity.canonical_json()).expect("its own text");
        assert_eq!(again, entity);
        assert_eq!(again.id(), "ü\n");
    }

    #[test]
    fn entities_are_equal_when_their_paths_are() {
        let case = || Entity::new("suite", "a").child("case", "1");
        assert_eq!(case(), case());
        for other in [
            Entity::new("suite", "a"),
            Entity::new("suite", "a").child("case", "2"),
            Entity::new("suite", "a").child("step", "1"),
            Entity::new("suite", "b").child("case", "1"),
            case().child("step", "1"),
            Entity::new("suite", "a/case/1"),
        ] {
            assert_ne!(case(), other);
            assert_ne!(case().cmp(&other), std::cmp::Ordering::Equal, "{other}");
        }
    }

    #[test]
    fn a_path_deeper_than_the_limit_keeps_its_depth() {
        let mut entity = Entity::new("n", "0");
        for number in 1..200 {
            entity = entity.child("n", &number.to_string());
        }
        assert_eq!(entity.depth(), ENTITY_DEPTH_MAX);
        assert_eq!(entity.id(), "199");
    }

    #[test]
    fn a_path_without_pairs_is_refused() {
        assert_eq!(Entity::from_json("[]"), Err(InvalidEntity::Empty));
        assert!(Entity::from_json("{}").is_err());
        let deep = vec![("k", "i"); ENTITY_DEPTH_MAX + 1];
        assert_eq!(Entity::from_path(deep), Err(InvalidEntity::TooDeep));
    }
}
