//! The index of members: which can be left out of a text that is made.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::support::text;
use crate::json::{Encoder, canonicalize};

#[test]
fn members_are_left_out_wherever_they_lie() {
    let kept = |names: &[&str]| {
        canonicalize(r#"{"c":[{"a":1}],"b":2,"a":1,"\"":4}"#).unwrap().without(names)
    };
    assert_eq!(kept(&[]), r#"{"\"":4,"a":1,"b":2,"c":[{"a":1}]}"#);
    assert_eq!(kept(&["none"]), r#"{"\"":4,"a":1,"b":2,"c":[{"a":1}]}"#);
    assert_eq!(kept(&["\""]), r#"{"a":1,"b":2,"c":[{"a":1}]}"#);
    assert_eq!(kept(&["b"]), r#"{"\"":4,"a":1,"c":[{"a":1}]}"#);
    assert_eq!(kept(&["c"]), r#"{"\"":4,"a":1,"b":2}"#);
    assert_eq!(kept(&["a", "c"]), r#"{"\"":4,"b":2}"#);
    assert_eq!(kept(&["a", "b"]), r#"{"\"":4,"c":[{"a":1}]}"#);
    assert_eq!(kept(&["a", "b", "c", "\""]), "{}");
}

#[test]
fn what_is_no_object_has_no_members_to_leave_out() {
    for json in [r#"[{"a":1}]"#, "\"a\"", "null", "{}"] {
        assert_eq!(canonicalize(json).unwrap().without(&["a"]), json);
    }
}

proptest! {
    #[test]
    fn leaving_members_out_equals_never_having_had_them(
        members in proptest::collection::btree_map("[a-e]|\"|\u{1}", any::<u32>(), 0..6),
        names in proptest::collection::vec("[a-e]|\"|\u{1}", 0..4),
    ) {
        let mut encoder = Encoder::new();
        encoder.value(&members).unwrap();
        let pieces = encoder.finish().without(&names);
        let kept: BTreeMap<_, _> = members.iter().filter(|(key, _)| !names.contains(key)).collect();
        prop_assert_eq!(pieces, text(&kept));
    }
}
