//! The arena: a bounded number of nodes, and who goes first.
//!
//! A node that goes is already in the counts of the nodes around it; only its own line is
//! lost. Running nodes and nodes with kept children never go.

use std::collections::{HashMap, VecDeque};

use tidings_core::{Entity, Outcome};

use super::node::{Node, NodeId};

/// Nodes by place and by entity, at most `max`.
#[derive(Debug)]
pub(super) struct Arena {
    max: usize,
    slots: Vec<Option<Node>>,
    free: Vec<NodeId>,
    index: HashMap<Entity, NodeId>,
    roots: Vec<NodeId>,
    /// Candidates with the `changed` they had when they came in, oldest first: ended well,
    /// only mentioned, failed. An entry whose node has changed since is void.
    candidates: [VecDeque<(NodeId, u64)>; 3],
    /// Outermost nodes that are no longer kept, and all that were inside them.
    folded: u64,
}

impl Arena {
    pub(super) fn new(max: usize) -> Self {
        Self {
            max,
            slots: Vec::new(),
            free: Vec::new(),
            index: HashMap::new(),
            roots: Vec::new(),
            candidates: Default::default(),
            folded: 0,
        }
    }

    pub(super) fn get(&self, id: NodeId) -> &Node {
        self.slots[id.0].as_ref().expect("a place that was given out is filled")
    }

    pub(super) fn get_mut(&mut self, id: NodeId) -> &mut Node {
        self.slots[id.0].as_mut().expect("a place that was given out is filled")
    }

    pub(super) fn find(&self, entity: &Entity) -> Option<&Node> {
        self.index.get(entity).map(|id| self.get(*id))
    }

    pub(super) fn roots(&self) -> &[NodeId] {
        &self.roots
    }

    pub(super) fn len(&self) -> usize {
        self.index.len()
    }

    /// Entries of nodes that may go, void ones included.
    #[cfg(test)]
    pub(super) fn candidates(&self) -> usize {
        self.candidates.iter().map(VecDeque::len).sum()
    }

    /// Nodes that are no longer kept.
    pub(super) fn folded(&self) -> u64 {
        let inside: u64 = self.index.values().map(|id| self.get(*id).folded).sum();
        self.folded + inside
    }

    /// The node of `entity`, made with those around it if need be, or the innermost node
    /// around it when there is no room left.
    pub(super) fn enter(&mut self, entity: &Entity) -> Result<NodeId, Option<NodeId>> {
        if let Some(id) = self.index.get(entity) {
            return Ok(*id);
        }
        let mut missing = vec![entity.clone()];
        let mut nearest = None;
        while let Some(outer) = missing.last().and_then(Entity::parent) {
            if let Some(id) = self.index.get(&outer) {
                nearest = Some(*id);
                break;
            }
            missing.push(outer);
        }
        while let Some(next) = missing.pop() {
            if self.len() >= self.max && !self.make_room(nearest) {
                return Err(nearest);
            }
            nearest = Some(self.insert(next, nearest));
        }
        Ok(nearest.expect("at least the entity itself was missing"))
    }

    fn insert(&mut self, entity: Entity, parent: Option<NodeId>) -> NodeId {
        let node = Node::new(entity.clone(), parent);
        let id = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            NodeId(self.slots.len() - 1)
        });
        self.slots[id.0] = Some(node);
        self.index.insert(entity, id);
        match parent {
            Some(parent) => self.get_mut(parent).children.push(id),
            None => self.roots.push(id),
        }
        id
    }

    /// Notes that the node has changed and may now be one to go.
    pub(super) fn touch(&mut self, id: NodeId, changed: u64) {
        self.get_mut(id).changed = changed;
        self.offer(id);
    }

    fn offer(&mut self, id: NodeId) {
        let node = self.get(id);
        if !node.is_foldable() {
            return;
        }
        let rank = match node.outcome() {
            Some(Outcome::Failure) => 2,
            Some(_) => 0,
            None => 1,
        };
        let entry = (id, node.changed);
        self.candidates[rank].push_back(entry);
        self.drop_void_entries(rank);
    }

    /// Keeps the queue within twice the nodes: an entity that changes all the time leaves
    /// one void entry each time.
    fn drop_void_entries(&mut self, rank: usize) {
        if self.candidates[rank].len() > 2 * self.max.max(8) {
            let mut queue = std::mem::take(&mut self.candidates[rank]);
            queue.retain(|entry| self.is_valid(*entry));
            self.candidates[rank] = queue;
        }
    }

    fn is_valid(&self, (id, changed): (NodeId, u64)) -> bool {
        let node = self.slots.get(id.0).and_then(Option::as_ref);
        node.is_some_and(|node| node.changed == changed && node.is_foldable())
    }

    /// Folds one node away, but not `keep`.
    fn make_room(&mut self, keep: Option<NodeId>) -> bool {
        for rank in 0..self.candidates.len() {
            let mut kept = None;
            while let Some(entry) = self.candidates[rank].pop_front() {
                if Some(entry.0) == keep {
                    kept = Some(entry);
                } else if self.is_valid(entry) {
                    self.candidates[rank].extend(kept);
                    self.fold(entry.0);
                    return true;
                }
            }
            self.candidates[rank].extend(kept);
        }
        false
    }

    fn fold(&mut self, id: NodeId) {
        let node = self.slots[id.0].take().expect("a valid candidate is there");
        self.free.push(id);
        self.index.remove(&node.entity);
        let gone = node.folded + 1;
        let Some(parent) = node.parent else {
            self.roots.retain(|root| *root != id);
            self.folded += gone;
            return;
        };
        let parent_node = self.get_mut(parent);
        parent_node.children.retain(|child| *child != id);
        parent_node.folded += gone;
        if parent_node.children.is_empty() {
            self.offer(parent);
        }
    }
}
