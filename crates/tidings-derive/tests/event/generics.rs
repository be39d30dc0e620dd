//! Events with parameters.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tidings_core::Event;
use tidings_derive::Event;

use crate::{fields, round_trip, types};

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "bare", crate = "tidings_core")]
enum Bare<T> {
    One(T),
    Named {
        value: Option<T>,
        #[event(volatile)]
        count: usize,
    },
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[serde(bound = "")]
#[event(namespace = "bounded", crate = "tidings_core")]
struct Bounded<T, U = u8, const N: usize = 2>
where
    T: Debug + Serialize + DeserializeOwned + Clone,
    U: Serialize + DeserializeOwned,
{
    left: T,
    right: Vec<U>,
}

#[test]
fn parameters_need_no_bounds_of_an_event_in_the_declaration() {
    round_trip(&Bare::One(7_u32), "bare.one", "7");
    let named = Bare::Named { value: Some("x".to_owned()), count: 1 };
    round_trip(&named, "bare.named", r#"{"count":1,"value":"x"}"#);
    assert_eq!(Bare::<u8>::NAMED, "bare.named");
    assert_eq!(named.descriptor().volatile, ["count"]);
}

#[test]
fn where_clauses_defaults_and_constants_are_kept() {
    let bounded: Bounded<String> = Bounded { left: "l".to_owned(), right: vec![1] };
    round_trip(&bounded, "bounded.bounded", r#"{"left":"l","right":[1]}"#);
    assert_eq!(Bounded::<u8, u8, 9>::TYPE, "bounded.bounded");
    assert_eq!(fields(&bounded).len(), 2);
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "leaf", crate = "tidings_core")]
enum Leaf {
    Green,
    Red,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "outer", crate = "tidings_core")]
enum Outer<T> {
    First,
    #[event(transparent)]
    Inner(T),
    Own(u8),
    #[event(transparent)]
    Again {
        bare: Bare<T>,
    },
    Last,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(namespace = "strict", crate = "tidings_core")]
enum Strict<T: Event + Serialize + DeserializeOwned> {
    Own,
    #[event(transparent)]
    #[serde(bound = "")]
    Inner(T),
}

#[test]
fn an_embedded_parameter_brings_as_many_types_as_it_has() {
    assert_eq!(
        types::<Outer<Leaf>>(),
        [
            "outer.first",
            "leaf.green",
            "leaf.red",
            "outer.own",
            "bare.one",
            "bare.named",
            "outer.last",
        ]
    );
    assert_eq!(types::<Strict<Leaf>>(), ["strict.own", "leaf.green", "leaf.red"]);
    assert_eq!(types::<Strict<Strict2>>().len(), 2);
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Event)]
#[event(crate = "tidings_core")]
struct Strict2;

#[test]
fn offsets_after_an_embedded_parameter_are_right() {
    round_trip(&Outer::<Leaf>::First, "outer.first", "null");
    round_trip(&Outer::Inner(Leaf::Red), "leaf.red", "null");
    round_trip(&Outer::<Leaf>::Own(3), "outer.own", "3");
    round_trip(&Outer::Again { bare: Bare::One(Leaf::Green) }, "bare.one", r#""Green""#);
    round_trip(&Outer::<Leaf>::Last, "outer.last", "null");
    round_trip(&Outer::<Strict2>::Last, "outer.last", "null");
    round_trip(&Strict::Inner(Leaf::Green), "leaf.green", "null");
}
