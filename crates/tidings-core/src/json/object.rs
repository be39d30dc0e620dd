//! The members of an object: where each lies, and how they come into order.
//!
//! Members that arrive in order stay where they were written. Otherwise those before
//! the first misplaced one stay, and the rest is copied once out and once back; a member
//! that is most of the text is moved where it lies instead.

use std::cmp::Ordering;
use std::ops::Range;

use crate::json::error::EncodeFault;
use crate::json::order;
use crate::json::string::{push_string, unescaped};
use crate::json::writer::Writer;

/// One member of an object, as byte offsets into the text.
///
/// Offsets have 32 bits to keep members small while they are sorted; no object may end
/// beyond [`TEXT_BYTES_MAX`].
#[derive(Debug, Clone)]
pub(super) struct Member {
    prefix: u64,
    start: u32,
    end: u32,
    key_bytes: u32,
    escaped: bool,
}

/// Where the last byte of an object may lie.
pub(super) const TEXT_BYTES_MAX: usize = u32::MAX as usize;

impl Member {
    /// Returns the key as the content of its canonical string.
    #[inline]
    pub(super) fn key<'a>(&self, text: &'a str) -> &'a [u8] {
        let start = self.start as usize + 1;
        &text.as_bytes()[start..start + self.key_bytes as usize]
    }

    /// Returns whether this is the member called `name`.
    pub(super) fn is_named(&self, text: &str, name: &str) -> bool {
        let key = self.key(text);
        if self.escaped { unescaped(key).eq(name.bytes()) } else { key == name.as_bytes() }
    }

    /// Returns the bytes of the whole member, from the key's quote to the value's end.
    #[inline]
    pub(super) fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Writes the whole member, given as text, at the end of `out`.
    fn write(&mut self, out: &mut String, text: &str) {
        self.start = offset(out.len());
        out.push_str(text);
        self.end = offset(out.len());
    }

    #[inline]
    fn compare(&self, other: &Self, text: &str) -> Ordering {
        self.prefix.cmp(&other.prefix).then_with(|| {
            order::compare(self.key(text), other.key(text), self.escaped || other.escaped)
        })
    }
}

/// From how many bytes on a member is worth moving by itself.
const HEAVY_BYTES: usize = 2048;

/// An object that is being written.
#[derive(Debug)]
pub(super) struct Frame {
    base: usize,
    first: usize,
    depth: usize,
    order: Order,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Sorted,
    Unsorted,
}

impl Frame {
    /// Opens an object on level `depth`, whose members lie from `base` on the stack and
    /// whose first member, if any, is written at `first`.
    #[inline]
    pub(super) fn new(base: usize, first: usize, depth: usize) -> Self {
        Self { base, first, depth, order: Order::Sorted }
    }

    #[inline]
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    #[inline]
    pub(super) fn base(&self) -> usize {
        self.base
    }

    #[inline]
    pub(super) fn is_sorted(&self) -> bool {
        self.order == Order::Sorted
    }
}

impl Writer {
    /// Writes a key; its value comes next, then [`end_member`](Self::end_member).
    #[inline]
    pub(super) fn begin_member(&mut self, frame: &mut Frame, key: &str) {
        let start = self.begin_key(frame);
        let escaped = push_string(&mut self.out, key);
        self.end_key(frame, start, escaped);
    }

    /// Separates a member from the one before it, and returns where its key starts.
    #[inline]
    pub(super) fn begin_key(&mut self, frame: &Frame) -> usize {
        if self.members.len() > frame.base {
            self.out.push(',');
        }
        self.out.len()
    }

    /// Takes the quoted key that was written since `start` for the next member.
    #[inline]
    pub(super) fn end_key(&mut self, frame: &mut Frame, start: usize, escaped: bool) {
        let key = &self.out.as_bytes()[start + 1..self.out.len() - 1];
        let member = Member {
            prefix: order::prefix(key, escaped),
            start: offset(start),
            end: offset(self.out.len()),
            key_bytes: offset(key.len()),
            escaped,
        };
        self.out.push(':');
        if let Some(last) = self.members.get(frame.base..).and_then(<[Member]>::last)
            && last.compare(&member, &self.out) != Ordering::Less
        {
            frame.order = Order::Unsorted;
        }
        self.members.push(member);
    }

    /// Notes that the value of the latest member is complete.
    #[inline]
    pub(super) fn end_member(&mut self) {
        if let Some(member) = self.members.last_mut() {
            member.end = offset(self.out.len());
        }
    }

    /// Puts the members of an object in order, or names the key that occurs twice.
    pub(super) fn sort(&mut self, frame: &Frame) -> Result<(), EncodeFault> {
        let Self { out, members, scratch, .. } = self;
        let members = &mut members[frame.base..];
        members.sort_unstable_by(|left, right| left.compare(right, out));
        for pair in members.windows(2) {
            if pair[0].compare(&pair[1], out) == Ordering::Equal {
                return Err(duplicate(pair[0].key(out)));
            }
        }
        let mut kept = frame.first;
        let in_place = members.iter().take_while(|member| {
            let stays = member.range().start == kept;
            kept = if stays { member.range().end + 1 } else { kept };
            stays
        });
        let in_place = in_place.count();
        let members = &mut members[in_place..];
        scratch.clear();
        match heavy(members, out.len() - kept) {
            Some(index) => rewrite_around(index, members, kept, out, scratch),
            None => rewrite(members, kept, out, scratch),
        }
        Ok(())
    }
}

/// Finds a member that is most of the text and too long to be copied twice.
fn heavy(members: &[Member], region: usize) -> Option<usize> {
    let least = HEAVY_BYTES.max(region / 2);
    if region < least {
        None
    } else {
        members.iter().position(|member| member.range().len() > least)
    }
}

/// Writes everything from `kept` on anew, in the order of `members`.
fn rewrite(members: &mut [Member], kept: usize, out: &mut String, scratch: &mut String) {
    scratch.push_str(&out[kept..]);
    out.truncate(kept);
    for (index, member) in members.iter_mut().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let Range { start, end } = member.range();
        member.write(out, &scratch[start - kept..end - kept]);
    }
}

/// Does the same, and moves the heavy member once where [`rewrite`] copies it twice.
fn rewrite_around(
    heavy: usize,
    members: &mut [Member],
    kept: usize,
    out: &mut String,
    scratch: &mut String,
) {
    let (before, rest) = members.split_at_mut(heavy);
    let [heavy, after @ ..] = rest else { return };
    let hole = heavy.range();
    scratch.push_str(&out[kept..hole.start]);
    scratch.push_str(&out[hole.end..]);
    let saved = |range: Range<usize>| {
        let skipped = if range.start < hole.start { kept } else { kept + hole.len() };
        range.start - skipped..range.end - skipped
    };
    let head = scratch.len();
    for member in before {
        let range = member.range();
        member.start = offset(kept + scratch.len() - head);
        scratch.extend_from_within(saved(range));
        member.end = offset(kept + scratch.len() - head);
        scratch.push(',');
    }
    out.truncate(hole.end);
    out.replace_range(kept..hole.start, &scratch[head..]);
    heavy.start = offset(kept + scratch.len() - head);
    heavy.end = offset(out.len());
    for member in after {
        out.push(',');
        let range = saved(member.range());
        member.write(out, &scratch[range]);
    }
}

/// Narrows an offset; one too large is refused when its object ends.
#[inline]
fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

#[cold]
fn duplicate(key: &[u8]) -> EncodeFault {
    EncodeFault::DuplicateKey(
        String::from_utf8_lossy(&unescaped(key).collect::<Vec<_>>()).into_owned(),
    )
}
