//! Canonical JSON against two others: `serde_json`, and a crate of RFC 8785.
//!
//! The stated differences are kept out of the comparison: integers keep all their digits
//! here, number tokens of a text stay as they are, a key twice is refused, and nesting ends
//! at [`DEPTH_MAX`].

use serde_json::Value;
use tidings_core::json::{Canonical, DEPTH_MAX, canonicalize, to_string};
use tidings_core::{RawJson, RawPayload};

/// Beyond this an RFC 8785 implementation rounds integers.
const EXACT_MAX: u64 = 1 << 53;

pub(crate) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let ours = canonicalize(text).map(Canonical::into_string);
    let theirs: Result<Value, _> = serde_json::from_str(text);
    match (&ours, &theirs) {
        (Ok(copy), Ok(value)) => compare(copy, value),
        // A number that no `f64` holds is JSON all the same.
        (Ok(_), Err(fault)) => {
            assert!(fault.to_string().starts_with("number out of range"), "{fault}: {text:?}");
        }
        (Err(fault), Ok(_)) => {
            let fault = fault.to_string();
            let is_stated = fault.contains("duplicate key") || fault.contains("nested deeper");
            assert!(is_stated, "{fault}: {text:?}");
        }
        (Err(_), Err(_)) => {}
    }
    assert_eq!(
        RawJson::parse(text).is_ok(),
        serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
    );
    if let Ok(raw) = RawJson::parse(text) {
        // What cannot be made canonical is kept, and only says so.
        drop(format!("{:?}", RawPayload::new(raw)));
    }
}

/// Looks at a text that is JSON to all.
fn compare(copy: &str, value: &Value) {
    let again = canonicalize(copy).expect("a canonical text is JSON");
    assert_eq!(again.as_str(), copy);
    let back: Value = serde_json::from_str(copy).expect("a canonical text is JSON");
    assert_eq!(&back, value);
    let own = to_string(value).expect("a value has a canonical form");
    assert!(depth(value) <= DEPTH_MAX);
    let read: Value = serde_json::from_str(&own).expect("a canonical text is JSON");
    assert_eq!(to_string(&read).expect("a value has a canonical form"), own);
    if is_exact(value) {
        let model = serde_json_canonicalizer::to_string(value).expect("a value has a form");
        assert_eq!(own, model);
        // But for the spelling of numbers, a copy of the text is the form of the value.
        let model_copy = canonicalize(&model).expect("the model writes JSON");
        assert_eq!(model_copy.as_str(), model);
    }
}

fn is_exact(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            let whole = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            whole.is_none_or(|whole| whole <= EXACT_MAX)
        }
        Value::Array(list) => list.iter().all(is_exact),
        Value::Object(members) => members.values().all(is_exact),
        _ => true,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
