//! What comes out, and what is refused, in one word each.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::json::{Encoder, canonicalize, to_string};

pub(super) fn text<T: Serialize + ?Sized>(value: &T) -> String {
    to_string(value).unwrap()
}

pub(super) fn content<T: Serialize>(value: &T) -> String {
    let mut encoder = Encoder::new();
    encoder.variant(value).unwrap();
    encoder.finish().into_string()
}

pub(super) fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

pub(super) fn refusal<T: Serialize>(value: &T) -> String {
    to_string(value).unwrap_err().to_string()
}

pub(super) fn text_refusal(json: &str) -> String {
    canonicalize(json).unwrap_err().to_string()
}
