//! The frame, with style, script, policy and data in their places.

use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use crate::model::Model;

use super::assets::{FRAME, script, style};
use super::escape;

/// The page of a run.
///
/// It needs nothing but a browser: no network, no server, no file beside it.
#[derive(Debug, Clone, Copy)]
pub struct Page;

/// Style and script with their hashes, which are the same for every page.
struct Fixed {
    style: String,
    script: String,
    style_hash: String,
    script_hash: String,
}

impl Page {
    /// The page as one HTML file.
    ///
    /// Equal models give equal pages, whatever the time and the machine; so do models of the
    /// same events that were heard in another order.
    #[expect(clippy::missing_panics_doc, reason = "writing a model has nothing that can fail")]
    pub fn html(model: &Model) -> String {
        let data = serde_json::to_string(&model.numbered_by_place());
        let data = data.expect("a model is made of texts, numbers and lists");
        fill(&model.title(), "", "", &escape::json(&data))
    }

    /// The page that shows a run while it goes on; it is empty until its server speaks.
    ///
    /// It listens to server-sent events at `events`, next to itself: `model` is a whole
    /// [`Model`](crate::Model), `changes` are [`Changes`](crate::Changes), `end` says that
    /// nothing more will come. When the connection breaks, it comes back by itself.
    pub fn live_html() -> String {
        fill("Test run", " data-live=\"events\"", " connect-src 'self';", "null")
    }
}

fn fixed() -> &'static Fixed {
    static FIXED: OnceLock<Fixed> = OnceLock::new();
    FIXED.get_or_init(|| {
        let (style, script) = (style(), script());
        let (style_hash, script_hash) = (hash(&style), hash(&script));
        Fixed { style, script, style_hash, script_hash }
    })
}

/// A hash as a content security policy names it.
fn hash(text: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = Sha256::digest(text.as_bytes());
    let mut base64 = String::from("sha256-");
    for chunk in digest.chunks(3) {
        let at = |place: usize| u32::from(chunk.get(place).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..=chunk.len() {
            base64.push(char::from(ALPHABET[(bits >> (18 - 6 * place) & 0x3f) as usize]));
        }
        (chunk.len()..3).for_each(|_| base64.push('='));
    }
    base64
}

/// Puts values into the marks of the frame, in one pass: what a value says is no mark.
fn fill(title: &str, live: &str, connect: &str, data: &str) -> String {
    let fixed = fixed();
    let bytes = FRAME.len() + fixed.style.len() + fixed.script.len() + data.len() + 1_024;
    let mut page = String::with_capacity(bytes);
    let mut rest = FRAME;
    while let Some((before, from)) = rest.split_once("{{") {
        let (mark, after) = from.split_once("}}").expect("the frame closes its marks");
        page.push_str(before);
        match mark {
            "title" => page.push_str(&escape::html(title)),
            "live" => page.push_str(live),
            "connect" => page.push_str(connect),
            "style-hash" => page.push_str(&fixed.style_hash),
            "script-hash" => page.push_str(&fixed.script_hash),
            "style" => page.push_str(&fixed.style),
            "script" => page.push_str(&fixed.script),
            "data" => page.push_str(data),
            _ => unreachable!("the frame has no other marks"),
        }
        rest = after;
    }
    page.push_str(rest);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_nothing_is_the_known_one() {
        assert_eq!(hash(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
