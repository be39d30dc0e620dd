//! Indexer acknowledgement.
//!
//! Ids count the posts of a channel from zero. One that was answered with yes is forgotten,
//! as Splunk does it: asked again, it is a no.

use std::collections::HashMap;

/// What was posted and not yet acknowledged.
#[derive(Debug, Default)]
pub(super) struct Acks {
    /// At which question the answer is yes; the first unless set.
    pub(super) polls: u32,
    /// How many of the first posts of a channel are never acknowledged.
    pub(super) never_first: u64,
    channels: HashMap<String, Channel>,
}

#[derive(Debug, Default)]
struct Channel {
    next: u64,
    /// How often was asked after each id.
    asked: HashMap<u64, u32>,
}

impl Acks {
    /// The id of one more post.
    pub(super) fn next(&mut self, channel: &str) -> u64 {
        let channel = self.channels.entry(channel.to_owned()).or_default();
        let id = channel.next;
        channel.next += 1;
        channel.asked.insert(id, 0);
        id
    }

    /// Answers whether a post was indexed.
    pub(super) fn poll(&mut self, channel: &str, id: u64) -> bool {
        let Some(channel) = self.channels.get_mut(channel) else { return false };
        let Some(asked) = channel.asked.get_mut(&id) else { return false };
        *asked += 1;
        let is_indexed = id >= self.never_first && *asked >= self.polls;
        if is_indexed {
            channel.asked.remove(&id);
        }
        is_indexed
    }
}
