//! Keys: short texts that name a suite or a node, the same at any moment of a run.
//!
//! A place in a list would change as others come in between.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tidings_core::Entity;

/// How many hexadecimal digits a key has: enough that no two suites of a run share one.
const DIGITS: usize = 12;

/// The key of a suite or of a node.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub(super) struct Key(Arc<str>);

fn key_of(parts: &[&str]) -> Key {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digits = hash.finalize().into_iter().take(DIGITS / 2).map(|byte| format!("{byte:02x}"));
    Key(digits.collect::<String>().into())
}

/// The keys of one model, each made once.
#[derive(Debug, Default)]
pub(super) struct Keys {
    suites: HashMap<Entity, Key>,
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    run: Box<str>,
    name: Box<str>,
    key: Key,
}

impl Keys {
    /// The key of a suite by its path.
    pub(super) fn suite(&mut self, path: &Entity) -> Key {
        if let Some(known) = self.suites.get(path) {
            return known.clone();
        }
        let key = key_of(&[path.canonical_json()]);
        self.suites.insert(path.clone(), key.clone());
        key
    }

    /// The key of a node of a run.
    pub(super) fn node(&mut self, run: &str, node: &str) -> Key {
        let is_it = |known: &&Node| *known.run == *run && *known.name == *node;
        if let Some(known) = self.nodes.iter().find(is_it) {
            return known.key.clone();
        }
        let key = key_of(&[run, node]);
        self.nodes.push(Node { run: run.into(), name: node.into(), key: key.clone() });
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_depends_on_where_a_part_ends() {
        assert_ne!(key_of(&["ab", "c"]), key_of(&["a", "bc"]));
        assert_eq!(key_of(&["ab"]).0.len(), DIGITS);
    }
}
