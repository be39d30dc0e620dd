//! Depth: a limit on levels of containers, and on what nests without a text of its own.

use serde::Serialize;
use serde_json::Value;

use super::support::{raw, refusal, text, text_refusal};
use crate::json::{DEPTH_MAX, canonicalize, to_string};

#[derive(Serialize)]
struct Chain(Vec<Chain>);

fn chain(depth: usize) -> Chain {
    (1..depth).fold(Chain(Vec::new()), |inner, _| Chain(vec![inner]))
}

impl Drop for Chain {
    fn drop(&mut self) {
        // Taken apart level by level: the default would overflow the stack before we could.
        let mut levels = std::mem::take(&mut self.0);
        while let Some(mut level) = levels.pop() {
            levels.append(&mut level.0);
        }
    }
}

#[test]
fn what_is_accepted_at_the_limit_is_read_back_inside_one_more_object() {
    let typed = text(&chain(DEPTH_MAX));
    let nested = format!("{}{}", "[".repeat(DEPTH_MAX), "]".repeat(DEPTH_MAX));
    assert_eq!(typed, nested);
    assert_eq!(canonicalize(&nested).unwrap().as_str(), nested);
    serde_json::from_str::<Value>(&format!(r#"{{"data":{nested}}}"#)).unwrap();
    serde_json::from_str::<Value>(&format!(r#"{{"data":[{nested}]}}"#)).unwrap_err();
}

/// A value that nests without a text of its own.
#[derive(Serialize)]
struct Wrapped(Option<Box<Wrapped>>);

#[test]
fn what_nests_without_a_text_ends_before_the_stack_does() {
    let wrapped =
        |levels: usize| (0..levels).fold(Wrapped(None), |it, _| Wrapped(Some(Box::new(it))));
    // A newtype and a `Some` each, and the newtype of the innermost.
    assert_eq!(text(&wrapped(499)), "null");
    let fault = to_string(&wrapped(10_000)).unwrap_err().to_string();
    assert!(fault.contains("more than 1000 newtypes and options around one value"), "{fault}");
    assert_eq!(text(&vec![wrapped(499), wrapped(499)]), "[null,null]");
}

#[test]
fn one_level_more_is_refused() {
    let expected = "nested deeper than 126 levels";
    assert!(refusal(&chain(DEPTH_MAX + 1)).ends_with(expected));
    assert_eq!(text_refusal(&"[".repeat(DEPTH_MAX + 1)), format!("line 1 column 127: {expected}"));
    let objects = "{\"a\":".repeat(DEPTH_MAX + 1);
    assert_eq!(text_refusal(&objects), format!("line 1 column 631: {expected}"));
    let inner = "[".repeat(DEPTH_MAX) + &"]".repeat(DEPTH_MAX);
    assert_eq!(refusal(&[raw(&inner)]), "[0]: raw JSON is not valid");
}

#[test]
fn ten_thousand_levels_are_an_error_and_no_overflow() {
    refusal(&chain(10_000));
    text_refusal(&"[".repeat(10_000));
    text_refusal(&"{\"a\":".repeat(10_000));
}
