//! What does an event pay to be canonical and to have an id, over being plain JSON
//! with a hash?
//!
//! Ours: canonical JSON in one pass, then the content id. Beside it `serde_json` and SHA-256
//! of the same bytes, which sorts nothing and names nothing, and JCS crates with the same
//! hash. The floor: a bare SHA-256 of the bytes.

use std::hint::black_box;

use serde::Serialize;
use sha2::{Digest, Sha256};
use tidings::{ContentId, json::Encoder};

use crate::payload::{Payload, SIZES, payload};
use crate::row::{Aim, Row, timed};

const ENTITY: &str = r#"[["suite","a_SUITE"],["case","t1"]]"#;
const EVENT_TYPE: &str = "quick_test.created";
const PLAIN: &str = "serde_json + SHA-256";
const CANONICALIZER: &str = "serde_json_canonicalizer + SHA-256";
const JCS: &str = "serde_jcs + SHA-256";

/// One row for each size.
pub fn rows() -> Vec<Row> {
    SIZES.map(row).into()
}

fn row(size: &str) -> Row {
    let [plain, canonicalizer, jcs, canonical] = [(); 4].map(|()| payload(size));
    let bytes = to_vec(&plain, |value| serde_json::to_vec(value).ok());
    Row::new(format!("content id + canonical JSON, {size} ({} bytes)", bytes.len()))
        .floor("SHA-256", timed(move || Sha256::digest(black_box(&bytes))))
        .peer(PLAIN, timed(move || hashed(to_vec(&plain, |value| serde_json::to_vec(value).ok()))))
        .peer(
            CANONICALIZER,
            timed(move || {
                hashed(to_vec(&canonicalizer, |value| serde_json_canonicalizer::to_vec(value).ok()))
            }),
        )
        .peer(JCS, timed(move || hashed(to_vec(&jcs, |value| serde_jcs::to_vec(value).ok()))))
        .ours("Encoder + ContentId", timed(move || ours(black_box(&canonical))))
        .aim(Aim::CostOf(PLAIN, 1.5))
        .aim(Aim::SpeedOf(CANONICALIZER, 5.0))
        .aim(Aim::SpeedOf(JCS, 5.0))
}

fn ours(payload: &Payload) -> (String, ContentId) {
    let mut encoder = Encoder::new();
    encoder.variant(payload).expect("every float is finite");
    let data = encoder.finish();
    let id = ContentId::compute(EVENT_TYPE, ENTITY, &data, &[] as &[&str]);
    (data.into_string(), id)
}

/// A payload without the enum's tag: what ours makes, in this serializer's order.
fn to_vec(payload: &Payload, made: impl Fn(&Content<'_>) -> Option<Vec<u8>>) -> Vec<u8> {
    made(&Content(black_box(payload))).expect("every key is text")
}

fn hashed(bytes: Vec<u8>) -> (Vec<u8>, [u8; 32]) {
    let hash = Sha256::digest(&bytes).into();
    (bytes, hash)
}

struct Content<'a>(&'a Payload);

impl Serialize for Content<'_> {
    #[inline]
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Payload::Created(created) => created.serialize(serializer),
            Payload::Nested(level) => level.serialize(serializer),
        }
    }
}
